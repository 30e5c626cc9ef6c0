// Words, the terminal's map and the page of a map whose numbers are known.
#include "models/heatmap/Page.h"
#include "models/heatmap/TerminalMap.h"
#include "models/heatmap/Words.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace heed;
using testing::HasSubstr;

namespace {

/// [CLS] an un ##lit lamp ; - one layer, two heads. Head 0 is uniform; in head 1 "un" looks at "an"
/// with 0.5 and "##lit" with 0.1, and nothing else is looked at.
AttentionMap lampMap() {
  AttentionMap map{.text = "an unlit lamp;",
                   .tokens = {{"[CLS]", true, false},
                              {"an", false, false},
                              {"un", false, false},
                              {"##lit", false, true},
                              {"lamp", false, false},
                              {";", false, false}},
                   .layers = 1,
                   .heads = 2,
                   .weights = {}};
  map.weights.assign(36, 1.0f / 6);
  map.weights.resize(72);
  map.weights[36 + 2 * 6 + 1] = 0.5f;
  map.weights[36 + 3 * 6 + 1] = 0.1f;
  map.weights[36 + 4 * 6 + 1] = 0.2f;
  return map;
}

TEST(Words, PiecesAreSpelledTogether) {
  std::vector<Word> words = wordsOf(lampMap());
  ASSERT_EQ(words.size(), 5u);
  EXPECT_EQ(words[2].text, "unlit");
  EXPECT_EQ(words[2].begin, 2u);
  EXPECT_EQ(words[2].end, 4u);
  EXPECT_TRUE(words[0].special);
  EXPECT_TRUE(words[4].punctuation);
  EXPECT_FALSE(words[3].punctuation || words[3].special);
}

TEST(Words, FromPiecesTheMeanToPiecesTheSum) {
  AttentionMap map = lampMap();
  std::vector<Word> words = wordsOf(map);
  EXPECT_FLOAT_EQ(wordWeight(map, 0, 1, words[2], words[1]), 0.3f);
  EXPECT_FLOAT_EQ(wordWeight(map, 0, 0, words[1], words[2]), 2.0f / 6);
}

TEST(Words, MostLookedAtLeavesOutItselfSpecialsAndPunctuation) {
  AttentionMap map = lampMap();
  std::vector<Look> looks = mostLookedAt(map, wordsOf(map), 0, 2, 9);
  ASSERT_EQ(looks.size(), 2u);
  EXPECT_EQ(looks[0].word, 1u); // an
  EXPECT_FLOAT_EQ(looks[0].weight, (1.0f / 6 + 0.3f) / 2);
  EXPECT_EQ(looks[1].word, 3u); // lamp
  EXPECT_EQ(mostLookedAt(map, wordsOf(map), 0, 2, 1).size(), 1u);
}

TEST(Words, MostTellingIsNoNeighbour) {
  AttentionMap map = lampMap();
  auto telling = mostTelling(map, wordsOf(map), 0, std::nullopt);
  ASSERT_TRUE(telling);
  EXPECT_EQ(telling->word, 3u); // lamp looks at an with 0.2; unlit, with 0.3, stands beside it
  EXPECT_EQ(telling->head, 1);
  EXPECT_EQ(mostTelling(map, wordsOf(map), 0, 1)->head, 0);
  EXPECT_FALSE(mostTelling(map, wordsOf(map), 0, 2)) << "unlit has neighbours only";
}

TEST(TerminalMap, DrawsEveryCell) {
  std::string map = renderMap(lampMap(), 0, 1, {.color = false, .columns = 80});
  EXPECT_THAT(map, HasSubstr("   un   ▓▓        \n"));
  EXPECT_THAT(map, HasSubstr("##lit   ░░        \n"));
  EXPECT_THAT(map, HasSubstr("      ] n n t p ; \n"));
  EXPECT_THAT(map, HasSubstr("      0   ··"));
}

TEST(TerminalMap, ColorsAreBackgrounds) {
  std::string map = renderMap(lampMap(), 0, 1, {.color = true, .columns = 80});
  EXPECT_THAT(map, HasSubstr("   un \x1b[48;5;234m  \x1b[0m\x1b[48;5;209m  \x1b[0m"));
}

TEST(TerminalMap, SaysWhatDoesNotFit) {
  std::string map = renderMap(lampMap(), 0, 0, {.color = false, .columns = 10});
  EXPECT_THAT(map,
              HasSubstr("(4 more columns do not fit here; the page of --heatmap has them all)"));
  EXPECT_THAT(map, HasSubstr("\n   un ▒▒▒▒\n"));
}

TEST(Page, HoldsTheNumbersAndNoWayOut) {
  AttentionMap map = lampMap();
  map.text = map.tokens[1].text = "</script><!--";
  std::string page = heatMapPage(std::span(&map, 1), {.layer = 0, .head = 1, .token = 4});
  size_t begin = page.find("id=\"data\">") + 10, end = page.find("</script>", begin);
  nlohmann::json data = nlohmann::json::parse(page.substr(begin, end - begin));
  EXPECT_EQ(data["start"], (nlohmann::json{{"layer", 0}, {"head", 1}, {"token", 4}}));
  EXPECT_EQ(data["maps"][0]["text"], "</script><!--");
  EXPECT_EQ(data["maps"][0]["tokens"][3],
            (nlohmann::json{{"text", "##lit"}, {"special", false}, {"continues", true}}));
  const auto &weights = data["maps"][0]["weights"];
  ASSERT_EQ(weights.size(), 1u);
  ASSERT_EQ(weights[0].size(), 2u);
  EXPECT_EQ(weights[0][1][2], (nlohmann::json{0, 0.5, 0, 0, 0, 0}));
  EXPECT_EQ(weights[0][0][5][5], 0.16667);
  EXPECT_EQ(page.find("<!--"), std::string::npos);
}

} // namespace

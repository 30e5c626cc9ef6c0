// tokenizer.json files that Heed cannot follow, and what it says of them.
#include "models/common/Tokenizer.h"

#include <gmock/gmock.h>

#include <fstream>
#include <random>
#include <sstream>

using namespace heed;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A vocabulary of a few words, complete otherwise.
json smallTokenizer() {
  return json::parse(R"({
    "added_tokens": [
      {"id": 1, "content": "[CLS]", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false},
      {"id": 2, "content": "[SEP]", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                   "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "TemplateProcessing", "single": [
      {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 1}},
      {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 8,
              "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "un": 3, "##able": 4, "##a": 5, "a": 6, "i̇": 7}}})");
}

std::string error(const json &file) {
  auto tokenizer = Tokenizer::fromJson(file, "T");
  return tokenizer ? "no error" : tokenizer.error().message;
}

/// The error after the value at `pointer` is replaced.
std::string errorWith(const char *pointer, const json &value) {
  json file = smallTokenizer();
  file[json::json_pointer(pointer)] = value;
  return error(file);
}

/// The error after `key` is removed from the object at `pointer`.
std::string errorWithout(const char *pointer, const char *key) {
  json file = smallTokenizer();
  file[json::json_pointer(pointer)].erase(key);
  return error(file);
}

TEST(TokenizerFile, TokensTypesAndCuts) {
  auto tokenizer = Tokenizer::fromJson(smallTokenizer(), "T");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  Encoding all = tokenizer->encode("unable [SEP] xyz");
  EXPECT_THAT(all.ids, ElementsAre(1, 3, 4, 2, 0, 2));
  EXPECT_THAT(all.typeIds, ElementsAre(0, 1, 1, 1, 1, 0));
  EXPECT_EQ(all.cut, 0u);
  Encoding cut = tokenizer->encode("unable [SEP] xyz", 4);
  EXPECT_THAT(cut.ids, ElementsAre(1, 3, 4, 2));
  EXPECT_EQ(cut.cut, 2u);
  EXPECT_THAT(tokenizer->encode("a", 1).ids, ElementsAre(1, 2));
  EXPECT_THAT(tokenizer->encode("unaaaaaa").ids, ElementsAre(1, 3, 5, 5, 5, 5, 5, 5, 2));
  EXPECT_THAT(tokenizer->encode("unaaaaaaa").ids, ElementsAre(1, 0, 2));          // 9 characters
  EXPECT_THAT(tokenizer->encode("a\xff\xc3 \xe2\x82").ids, ElementsAre(1, 6, 2)); // no UTF-8
  EXPECT_EQ(tokenizer->token(4), "##able");
  EXPECT_EQ(tokenizer->token(-1) + tokenizer->token(8), "");
  EXPECT_TRUE(tokenizer->isSpecial(1) && !tokenizer->isSpecial(3));
  EXPECT_TRUE(tokenizer->continuesWord(4) && !tokenizer->continuesWord(3));
}

TEST(TokenizerFile, EveryNormalizerFlagCounts) {
  auto ids = [](const char *flag, const json &value, const char *text) {
    json file = smallTokenizer();
    file["normalizer"][flag] = value;
    return Tokenizer::fromJson(file, "T")->encode(text).ids;
  };
  EXPECT_THAT(ids("lowercase", true, "Á"), ElementsAre(1, 6, 2));
  EXPECT_THAT(ids("lowercase", false, "A"), ElementsAre(1, 0, 2));
  EXPECT_THAT(ids("strip_accents", true, "á"), ElementsAre(1, 6, 2));
  EXPECT_THAT(ids("strip_accents", false, "á"), ElementsAre(1, 0, 2));
  EXPECT_THAT(ids("strip_accents", false, "İ"),
              ElementsAre(1, 7, 2)); // two characters in lower case
  EXPECT_THAT(ids("clean_text", true, "a\x01"), ElementsAre(1, 6, 2));
  EXPECT_THAT(ids("clean_text", false, "a\x01"), ElementsAre(1, 0, 2));
  EXPECT_THAT(ids("handle_chinese_chars", true, "a中a"), ElementsAre(1, 6, 0, 6, 2));
  EXPECT_THAT(ids("handle_chinese_chars", false, "a中a"), ElementsAre(1, 0, 2));
}

TEST(TokenizerFile, SaysWhatItDoesNotSupport) {
  EXPECT_EQ(errorWith("/model/type", "BPE"),
            "T: the model 'BPE' is not supported; known: WordPiece");
  EXPECT_EQ(errorWith("/normalizer/type", "NFC"),
            "T: the normalizer 'NFC' is not supported; known: BertNormalizer");
  EXPECT_EQ(errorWith("/pre_tokenizer/type", "Metaspace"),
            "T: the pre_tokenizer 'Metaspace' is not supported; known: BertPreTokenizer");
  EXPECT_EQ(errorWith("/post_processor/type", "ByteLevel"),
            "T: the post_processor 'ByteLevel' is not supported; known: TemplateProcessing");
  EXPECT_EQ(errorWith("/added_tokens/0/lstrip", true),
            "T: added_tokens: '[CLS]': lstrip = true is not supported; known: false");
}

TEST(TokenizerFile, SaysWhatIsMissingOrOfTheWrongType) {
  EXPECT_EQ(error(json::array()), "T: expected an object that has 'model'");
  for (const char *key :
       {"model", "normalizer", "pre_tokenizer", "post_processor", "added_tokens"}) {
    EXPECT_EQ(errorWithout("", key), std::string("T: '") + key + "' is missing");
    EXPECT_EQ(errorWith(("/" + std::string(key)).c_str(), 7),
              std::string("T: '") + key + "' must be an object or a list");
  }
  EXPECT_EQ(errorWithout("/model", "type"), "T: model: 'type' is missing");
  EXPECT_EQ(errorWith("/model/vocab", "a"), "T: model: 'vocab' must be an object or a list");
  EXPECT_EQ(errorWith("/model/unk_token", 0), "T: model: 'unk_token' must be a string");
  EXPECT_EQ(errorWithout("/model", "continuing_subword_prefix"),
            "T: model: 'continuing_subword_prefix' is missing");
  EXPECT_EQ(errorWith("/model/max_input_chars_per_word", -1),
            "T: model: 'max_input_chars_per_word' must be a number from 0 to 2147483647");
  EXPECT_EQ(errorWith("/normalizer/clean_text", 1),
            "T: normalizer: 'clean_text' must be true or false");
  EXPECT_EQ(errorWith("/normalizer/strip_accents", 1),
            "T: normalizer: 'strip_accents' must be true or false");
  EXPECT_EQ(errorWith("/added_tokens/0", 1),
            "T: added_tokens: expected an object that has 'content'");
  EXPECT_EQ(errorWith("/added_tokens/0/id", "x"),
            "T: added_tokens: '[CLS]': 'id' must be a number from 0 to 2147483647");
  EXPECT_EQ(errorWithout("/added_tokens/0", "normalized"),
            "T: added_tokens: '[CLS]': 'normalized' is missing");
  EXPECT_EQ(errorWithout("/post_processor", "single"), "T: post_processor: 'single' is missing");
  EXPECT_EQ(errorWith("/post_processor/single/0", json::object()),
            "T: post_processor: single: 'SpecialToken' is missing");
}

TEST(TokenizerFile, SaysWhatContradictsItself) {
  const char *ids = "must be a number below 8 that no other entry has";
  EXPECT_THAT(errorWith("/model/vocab/un", 8u), HasSubstr(ids));
  EXPECT_THAT(errorWith("/model/vocab/un", 4u), HasSubstr(ids));
  EXPECT_THAT(errorWith("/model/vocab/un", -1), HasSubstr(ids));
  EXPECT_THAT(errorWith("/model/vocab/un", "3"), HasSubstr(ids));
  EXPECT_EQ(errorWith("/model/unk_token", "?"), "T: model: unk_token '?' is not in vocab");
  EXPECT_EQ(errorWith("/added_tokens/0/id", 3u),
            "T: added_tokens: '[CLS]': vocab does not have it under its id");
  EXPECT_EQ(errorWith("/added_tokens/0/content", ""),
            "T: added_tokens: '': vocab does not have it under its id");
  EXPECT_EQ(errorWith("/post_processor/single/0/SpecialToken/id", "?"),
            "T: post_processor: single: '?' is not in vocab");
  EXPECT_EQ(errorWith("/post_processor/single", json::array()),
            "T: post_processor: single: must hold the text (a Sequence) exactly once");
}

TEST(TokenizerFile, SaysWhichFileCannotBeRead) {
  EXPECT_EQ(Tokenizer::open("/nonexistent").error().message,
            "/nonexistent: cannot open: No such file or directory");
  std::string path = testing::TempDir() + "tokenizer-twice.json";
  std::ofstream(path) << R"({"model": 1, "model": 2})";
  EXPECT_EQ(Tokenizer::open(path).error().message,
            path + ": the key 'model' stands twice in one object");
}

/// Loads or says why not, and what loads can encode.
TEST(TokenizerFile, SurvivesMutations) {
  std::mt19937 random(20261123);
  const std::string valid = smallTokenizer().dump();
  const std::string pieces[] = {"\"", "{",    "}",    "[",           "]",    ",",     ":",  "0",
                                "-1", "null", "true", "99999999999", "\xff", "[CLS]", "##", "type"};
  int loaded = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text = valid;
    for (int edit = random() % 3 + 1; edit > 0; --edit) {
      size_t at = random() % text.size();
      const std::string &piece = pieces[random() % std::size(pieces)];
      text.replace(at, random() % 6, piece);
    }
    auto parsed = parseJson(text, "T");
    auto tokenizer = parsed ? Tokenizer::fromJson(*parsed, "T") : Result<Tokenizer>(parsed.error());
    if (!tokenizer) {
      EXPECT_THAT(tokenizer.error().message, HasSubstr("T: ")) << text;
      continue;
    }
    ++loaded;
    EXPECT_GE(tokenizer->encode("unable [SEP] a").ids.size(), 1u);
  }
  EXPECT_GT(loaded, 20);
}

} // namespace

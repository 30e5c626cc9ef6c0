#include "tests/unit/table/Entries.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace heed;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

const Table sample = tableOf({entryAt(128, 128, rowPlan()), entryAt(1024, 1024, onlinePlan(64))});

std::string whyNot(const std::string &text) {
  llvm::Expected<Table> table = tableFromText("t.json", text);
  return table ? "" : llvm::toString(table.takeError());
}

/// What is said of the sample after `edit` of its JSON, written one entry a line as Heed does.
template <typename Edit> std::string whyNotAfter(Edit edit) {
  json table = json::parse(toText(sample));
  edit(table);
  std::string text = "{\"heed_table\": " + table["heed_table"].dump() +
                     ", \"target\": " + table["target"].dump() + ", \"entries\": [";
  for (size_t i = 0; i < table["entries"].size(); ++i)
    text += (i ? ",\n" : "\n") + table["entries"][i].dump();
  return whyNot(text + "]}");
}

TEST(Tables, surviveText) {
  llvm::Expected<Table> again = tableFromText("t.json", toText(sample));
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  ASSERT_EQ(again->entries.size(), 2u);
  EXPECT_EQ(again->target, "x86-64-avx2");
  for (size_t i : {0, 1}) {
    const TableEntry &a = again->entries[i], &b = sample.entries[i];
    EXPECT_EQ(a.kernel, b.kernel);
    EXPECT_EQ(a.shape, b.shape);
    EXPECT_EQ(a.plan, b.plan);
    EXPECT_EQ(a.machine, "Some CPU");
    EXPECT_EQ(a.threads, 1);
    EXPECT_EQ(a.seconds, 0.5);
    EXPECT_EQ(a.shareOfPeak, 0.75);
  }
}

TEST(Tables, textDoesNotDependOnTheOrderOfTuning) {
  Table turned = tableOf({sample.entries[1], sample.entries[0]});
  EXPECT_EQ(toText(turned), toText(sample));
  EXPECT_LT(toText(sample).find("\"queries\":128"), toText(sample).find("\"queries\":1024"));
}

TEST(Tables, anEntryReplacesTheOneOfItsShape) {
  Table table = sample;
  insert(table, entryAt(128, 128, onlinePlan(32)));
  insert(table, entryAt(128, 256, onlinePlan(32)));
  ASSERT_EQ(table.entries.size(), 3u);
  EXPECT_EQ(table.entries[0].plan, onlinePlan(32));
}

// Every prefix of a table is refused with a place, and never read as a smaller table.
TEST(Tables, cutShortAnywhereIsAnError) {
  std::string text = toText(sample);
  for (size_t length = 0; length + 1 < text.size(); ++length)
    EXPECT_THAT(whyNot(text.substr(0, length)), StartsWith("t.json:"));
  EXPECT_THAT(whyNot(text.substr(0, text.size() / 2)), HasSubstr("error: this is no JSON: "));
  EXPECT_EQ(whyNot(text), "");
}

TEST(Tables, mistakesInTheHead) {
  EXPECT_EQ(whyNotAfter([](json &t) { t["heed_table"] = 2; }),
            "t.json: error: this is version 2 of the format, and this heedc reads version 1: tune "
            "again");
  EXPECT_THAT(whyNotAfter([](json &t) { t["target"] = "x86-64-mmx"; }),
              HasSubstr("t.json: error: there is no target 'x86-64-mmx'; known: host, "));
  EXPECT_EQ(whyNot("[]"), "t.json: error: has to be an object, but is []");
  EXPECT_EQ(whyNot("{}"), "t.json: error: the key heed_table is missing");
  EXPECT_EQ(whyNot(R"({"heed_table": 1, "target": "x86-64-avx2", "entries": 3})"),
            "t.json: error: entries has to be a list");
  EXPECT_EQ(whyNot(R"({"heed_table": 1, "target": "x86-64-avx2", "entries": [], "more": 1})"),
            "t.json: error: there is no key 'more' here");
  EXPECT_EQ(whyNot(R"({"heed_table": 1, "target": "x86-64-avx2", "entries": [3]})"),
            "t.json: error: entry 1: has to be an object, but is 3");
}

TEST(Tables, mistakesInAnEntryHaveItsLine) {
  auto edit = [](auto change) { return [=](json &t) { change(t["entries"][1]); }; };
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["plan"]["query_tile"] = 63; })),
            "t.json:3: error: entry 2: plan: query_tile is 63, which is no multiple of lanes * "
            "query_vectors = 16");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["plan"]["query_tile"] = "64"; })),
            "t.json:3: error: entry 2: plan: query_tile has to be an integer, but is \"64\"");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["plan"]["tile"] = 1; })),
            "t.json:3: error: entry 2: plan: there is no key 'tile' in a plan of form 'online'");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["plan"]["target"] = "x86-64-avx512"; })),
            "t.json:3: error: entry 2: plan: is for x86-64-avx512 in a table for x86-64-avx2");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["plan"] = 3; })),
            "t.json:3: error: entry 2: plan: a plan has to be a JSON object");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["shape"]["queries"] = 0; })),
            "t.json:3: error: entry 2: shape: queries has to be at least 1");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["shape"]["rows"] = 3; })),
            "t.json:3: error: entry 2: shape: there is no key 'rows' here");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["shape"].erase("keys"); })),
            "t.json:3: error: entry 2: shape: the key keys is missing");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["kernel"]["mask"] = "some"; })),
            "t.json:3: error: entry 2: kernel: mask is 'some', but has to be one of none, band, "
            "data");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e["seconds"] = "fast"; })),
            "t.json:3: error: entry 2: seconds has to be a number, but is \"fast\"");
  EXPECT_EQ(whyNotAfter(edit([](json &e) { e.erase("machine"); })),
            "t.json:3: error: entry 2: the key machine is missing");
}

TEST(Tables, hostileBytes) {
  std::string deep(100000, '[');
  EXPECT_EQ(whyNot(deep + std::string(100000, ']')),
            "t.json: error: brackets nest deeper than in any such file");
  EXPECT_THAT(whyNot("\xff\xfe"), HasSubstr("t.json:1:1: error: this is no JSON: "));
  EXPECT_THAT(llvm::toString(readTable("/nowhere/t.json").takeError()),
              HasSubstr("cannot read the table /nowhere/t.json: No such file or directory"));
}

TEST(Tables, thisMachineHasAName) { EXPECT_NE(machineName(), ""); }

} // namespace

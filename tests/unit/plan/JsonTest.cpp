// Plans as JSON: there and back, and what is said of every file that is no plan.
#include "schedules/plan/Plan.h"

#include "llvm/Support/raw_ostream.h" // for printing an Expected

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace heed;
using nlohmann::json;

namespace {

const Plan online{"x86-64-avx512", OnlinePlan{.queryTile = 48,
                                              .taskTiles = 2,
                                              .keyTile = 24,
                                              .edgeKeyTile = 12,
                                              .queryVectors = 3,
                                              .edgeVectors = 1,
                                              .keyUnroll = 6,
                                              .depthUnroll = 5,
                                              .reduceUnroll = 2,
                                              .turn = 16}};
const Plan linear{
    "x86-64-avx2",
    LinearPlan{.rowTile = 4, .columnVectors = 2, .rowsPerTask = 7, .prefetch = false}};
const Plan row{
    "x86-64-sse41",
    RowPlan{.queryTile = 12, .keyTile = 40, .keyUnroll = 5, .depthUnroll = 3, .turn = 2}};
const Plan split{"x86-64-avx512", SplitPlan{.partKeys = 96,
                                            .keyTile = 24,
                                            .keyHeads = 4,
                                            .rowTile = 3,
                                            .keyUnroll = 6,
                                            .columnVectors = 5,
                                            .reduceUnroll = 2,
                                            .keysAhead = 48}};
const Plan merge{"x86-64-avx2", MergePlan{.rowsPerTask = 9}};
const Plan rowwise{"x86-64-sse41", RowwisePlan{.columnVectors = 3, .rowsPerTask = 5}};

/// What is wrong with a plan, or "".
std::string complaint(const json &text) {
  llvm::Expected<Plan> plan = planFromJson(text);
  return plan ? "" : llvm::toString(plan.takeError());
}

json changed(const Plan &plan, const char *key, json value) {
  json result = toJson(plan);
  result[key] = std::move(value);
  return result;
}

json without(const Plan &plan, const char *key) {
  json result = toJson(plan);
  result.erase(key);
  return result;
}

} // namespace

TEST(PlanJson, IsReadAsItWasWritten) {
  for (const Plan &plan : {online, row, split, merge, linear, rowwise}) {
    llvm::Expected<Plan> read = planFromJson(json::parse(toJson(plan).dump()));
    ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
    EXPECT_TRUE(*read == plan) << toJson(*read);
  }
}

TEST(PlanJson, NamesEveryField) {
  EXPECT_EQ(toJson(online),
            json::parse(
                R"({"target": "x86-64-avx512", "form": "online", "query_tile": 48, "task_tiles": 2,
                            "key_tile": 24,
                            "edge_key_tile": 12, "query_vectors": 3, "edge_vectors": 1, "key_unroll": 6, "depth_unroll": 5,
                            "reduce_unroll": 2, "turn": 16})"));
  EXPECT_EQ(
      toJson(row),
      json::parse(R"({"target": "x86-64-sse41", "form": "row", "query_tile": 12, "key_tile": 40,
                            "key_unroll": 5, "depth_unroll": 3, "turn": 2})"));
  EXPECT_EQ(
      toJson(split),
      json::parse(R"({"target": "x86-64-avx512", "form": "split", "part_keys": 96, "key_tile": 24,
                            "key_heads": 4, "row_tile": 3, "key_unroll": 6, "column_vectors": 5,
                            "reduce_unroll": 2, "keys_ahead": 48})"));
  EXPECT_EQ(toJson(merge),
            json::parse(R"({"target": "x86-64-avx2", "form": "merge", "rows_per_task": 9})"));
  EXPECT_EQ(toJson(linear),
            json::parse(R"({"target": "x86-64-avx2", "form": "linear", "row_tile": 4,
                                            "column_vectors": 2, "rows_per_task": 7, "prefetch": false})"));
  EXPECT_EQ(toJson(rowwise),
            json::parse(R"({"target": "x86-64-sse41", "form": "rowwise", "column_vectors": 3,
                                             "rows_per_task": 5})"));
}

TEST(PlanJson, ThatIsNoPlan) {
  EXPECT_EQ(complaint(json::array()), "a plan has to be a JSON object");
  EXPECT_EQ(complaint(without(online, "target")), "the key target is missing");
  EXPECT_EQ(complaint(without(online, "form")), "the key form is missing");
  EXPECT_EQ(complaint(changed(online, "target", 512)), "target has to be a string, but is 512");
  EXPECT_EQ(complaint(changed(online, "form", "offline")),
            "there is no form 'offline'; known: online, row, split, gpu, merge, linear, rowwise, "
            "gpu_linear, gpu_rows");
  EXPECT_EQ(complaint(changed(online, "target", "z80")),
            "there is no target 'z80'; known: host, x86-64-avx512, x86-64-avx2, x86-64-sse41, "
            "cuda, opencl");
}

TEST(PlanJson, WithWrongFields) {
  EXPECT_EQ(complaint(without(online, "key_tile")), "the key key_tile is missing");
  EXPECT_EQ(complaint(changed(online, "row_tile", 1)),
            "there is no key 'row_tile' in a plan of form 'online'");
  EXPECT_EQ(complaint(changed(online, "key_tile", 1.5)),
            "key_tile has to be an integer, but is 1.5");
  EXPECT_EQ(complaint(changed(online, "key_tile", "64")),
            "key_tile has to be an integer, but is \"64\"");
  EXPECT_EQ(complaint(changed(linear, "prefetch", 1)),
            "prefetch has to be true or false, but is 1");
}

TEST(PlanJson, WithNumbersPastTheIntegers) {
  for (json value : {json(int64_t(1) << 40), json(-(int64_t(1) << 40)), json(UINT64_MAX)})
    EXPECT_EQ(complaint(changed(online, "key_tile", value)),
              "key_tile has to be an integer, but is " + value.dump());
}

TEST(PlanJson, ThatBreaksARuleIsRefused) {
  EXPECT_EQ(complaint(changed(online, "key_tile", 25)),
            "key_tile is 25, which is no multiple of edge_key_tile = 12");
  EXPECT_EQ(complaint(changed(row, "key_tile", 42)),
            "key_tile is 42, which is no multiple of key_unroll = 5");
  EXPECT_EQ(complaint(changed(split, "part_keys", 100)),
            "part_keys is 100, which is no multiple of key_tile = 24");
  EXPECT_EQ(complaint(changed(merge, "rows_per_task", 65537)),
            "rows_per_task is 65537, but has to be from 1 to 65536");
  EXPECT_EQ(complaint(changed(rowwise, "rows_per_task", 0)),
            "rows_per_task is 0, but has to be from 1 to 65536");
}

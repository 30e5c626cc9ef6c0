#include "tests/property/Case.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <numeric>
#include <set>

namespace heed::property {

std::string Case::text() const {
  std::string text =
      description.text() + toJson(plan).dump() + (extended ? "\n" : ", without extensions\n");
  if (description.part)
    text += description.finishText() + toJson(merge).dump() + "\n";
  for (const Call &c : calls)
    text += fmt::format(
        "batch {}, queries {}, keys {}, heads {}, key heads {}; {} data, {} layout, seed {}\n",
        c.batch, c.queries, c.keys, c.heads(), c.keyHeads, dataNames[int(c.data)],
        placementNames[int(c.placement)], c.seed);
  return text;
}

// Mostly whole vectors or what x86 turns well; any power of two that divides the tile is legal.
static int randomTurn(Random &random, int queryTile, const TargetInfo &target) {
  int turn = random.pick({target.lanes, target.lanes, 4, 2 * target.lanes, 2, 1});
  return queryTile % turn ? 1 : turn;
}

static OnlinePlan randomOnlinePlan(Random &random, const TargetInfo &target) {
  OnlinePlan p;
  p.queryVectors = random.between(1, 4);
  int unroll = std::min(8, target.registers / p.queryVectors);
  auto factor = [&] { return random.oneIn(3) ? 1 : random.between(1, unroll); };
  p.keyUnroll = factor(), p.depthUnroll = factor(), p.reduceUnroll = random.between(1, 5);
  p.queryTile = target.lanes * p.queryVectors * random.between(1, 3);
  p.edgeKeyTile = std::lcm(p.keyUnroll, p.reduceUnroll) * random.pick({1, 1, 2, 3});
  p.keyTile = p.edgeKeyTile * random.pick({1, 1, 2, 4});
  p.turn = randomTurn(random, p.queryTile, target);
  p.taskTiles = 1 + (p.keyTile + p.reduceUnroll) % 3; // draws nothing: cases stay what they are
  p.edgeVectors = 1 + (p.keyTile + p.depthUnroll) % 4;
  return p;
}

static RowPlan randomRowPlan(Random &random, const TargetInfo &target) {
  RowPlan p;
  int vectors = random.between(1, 4), unroll = std::min(8, target.registers / vectors);
  p.queryTile = target.lanes * vectors;
  p.keyUnroll = random.between(1, unroll), p.depthUnroll = random.between(1, unroll);
  p.keyTile = p.keyUnroll * random.between(1, 12);
  p.turn = randomTurn(random, p.queryTile, target);
  return p;
}

static SplitPlan randomSplitPlan(Random &random, const TargetInfo &target) {
  SplitPlan p;
  p.rowTile = random.between(1, 5);
  int unroll = std::min(8, target.registers / p.rowTile);
  p.keyUnroll = random.between(1, unroll), p.columnVectors = random.between(1, unroll);
  p.reduceUnroll = random.between(1, 5);
  p.keyTile = std::lcm(p.keyUnroll, p.reduceUnroll) * random.between(1, 3);
  p.partKeys = p.keyTile * random.pick({1, 1, 2, 5});
  // Not drawn, so that seeds go on to give the cases that tests/mutants knows.
  p.keysAhead = p.keyTile % 2 ? 0 : p.keyTile * p.rowTile / 2;
  p.keyHeads = random.between(1, 3);
  return p;
}

static GpuPlan randomGpuPlan(Random &random) {
  GpuPlan p;
  p.queryThreads = random.pick({1, 2, 4, 8});
  p.queryRegisters = random.pick({1, 2, 3, 4});
  p.queryTile = p.queryThreads * p.queryRegisters * random.between(1, 2);
  p.keyThreads = random.pick({1, 2, 4, 8});
  p.keyRegisters = random.pick({1, 2, 4});
  p.reduceUnroll = random.pick({1, 2, 4});
  p.keyTile = p.keyThreads * std::lcm(p.keyRegisters, p.reduceUnroll) * random.between(1, 2);
  p.columns = random.pick({1, 2, 3, 4, 6});
  if (random.oneIn(2))
    p.partKeys = p.keyTile * random.between(1, 4);
  return p;
}

Plan randomPlan(Random &random, const TargetInfo &target, const Description &description) {
  if (target.isDevice())
    return {target.name, randomGpuPlan(random)};
  if (description.needsRow() || (!description.isPartial && random.oneIn(6)))
    return {target.name, randomRowPlan(random, target)};
  if (random.oneIn(2))
    return {target.name, randomSplitPlan(random, target)};
  return {target.name, randomOnlinePlan(random, target)};
}

static Plan randomMergePlan(Random &random, const TargetInfo &target) {
  if (target.isDevice())
    return {target.name, GpuRowsPlan{random.between(1, 6), random.pick({1, 3, 8, 32})}};
  return {target.name, MergePlan{random.between(1, 20)}};
}

Tiles tilesOf(const Plan &plan) {
  if (const auto *row = std::get_if<RowPlan>(&plan.form))
    return {row->queryTile, row->keyTile, row->keyTile};
  if (const auto *split = std::get_if<SplitPlan>(&plan.form))
    return {split->rowTile, split->partKeys, split->keyTile};
  if (const auto *gpu = std::get_if<GpuPlan>(&plan.form))
    return {gpu->queryTile, gpu->partKeys ? gpu->partKeys : gpu->keyTile, gpu->keyTile};
  const auto &online = std::get<OnlinePlan>(plan.form);
  return {online.queryTile, online.keyTile, online.edgeKeyTile};
}

constexpr int mostKeys = 200;

// Around a multiple of `tile`, or tiny, or anything up to `most`.
static int randomExtent(Random &random, int tile, int most) {
  switch (random.between(0, 3)) {
  case 0:
    return random.between(0, 3);
  case 1:
    return std::clamp(tile * random.between(1, 3) + random.between(-1, 1), 0, most);
  default:
    return random.between(1, most);
  }
}

// `window` is the keys of a sliding window, if there is one.
static Call randomCall(Random &random, const Description &d, const Tiles &tiles, int window) {
  // The reference is slow.
  int64_t mostPairs = d.score.pairwise ? 24000 / (1 + d.dim) : 12000;
  Call c;
  c.batch = d.batch.value_or(random.pick({0, 1, 1, 2, 2, 3}));
  c.queries = d.queries.value_or(randomExtent(random, tiles.queries, 150));
  c.keys = d.keys.value_or(
      randomExtent(random, random.oneIn(2) ? tiles.keys : tiles.edgeKeys, mostKeys));
  if (window && random.oneIn(2)) // rows with keys behind their window
    c.keys = random.between(window + 1, mostKeys);
  c.keys = c.keys / d.page() * d.page();
  c.keyHeads = d.keyHeads.value_or(random.between(1, 3));
  c.group = d.group.value_or(random.pick({1, 1, 2, 3}));
  auto pairs = [&] { return int64_t(c.batch) * c.heads() * c.queries * c.keys; };
  for (auto [extent, isFixed] : {std::pair(&c.group, d.group), std::pair(&c.keyHeads, d.keyHeads),
                                 std::pair(&c.batch, d.batch), std::pair(&c.queries, d.queries)})
    if (pairs() > mostPairs && !isFixed)
      *extent = std::max(1, int(*extent * mostPairs / pairs()));
  c.data = random.oneIn(2) ? Data::Normal : Data(random.between(0, int(Data::BadCapture)));
  c.placement =
      random.pick({Placement::Sequences, Placement::Heads, Placement::Random, Placement::Random});
  c.seed = random.seed();
  return c;
}

static Call callWithoutKeys(const Description &d, Call c) {
  c.batch = d.batch.value_or(std::max(c.batch, 1));
  c.queries = d.queries.value_or(std::max(c.queries, 1));
  c.keys = 0, c.data = Data::Normal;
  return c;
}

// A sliding window, and a plan whose tiles are so small that whole blocks lie between the keys that
// only some queries of a tile see. Its number of keys.
static int drawWindow(Random &random, const TargetInfo &target, Case &c) {
  OnlinePlan plan;
  int keys;
  do {
    plan = randomOnlinePlan(random, target);
    keys = plan.queryTile + plan.keyTile * random.between(1, 3);
  } while (keys > mostKeys / 2);
  c.plan.form = plan;
  c.description.masks = {windowMask(random, "n", keys)};
  c.description.keys.reset();
  return keys;
}

Case blocksWithLengths(Random &random, const TargetInfo &target) {
  Description d;
  d.dim = d.valueDim = random.between(1, 16);
  d.masks = {blockMask(random, "n")};
  d.normalizer.component.kind = d.normalizer.name;
  d.keyLengths = true;
  Case result{d, {target.name, randomOnlinePlan(random, target)}, {}, {}};
  for (int i = 0; i < 20; i++)
    result.calls.push_back(randomCall(random, d, tilesOf(result.plan), 0));
  return result;
}

Case randomCase(Random &random, const TargetInfo &target) {
  constexpr int callsPerKernel = 10;
  bool onDevice = target.isDevice();
  Case result{randomDescription(random), {}, randomMergePlan(random, target), {}};
  while (onDevice && !result.description.runsOnDevices())
    result.description = randomDescription(random);
  result.plan = randomPlan(random, target, result.description);
  int window = 0;
  if (!onDevice && !result.description.needsRow() && random.oneIn(4))
    window = drawWindow(random, target, result);
  for (int i = 0; i < callsPerKernel; i++)
    result.calls.push_back(randomCall(random, result.description, tilesOf(result.plan), window));
  if (!result.description.keys)
    result.calls.push_back(callWithoutKeys(result.description, result.calls.back()));
  if (onDevice) // what the runtime lets pass
    for (Call &call : result.calls)
      call.placement = random.pick({Placement::Sequences, Placement::Heads});
  return result;
}

Case packedDocuments(Random &random, const TargetInfo &target) {
  Case result = randomCase(random, target);
  Description &d = result.description;
  d.masks = {documentsMask(random, "documents")};
  for (Result &wanted : d.results) // of a mask that is gone
    wanted.stage = std::min(wanted.stage, d.stages() - 1);
  std::set<int> stages; // none twice
  std::erase_if(d.results, [&](const Result &wanted) {
    return wanted.kind == Result::Scores && !stages.insert(wanted.stage).second;
  });
  return result;
}

Case keysInARing(Random &random, const TargetInfo &target) {
  Case result = randomCase(random, target);
  Description &d = result.description;
  d.key.made = ringMade(random, "ring", d.dim);
  d.key.made->component.captures[1].element = d.isDouble ? ElementType::F64 : ElementType::F16;
  d.keys.reset(); // the ring tells how many there are
  return result;
}

} // namespace heed::property

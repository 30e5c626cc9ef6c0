#include "compiler/graph/Online.h"
#include "compiler/evaluate/HalideMath.h"
#include "compiler/evaluate/Storage.h"
#include "compiler/graph/KeySummary.h"
#include "compiler/graph/StateSlots.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>
#include <numeric>

using namespace Halide;

namespace heed {
namespace {

// Two multiply-adds a cycle, each of which takes four.
constexpr int sumsInFlight = 8;

// Keys whose quotients one pass over the columns adds up, a vector of queries at a time: what it
// has to read first, columns of these queries, serves as many. 2% less time than 16; 64 gain no
// more.
constexpr int keysOfQuotients = 32;
// The same where a block is cut: what is computed past its end counts for more. 3 to 6% less time
// at 70 to 200 tokens that no 16 divides; 4 gain no more.
constexpr int keysOfCutQuotients = 8;

// What a task packs at a time for all its parts: with 64 keys of 64 columns a tile, and keys and
// values that are both made, 128 KB.
constexpr int keyTilesPacked = 4;

// What a block is to a list is known for one part only.
int partsOf(const PairProgram &program, const OnlinePlan &plan) {
  return asksStatus(program) ? 1 : plan.taskTiles;
}

// By which a tile is walked where it ends; blocks of lists are walked by whole tiles. Queries are
// gathered and results finished so, too: of 20 causal tokens in a tile of 64 that leaves out a
// fifth of the time, of 72 tokens 7%.
int partQueries(const PairProgram &program, const OnlinePlan &plan, int lanes) {
  return asksStatus(program) ? plan.queryTile : lanes * plan.edgeVectorsOfTile();
}

// The plan's tiles are parts of the tile that a task takes.
class OnlineBuilder : QueryTileBuilder {
public:
  OnlineBuilder(const PairProgram &program, const OnlinePlan &plan, int lanes, TileOrder order)
      : QueryTileBuilder(program, plan.queryTile * partsOf(program, plan), plan.turn,
                         /*onDevice=*/false, partQueries(program, plan, lanes), order),
        plan(plan), lanes(lanes), normalizer(std::get<OnlineNormalizer>(program.normalizer)),
        summary(summaryOf(normalizer, program.type, rowPosition())),
        slots(normalizer, program.type, program.valueDim, plan.depthUnroll) {}

  OnlineStages build(bool wantLogSumExp) {
    packQuery();
    beginState();
    addHull();
    if (asksStatus(program))
      walkByStatus();
    else
      walkByRanges();
    addResult();
    addOutput(wantLogSumExp);
    stages.queries = queries;
    return stages;
  }

private:
  const OnlinePlan &plan;
  const int lanes;
  const OnlineNormalizer &normalizer;
  const KeySummary summary; // of a block
  const StateSlots slots;
  OnlineStages stages;
  Var slot{"slot"};
  Var keyGroup{"keyGroup"};

  void beginState() {
    stages.queryTile = queryTile, stages.finishedQueries = finishedQueries;
    stages.firstColumn = slots.firstColumn(), stages.slots = slots.count();
    stages.state = Func("state");
    state(slot) = slots.identity(slot);
  }

  FuncRef state(Expr s) { return stages.state(q, s, tile, head, batch, tileC, headC, batchC); }

  void walkByRanges() {
    // Of a part, and of the whole tile, what has to be packed: parts walk over full blocks where
    // the tile has none.
    KeyRanges ofPart = keysOf(firstQueryOfPart(plan.queryTile), plan.queryTile, headC, batchC),
              hull = keysOf(tileC, headC, batchC);
    TileBlocks part = blocksOf(ofPart, plan.keyTile), tile = blocksOf(hull, plan.keyTile);
    Expr hullBegin = hull.hullBegin / plan.keyTile,
         fullEnd = min(hull.fullEnd, program.keyLength(batchC)) / plan.keyTile;
    if (part.hasLead)
      walk("lead", plan.keyTile, true, {part.leadBegin, part.leadEnd, tile.leadBegin, tile.leadEnd},
           edgeQueries());
    Expr trailBegin = max(hullBegin, fullEnd), fullEndOfTile = divideUp(hull.hullEnd, plan.keyTile);
    if (cutsTheLastTile()) {
      part.fullEnd =
          select(endsEarly(firstQueryOfPart(plan.queryTile)), part.fullBegin, part.fullEnd);
      // Rows that are made are made again for these, since a walk packs what its parts need.
      trailBegin = select(hasEarlyEnd(), hullBegin, trailBegin);
      fullEndOfTile = select(endsEarly(firstOfTask()), hullBegin, fullEndOfTile);
    }
    walk("full", plan.keyTile, false, {part.fullBegin, part.fullEnd, hullBegin, fullEndOfTile},
         plan.queryTile);
    walk("trail", plan.keyTile, true, {part.fullEnd, part.trailEnd, trailBegin, tile.trailEnd},
         edgeQueries());
  }

  // Where so few queries of a plan's tile exist that a part of it has none, its full blocks are
  // walked by parts, too.
  bool cutsTheLastTile() const { return edgeQueries() < plan.queryTile; }
  Expr endsEarly(Expr firstQueryOfTile) const {
    Expr firstOfPart = firstQueryOfTile + (fromLast() ? 0 : plan.queryTile - edgeQueries());
    return areNone(firstOfPart, edgeQueries(), batchC);
  }
  // The first query of the task's tile from which the others are counted.
  Expr firstOfTask() const {
    return firstQuery(tileC) + (fromLast() ? queryTile - plan.queryTile : 0);
  }
  // In the task. A remainder would be no single point to bounds inference.
  Expr hasEarlyEnd() const {
    Expr left = fromLast() ? firstQuery(tileC) + queryTile
                           : program.queryLength(batchC) - firstQuery(tileC),
         has = Internal::const_false();
    for (int begin = 0; begin < queryTile; begin += plan.queryTile)
      has = has || (left > begin && left <= begin + plan.queryTile - edgeQueries());
    return has;
  }

  // Key tiles of which all pairs count, then the edge tiles of the others of which some may.
  void walkByStatus() {
    int perTile = plan.keyTile / plan.edgeKeyTile;
    addStatus(plan.edgeKeyTile);
    walkList("whole", plan.keyTile, false, [&](Expr keyTile) { return isWhole(keyTile, perTile); });
    walkList("partial", plan.edgeKeyTile, true, [&](Expr edgeTile) {
      return statusAt(edgeTile) > 0 && !isWhole(edgeTile / perTile, perTile);
    });
  }

  Expr isWhole(Expr keyTile, int edgeTiles) {
    Expr all = Internal::const_true();
    for (int i = 0; i < edgeTiles; i++)
      all = all && statusAt(keyTile * edgeTiles + i) == cast<uint8_t>(2);
    return all;
  }

  void walkList(const std::string &name, int keyTile, bool masked,
                const std::function<Expr(Expr block)> &isWanted) {
    BlockList list = listBlocks(name, keyTile, isWanted);
    walk(name, keyTile, masked, {0, list.count(tileC, headC, batchC)}, queryTile, list);
  }

  // Blocks [begin, end) of a part, or positions of a list; those of all parts lie in [tileBegin,
  // tileEnd).
  struct Blocks {
    Expr begin, end, tileBegin = {}, tileEnd = {};
  };

  void walk(const std::string &name, int keyTile, bool masked, const Blocks &blocks, int queries,
            BlockList list = {}) {
    BlockWalk w;
    w.name = name, w.keyTile = keyTile, w.masked = masked, w.queries = queries, w.list = list;
    w.keysOfWeight = pairsWeights() ? 2 : 1;
    if (queries < plan.queryTile) {
      w.chains = chainsFor(plan.keyUnroll, program.term ? 1 : program.dotSteps());
      w.productChains = chainsFor(plan.depthUnroll, plan.reduceUnroll / w.keysOfWeight);
    }
    if (hasParts())
      w.packsAhead = true, w.packedBlocks = keyTilesPacked;
    if (isCut(w))
      addCut(w);
    addDot(w, /*asksBounds=*/true);
    addScores(w);
    addReductions(w);
    addProduct(w);
    merge(w, blocks);
    stages.walks.push_back(w);
  }

  bool hasParts() const { return queryTile > plan.queryTile; }

  // Without a mask a block is cut by the length alone. Keys past it read the last row there is,
  // whose score no maximum minds; so only their weights have to go: one operation a pair for seven.
  bool asksPairs(const BlockWalk &w) const { return w.masked && program.keep; }
  Expr exists(const BlockWalk &w, Expr inBlock) {
    return firstKey(w, block, tile) + inBlock < hullEnd();
  }

  // A masked block of a range is cut to what holds a key of the hull of its queries, in grains, and
  // to nothing for queries there are none of.
  bool isCut(const BlockWalk &w) const { return w.masked && !w.list.defined(); }
  void addCut(BlockWalk &w) {
    Var part("part");
    Expr firstOfPart = firstQuery(tile) + part * w.queries, first = firstKey(w, block, tile);
    KeyRanges hull = keysToRead(firstOfPart, w.queries, head, batch);
    Expr end = divideUp(hull.hullEnd - first, plan.grain());
    w.cut = Func(w.name + "_cut");
    w.cut(part, block, tile, head, batch) =
        Tuple((hull.hullBegin - first) / plan.grain(),
              select(areNone(firstOfPart, w.queries, batch), 0, end));
  }

  // The steps of a block, of `keys` keys each: those that have one of its grains.
  void cut(const BlockWalk &w, RDom &r, RVar step, int keys) {
    if (!isCut(w))
      return;
    FuncRef grains = w.cut(partOf(w.queries), block, tile, head, batch);
    const int common = std::gcd(plan.grain(), keys), ofGrain = plan.grain() / common,
              ofStep = keys / common;
    r.where(step < divideUp(grains[1] * ofGrain, ofStep) && step >= grains[0] * ofGrain / ofStep);
  }
  RDom steps(const BlockWalk &w, const std::string &name, int keys) {
    RDom r(0, w.keyTile / keys, name);
    cut(w, r, r.x, keys);
    return r;
  }

  // The row maximum comes out of the score tile: 6% less time than reading the scores again.
  void addScores(BlockWalk &w) {
    const int all = w.keyTile / plan.keyUnroll;
    const int keys = isCut(w) ? keysOfCutQuotients : keysOfQuotients;
    w.groups = w.sharesDivisions ? std::gcd(std::max(1, keys / plan.keyUnroll), all) : 1;
    RDom r({{0, w.groups}, {0, all / w.groups}}, w.name + "_groups");
    cut(w, r, r.y, w.groups * plan.keyUnroll);
    w.groupInStep = r.x, w.scoreSteps = r.y;
    Expr group = w.groups == 1 ? Expr(r.y) : r.y * w.groups + r.x;
    std::vector<Expr> scores;
    Expr maximum;
    for (int i = 0; i < plan.keyUnroll; i++) {
      Expr inBlock = group * plan.keyUnroll + i;
      scores.push_back(asksPairs(w) ? finalScore(w, inBlock, noScore) : anyScore(w, inBlock));
      maximum = i ? max(maximum, scores[i]) : scores[i];
    }
    if (llvm::any_of(summary.reductions, [&](const auto &r) { return summary.isScoreMaximum(r); }))
      scores.push_back(maximum);
    w.score = Func(w.name + "_score");
    w.score(q, keyGroup, block, tile, head, batch) =
        Tuple(Exprs(scores.size(), undef(program.type)));
    w.score(q, group, block, tile, head, batch) = Tuple(scores);
  }

  Expr scoreOfGroup(BlockWalk &w, Expr group, int i) {
    FuncRef scores = w.score(q, group, block, tile, head, batch);
    return w.score.outputs() == 1 ? Expr(scores) : Expr(scores[i]);
  }

  Expr scoreAt(BlockWalk &w, Expr inBlock) {
    Exprs group;
    for (int i = 0; i < plan.keyUnroll; i++)
      group.push_back(scoreOfGroup(w, inBlock / plan.keyUnroll, i));
    return mux(inBlock % plan.keyUnroll, group);
  }

  // `value` with the block's totals in the place of their variables.
  Expr inBlock(BlockWalk &w, Expr value, Expr b) {
    Exprs totals;
    for (BlockReduction &reduction : w.reductions)
      totals.push_back(reduction.total(q, b, tile, head, batch));
    return withTotals(value, totals);
  }
  // And key k's score in that of `score`; what does not count gives `otherwise`.
  Expr ofScore(BlockWalk &w, Expr value, Expr k, Expr s, Expr otherwise) {
    // A modify may give -inf. What looks at no score (a count of keys) still has to look at each
    // key.
    bool mayBeMasked = asksPairs(w) || program.modify || program.term || !readsScore(value);
    value = withScore(inBlock(w, value, block), s);
    if (mayBeMasked)
      value = select(isMasked(s), otherwise, value);
    return w.masked && !asksPairs(w) ? select(exists(w, k), value, otherwise) : value;
  }

  // Two weights of neighbouring keys to a word, as bfloat16, times two rows of values at once.
  bool pairsWeights() const {
    return program.pairsWeights && plan.keyUnroll % 2 == 0 && plan.reduceUnroll % 2 == 0;
  }

  // The summary's reductions, in order, and the weights as soon as one is their sum.
  void addReductions(BlockWalk &w) {
    for (const KeySummary::Reduction &r : summary.reductions) {
      if (summary.isScoreMaximum(r)) {
        addReduction(w, 1, r.isMax,
                     [&](Expr group) { return scoreOfGroup(w, group, plan.keyUnroll); });
        continue;
      }
      if (summary.isWeightSum(r) && !w.weight.defined())
        addWeights(w);
      Expr nothing = Internal::make_const(program.type, r.isMax ? noScore : 0);
      if (summary.isWeightSum(r) && pairsWeights()) {
        addReduction(w, plan.keyUnroll / 2, false, [&](Expr pair) {
          return productsOfPairs(w.weight(q, pair, block, tile, head, batch), pairOfOnes());
        });
        continue;
      }
      addReduction(w, plan.keyUnroll, r.isMax, [&](Expr k) -> Expr {
        return summary.isWeightSum(r) ? Expr(w.weight(q, k, block, tile, head, batch))
                                      : ofScore(w, r.value, k, scoreAt(w, k), nothing);
      });
    }
    if (!w.weight.defined())
      addWeights(w);
  }

  // `ofGroup` values a group of keys; where a block is cut, a group is a step.
  void addReduction(BlockWalk &w, int ofGroup, bool isMax, std::function<Expr(Expr)> value) {
    std::string name = w.name + (isMax ? "_max" : "_sum") + std::to_string(w.reductions.size());
    w.reductions.push_back(
        isCut(w)
            ? reduceBlock(name, steps(w, name + "_steps", plan.keyUnroll), ofGroup, isMax, value)
            : reduceBlock(name, w.keyTile / plan.keyUnroll * ofGroup, isMax, value));
  }

  void addWeights(BlockWalk &w) {
    const int inGroup = plan.keyUnroll / w.keysOfWeight;
    RDom r({{0, inGroup}, {0, w.keyTile / plan.keyUnroll}}, w.name + "_weights");
    cut(w, r, r.y, plan.keyUnroll);
    w.weightInGroup = r.x, w.weightGroups = r.y;
    Expr k = r.y * inGroup + r.x;
    Exprs weights;
    for (int i = 0; i < plan.keyUnroll; i++)
      weights.push_back(ofScore(w, summary.weight, r.y * plan.keyUnroll + i,
                                scoreOfGroup(w, r.y, i), Internal::make_zero(program.type)));
    if (w.keysOfWeight == 2) {
      for (int i = 0; i < inGroup; i++)
        weights[size_t(i)] = roundedPair(weights[size_t(2 * i)], weights[size_t(2 * i + 1)]);
      weights.resize(size_t(inGroup));
    }
    w.weight = Func(w.name + "_weight");
    w.weight(q, key, block, tile, head, batch) = undef(weights.front().type());
    w.weight(q, k, block, tile, head, batch) = mux(r.x, weights);
  }

  void addProduct(BlockWalk &w) {
    const int inStep = plan.reduceUnroll / w.keysOfWeight;
    RDom r({{0, inStep}, {0, w.keyTile / plan.reduceUnroll}}, w.name + "_keys");
    cut(w, r, r.y, plan.reduceUnroll);
    r.where(slot >= stages.firstColumn); // LLVM would not drop the product for the special slots
    w.inStep = r.x, w.steps = r.y;
    Expr k = r.y * inStep + r.x;
    w.product = Func(w.name + "_product");
    Expr at = slot - stages.firstColumn, column = clamp(likely(at), 0, program.valueDim - 1);
    // Past the last column nothing: products that several columns share are no multiply-adds, and
    // which ones LLVM shares goes by how values are loaded.
    Expr value = w.keysOfWeight == 2 ? valuePair(w, column, k) : this->value(w, column, k),
         weight = w.weight(q, k, block, tile, head, batch);
    value = select(likely(at < program.valueDim), value, Internal::make_zero(value.type()));
    Expr weighted = w.keysOfWeight == 2 ? productsOfPairs(weight, value) : weight * value;
    if (w.productChains == 1) {
      w.product(q, slot, block, tile, head, batch) = Internal::make_zero(program.type);
      w.product(q, slot, block, tile, head, batch) += weighted;
      return;
    }
    Var chain("chain");
    w.product(q, slot, chain, block, tile, head, batch) = Internal::make_zero(program.type);
    w.product(q, slot, r.x % w.productChains, block, tile, head, batch) += weighted;
  }

  // Masked blocks of ranges are walked by such parts of the tile.
  int edgeQueries() const { return finishedQueries; }
  // A register tile of few vectors has several sums of each dot, as many as fill the latency of
  // multiply-adds and divide its `steps`.
  int chainsFor(int unroll, int steps) const {
    int chains = 1;
    while (plan.edgeVectorsOfTile() * unroll * chains < sumsInFlight && steps % (2 * chains) == 0)
      chains *= 2;
    return chains;
  }

  // Of the part of `queries` queries that q is in. A part is named by whole vectors: all lanes have
  // one condition.
  Expr partOf(int queries) const {
    return queries == queryTile ? Expr(0) : q / lanes / (queries / lanes);
  }
  Expr firstQueryOfPart(int queries) const { return firstQuery(tileC) + partOf(queries) * queries; }

  // Which blocks each part walks over, written down once a task: as loop bounds they are short.
  void addParts(BlockWalk &w, const Blocks &blocks) {
    Var part("part");
    auto ofPart = [&](Expr e) { return simplify(substitute(q, part * w.queries, inFirst(e))); };
    Expr isEmpty = areNone(firstQueryOfPart(plan.queryTile), plan.queryTile, batchC);
    Expr end = w.queries < plan.queryTile ? min(blocks.end, endOfPart(w)) : blocks.end;
    w.parts = Func(w.name + "_parts");
    w.parts(part, tile, head, batch) = Tuple(ofPart(blocks.begin), ofPart(select(isEmpty, 0, end)));
  }

  // Blocks that only later queries of the tile look at.
  Expr endOfPart(const BlockWalk &w) {
    Expr first = firstQueryOfPart(w.queries);
    Expr end = divideUp(keysOf(first, w.queries, headC, batchC).hullEnd, w.keyTile);
    return select(areNone(first, w.queries, batchC), 0, end);
  }

  // The normalizer merges the state with the block's summary.
  void merge(BlockWalk &w, const Blocks &blocks) {
    Expr most = w.list.defined() ? w.list.most : max(0, program.keys / w.keyTile + 2);
    RDom r = hasParts()
                 ? RDom({{0, stages.slots}, {0, w.packedBlocks}, {0, most / w.packedBlocks + 2}},
                        w.name + "_walk")
                 : RDom(0, stages.slots, 0, most, w.name + "_walk");
    Expr s = r.x, b;
    w.slot = r.x, w.block = r.y;
    if (hasParts()) {
      w.pack = r.z;
      Expr pack = blockOf(r, r.z, blocks.tileBegin / w.packedBlocks,
                          divideUp(blocks.tileEnd, w.packedBlocks));
      b = pack * w.packedBlocks + r.y;
      addParts(w, blocks);
      FuncRef part = w.parts(partOf(w.queries), tileC, headC, batchC);
      r.where(b >= part[0] && b < part[1]);
    } else {
      b = blockOf(r, r.y, blocks.begin, blocks.end);
      if (w.queries < plan.queryTile)
        r.where(b < endOfPart(w));
    }
    Exprs ofBlock = summary.state;
    for (Expr &value : ofBlock)
      value = inBlock(w, value, b);
    state(s) = slots.merged(
        s, [&](Expr at) { return Expr(state(at)); }, ofBlock,
        sumOfChains(w.product, w.productChains, {q, s, b, tile, head, batch}));
  }

  // Slot s of lane q of a part, which `tile` is the number of.
  Expr final(Expr s) {
    Expr parts = queryTile / finishedQueries, part = tile % parts;
    Expr at = (fromLast() ? parts - 1 - part : part) * finishedQueries + q;
    return stages.state(at, s, tile / parts, head, batch, tile / parts, head, batch);
  }

  Exprs finalState() {
    return slots.stateOf([&](Expr s) { return final(s); });
  }

  int outputColumns() const {
    return program.valueDim + (program.isPartial ? normalizer.states : 0);
  }

  Expr finishedColumn(Expr column) {
    if (program.isPartial) {
      Exprs identity = normalizer.identity();
      Expr none = Internal::make_zero(program.type);
      for (int i = 0; i < normalizer.states; i++)
        none = select(column == program.valueDim + i, identity[i], none);
      Expr at = select(column < program.valueDim, stages.firstColumn + column,
                       slots.firstState() + column - program.valueDim);
      return selectBits(hasNoQuery(), none, final(clamp(at, 0, stages.slots - 1)));
    }
    // Selected, not only multiplied: a weight of zero times a value that is not finite is NaN.
    Expr factor = stages.factor(q, tile, head, batch);
    Expr zero = Internal::make_zero(program.type);
    return select(factor == zero, zero, final(stages.firstColumn + column) * factor);
  }

  void addResult() {
    if (!program.isPartial) {
      stages.factor = Func("factor");
      stages.factor(q, tile, head, batch) =
          selectBits(hasNoQuery(), 0.0f, finalOf(normalizer, finalState(), finishedPosition())[0]);
    }
    stages.finished =
        turn("finished", outputColumns(), [&](Expr column) { return finishedColumn(column); });
  }

  void addOutput(bool wantLogSumExp) {
    if (wantLogSumExp) {
      stages.logSumExp = Func("logSumExp");
      stages.logSumExp(q, tile, head, batch) =
          selectBits(hasNoQuery(), -std::numeric_limits<float>::infinity(),
                     finalOf(normalizer, finalState(), finishedPosition())[1]);
    }
    stages.columns = outputColumns();
    stages.output = output(stages.finished, stages.columns, stages.logSumExp);
  }
};

} // namespace

OnlineStages buildOnline(const PairProgram &program, const OnlinePlan &plan, int lanes,
                         bool wantLogSumExp, TileOrder order) {
  return OnlineBuilder(program, plan, lanes, order).build(wantLogSumExp);
}

} // namespace heed

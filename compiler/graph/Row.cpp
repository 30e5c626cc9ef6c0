#include "compiler/graph/Row.h"
#include "compiler/evaluate/HalideMath.h"

#include <limits>

using namespace Halide;

namespace heed {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Each halves the bracket; the weights are divided by their sum in the end.
int bisections(Type type) { return type.bits() == 64 ? 55 : 26; }

class RowBuilder : QueryTileBuilder {
public:
  RowBuilder(const PairProgram &program, const RowPlan &plan)
      : QueryTileBuilder(program, plan.queryTile, plan.turn), plan(plan) {}

  RowStages build(RowResult result, bool wantLogSumExp) {
    stages.result = result;
    packQuery();
    addHull();
    addScores(result == RowResult::Scores ? -infinity : noScore);
    if (result != RowResult::Scores)
      std::visit([&](const auto &normalizer) { normalize(normalizer, wantLogSumExp); },
                 program.normalizer);
    if (result == RowResult::Output)
      addOutput();
    else if (result == RowResult::KeySums)
      addKeySums();
    else
      addPairs();
    stages.queries = queries;
    return stages;
  }

private:
  const RowPlan &plan;
  RowStages stages;
  // Of a key whose score is `score`; not yet final.
  const Expr score = Internal::Variable::make(program.type, "score");
  const Expr zero = number(0);
  Expr weightOfKey;
  Exprs state; // of an online normalizer

  Expr number(double value) const { return Internal::make_const(program.type, value); }

  // The blocks of tile `t`: those of the hull, or of the list of those that count.
  struct Blocks {
    Expr begin, end;
  };
  Blocks blocksOf(Expr t) {
    if (stages.blocks.list.defined())
      return {0, stages.blocks.list.count(t, headC, batchC)};
    KeyRanges keys = keysOf(t, headC, batchC);
    return {keys.hullBegin / plan.keyTile, divideUp(keys.hullEnd, plan.keyTile)};
  }
  // A loop over them, from 0 on, of `r`.
  Expr blockOf(RDom &r, RVar b, Expr t) {
    Blocks blocks = blocksOf(t);
    return QueryTileBuilder::blockOf(r, b, blocks.begin, blocks.end);
  }
  void listBlocks() {
    addStatus(plan.keyTile);
    stages.blocks.list =
        QueryTileBuilder::listBlocks("row", plan.keyTile, [&](Expr b) { return statusAt(b) > 0; });
  }
  Expr blockCount() const {
    const BlockList &list = stages.blocks.list;
    return list.defined() ? list.most : divideUp(program.keys, plan.keyTile);
  }

  // One block at least: Halide's check that a bound covers what loops over blocks may reach, never
  // compiled in, would teach its simplifier that there are keys.
  Expr roomForKeys() const { return max(blockCount(), 1) * plan.keyTile; }

  // Element of a Func with the tile's position twice.
  Expr ofTile(Func f, Exprs first) {
    for (Expr position : {tile, head, batch, tile, head, batch})
      first.push_back(position);
    return f(first);
  }

  void addScores(double none) {
    KeyBlocks &blocks = stages.blocks;
    blocks.name = "row", blocks.keyTile = plan.keyTile, blocks.masked = true;
    if (asksStatus(program))
      listBlocks();
    addDot(blocks);
    Func final("finalScore"); // inlined
    final(q, key, block, tile, head, batch) = finalScore(blocks, key, none);
    RDom r(0, plan.keyTile, 0, blockCount(), "row");
    Expr b = blockOf(r, r.y, tileC);
    stages.key = r.x, stages.block = r.y;
    stages.score = Func("score");
    stages.score(q, key, tile, head, batch, tileC, headC, batchC) = undef(program.type);
    stages.score(q, firstKey(blocks, b, tile) + r.x, tile, head, batch, tileC, headC, batchC) =
        final(q, r.x, b, tile, head, batch);
    // Pairs of no keys that are turned would read the key before the first: it has a place, too.
    int before = stages.result == RowResult::Weights || stages.result == RowResult::Scores;
    stages.score.bound(key, -before, roomForKeys() + before);
  }

  Expr scoreAt(Expr k) { return ofTile(stages.score, {q, k}); }
  Expr scoreAt(Expr b, Expr inBlock) { return scoreAt(firstKey(stages.blocks, b, tile) + inBlock); }

  // `value` for a key's score; what does not count gives `otherwise`.
  Expr ofScore(Expr value, Expr s, Expr otherwise) {
    return select(isMasked(s), otherwise, Internal::substitute("score", s, value));
  }

  // Over the whole row.
  Expr reduce(bool isMax, Expr value) {
    std::string name = (isMax ? "max" : "sum") + std::to_string(stages.reductions.size());
    Expr none = number(isMax ? noScore : 0);
    RowReduction reduction;
    reduction.block = reduceBlock(name + "_block", plan.keyTile, isMax,
                                  [&](Expr k) { return ofScore(value, scoreAt(block, k), none); });
    RDom r(0, blockCount(), name);
    Expr b = blockOf(r, r.x, tileC);
    reduction.blocks = r.x;
    reduction.total = Func(name);
    FuncRef total = reduction.total(q, tile, head, batch, tileC, headC, batchC);
    total = none;
    Expr ofBlock = reduction.block.total(q, b, tile, head, batch);
    total = isMax ? max(Expr(total), ofBlock) : Expr(total) + ofBlock;
    stages.reductions.push_back(reduction);
    return ofTile(reduction.total, {q});
  }

  void normalize(const OnlineNormalizer &normalizer, bool wantLogSumExp) {
    auto largest = [&](Expr value) { return reduce(true, value); };
    auto sum = [&](Expr value) { return reduce(false, value); };
    state = normalizer.summarize(score, rowPosition(), largest, sum);
    weightOfKey = normalizer.weight(score, state, rowPosition());
    if (program.isPartial)
      return;
    Exprs final = finalOf(normalizer, state, rowPosition());
    addFactor(final[0]);
    if (!wantLogSumExp)
      return;
    stages.logSumExp = Func("logSumExp");
    stages.logSumExp(q, tile, head, batch) = selectBits(hasNoQuery(), number(-infinity), final[1]);
  }

  void normalize(const ThresholdNormalizer &normalizer, bool) {
    // The minimum, which it is, keeps LLVM from adding the threshold to the largest score, where it
    // would be lost. NaN stays.
    Expr relative =
        Internal::Call::make(program.type, Internal::Call::strict_min,
                             {zero, score - reduce(true, score)}, Internal::Call::PureIntrinsic);
    bisect(normalizer, relative);
    weightOfKey = normalizer.weight(relative, thresholdAt(0), rowPosition());
    Expr sum = reduce(false, weightOfKey);
    addFactor(selectBits(strict_float(sum == zero), zero, number(1) / sum));
  }

  Expr thresholdAt(int i) { return stages.threshold(q, tile, head, batch, tile, head, batch)[i]; }

  // A step walks over the row and sums the weights up at the middle of the bracket; at the last key
  // the middle becomes one of its ends.
  void bisect(const ThresholdNormalizer &normalizer, const Expr &relative) {
    Func f("threshold");
    Exprs bracket = normalizer.bracket();
    auto at = f(q, tile, head, batch, tileC, headC, batchC);
    at = Tuple(bracket[0], bracket[1], zero);
    RDom r({{0, plan.keyTile}, {0, blockCount()}, {0, bisections(program.type)}}, "bisection");
    Expr b = blockOf(r, r.y, tileC);
    Expr below = at[0], above = at[1], middle = (below + above) * number(0.5);
    Expr weight = normalizer.weight(relative, middle, rowPosition());
    Expr sum = at[2] + ofScore(weight, scoreAt(b, r.x), zero);
    Expr more = b * plan.keyTile + r.x < blocksOf(tileC).end * plan.keyTile - 1;
    Expr enough = sum >= number(1);
    at = Tuple(select(more, likely(below), select(enough, middle, below)),
               select(more, likely(above), select(enough, above, middle)),
               select(more, likely(sum), zero));
    stages.threshold = f;
    stages.thresholdKey = r.x, stages.thresholdBlock = r.y, stages.thresholdStep = r.z;
  }

  void addFactor(Expr factor) {
    stages.factor = Func("factor");
    stages.factor(q, tile, head, batch) = selectBits(hasNoQuery(), zero, factor);
  }
  Expr factor() const { return stages.factor(q, tile, head, batch); }

  void addOutput() {
    addProduct();
    stages.columns = program.valueDim + (program.isPartial ? int(state.size()) : 0);
    stages.rows = turn("finished", stages.columns, [&](Expr column) {
      return program.isPartial ? partialColumn(column) : finishedColumn(column);
    });
    stages.output = output(stages.rows, stages.columns, stages.logSumExp);
  }

  void addProduct() {
    stages.weight = Func("weight");
    stages.weight(q, key, block, tile, head, batch) =
        ofScore(weightOfKey, scoreAt(block, key), zero);
    RDom r(0, plan.keyTile, "keys");
    stages.productKeys = r;
    stages.product = Func("product");
    stages.product(q, d, block, tile, head, batch) = zero;
    stages.product(q, d, block, tile, head, batch) +=
        stages.weight(q, r, block, tile, head, batch) *
        value(stages.blocks, min(d, program.valueDim - 1), r);
    RDom all(0, blockCount(), "blocks");
    Expr b = blockOf(all, all.x, tileC);
    stages.sumBlocks = all;
    stages.sum = Func("sum");
    stages.sum(q, d, tile, head, batch, tileC, headC, batchC) = zero;
    stages.sum(q, d, tile, head, batch, tileC, headC, batchC) +=
        stages.product(q, d, b, tile, head, batch);
  }

  // Selected, not only multiplied: a weight of zero times a value that is not finite is NaN.
  Expr finishedColumn(Expr column) {
    return select(factor() == zero, zero, ofTile(stages.sum, {q, column}) * factor());
  }

  Expr partialColumn(Expr column) {
    Exprs identity = std::get<OnlineNormalizer>(program.normalizer).identity();
    Expr none = zero, here = ofTile(stages.sum, {q, min(column, program.valueDim - 1)});
    for (size_t i = 0; i < state.size(); i++) {
      none = select(column == program.valueDim + int(i), identity[i], none);
      here = select(column == program.valueDim + int(i), state[i], here);
    }
    return selectBits(hasNoQuery(), none, here);
  }

  Expr finalWeight(Expr s) {
    return selectBits(isMasked(s) || factor() == zero, zero,
                      Internal::substitute("score", s, weightOfKey) * factor());
  }

  // Scores or weights, as stored.
  void addPairs() {
    bool isWeights = stages.result == RowResult::Weights;
    stages.rows = turn("pairs", program.keys, [&](Expr k) {
      Expr isWritten = k >= hullBegin() && k < hullEnd(), s = scoreAt(k);
      if (stages.blocks.list.defined())
        isWritten = isWritten && statusAt(k / plan.keyTile) > 0;
      return isWeights ? selectBits(isWritten, finalWeight(s), zero)
                       : selectBits(isWritten && !hasNoQuery(), s, number(-infinity));
    });
    Var query("query");
    stages.output = Func(isWeights ? "weights" : "scores");
    stages.output(key, query, head, batch) = turnedAt(stages.rows, key, query);
    bound({program.keys, program.queries, program.queryHeads, program.batch});
  }

  // Lanes, and tiles of queries, add up in order: the same bits for any number of threads.
  void addKeySums() {
    Func final("finalWeight"); // inlined
    final(q, key, block, tile, head, batch) = finalWeight(scoreAt(block, key));
    RDom r({{0, plan.keyTile}, {0, blockCount()}, {0, divideUp(program.queries, queryTile)}},
           "tiles");
    Expr b = blockOf(r, r.y, r.z);
    stages.laneKey = r.x, stages.laneBlock = r.y, stages.laneTile = r.z;
    stages.laneSums = Func("laneSums");
    stages.laneSums(q, key, head, batch, headC, batchC) = zero;
    Expr k = firstKey(stages.blocks, b, r.z) + r.x;
    stages.laneSums(q, k, head, batch, headC, batchC) += final(q, r.x, b, r.z, head, batch);
    stages.laneSums.bound(key, 0, roomForKeys());
    RDom lanes(0, queryTile, "lanes");
    stages.lane = lanes;
    stages.output = Func("keySums");
    stages.output(key, head, batch) = zero;
    stages.output(key, head, batch) += stages.laneSums(lanes, key, head, batch, head, batch);
    bound({program.keys, program.queryHeads, program.batch});
  }

  void bound(const Exprs &extents) {
    OutputImageParam buffer = stages.output.output_buffer();
    for (size_t i = 0; i < extents.size(); i++)
      buffer.dim(int(i)).set_bounds(0, extents[i]);
  }
};

} // namespace

RowStages buildRow(const PairProgram &program, const RowPlan &plan, RowResult result,
                   bool wantLogSumExp) {
  return RowBuilder(program, plan).build(result, wantLogSumExp);
}

} // namespace heed

#include "compiler/graph/Split.h"
#include "compiler/evaluate/HalideMath.h"
#include "compiler/evaluate/Storage.h"
#include "compiler/graph/KeySummary.h"
#include "compiler/graph/QueryTile.h"

#include <limits>
#include <numeric>

using namespace Halide;

namespace heed {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Heads whose ranges are joined; more of them, or an unknown number, skip no keys where the ranges
// depend on the head.
constexpr int mostHeadsJoined = 8;

// As many as share a division, but no more than leave whole vectors.
int columnsOfALane(const PairProgram &program, int lanes) {
  int columns = program.columnsAtATime;
  while (columns > 1 && std::gcd(program.dim / columns, lanes) < std::gcd(program.dim, lanes))
    columns /= 2;
  return columns;
}

class SplitBuilder {
public:
  SplitBuilder(const PairProgram &program, const SplitPlan &plan, int lanes)
      : program(program), keyOperand(program.key.unscaled()),
        valueOperand(program.value.unscaled()), plan(plan), lanes(lanes),
        normalizer(std::get<OnlineNormalizer>(program.normalizer)),
        group(simplify(program.queryHeads / program.keyHeads)),
        depthStep(columnsOfALane(program, lanes)) {
    stages.segments = program.segments;
    stages.keyPlanes = program.term || inPairs() ? 1 : planesOf(keyOperand, program.dim);
    stages.valuePlanes = planesOf(valueOperand, program.valueDim);
    // No vector may reach past the last column.
    dotColumns = (inPairs() ? program.dotSteps() : program.dim / depthStep) / stages.keyPlanes;
    stages.dotLanes = std::gcd(dotColumns, lanes);
    stages.dotSteps = dotColumns / stages.dotLanes;
    valueColumns = program.valueDim / stages.valuePlanes;
    stages.valueLanes = std::gcd(valueColumns, lanes);
    // Wherever rows lie: those that are no whole vectors may have to be copied, as numbers.
    if (program.pairsWeights && stages.valueLanes == lanes && plan.keyTile % 2 == 0 &&
        plan.reduceUnroll % 2 == 0)
      stages.keysOfWeight = 2;
    stages.keyLanes = std::gcd(plan.keyTile, lanes);
    stages.firstColumn = roundUp(normalizer.states, stages.valueLanes);
    stages.slots = stages.firstColumn + valueColumns;
  }

  SplitStages build(bool wantLogSumExp) {
    packQuery();
    addHull();
    addDot();
    addScores();
    summarize();
    addSum();
    addParts();
    addChain();
    addMerged();
    addOutput(wantLogSumExp);
    return stages;
  }

private:
  const PairProgram &program;
  const PairOperand &keyOperand, &valueOperand; // without the factors of their rows
  const SplitPlan &plan;
  const int lanes;
  const OnlineNormalizer &normalizer;
  const Expr group;             // query heads of a key head
  const int depthStep;          // columns of a pairwise score that share a division
  int dotColumns, valueColumns; // of a plane
  SplitStages stages;
  KeySummary summary; // of a part
  Var d{"d"}, key{"key"}, r{"r"}, tile{"tile"}, block{"block"}, part{"part"}, keyHead{"keyHead"},
      batch{"batch"}, head{"head"}, query{"query"}, lane{"lane"}, plane{"plane"};
  // The bounds of loops read these: one that mentioned the producers' own coordinates would make
  // their sizes dynamic.
  Var partC{"partC"}, batchC{"batchC"};

  Expr number(double value) const { return Internal::make_const(program.type, value); }
  bool inPairs() const { return program.order == DotOrder::Pairs; }
  bool pairsWeights() const { return stages.keysOfWeight == 2; }

  Expr rows() const { return program.queries * group; }
  Expr tileOf(Expr row) const { return row / plan.rowTile; }
  Expr inTile(Expr row) const { return row % plan.rowTile; }
  /// Of row r of the tile; the last one there is for rows past the end.
  RowPosition rowPosition() const {
    Expr row = min(tile * plan.rowTile + r, rows() - 1);
    return {batch, keyHead * group + row % group, row / group};
  }

  int blocks() const { return plan.partKeys / plan.keyTile; }
  Expr firstKey(Expr ofPart, Expr ofBlock) const {
    return ofPart * plan.partKeys + ofBlock * plan.keyTile;
  }
  Expr parts() const { return divideUp(program.keys, plan.partKeys); }

  // Where two neighbouring columns are had together, even and odd ones are planes of their own:
  // column d of plane p is column d * planes + p.
  static int planesOf(const PairOperand &operand, int columns) {
    return operand.isInPairs() && columns % 2 == 0 ? 2 : 1;
  }

  void packQuery() {
    Expr factor = number(program.queryFactor());
    RowPosition row = rowPosition();
    Expr position = clamp(row.query, 0, program.queryLength(batch) - 1);
    Expr column = d * stages.keyPlanes + plane, element;
    stages.query = Func("query");
    if (inPairs()) {
      auto [first, second] = program.query.pair(d, row.head, position, batch);
      stages.query(d, plane, r, tile, keyHead, batch) = wordOf(first, second);
      return;
    }
    if (program.query.isMade()) {
      OperandRows rows =
          program.query.rows("query", {{r, tile, keyHead, batch}, {row.head, position, batch}});
      stages.queryRows = {Func("queryRows"), rows.made, program.dim};
      stages.queryRows.rows(d, r, tile, keyHead, batch) = rows.element(d);
      element = stages.queryRows.rows(column, r, tile, keyHead, batch);
    } else {
      element = program.query(column, row.head, position, batch);
    }
    stages.query(d, plane, r, tile, keyHead, batch) = factor * element;
  }

  struct Keys {
    Expr begin, end; // begin may be past end
  };

  // What the rows of all heads need: where it depended on the head, key heads could not be loops of
  // one task.
  Keys keysOf(Expr b) const {
    Expr length = program.keyLength(b), last = max(program.queryLength(b), 1) - 1;
    Keys keys{0, length};
    if (program.ranges) {
      auto ofHead = [&](Expr h) -> Keys {
        KeyRanges ranges = program.ranges(b, h, 0, last);
        return {ranges.hullBegin, ranges.hullEnd};
      };
      keys = ofHead(head);
      std::optional<int64_t> heads = as_const_int(program.queryHeads);
      if (expr_uses_var(keys.begin, head.name()) || expr_uses_var(keys.end, head.name()))
        keys = heads && *heads <= mostHeadsJoined ? joined(int(*heads), ofHead) : Keys{0, length};
    }
    keys = {simplify(clamp(keys.begin, 0, program.keys)), simplify(clamp(keys.end, 0, length))};
    if (!equal(program.queryLength(b), program.queries))
      keys.end = select(program.queryLength(b) > 0, keys.end, 0);
    return keys;
  }

  static Keys joined(int heads, const std::function<Keys(Expr head)> &ofHead) {
    Keys keys = ofHead(0);
    for (int i = 1; i < heads; i++) {
      Keys next = ofHead(i);
      keys = {min(keys.begin, next.begin), max(keys.end, next.end)};
    }
    return keys;
  }

  void addHull() {
    Keys keys = keysOf(batch);
    stages.hull = Func("hull");
    stages.hull(part, batch) =
        Tuple(max(keys.begin, firstKey(part, 0)), min(keys.end, firstKey(part + 1, 0)));
  }
  Expr hullBegin() const { return stages.hull(part, batch)[0]; }
  Expr hullEnd() const { return stages.hull(part, batch)[1]; }

  // Makes `b`, of `blocksOf`, run over the blocks of a part's hull.
  void walkHull(RDom &blocksOf, RVar b) const {
    Keys keys = keysOf(batchC);
    blocksOf.where(firstKey(partC, b) < keys.end);
    if (!is_const_zero(keys.begin))
      blocksOf.where(firstKey(partC, b + 1) > keys.begin);
  }

  // Makes `partsOf` pass over what is not in the hull of `p`, a part of it.
  void skipParts(RDom &partsOf, Expr p) const {
    Keys keys = keysOf(batchC);
    partsOf.where(firstKey(p, 0) < keys.end);
    if (!is_const_zero(keys.begin))
      partsOf.where(firstKey(p + 1, 0) > keys.begin);
  }

  // Rows outside the hull are never read, so what they hold (NaN, unmapped memory) cannot reach the
  // result through a weight of zero.
  Expr row(Expr inBlock) const {
    Expr k = firstKey(part, block) + inBlock;
    return unsafe_promise_clamped(min(max(k, hullBegin()), hullEnd() - 1), 0, program.keys - 1);
  }

  OperandRows rowsOf(const PairOperand &operand, const std::string &name, Expr inBlock) const {
    return operand.rows(name, {{key, block, part, keyHead, batch}, {keyHead, row(inBlock), batch}});
  }

  // Rows that lie elsewhere are read there where they are whole vectors: of shorter ones LLVM makes
  // vectors of its own, by how they are loaded, and mixes sums with products that are to be fused.
  //
  // Column `c` of plane `p`. Rows that take more than a conversion are computed once a block, plane
  // after plane.
  Expr element(const PairOperand &operand, PackedRows &packed, const std::string &name, int columns,
               int planes, Expr c, Expr p, Expr inBlock) {
    packed.buffer = operand.buffer(), packed.columns = columns;
    packed.inOrder = operand.isInOrder();
    if (!operand.isMade())
      return operand(c, keyHead, row(inBlock), batch);
    const int ofPlane = columns / planes;
    if (!packed.rows.defined()) {
      OperandRows rows = rowsOf(operand, name, key);
      const bool inPlace = operand.isInOrder() || ofPlane % lanes == 0;
      if (rows.pair && planes > 1 && inPlace) {
        auto [even, odd] = rowsOf(operand, name, inBlock).pair(c);
        return mux(p, {even, odd});
      }
      if (rows.made.empty() && inPlace)
        return rowsOf(operand, name, inBlock).element(c);
      packed.rows = Func(name + "_rows"), packed.made = rows.made;
      packed.rows(d, key, block, part, keyHead, batch) =
          rows.element(planes > 1 ? d % ofPlane * planes + d / ofPlane : Expr(d));
    }
    return packed.rows(planes > 1 ? p * ofPlane + c : c, inBlock, block, part, keyHead, batch);
  }

  // What column `c` of plane `p` adds to the score; of columns that share a division, all of them.
  Expr pairSum(Expr c, Expr p) {
    auto x = [&](Expr column) { return Expr(stages.query(column, p, r, tile, keyHead, batch)); };
    auto y = [&](Expr column) {
      return element(keyOperand, stages.keyRows, "key", program.dim, stages.keyPlanes, column, p,
                     key);
    };
    if (inPairs()) {
      stages.keyRows.buffer = keyOperand.buffer(), stages.keyRows.columns = program.dim;
      stages.keyRows.inOrder = keyOperand.isInOrder();
      auto [first, second] = keyOperand.pair(c, keyHead, row(key), batch);
      return productsOfPairs(x(c), wordOf(first, second));
    }
    if (!program.term)
      return x(c) * y(c);
    std::vector<PairTerm> terms;
    for (int i = 0; i < depthStep; i++) {
      Expr column = c + i * dotColumns;
      terms.push_back(program.term(x(column), y(column), batch, rowPosition().head, column));
    }
    Expr bases = basesOf(terms);
    return bases.defined() ? bases + sumOf(terms) : sumOf(terms);
  }

  void addDot() {
    RDom steps(0, stages.dotSteps, 0, stages.keyPlanes, "depth"),
        lanes(0, stages.dotLanes, "dotLane");
    stages.depth = steps.x, stages.depthPlane = steps.y, stages.dotLane = lanes;
    stages.laneDot = Func("laneDot");
    auto at = [&](Expr l) -> FuncRef {
      return stages.laneDot(l, key, r, tile, block, part, keyHead, batch);
    };
    at(lane) = number(0);
    Expr plane = program.order == DotOrder::OddFirst ? 1 - steps.y : Expr(steps.y);
    at(lane) += pairSum(steps.x * stages.dotLanes + lane, plane);
    stages.tileDot = Func("tileDot");
    stages.tileDot(key, r, tile, block, part, keyHead, batch) = number(-0.0); // adds nothing
    stages.tileDot(key, r, tile, block, part, keyHead, batch) += at(lanes);
    stages.dot = Func("dot");
    stages.dot(key, r, tile, block, part, keyHead, batch) =
        stages.tileDot(key, r, tile, block, part, keyHead, batch);
  }

  // Of the block's rows; undefined where it is 1.
  Func factorOf(const PairOperand &operand, const std::string &name) const {
    Func factor;
    if (operand.factor()) {
      factor = Func(name);
      factor(key, block, part, keyHead, batch) = operand.factor()(keyHead, row(key), batch);
    }
    return factor;
  }

  // Of key `key` of a block, in the normalizer's unit.
  Expr finalScore() const {
    RowPosition row_ = rowPosition();
    Pair pair{row_.batch, row_.head, row_.query, row(key)};
    Expr s = program.dotOf(stages.dot(key, r, tile, block, part, keyHead, batch));
    if (stages.keyFactor.defined())
      s *= stages.keyFactor(key, block, part, keyHead, batch);
    if (program.modify)
      s = program.modify(s, pair);
    if (!program.isInUnit())
      s *= number(program.unit);
    Expr k = firstKey(part, block) + key, keep = k >= hullBegin() && k < hullEnd();
    return maskScore(program.keep ? keep && program.keep(pair) : keep, s, noScore);
  }

  void addScores() {
    stages.keyFactor = factorOf(program.key, "keyFactor");
    Func final("finalScore"); // inlined
    final(key, r, tile, block, part, keyHead, batch) = finalScore();
    RDom all(0, blocks(), "walk");
    walkHull(all, all.x);
    stages.scoreBlock = all.x;
    stages.score = Func("score");
    auto at = [&](Expr b) {
      return stages.score(key, r, tile, b, part, keyHead, batch, partC, batchC);
    };
    at(block) = number(noScore);
    at(all.x) = final(key, r, tile, all.x, part, keyHead, batch);
  }

  Exprs totals() const {
    Exprs all;
    for (const SplitStages::Reduction &reduction : stages.reductions)
      all.push_back(reduction.total(r, tile, part, keyHead, batch));
    return all;
  }

  // `value` for key `k` of block `b`; what does not count gives `otherwise`.
  Expr ofKey(const Expr &value, const Expr &k, const Expr &b, double otherwise) const {
    Expr s = stages.score(k, r, tile, b, part, keyHead, batch, part, batch);
    return select(isMasked(s), number(otherwise), withScore(withTotals(value, totals()), s));
  }

  Expr weightAt(const Expr &k, const Expr &b) {
    if (!stages.weight.defined()) {
      stages.weight = Func("weight");
      Expr weight = ofKey(summary.weight, key, block, 0);
      stages.weight(key, r, tile, block, part, keyHead, batch) =
          pairsWeights() ? numbersOf(roundedPair(weight, weight)).first : weight;
    }
    return stages.weight(k, r, tile, b, part, keyHead, batch);
  }

  void reduce(const KeySummary::Reduction &of) {
    bool isMax = of.isMax;
    double none = isMax ? noScore : 0;
    std::string name = (isMax ? "max" : "sum") + std::to_string(stages.reductions.size());
    RDom steps(0, plan.keyTile / stages.keyLanes, 0, blocks(), name + "_walk"),
        lanes(0, stages.keyLanes, name + "_lane");
    SplitStages::Reduction reduction{Func(name + "_partial"), steps.x, steps.y, Func(name), lanes};
    Expr k = steps.x * stages.keyLanes + lane;
    Expr value = summary.isWeightSum(of) ? weightAt(k, steps.y) : ofKey(of.value, k, steps.y, none);
    FuncRef partial = reduction.partial(lane, r, tile, part, keyHead, batch),
            total = reduction.total(r, tile, part, keyHead, batch);
    partial = number(none), total = number(none);
    partial = isMax ? max(Expr(partial), value) : Expr(partial) + value;
    Expr ofLane = reduction.partial(lanes, r, tile, part, keyHead, batch);
    total = isMax ? max(Expr(total), ofLane) : Expr(total) + ofLane;
    stages.reductions.push_back(reduction);
  }

  void summarize() {
    summary = summaryOf(normalizer, program.type, rowPosition());
    for (const KeySummary::Reduction &reduction : summary.reductions)
      reduce(reduction);
  }

  // What multiplies key `k`, or of a pair of keys both.
  Expr valueWeightAt(const Expr &k) {
    stages.valueFactor = factorOf(program.value, "valueFactor");
    if (!stages.valueFactor.defined() && !pairsWeights())
      return weightAt(k, block);
    stages.valueWeight = Func("valueWeight");
    stages.valueWeight(key, r, tile, block, part, keyHead, batch) =
        pairsWeights()
            ? wordOfNumbers(weightAt(2 * key, block), weightAt(2 * key + 1, block))
            : weightAt(key, block) * stages.valueFactor(key, block, part, keyHead, batch);
    return stages.valueWeight(k, r, tile, block, part, keyHead, batch);
  }

  // Column d of the plane, of both keys of a pair.
  Expr valuePair(const Expr &pair) {
    stages.valueRows.buffer = valueOperand.buffer(), stages.valueRows.columns = program.valueDim;
    stages.valueRows.inOrder = valueOperand.isInOrder();
    auto columns = [&](const Expr &k) {
      auto [even, odd] = valueOperand.pair(d, keyHead, row(k), batch);
      return wordOf(even, odd);
    };
    Expr first = columns(2 * pair), second = columns(2 * pair + 1);
    return mux(plane, {firstsOf(first, second), secondsOf(first, second)});
  }

  void addSum() {
    RDom inBlock(0, plan.keyTile / stages.keysOfWeight, "productKey");
    stages.productKey = inBlock;
    stages.product = Func("product");
    Expr weight = valueWeightAt(inBlock);
    stages.product(d, plane, r, tile, block, part, keyHead, batch) = number(0);
    stages.product(d, plane, r, tile, block, part, keyHead, batch) +=
        pairsWeights() ? productsOfPairs(weight, valuePair(inBlock))
                       : weight * element(valueOperand, stages.valueRows, "value", program.valueDim,
                                          stages.valuePlanes, d, plane, inBlock);

    RDom all(0, valueColumns, 0, stages.valuePlanes, 0, blocks(), "sumWalk");
    walkHull(all, all.z);
    stages.sumColumn = all.x, stages.sumPlane = all.y, stages.sumBlock = all.z;
    stages.sum = Func("sum");
    Expr begin = number(0);
    for (int i = 0; i < normalizer.states; i++)
      begin = select(d == i, withTotals(summary.state[i], totals()), begin);
    auto at = [&](Expr slot, Expr p) {
      return stages.sum(slot, p, r, tile, part, keyHead, batch, partC, batchC);
    };
    at(d, plane) = select(d < stages.firstColumn, begin, likely(number(0)));
    at(stages.firstColumn + all.x, all.y) +=
        stages.product(all.x, all.y, r, tile, all.z, part, keyHead, batch);
  }

  void addParts() {
    RDom once(0, 1, "once");
    skipParts(once, partC);
    stages.once = once;
    stages.state = Func("state");
    FuncRef at = stages.state(d, plane, r, tile, part, keyHead, batch, partC, batchC);
    at = undef(program.type);
    at = stages.sum(d, plane, r, tile, part, keyHead, batch, part, batch) + 0 * once;
    stages.parts = Func("parts");
    stages.parts(d, plane, r, tile, part, keyHead, batch) =
        stages.state(d, plane, r, tile, part, keyHead, batch, part, batch);
  }

  // Heads are lanes where states merge, which may reach past the last.
  Expr someHead() const { return min(head, program.queryHeads - 1); }

  // A slot of what part `p` gives for a row.
  Expr partAt(Expr slot, Expr ofPlane, Expr p) const {
    Expr row = query * group + someHead() % group;
    return stages.parts(slot, ofPlane, inTile(row), tileOf(row), p, someHead() / group, batch);
  }

  Exprs stateBefore(Expr p) const {
    Exprs state;
    for (int i = 0; i < normalizer.states; i++)
      state.push_back(chainAt(p)[i]);
    return state;
  }
  FuncRef chainAt(Expr p) const { return stages.chain(head, p, query, batch, batchC); }
  FuncRef finishedChain(Expr p) const { return stages.chain(head, p, query, batch, batch); }

  // In the order of the parts: the same bits for any number of threads.
  void addChain() {
    Exprs begin = normalizer.identity();
    begin.resize(normalizer.states + 2, number(1));
    stages.chain = Func("chain");
    chainAt(part) = Tuple(begin);
    RDom all(0, parts(), "chainPart");
    skipParts(all, all.x);
    stages.chainPart = all.x;
    Exprs ofPart;
    for (int i = 0; i < normalizer.states; i++)
      ofPart.push_back(partAt(i, 0, all.x));
    chainAt(all.x + 1) = Tuple(normalizer.merge(stateBefore(all.x), ofPart));
  }

  void addMerged() {
    RDom all(0, parts(), "mergedPart");
    skipParts(all, all.x);
    stages.mergedPart = all.x;
    stages.merged = Func("merged");
    FuncRef at = stages.merged(d, plane, head, query, batch, batchC);
    at = number(0);
    FuncRef chain = finishedChain(all.x + 1);
    at = Expr(at) * chain[normalizer.states] +
         partAt(stages.firstColumn + d, plane, all.x) * chain[normalizer.states + 1];
  }

  Exprs finalState() const {
    Keys keys = keysOf(batch);
    Expr last = clamp(divideUp(keys.end, plan.partKeys), 0, parts());
    Exprs state;
    for (int i = 0; i < normalizer.states; i++)
      state.push_back(finishedChain(last)[i]);
    return state;
  }

  Expr isPastTheEnd() const { return query >= program.queryLength(batch); }

  Expr finishedColumn() {
    Expr c = min(d, program.valueDim - 1);
    Expr column =
        stages.merged(c / stages.valuePlanes, c % stages.valuePlanes, head, query, batch, batch);
    if (!program.isPartial) {
      // Selected, not only multiplied: a weight of zero times a value that is not finite is NaN. By
      // bits: LLVM takes a scalar NaN for equal to zero.
      Expr factor = stages.factor(head, query, batch);
      return selectBits(bitsOf(factor) == bitsOf(number(0)), number(0), column * factor);
    }
    Exprs identity = normalizer.identity(), state = finalState();
    Expr none = number(0);
    for (int i = 0; i < normalizer.states; i++) {
      none = select(d == program.valueDim + i, identity[i], none);
      column = select(d == program.valueDim + i, state[i], column);
    }
    return selectBits(isPastTheEnd(), none, column);
  }

  void addOutput(bool wantLogSumExp) {
    RowPosition position{batch, someHead(), query};
    if (!program.isPartial) {
      Exprs final = finalOf(normalizer, finalState(), position);
      stages.factor = Func("factor");
      stages.factor(head, query, batch) = selectBits(isPastTheEnd(), number(0), final[0]);
      if (wantLogSumExp) {
        stages.logSumExp = Func("logSumExp");
        stages.logSumExp(head, query, batch) =
            selectBits(isPastTheEnd(), number(-infinity), final[1]);
      }
    }
    stages.columns = program.valueDim + (program.isPartial ? normalizer.states : 0);
    Expr value = program.stored(finishedColumn());
    stages.output = Func("out");
    if (stages.logSumExp.defined())
      stages.output(d, head, query, batch) = Tuple(value, stages.logSumExp(head, query, batch));
    else
      stages.output(d, head, query, batch) = value;
    boundOutput(stages.output, program, stages.columns);
  }
};

} // namespace

SplitStages buildSplit(const PairProgram &program, const SplitPlan &plan, int lanes,
                       bool wantLogSumExp) {
  return SplitBuilder(program, plan, lanes).build(wantLogSumExp);
}

} // namespace heed

#include "compiler/graph/Gpu.h"
#include "compiler/evaluate/HalideMath.h"
#include "compiler/graph/Calls.h"
#include "compiler/graph/KeySummary.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>

using namespace Halide;

namespace heed {
namespace {

class GpuBuilder : QueryTileBuilder {
public:
  GpuBuilder(const PairProgram &program, const GpuPlan &plan)
      : QueryTileBuilder(program, plan.queryTile, /*turnWidth=*/1, /*onDevice=*/true), plan(plan),
        normalizer(std::get<OnlineNormalizer>(program.normalizer)) {
    partKeys = plan.partKeys;
    summary = summaryOf(normalizer, program.type, rowPosition());
  }

  GpuStages build(bool wantLogSumExp) {
    packQuery();
    addHull();
    beginState();
    if (program.leavesUndecided)
      walkByStatus();
    else
      walkByRanges();
    if (partKeys)
      mergeParts(wantLogSumExp);
    else
      addOutput(wantLogSumExp);
    stages.queries = queries;
    return stages;
  }

private:
  const GpuPlan &plan;
  const OnlineNormalizer &normalizer;
  KeySummary summary; // of a block
  GpuStages stages;
  Var group{"group"}, column{"column"};

  FuncRef state() { return stages.state(group, q, tile, head, batch, tileC, headC, batchC); }
  Expr zero() const { return Internal::make_zero(program.type); }
  int columnOf(int i) const { return normalizer.states + i; } // in the Tuple
  /// What is no Tuple when there is one value.
  Expr at(const FuncRef &of, int i) const {
    return stages.state.outputs() == 1 ? Expr(of) : Expr(of[i]);
  }
  Expr at(Func f, const Exprs &place, int i) const {
    FuncRef of = f(place);
    return f.outputs() == 1 ? Expr(of) : Expr(of[i]);
  }

  void beginState() {
    stages.dim = program.dim;
    stages.groups = (program.valueDim + plan.columns - 1) / plan.columns;
    Exprs begin = normalizer.identity();
    begin.resize(size_t(columnOf(plan.columns)), zero());
    stages.state = Func("state");
    state() = Tuple(begin);
  }

  void walkByRanges() {
    TileBlocks blocks = blocksOf(keysOf(tileC, headC, batchC), plan.keyTile);
    if (!partKeys)
      addBounds(blocks);
    if (blocks.hasLead)
      walk("lead", blocks.leadBegin, blocks.leadEnd, true);
    walk("full", blocks.fullBegin, blocks.fullEnd, false);
    walk("trail", blocks.fullEnd, blocks.trailEnd, true);
  }

  // Bounds that have to be found out from memory are, once for all threads of a tile: they would
  // take a dozen of a thread's registers. Few queries have these, and would wait for one more
  // kernel to begin.
  void addBounds(TileBlocks &blocks) {
    Exprs bounds;
    std::vector<Expr *> ends = {&blocks.fullBegin, &blocks.fullEnd, &blocks.trailEnd};
    if (blocks.hasLead)
      ends.insert(ends.end(), {&blocks.leadBegin, &blocks.leadEnd});
    for (Expr *end : ends)
      bounds.push_back(inFirst(*end));
    if (llvm::none_of(bounds, [](const Expr &bound) {
          return calls(bound, {Internal::Call::Image, Internal::Call::Halide});
        }))
      return;
    Var end("end");
    stages.bounds = Func("bounds");
    stages.bounds(end, tile, head, batch) = mux(end, bounds);
    stages.bounds.bound(end, 0, int(bounds.size()));
    boundTiles(stages.bounds);
    for (size_t i = 0; i < ends.size(); i++)
      *ends[i] = stages.bounds(int(i), tileC, headC, batchC);
  }

  void walkByStatus() {
    addStatus(plan.keyTile);
    walkList("whole", false, 2);
    walkList("partial", true, 1);
  }

  void walkList(const std::string &name, bool masked, int status) {
    BlockList list = listBlocks(name, plan.keyTile,
                                [&](Expr b) { return statusAt(b) == cast<uint8_t>(status); });
    walk(name, 0, list.count(tileC, headC, batchC), masked, list);
  }

  void walk(const std::string &name, Expr begin, Expr end, bool masked, BlockList list = {}) {
    GpuWalk w;
    w.name = name, w.keyTile = plan.keyTile, w.masked = masked, w.list = list;
    addDot(w);
    w.score = Func(name + "_score");
    w.score(q, key, block, tile, head, batch) = finalScore(w, key, noScore);
    addWeight(w);
    addProduct(w);
    merge(w, begin, end);
    stages.walks.push_back(w);
  }

  Expr scoreAt(GpuWalk &w, Expr k) { return w.score(q, k, block, tile, head, batch); }
  Expr weightAt(GpuWalk &w, Expr k) { return w.weight(q, k, block, tile, head, batch); }

  Expr inBlock(const std::vector<BlockReduction> &reductions, Expr value, Expr b) {
    Exprs totals;
    for (const BlockReduction &reduction : reductions)
      totals.push_back(reduction.total.defined() ? Expr(reduction.total(q, b, tile, head, batch))
                                                 : zero());
    return withTotals(value, totals);
  }
  // `value` with the block's totals and this score; what does not count gives `otherwise`.
  Expr ofScore(const std::vector<BlockReduction> &reductions, Expr value, Expr s, Expr otherwise) {
    return selectBits(isMasked(s), otherwise, withScore(inBlock(reductions, value, block), s));
  }

  /// Before there are weights, those reductions that do not sum them.
  std::vector<BlockReduction> reduceFor(const std::string &use, GpuWalk &w) {
    std::vector<BlockReduction> reductions;
    for (const KeySummary::Reduction &r : summary.reductions) {
      std::string name =
          w.name + "_" + use + (r.isMax ? "_max" : "_sum") + std::to_string(reductions.size());
      Expr nothing = Internal::make_const(program.type, r.isMax ? noScore : 0);
      auto ofKey = [&](Expr k) -> Expr {
        return summary.isWeightSum(r)      ? weightAt(w, k)
               : summary.isScoreMaximum(r) ? scoreAt(w, k)
                                           : ofScore(reductions, r.value, scoreAt(w, k), nothing);
      };
      bool isKnown = w.weight.defined() || !summary.isWeightSum(r);
      reductions.push_back(isKnown ? reduceBlock(name, w.keyTile, r.isMax, ofKey)
                                   : BlockReduction());
    }
    return reductions;
  }

  void addWeight(GpuWalk &w) {
    w.ofWeight = reduceFor("weight", w);
    w.weight = Func(w.name + "_weight");
    w.weight(q, key, block, tile, head, batch) =
        ofScore(w.ofWeight, summary.weight, scoreAt(w, key), zero());
    // Halide loads what is needed in the order of the names of its users: values after all that
    // keys are for, so that both can have one place.
    w.ofState = reduceFor("block", w);
  }

  void addProduct(GpuWalk &w) {
    RDom r(0, w.keyTile, w.name + "_keys");
    w.keys = r;
    w.product = Func(w.name + "_product");
    w.product(column, q, block, tile, head, batch) = zero();
    w.product(column, q, block, tile, head, batch) +=
        weightAt(w, r) * value(w, min(column, program.valueDim - 1), r);
  }

  void merge(GpuWalk &w, Expr begin, Expr end) {
    RDom r(0, w.list.defined() ? w.list.most : max(0, program.keys / w.keyTile + 2),
           w.name + "_walk");
    Expr b = blockOf(r, r.x, begin, end);
    w.block = r.x;
    Exprs old, ofBlock = summary.state;
    for (int i = 0; i < normalizer.states; i++)
      old.push_back(at(state(), i));
    for (Expr &value : ofBlock)
      value = inBlock(w.ofState, value, b);
    Exprs next = normalizer.merge(old, ofBlock);
    Expr ofOld = next[normalizer.states], ofNew = next[normalizer.states + 1];
    next.resize(normalizer.states);
    for (int i = 0; i < plan.columns; i++)
      next.push_back(at(state(), columnOf(i)) * ofOld +
                     w.product(group * plan.columns + i, q, b, tile, head, batch) * ofNew);
    state() = Tuple(next);
  }

  FuncRef final(Expr g) { return stages.state(g, q, tile, head, batch, tile, head, batch); }

  Exprs finalState() {
    Exprs values;
    for (int i = 0; i < normalizer.states; i++)
      values.push_back(at(final(0), i));
    return values;
  }

  Expr unfinished(Expr c) {
    Exprs ofGroup;
    for (int i = 0; i < plan.columns; i++)
      ofGroup.push_back(at(final(c / plan.columns), columnOf(i)));
    return mux(c % plan.columns, ofGroup);
  }

  /// Element `c` of a row of columns, then state values.
  static Expr inRow(Expr c, int columns, Expr column, const Exprs &values) {
    for (size_t i = 0; i < values.size(); i++)
      column = select(c == columns + int(i), values[i], column);
    return column;
  }
  Expr partial(Expr c) {
    return inRow(c, program.valueDim, unfinished(min(c, program.valueDim - 1)), finalState());
  }

  Expr finished(Expr c) {
    if (program.isPartial)
      return selectBits(hasNoQuery(), inRow(c, program.valueDim, zero(), normalizer.identity()),
                        partial(c));
    return scaled(unfinished(c), stages.factor(q, tile, head, batch));
  }
  // Selected, not only multiplied: zero times a number that is not finite is NaN.
  Expr scaled(Expr column, Expr factor) const {
    return selectBits(strict_float(factor == zero()), zero(), column * factor);
  }

  // Halide takes what lies in shared memory for dead after its last use, also where that is in a
  // loop that will come round to it, and gives its place to what the loop makes. So the queries are
  // looked at once more after all loops, in a way that nobody can tell is for nothing: where
  // `value` is one certain NaN it becomes one of two.
  Expr withQueriesAlive(Expr value) {
    Expr bits = bitsOf(value), queryBits = bitsOf(queries.packed(q, 0, tile, head, batch));
    Expr nan = bitsOf(numberLike(value, std::numeric_limits<double>::quiet_NaN())) + 0x1234;
    return reinterpret(value.type(), select(bits == nan, nan | (queryBits & 1), bits));
  }

  // In the order of the parts: results have the same bits every time. A part without keys gives
  // the identity.
  void mergeParts(bool wantLogSumExp) {
    stages.parts = Func("parts");
    stages.parts(d, q, tile, head, batch) = withQueriesAlive(partial(d));

    Var query("query");
    RDom r(0, parts(), "part");
    stages.part = r;
    auto slot = [&](Expr s) -> Expr {
      return stages.parts(s, query % queryTile, query / queryTile * parts() + r, head, batch);
    };
    Exprs begin = normalizer.identity(), old, ofPart;
    begin.push_back(zero());
    stages.merged = Func("merged");
    auto at = [&](int i) { return this->at(stages.merged, {d, head, query, batch}, i); };
    stages.merged(d, head, query, batch) = Tuple(begin);
    for (int i = 0; i < normalizer.states; i++) {
      old.push_back(at(i));
      ofPart.push_back(slot(program.valueDim + i));
    }
    Exprs next = normalizer.merge(old, ofPart);
    Expr ofOld = next[normalizer.states], ofNew = next[normalizer.states + 1];
    next.resize(normalizer.states);
    next.push_back(at(normalizer.states) * ofOld + slot(min(d, program.valueDim - 1)) * ofNew);
    stages.merged(d, head, query, batch) = Tuple(next);

    Exprs state;
    for (int i = 0; i < normalizer.states; i++)
      state.push_back(at(i));
    Expr isPast = query >= program.queryLength(batch), column = at(normalizer.states);
    int columns = program.valueDim + (program.isPartial ? normalizer.states : 0);
    stages.output = Func("out");
    if (program.isPartial) {
      Expr none = inRow(d, program.valueDim, zero(), normalizer.identity());
      stages.output(d, head, query, batch) =
          program.stored(selectBits(isPast, none, inRow(d, program.valueDim, column, state)));
    } else {
      Exprs final = finalOf(normalizer, state, {batch, head, query});
      Expr value = program.stored(scaled(column, selectBits(isPast, zero(), final[0])));
      if (wantLogSumExp)
        stages.output(d, head, query, batch) =
            Tuple(value, selectBits(isPast, -std::numeric_limits<float>::infinity(), final[1]));
      else
        stages.output(d, head, query, batch) = value;
    }
    boundOutput(stages.output, program, columns);
    stages.parts.bound(tile, 0, tiles());
  }

  void addOutput(bool wantLogSumExp) {
    Exprs final = finalOf(normalizer, finalState(), rowPosition());
    if (!program.isPartial) {
      stages.factor = Func("factor");
      stages.factor(q, tile, head, batch) = selectBits(hasNoQuery(), 0.0f, final[0]);
    }
    if (wantLogSumExp) {
      stages.logSumExp = Func("logSumExp");
      stages.logSumExp(q, tile, head, batch) =
          selectBits(hasNoQuery(), -std::numeric_limits<float>::infinity(), final[1]);
    }
    int columns = program.valueDim + (program.isPartial ? normalizer.states : 0);
    TurnedRows rows =
        turn("finished", columns, [&](Expr c) { return withQueriesAlive(finished(c)); });
    stages.output = output(rows, columns, stages.logSumExp);
  }
};

} // namespace

GpuStages buildGpu(const PairProgram &program, const GpuPlan &plan, bool wantLogSumExp) {
  return GpuBuilder(program, plan).build(wantLogSumExp);
}

} // namespace heed

#include "compiler/graph/Online.h"
#include "compiler/evaluate/HalideMath.h"

#include <limits>
#include <numbers>

using namespace Halide;

namespace heed {
namespace {

constexpr float kLog2E = 1.44269504088896340736f;
constexpr float kLn2 = 0.69314718055994530942f;
constexpr float kMasked = -1e30f; // the score of a pair that does not count
constexpr float kMaskedBelow =
    -1e29f; // a score at or below, -inf too, is masked: its weight is exactly 0
// 1.5 * 2^23 + 127: adding it rounds to an integer and leaves that, as a biased exponent, in the
// low bits.
constexpr float kRound = 12583039.0f;

// 2^f on [-1/2, 1/2], degree 5, relative error 1.7e-7. Exact at 0: a state whose maximum stays is
// rescaled by 2^0 once a block, and an error there would grow with the number of keys.
Expr exp2Fraction(Expr f) {
  const float c[] = {0.00132647f, 0.00967151f, 0.05550734f, 0.24022242f, 0.69314698f, 1.0f};
  Expr p = c[0];
  for (int i = 1; i < 6; i++)
    p = p * f + c[i];
  return p;
}

// 2^x for x <= 0, at least 2^-100, so that no weight is denormal. NaN of any payload stays NaN:
// maxps gives its second operand then, and the power, whatever it is, only multiplies.
Expr exp2Clamped(Expr x) {
  x = max(-100.0f, x);
  Expr t = strict_float(x + kRound);
  Expr f = strict_float(x - strict_float(t - kRound));
  return exp2Fraction(f) * reinterpret<float>(reinterpret<int>(t) << 23);
}

// Halide emits every float operation `nnan`, so a comparison may drop a NaN. These two work on
// bits.

// keep ? s : kMasked. Not a select: Halide would guard the production of s with an if.
Expr maskScore(Expr keep, Expr s) {
  Expr all = select(keep, -1, 0);
  return reinterpret<float>((reinterpret<int>(s) & all) | (reinterpret<int>(Expr(kMasked)) & ~all));
}

// s in [-inf, kMaskedBelow], false for NaN. Negative floats order as their bits do.
Expr isMasked(Expr s) {
  Expr low = reinterpret<uint32_t>(Expr(kMaskedBelow));
  Expr span = reinterpret<uint32_t>(Expr(-std::numeric_limits<float>::infinity())) - low;
  return reinterpret<uint32_t>(s) - low <= span;
}

Expr divideUp(Expr a, int b) { return (a + (b - 1)) / b; }
int roundUp(int a, int b) { return (a + b - 1) / b * b; }

bool readsMemory(const Expr &e) {
  struct Finder : Internal::IRVisitor {
    using IRVisitor::visit;
    void visit(const Internal::Call *call) override {
      found |=
          call->call_type == Internal::Call::Image || call->call_type == Internal::Call::Halide;
      IRVisitor::visit(call);
    }
    bool found = false;
  } finder;
  e.accept(&finder);
  return finder.found;
}

// The key blocks of a tile: [lead, full) masked, [full, trail) without a mask, [trail, end) masked.
// Full blocks count in key tiles, the others in edge tiles. These are loop bounds, and what they
// say about a tile goes into every address of the loop's body: they are kept as small as can be,
// since lowering takes time with their size.
struct TileBlocks {
  Expr begin, end;           // keys that may count; begin may be past end
  Expr leadBegin, leadEnd;   // edge tiles
  Expr fullBegin, fullEnd;   // key tiles
  Expr trailBegin, trailEnd; // edge tiles
  bool hasLead;
};

class OnlineBuilder {
public:
  OnlineBuilder(const PairProgram &program, const OnlinePlan &plan)
      : program(program), plan(plan) {}

  OnlineStages build(bool wantLogSumExp) {
    stages.firstColumn = roundUp(4, plan.depthUnroll);
    stages.slots = stages.firstColumn + roundUp(program.valueDim, plan.depthUnroll);
    packQuery();
    beginState();
    TileBlocks hull = tileBlocks(tile, head, batch), blocks = tileBlocks(tileC, headC, batchC);
    stages.hull = Func("hull");
    stages.hull(tile, head, batch) = Tuple(hull.begin, hull.end);
    if (blocks.hasLead)
      walk("lead", plan.edgeKeyTile, blocks.leadBegin, blocks.leadEnd, true);
    walk("full", plan.keyTile, blocks.fullBegin, blocks.fullEnd, false);
    walk("trail", plan.edgeKeyTile, blocks.trailBegin, blocks.trailEnd, true);
    addResult();
    addOutput(wantLogSumExp);
    return stages;
  }

private:
  const PairProgram &program;
  const OnlinePlan &plan;
  OnlineStages stages;
  Var q{"q"}, d{"d"}, tile{"tile"}, head{"head"}, batch{"batch"}, slot{"slot"};
  // The tile's position a second time: the loop bounds of the state read these. A bound that
  // mentioned the producers' own coordinates would make their sizes dynamic.
  Var tileC{"tileC"}, headC{"headC"}, batchC{"batchC"};
  Var key{"key"}, keyGroup{"keyGroup"}, block{"block"}, u{"u"};

  Expr firstQuery(Expr t) { return t * plan.queryTile; }

  void packQuery() {
    // Without a modify the score is wanted in units of log2 right away.
    float factor = float(program.scale * (program.modify ? 1.0 : std::numbers::log2e));
    Var q4("q4"), qb("qb");
    std::vector<Expr> rows;
    for (int i = 0; i < 4; i++) {
      Expr row = clamp(firstQuery(tile) + qb * 4 + i, 0, program.queryLength(batch) - 1);
      rows.push_back(program.query(d, head, row, batch) * factor);
    }
    stages.gatheredQuery = Func("gatheredQuery");
    stages.gatheredQuery(q4, d, qb, tile, head, batch) = mux(q4, rows);
    stages.packedQuery = Func("packedQuery");
    stages.packedQuery(q, d, tile, head, batch) =
        stages.gatheredQuery(q % 4, d, q / 4, tile, head, batch);
  }

  void beginState() {
    stages.state = Func("state");
    state(slot) = select(slot == 2, kMasked, 0.0f);
  }

  FuncRef state(Expr s) { return stages.state(q, s, tile, head, batch, tileC, headC, batchC); }

  TileBlocks tileBlocks(Expr t, Expr h, Expr b) {
    Expr length = program.keyLength(b), first = firstQuery(t);
    KeyRanges r{0, length, 0, length};
    if (program.ranges)
      r = program.ranges(b, h, first, first + (plan.queryTile - 1));
    int edge = plan.edgeKeyTile, ratio = plan.keyTile / edge;
    TileBlocks k;
    k.begin = simplify(clamp(r.hullBegin, 0, program.keys));
    k.end = simplify(clamp(r.hullEnd, 0, length));
    if (!equal(program.queryLength(b), program.queries))
      k.end = select(first < program.queryLength(b), k.end, 0);
    k.hasLead = !can_prove(r.fullBegin <= k.begin);
    k.fullBegin = k.hasLead ? divideUp(clamp(r.fullBegin, 0, program.keys), plan.keyTile)
                            : Expr(k.begin / plan.keyTile);
    k.fullEnd = max(k.fullBegin, min(r.fullEnd, length) / plan.keyTile);
    k.trailEnd = divideUp(k.end, edge);
    k.leadBegin = k.begin / edge;
    k.leadEnd = min(k.fullBegin * ratio, k.trailEnd);
    k.trailBegin = k.fullEnd * ratio;
    return k;
  }

  // The blocks [begin, end) of one kind. A masked one asks which pairs count and clamps its keys
  // into the tile's hull: rows outside are never read, so what they hold (NaN, unmapped memory)
  // cannot reach the result through a weight of zero.
  void walk(const std::string &name, int keyTile, Expr begin, Expr end, bool masked) {
    BlockWalk w;
    w.name = name, w.keyTile = keyTile, w.masked = masked;
    addDot(w);
    addScores(w);
    addMaximum(w);
    addWeights(w);
    addSum(w);
    addProduct(w);
    merge(w, begin, end);
    stages.walks.push_back(w);
  }

  Expr hullBegin() { return stages.hull(tile, head, batch)[0]; }
  Expr hullEnd() { return stages.hull(tile, head, batch)[1]; }
  Expr keyHead() { return head / (program.queryHeads / program.keyHeads); }

  // Where key `inBlock` of a block lies in the key and value tensors.
  Expr row(const BlockWalk &w, Expr inBlock) {
    Expr k = block * w.keyTile + inBlock;
    if (!w.masked)
      return k;
    return unsafe_promise_clamped(min(max(k, hullBegin()), hullEnd() - 1), 0, program.keys - 1);
  }

  void addDot(BlockWalk &w) {
    RDom depth(0, program.dim, w.name + "_depth");
    w.depth = depth;
    w.dot = Func(w.name + "_dot");
    w.dot(q, key, block, tile, head, batch) = 0.0f;
    w.dot(q, key, block, tile, head, batch) += stages.packedQuery(q, depth, tile, head, batch) *
                                               program.key(depth, keyHead(), row(w, key), batch);
  }

  // In units of log2, masked.
  Expr finalScore(BlockWalk &w, Expr inBlock) {
    Pair pair{batch, head, min(firstQuery(tile) + q, program.queries - 1), row(w, inBlock)};
    Expr s = w.dot(q, inBlock, block, tile, head, batch);
    if (program.modify)
      s = program.modify(s, pair) * kLog2E;
    if (!w.masked)
      return s;
    Expr k = block * w.keyTile + inBlock, keep = k >= hullBegin() && k < hullEnd();
    return maskScore(program.keep ? keep && program.keep(pair) : keep, s);
  }

  void addScores(BlockWalk &w) {
    std::vector<Expr> scores;
    Expr maximum;
    for (int i = 0; i < plan.keyUnroll; i++) {
      scores.push_back(finalScore(w, keyGroup * plan.keyUnroll + i));
      maximum = i ? max(maximum, scores[i]) : scores[i];
    }
    scores.push_back(maximum);
    w.score = Func(w.name + "_score");
    w.score(q, keyGroup, block, tile, head, batch) = Tuple(scores);
  }

  // Independent partial results a row reduction over n steps keeps.
  static int partialsOf(int n) { return n % 4 == 0 ? 4 : n % 2 == 0 ? 2 : 1; }

  void addMaximum(BlockWalk &w) {
    int groups = w.keyTile / plan.keyUnroll, partials = partialsOf(groups);
    RDom r(0, groups / partials, w.name + "_maxGroups");
    w.maxGroups = r;
    w.partialMax = Func(w.name + "_partialMax");
    w.partialMax(q, u, block, tile, head, batch) = kMasked;
    w.partialMax(q, u, block, tile, head, batch) =
        max(w.partialMax(q, u, block, tile, head, batch),
            w.score(q, r * partials + u, block, tile, head, batch)[plan.keyUnroll]);
    Expr m = w.partialMax(q, 0, block, tile, head, batch);
    for (int i = 1; i < partials; i++)
      m = max(m, w.partialMax(q, i, block, tile, head, batch));
    w.blockMax = Func(w.name + "_blockMax");
    w.blockMax(q, block, tile, head, batch) = m;
  }

  void addWeights(BlockWalk &w) {
    std::vector<Expr> weights;
    for (int i = 0; i < plan.keyUnroll; i++) {
      Expr s = w.score(q, key / plan.keyUnroll, block, tile, head, batch)[i];
      Expr p = exp2Clamped(s - w.blockMax(q, block, tile, head, batch));
      bool mayBeMasked = w.masked || program.modify; // a modify may give -inf
      weights.push_back(mayBeMasked ? select(isMasked(s), 0.0f, p) : p);
    }
    w.weight = Func(w.name + "_weight");
    w.weight(q, key, block, tile, head, batch) = mux(key % plan.keyUnroll, weights);
  }

  void addSum(BlockWalk &w) {
    int partials = partialsOf(w.keyTile);
    RDom r(0, w.keyTile / partials, w.name + "_sumKeys");
    w.sumKeys = r;
    w.partialSum = Func(w.name + "_partialSum");
    w.partialSum(q, u, block, tile, head, batch) = 0.0f;
    w.partialSum(q, u, block, tile, head, batch) +=
        w.weight(q, r * partials + u, block, tile, head, batch);
    Expr sum = w.partialSum(q, 0, block, tile, head, batch);
    for (int i = 1; i < partials; i++)
      sum += w.partialSum(q, i, block, tile, head, batch);
    w.blockSum = Func(w.name + "_blockSum");
    w.blockSum(q, block, tile, head, batch) = sum;
  }

  void addProduct(BlockWalk &w) {
    RDom r(0, w.keyTile, w.name + "_keys");
    r.where(slot >= stages.firstColumn); // LLVM would not drop the product for the special slots
    w.keys = r;
    w.product = Func(w.name + "_product");
    w.product(q, slot, block, tile, head, batch) = 0.0f;
    Expr column = clamp(likely(slot - stages.firstColumn), 0, program.valueDim - 1);
    w.product(q, slot, block, tile, head, batch) +=
        w.weight(q, r, block, tile, head, batch) *
        program.value(column, keyHead(), row(w, r), batch);
  }

  // (m, l, o) and a block's (m', l', o') become, with M = max(m, m'): M, l 2^(m - M) + l' 2^(m' -
  // M), and o likewise. The factors are slots of their own, written first; the columns only read
  // them.
  void merge(BlockWalk &w, Expr begin, Expr end) {
    RDom r(0, stages.slots, 0, max(0, program.keys / w.keyTile + 2), w.name + "_walk");
    Expr s = r.x, b = r.y;
    if (readsMemory(begin)) {
      // A sum with a loaded value is no single point to bounds inference, and a masked block's
      // stages would run for every block there could be. Otherwise the sum is better: a window's
      // kernel compiles in half the time.
      r.where(b >= begin);
    } else {
      b += begin;
    }
    r.where(b < end);
    w.slot = r.x, w.block = r.y;
    Expr m = state(2), bm = w.blockMax(q, b, tile, head, batch), mNew = max(m, bm);
    Expr product = w.product(q, s, b, tile, head, batch);
    Expr special =
        select(s == 0, exp2Clamped(m - mNew), s == 1, exp2Clamped(bm - mNew), s == 2, mNew, s == 3,
               state(3) * state(0) + w.blockSum(q, b, tile, head, batch) * state(1), product);
    state(s) =
        select(s < stages.firstColumn, special, likely(state(s) * state(0) + product * state(1)));
  }

  Expr final(Expr s) { return stages.state(q, s, tile, head, batch, tile, head, batch); }

  // The row has no keys or lies past the query length.
  Expr isEmpty() {
    return strict_float(final(3) == 0.0f) || firstQuery(tile) + q >= program.queryLength(batch);
  }

  void addResult() {
    stages.inverseSum = Func("inverseSum");
    Expr sum = final(3);
    stages.inverseSum(q, tile, head, batch) = select(isEmpty(), 0.0f, 1.0f / sum);
    stages.normalized = Func("normalized");
    // Selected, not only multiplied: a weight of zero times a value that is not finite is NaN.
    Expr inverse = stages.inverseSum(q, tile, head, batch);
    stages.normalized(q, d, tile, head, batch) =
        select(inverse == 0.0f, 0.0f, final(stages.firstColumn + d) * inverse);
    Var d4("d4"), db("db");
    std::vector<Expr> columns;
    for (int i = 0; i < 4; i++) {
      Expr column = db * 4 + i;
      if (program.valueDim % 4)
        column = min(column, program.valueDim - 1);
      columns.push_back(stages.normalized(q, column, tile, head, batch));
    }
    stages.transposed = Func("transposed");
    stages.transposed(d4, q, db, tile, head, batch) = mux(d4, columns);
  }

  void addOutput(bool wantLogSumExp) {
    Var query("query");
    Expr out = stages.transposed(d % 4, query % plan.queryTile, d / 4, query / plan.queryTile, head,
                                 batch);
    stages.output = Func("out");
    if (!wantLogSumExp) {
      stages.output(d, head, query, batch) = out;
    } else {
      // One Func may have several buffers, but they share dimensions: the log-sum-exp's is passed
      // with a first dimension of stride 0, and of its equal stores LLVM keeps one a vector.
      Expr value = (final(2) + logApprox(final(3)) * kLog2E) * kLn2;
      stages.logSumExp = Func("logSumExp");
      stages.logSumExp(q, tile, head, batch) =
          selectBits(isEmpty(), -std::numeric_limits<float>::infinity(), value);
      Expr row = stages.logSumExp(query % plan.queryTile, query / plan.queryTile, head, batch);
      stages.output(d, head, query, batch) = Tuple(out, row);
    }
    OutputImageParam buffer = stages.output.output_buffers()[0];
    buffer.dim(0).set_bounds(0, program.valueDim);
    buffer.dim(1).set_bounds(0, program.queryHeads);
    buffer.dim(2).set_bounds(0, program.queries);
    buffer.dim(3).set_bounds(0, program.batch);
    if (wantLogSumExp)
      stages.output.output_buffers()[1].dim(0).set_stride(0);
  }
};

} // namespace

OnlineStages buildOnline(const PairProgram &program, const OnlinePlan &plan, bool wantLogSumExp) {
  return OnlineBuilder(program, plan).build(wantLogSumExp);
}

} // namespace heed

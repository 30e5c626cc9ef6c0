#include "compiler/graph/Weights.h"
#include "compiler/evaluate/HalideMath.h"

#include <limits>
#include <numbers>

using namespace Halide;

namespace heed {

// The two round differently, which for scores in the millions is more than a little. NaN stays NaN.
static Expr notAboveZero(Expr x) { return selectBits(strict_float(x > 0.0f), 0.0f, x); }

WeightsStages buildWeights(const PairProgram &program) {
  Var q("q"), d("d"), key("key"), tile("tile"), head("head"), batch("batch"), query("query");
  constexpr int T = WeightsStages::queryTile;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  WeightsStages stages;
  stages.logSumExp = ImageParam(Float(32), 3, "in_logSumExp");
  stages.logSumExp.dim(0).set_bounds(0, program.queries).set_stride(Expr());
  stages.logSumExp.dim(1).set_bounds(0, program.queryHeads);
  stages.logSumExp.dim(2).set_bounds(0, program.batch);

  Expr lastQuery = max(program.queryLength(batch) - 1, 0),
       lastKey = max(program.keyLength(batch) - 1, 0);
  Expr row = min(tile * T + q, lastQuery);
  stages.packedQuery = Func("packedQuery");
  stages.packedQuery(q, d, tile, head, batch) =
      program.query(d, head, row, batch) * float(program.scale);

  Expr keyHead = head / (program.queryHeads / program.keyHeads);
  RDom depth(0, program.dim, "depth");
  stages.depth = depth;
  stages.dot = Func("dot");
  stages.dot(q, key, tile, head, batch) = 0.0f;
  stages.dot(q, key, tile, head, batch) += stages.packedQuery(q, depth, tile, head, batch) *
                                           program.key(depth, keyHead, min(key, lastKey), batch);

  Pair pair{batch, head, row, min(key, lastKey)};
  Expr score = stages.dot(q, key, tile, head, batch);
  if (program.modify)
    score = program.modify(score, pair);
  Expr logSumExp = stages.logSumExp(row, head, batch);
  Expr counts = tile * T + q <= lastQuery && key <= lastKey && program.keyLength(batch) > 0 &&
                program.queryLength(batch) > 0;
  if (program.keep)
    counts = counts && program.keep(pair);
  // A row without keys has no weights, whatever its scores.
  Expr empty = reinterpret<int>(logSumExp) == reinterpret<int>(Expr(-infinity));
  stages.weight = Func("weight");
  stages.weight(q, key, tile, head, batch) =
      selectBits(counts && !empty, expApprox(notAboveZero(score - logSumExp)), 0.0f);

  stages.output = Func("weights");
  stages.output(key, query, head, batch) = stages.weight(query % T, key, query / T, head, batch);
  OutputImageParam buffer = stages.output.output_buffer();
  buffer.dim(0).set_bounds(0, program.keys);
  buffer.dim(1).set_bounds(0, program.queries);
  buffer.dim(2).set_bounds(0, program.queryHeads);
  buffer.dim(3).set_bounds(0, program.batch);
  return stages;
}

} // namespace heed

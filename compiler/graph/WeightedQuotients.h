// Sums over columns of w_d / (x_d y_d + a), weights over the denominators of an additive score,
// with the weights in the denominators: w / d = W / (W d / w), W the largest |w| of a step. Then
// neighbours are added by one addition and one product instead of three products, and nothing is
// clamped. It holds where no product of denominators overflows, which the largest x of a tile and
// the largest y of a block of keys tell beforehand. All of this is float32.
#pragma once

#include "compiler/graph/Pairwise.h"

namespace heed {

/// What it takes of the weights, and of a tile's queries.
struct WeightedQuotients {
  Halide::Func ofStep;   ///< (step, head, batch) StepWeights: a Tuple
  Halide::Func ofColumn; ///< (column, head, batch) ColumnWeight: a Tuple
  Halide::Func query;    ///< (q, column, tile, head, batch) times its ColumnWeight::ratio
  Halide::Func most;     ///< (column, tile, head, batch) the magnitude of the largest `query`
  Halide::RVar queries;  ///< of its reduction

  bool defined() const { return ofStep.defined(); }
};

/// What it takes of blocks of keys.
struct QuotientBounds {
  Halide::Func most;     ///< (column, block, tile, head, batch) the magnitude of the largest key
  Halide::RVar keys;     ///< of its reduction
  Halide::Func areKept;  ///< (block, tile, head, batch) 1 where the sums hold, else 0
  Halide::RVar products; ///< of its reduction
  Halide::RVar depth;    ///< of the dot product's update for other blocks

  bool defined() const { return areKept.defined(); }
};

struct StepWeights {
  Halide::Expr largest; ///< W, or 2^-100 if that is more
  Halide::Expr scale;   ///< what the sum of reciprocals has to be multiplied by
  Halide::Expr offset;  ///< what has to be added then: the reciprocals of weights that are dropped
};
/// The numbers of a query's `ratio` x y + `addend`, the denominator over its weight.
struct ColumnWeight {
  Halide::Expr ratio;
  Halide::Expr addend;
};

StepWeights weightsOf(const std::vector<PairTerm> &terms);
/// Scaled so that no addend is below 2^-13, and the largest weight's is that: e^-78 2^-11, the
/// least that a query has of tanh, is still normal then. A weight below 2^-24 W is dropped: ratio
/// 0. Where W is not finite, the addend is infinite.
ColumnWeight weightOf(const PairTerm &term, Halide::Expr largest);

/// Of the columns of a step, those whose denominators' product is bounded: at most four.
int boundedAtATime(int columnsAtATime);
/// Whether that product is at most 2^55. The product of two such is below 2^110 then, and at least
/// 2^-104, and their numerators, eight reciprocals times it, are below 2^126.
Halide::Expr isBounded(Halide::Expr product);

/// The sum of the reciprocals of a step's denominators.
Halide::Expr sumOfReciprocals(const std::vector<Halide::Expr> &denominators);

} // namespace heed

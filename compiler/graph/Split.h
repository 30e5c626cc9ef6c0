// Attention for few queries, decoding above all: what takes time is reading keys and values, so
// each is read once for all the rows that need it - the queries of all heads that share a key head
// - and the keys are split in parts of a fixed number, each with a state of its own, which merge in
// order. (Dao et al., "Flash-Decoding for long-context inference", 2023.)
//
// A part is small, so its scores with all rows lie in one buffer, are summed up as a whole, and no
// state is rescaled inside of it. Lanes are columns in products and keys everywhere else. With
// every number of the plan at 1 this is the textbook formula.
#pragma once

#include "compiler/graph/PairProgram.h"
#include "schedules/plan/Plan.h"

#include <vector>

namespace heed {

/// Row r of row tile t is row t * rowTile + r, and that is query row / group of the key head's
/// query head row % group. Dimensions, outermost last: part is the part of the keys; partC and
/// batchC are part and batch a second time.
struct SplitStages {
  std::vector<SegmentTable> segments; ///< what regions read
  PackedRows queryRows;               ///< (d, r, tile, keyHead, batch)
  Halide::Func query; ///< (d, plane, r, tile, keyHead, batch) scaled: column d * planes + plane
  Halide::Func hull;  ///< (part, batch) first key of the part that may count, and the end

  PackedRows keyRows, valueRows; ///< (d, key, block, part, keyHead, batch), key in its block
  Halide::Func laneDot; ///< (lane, key, r, tile, block, part, keyHead, batch) sums of products
  Halide::RVar depth, depthPlane; ///< of its reduction: columns depth * dotLanes + lane of a plane
  Halide::Func tileDot;           ///< (key, r, tile, block, part, keyHead, batch) the sums' lanes
                                  ///< added up, of a register tile's keys and rows
  Halide::RVar dotLane;           ///< of its reduction
  Halide::Func dot;               ///< the same, of a block's keys
  Halide::Func keyFactor;  ///< (key, block, part, keyHead, batch) of dot; undefined where it is 1
  Halide::Func score;      ///< (key, r, tile, block, part, keyHead, batch, partC, batchC)
                           ///< final scores; written in the blocks of the hull
  Halide::RVar scoreBlock; ///< of its update

  struct Reduction {
    Halide::Func partial;     ///< (lane, r, tile, part, keyHead, batch)
    Halide::RVar step, block; ///< of partial: keys step * lanes + lane of the block
    Halide::Func total;       ///< (r, tile, part, keyHead, batch)
    Halide::RVar lane;        ///< of total
  };
  std::vector<Reduction> reductions; ///< one may read those before it
  Halide::Func weight;               ///< (key, r, tile, block, part, keyHead, batch)
  Halide::Func valueFactor;          ///< as keyFactor, of weight
  int keysOfWeight = 1;              ///< 2: values are multiplied by pairs of weights, as bfloat16
  Halide::Func valueWeight; ///< weight times it, or a pair of weights; undefined where it is weight

  Halide::Func product; ///< (d, plane, r, tile, block, part, keyHead, batch) weights times values
  Halide::RVar productKey; ///< or the pair
  Halide::Func sum; ///< (slot, plane, r, tile, part, keyHead, batch, partC, batchC) the part's
                    ///< state: the normalizer's values, then (from slot `firstColumn` on) columns,
                    ///< plane after plane
  Halide::RVar sumColumn, sumPlane, sumBlock; ///< of its update
  Halide::Func state; ///< the same; written if the hull has keys of the part
  Halide::RVar once;  ///< of its update: what a part without keys passes over
  Halide::Func parts; ///< (slot, plane, r, tile, part, keyHead, batch)

  Halide::Func chain; ///< (head, part, query, batch, batchC) Tuple: the state of all parts
                      ///< before this one, then what merging that took: the factors of both
  Halide::RVar chainPart;
  Halide::Func merged; ///< (d, plane, head, query, batch, batchC) unfinished columns
  Halide::RVar mergedPart;
  Halide::Func factor;    ///< (head, query, batch); undefined where the state is the output
  Halide::Func logSumExp; ///< (head, query, batch); undefined unless wanted
  Halide::Func output; ///< (d, head, query, batch); with the log-sum-exp a Tuple, constant along d

  int dotLanes, valueLanes, keyLanes; ///< of products, of values, of keys
  int dotSteps;                       ///< of `depth`
  int keyPlanes, valuePlanes;         ///< 2 where neighbouring columns are had together, else 1
  int firstColumn, slots;             ///< of a part's state
  int columns;                        ///< of the output
};

/// The stages of one attention kernel with an online normalizer, for vectors of `lanes` numbers of
/// its type. `plan` has been checked.
SplitStages buildSplit(const PairProgram &program, const SplitPlan &plan, int lanes,
                       bool wantLogSumExp);

} // namespace heed

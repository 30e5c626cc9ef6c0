// Fetches rows that are needed next into L2 while a block is multiplied: a Halide lowering pass.
//
// Hardware fetches ahead within a page, and only what is read in order. Rows of the next block that
// lie further apart, as in (batch, sequence, head, dim), a tile's queries and the lines that its
// output goes to would all be waited for. So each step of a reduction over a block fetches its
// share of the next block's keys (where scores are computed) or values (where they are weighted);
// during the last block also of the next task's queries, or of the place of this one's output.
// Lines are fetched in the order in which they lie in a row, so that a tile's steps touch few
// pages.
//
// Measured, one thread, 12 heads of 1024 x 64, share of peak: causal in (batch, head, sequence,
// dim) 71% with nothing fetched, 73 with keys and values, 77 with all; in (batch, sequence, head,
// dim) 64, 70 and 73%. Without a mask 80% with keys and values and 83 with all; 76 and 78%.
#pragma once

#include "schedules/families/Prefetch.h"

#include <string>
#include <vector>

namespace heed {

/// A reduction over a block's rows, one tile after the other.
struct BlockSteps {
  std::string product; ///< the Func that reduces
  std::string tiles;   ///< end of the name of the loop over tiles
  std::string blocks;  ///< of the loop over blocks
  BufferRows block;    ///< that it reads, and that the next block's follow
  BufferRows ofTask;   ///< what else is fetched during the last block of those that are packed
                       ///< together; of one part of a task
  int tasksAhead;      ///< of the task so many further on: with several threads likely another's
};

class RowPrefetch : public FetchingPass {
public:
  /// Tasks are a loop of `output`; a loop inside it whose name ends in ".part" goes through parts
  /// of their tiles.
  RowPrefetch(std::string output, std::vector<BlockSteps> all)
      : output(std::move(output)), all(std::move(all)) {}

protected:
  using FetchingPass::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::For *loop) override;

private:
  /// Where a task's rows begin, by a name that is defined where the task begins.
  struct Begin {
    std::string name;
    Halide::Expr index;
    Halide::Type type;
  };

  const std::string output;
  const std::vector<BlockSteps> all;
  std::vector<const Halide::Internal::For *> around; ///< outermost first
  std::vector<Begin> begins; ///< of the task, for each of `all`; `index` is undefined where unknown

  Halide::Internal::Stmt visitTask(const Halide::Internal::For *loop);
  // Undefined where it is not known which rows come next.
  Halide::Internal::Stmt fetchBlock(const BlockSteps &steps) const;
  Halide::Internal::Stmt fetchOfTask(const BlockSteps &steps, const Begin &begin) const;
  /// From row `begin` on, what the innermost loop around fetches.
  Halide::Internal::Stmt fetchShare(const BlockSteps &steps, const BufferRows &rows,
                                    const Halide::Expr &begin, Halide::Type type) const;
  /// The outermost whose name ends so; the end of `around` where there is none.
  std::vector<const Halide::Internal::For *>::const_iterator
  loopAround(const std::string &end) const;
};

} // namespace heed

// Fetches rows that are needed next into L2 while a block is multiplied: a Halide lowering pass.
//
// Hardware fetches ahead within a page, and only what is read in order. Rows of the next block that
// lie further apart, as in (batch, sequence, head, dim), a tile's queries and the lines that its
// output goes to would all be waited for. So each step of a reduction over a block fetches its
// share of the next block's keys (where scores are computed) or values (where they are weighted);
// during the first block also of its own values, during the last of the next task's queries, or of
// the place of this one's output. A task without a full block fetches the next one's queries and
// keys, values if that has no full block, either, and the place of its output during its last
// masked block, a share with each tile of columns. Lines are fetched in the order in which they lie
// in a row, so that a tile's steps touch few pages.
//
// Measured, one thread, 12 heads of 1024 x 64, share of peak: causal in (batch, head, sequence,
// dim) 71% with nothing fetched, 73 with keys and values, 77 with all; in (batch, sequence, head,
// dim) 64, 70 and 73%. Without a mask 80% with keys and values and 83 with all; 76 and 78%. What
// is fetched during masked blocks, and values during the first, bring texts that do not lie in L2
// up to 46% less time, and cost one of 20 tokens that does 5% (docs/benchmarks.md).
#pragma once

#include "schedules/families/Prefetch.h"

#include <string>
#include <vector>

namespace heed {

/// The first rows of the task so many further on: with several threads likely another's.
struct TaskRows {
  BufferRows rows; ///< of one part of a task, where its tiles are parts
  int tasksAhead;
  bool ifAlone = false; ///< only if that task, too, has no block for BlockSteps::others
};

/// A loop over a block's rows, or over tiles of columns, whose steps fetch.
struct BlockSteps {
  std::string loop;             ///< begin of its name
  std::string tiles;            ///< end of the name of the outermost loop that shares a fetch
  std::string blocks;           ///< of the loop over blocks
  BufferRows block = {};        ///< that it reads, and that the next block's follow
  BufferRows later = {};        ///< that are read later in the block; fetched during the first
  std::vector<TaskRows> ofTask; ///< fetched during the last block of those that are packed together
  bool fromLast = false; ///< shares of parts of a tile are counted from the last, which has queries
  std::string others = {}; ///< another loop over blocks: only tasks for which it has none fetch
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
  /// What is known where the task begins, as names that are defined there; undefined where it is
  /// not.
  struct Known {
    struct Begin {
      Halide::Expr index, isWanted;
      Halide::Type type;
    };
    std::vector<Begin> begins; ///< of the rows `ofTask`
    Halide::Expr isAlone;      ///< the task has no block for `others`
  };

  const std::string output;
  const std::vector<BlockSteps> all;
  std::vector<const Halide::Internal::For *> around;       ///< outermost first
  std::vector<Known> known;                                ///< of the task, for each of `all`
  std::vector<std::pair<std::string, Halide::Expr>> names; ///< that are defined where it begins

  Halide::Internal::Stmt visitTask(const Halide::Internal::For *loop);
  Known knownOf(const BlockSteps &steps, const Halide::Internal::For *loop);
  Halide::Expr named(const std::string &name, const Halide::Expr &value);
  // Undefined where it is not known which rows come next.
  Halide::Internal::Stmt fetchBlock(const BlockSteps &steps) const;
  Halide::Internal::Stmt fetchLater(const BlockSteps &steps) const;
  Halide::Internal::Stmt fetchOfTask(const BlockSteps &steps, const Known &of) const;
  /// From row `begin` on, what the innermost loop around fetches.
  Halide::Internal::Stmt fetchShare(const BlockSteps &steps, const BufferRows &rows,
                                    const Halide::Expr &begin, Halide::Type type) const;
  /// Whether the loop that is visited is the outermost that `steps` means.
  bool isOutermostOf(const BlockSteps &steps) const;
  /// The outermost whose name ends so; the end of `around` where there is none.
  std::vector<const Halide::Internal::For *>::const_iterator
  loopAround(const std::string &end) const;
};

} // namespace heed

// Fetches rows into L2 some steps before a loop reads them: a Halide lowering pass.
//
// Few queries wait for memory. Hardware fetches ahead within a page of 4 KB and what is read in
// order; rows of one head that lie a page apart, as in (batch, sequence, head, dim), it does not
// follow, and at every page it begins anew.
//
// Measured on Zen 4, one thread, one query of 32 heads on 8, 16384 x 128 from memory: 8.1 ms in
// (batch, head, sequence, dim) and 11.7 in (batch, sequence, head, dim); 16 rows ahead 9.8 and 9.4,
// 128 rows 7.9 and 7.9. What lies in L3 anyway loses: 0.076 to 0.095 ms.
#pragma once

#include "schedules/families/Prefetch.h"

#include <vector>

namespace heed {

/// A reduction that reads rows one after the other.
struct RowSteps {
  std::string product; ///< the Func that reduces
  std::string steps;   ///< end of the name of the loop over them
  BufferRows rows;     ///< that a step reads, as far as its columns go
  bool inOrder;        ///< the next step's follow these; else each step says where its own lie
};

class ReadAhead : public FetchingPass {
public:
  /// Each step fetches what it would read `rowsAhead` rows further on.
  ReadAhead(std::vector<RowSteps> all, int rowsAhead) : all(std::move(all)), rowsAhead(rowsAhead) {}

protected:
  using FetchingPass::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::For *loop) override;

private:
  const std::vector<RowSteps> all;
  const int rowsAhead;

  /// Undefined where a step reads no such rows.
  Halide::Internal::Stmt fetchAhead(const RowSteps &steps, const Halide::Internal::For *loop) const;
};

} // namespace heed

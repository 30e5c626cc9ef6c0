// What the indices of a load mean.
#pragma once

#include "compiler/dialect/Attn.h"

namespace heed::attn {

/// Whether index number `axis` of `load` is a position of the region whose extent the axis shares,
/// so that it needs no clamping. The position of a rowwise op with positions(...) is none: that
/// says how far it goes, and captures may be shorter.
inline bool isTied(LoadOp load, unsigned axis) {
  auto position = llvm::dyn_cast<mlir::BlockArgument>(load.getIndices()[axis]);
  if (!position)
    return false;
  auto rowwise = llvm::dyn_cast<RowwiseOp>(load->getParentOp());
  return !rowwise || !rowwise.getPositions() ||
         rowwise.getParameterNames()[position.getArgNumber()] != "position";
}

} // namespace heed::attn

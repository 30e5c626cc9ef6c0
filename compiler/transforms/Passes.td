// The passes over attn IR. Each one is implemented in the file of its name.
#ifndef HEED_PASSES_TD
#define HEED_PASSES_TD

include "mlir/Pass/PassBase.td"

def MergeMasks : Pass<"attn-merge-masks", "::heed::attn::KernelOp"> {
  let summary = "successive masks become one";
  let description = [{
    Two masks keep what both keep, so they are one mask whose body ends in the `and` of the two. What comes
    after has at most one mask to look at.
  }];
}

def MaskRanges : Pass<"attn-mask-ranges", "::heed::attn::KernelOp"> {
  let summary = "says of each mask which keys a tile of queries needs";
  let description = [{
    Gives every mask the region `ranges`, derived from its body by compiler/evaluate/IntervalDomain.h: the reason
    why masks skip blocks of keys without anyone knowing their names. A range that
    would take too many operations is given up.
  }];
}

#endif

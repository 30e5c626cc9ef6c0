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

def MaskStatus : Pass<"attn-mask-status", "::heed::attn::KernelOp"> {
  let summary = "says of blocks of queries and keys whether a mask keeps some or all pairs";
  let description = [{
    Gives a mask the region `status`, derived from its body by compiler/evaluate/StatusDomain.h, where its ranges leave
    much undecided: where for a tile of one query the keys that may count and those that all do are not the same
    expressions. So a causal mask, a window, a prefix, lengths, chunks and packed documents get none; what says
    `or` of things apart, remainders and tensors does. Status that would take too many operations is given up.
  }];
}

#endif

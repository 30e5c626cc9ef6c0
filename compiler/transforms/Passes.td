// The passes over attn IR. Each one is implemented in the file of its name.
#ifndef HEED_PASSES_TD
#define HEED_PASSES_TD

include "mlir/Pass/PassBase.td"

def Hoist : Pass<"attn-hoist", "::heed::attn::KernelOp"> {
  let summary = "work of a pairwise score that sees one side moves into rowwise ops";
  let description = [{
    A pairwise score whose body is a sum of products of functions of one side becomes `dot`: c f(x) g(y) of mapped rows,
    -(x - y)^2 of rows with two more columns, 2 q, -|q|^2, 1 and k, 1, -|k|^2. Of other bodies, what is computed of x
    alone, or of y alone, is computed with the rows where nothing else of that side is needed. w tanh(x + y) first becomes
    w - w / (1/2 + exp(2x)/2 exp(2y)), with one exponential a row and column instead of one a pair and column; Hoist.cpp
    states the error.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

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
    expressions. So a mask up to the diagonal, a window, a prefix, lengths, chunks and packed documents get none; what says
    `or` of things apart, remainders and tensors does. Status that would take too many operations is given up.
  }];
}

#endif

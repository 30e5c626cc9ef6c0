// Heed's builder: any attention variant in a few lines of C++, written out as a description for
// heedc. It needs nothing but the standard library.
//
//   heed::Attention a("alibi_causal", {.heads = 12, .keyHeads = 4, .headDim = 64});
//   auto slopes = a.input<float>("slopes", {12});
//   a.modify([&](heed::Real x, heed::Position p) {
//     return x - slopes[p.head] * abs(p.query - p.key);
//   });
//   a.mask([](heed::Position p) { return p.key <= p.query; });
//   a.write("alibi.mlir");
//
// A lambda is called once, at once, with values that stand for those of any pair of a query and a
// key: what it computes with them is recorded as the region of one operation. Arithmetic, the
// functions of values.h and loads from inputs are all there is; C++ loops and ifs on ordinary
// numbers run while building.
#pragma once

#include <heed/builder/attention.h>

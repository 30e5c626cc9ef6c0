// What a kernel's C function takes: names, types, shapes and how the extents hang together.
// Derived from the kernel op alone; emit/ turns it into heed_kernel tables and the C header, graph/
// takes the order of arguments and the shared extents from it.
#pragma once

#include "compiler/dialect/Attn.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heed {

/// An extent: fixed when >= 0, else symbol -value - 1 (the code of heed_argument.shape).
using Extent = int64_t;

enum class ElementType { F16, BF16, F32, F64, I8, I32, I64, U8 };

/// As HEED_ROLE_* in heed/kernel.h.
enum class Role { Input, Output, KeyLengths, QueryLengths, QueryOffsets, Index, Segments };

struct SignatureArgument {
  std::string name;
  ElementType type;
  Role role;
  std::vector<Extent> shape; ///< in the tensor's order, e.g. (batch, sequence, head, dim)
  Extent limit = 0;          ///< lengths, indices, segments: what their values are bounded by
  unsigned nonEmptyAxes = 0; ///< bit mask: axes loaded at clamped indices, which need an element
  bool innerContiguous = true;
};

/// A symbol that no tensor's axis fixes alone: the sum of these extents, each times its factor.
struct DerivedExtent {
  Extent symbol;
  std::vector<std::pair<Extent, int64_t>> terms;
};

struct Signature {
  std::string name;
  std::vector<SignatureArgument> arguments;         ///< operands, then results
  std::vector<std::string> symbols;                 ///< "batch", "queries", "keys", "heads", ...
  std::vector<std::pair<Extent, Extent>> multiples; ///< first % second == 0
  std::vector<DerivedExtent> derived;
  /// The extents that ranges of plans may speak of, by the same names as symbols have, whether
  /// fixed or not: batch, queries, keys, heads and key_heads of attention; rows of layers.
  std::vector<std::pair<std::string, Extent>> extents;
};

/// The signature of `kernel`. Dynamic extents that an op forces to agree share one symbol: batch of
/// query, key, value, output; keys of key and value; a capture's axis loaded at [%batch], [%head],
/// [%query], [%key], [%position], [%row] or [%column] itself. Of a linear kernel the weights are in
/// packed form.
mlir::FailureOr<Signature> kernelSignature(attn::KernelOp kernel);

/// NAME_pack of a linear kernel: weights (inputs, outputs) as the op has them in, (panels, inputs,
/// panel) out. The panel width depends on the number of outputs alone, so every target shares one
/// packing.
mlir::FailureOr<Signature> packSignature(attn::KernelOp kernel);

/// Columns of a panel for `columns` outputs: 48 where it divides, else 64, 32, 16 where they
/// divide, else 16.
int64_t panelWidth(int64_t columns);

} // namespace heed

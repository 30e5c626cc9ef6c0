// A normalizer, read from MLIR into what a graph is built from.
#pragma once

#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/graph/NormalizerProgram.h"
#include "compiler/graph/Operands.h"

namespace heed {

/// A region that holds an op no expression exists for is a diagnostic there. The functions keep the
/// normalizer alive; a user's own, which its module holds, they do not outlive.
mlir::FailureOr<NormalizerProgram>
readNormalizer(const Normalizer &normalizer, mlir::ValueRange captures, const Operands &operands);

} // namespace heed

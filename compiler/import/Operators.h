// The operators that are read, one a file.
#pragma once

#include "compiler/import/Description.h"

namespace heed::onnx {

struct Operator {
  llvm::StringRef domain, name;
  int64_t firstSet, lastSet; ///< versions of the domain's operators that mean what is read here
  Formals formals;
  Attention (*read)(Node &node, int64_t set);
};

extern const Operator attentionOperator;           ///< ONNX's own
extern const Operator multiHeadAttentionOperator;  ///< com.microsoft's
extern const Operator groupQueryAttentionOperator; ///< com.microsoft's

} // namespace heed::onnx

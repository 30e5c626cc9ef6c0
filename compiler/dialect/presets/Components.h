// The components that presets are made of, one a file. Each reads its arguments and adds itself.
#pragma once

#include "compiler/dialect/presets/Arguments.h"

namespace heed::presets {

llvm::Error addDense(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addCausal(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addWindow(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addPrefix(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addLengths(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addAlibi(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addSoftcap(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addBias(AttentionBuilder &builder, llvm::ArrayRef<llvm::StringRef> arguments);

} // namespace heed::presets

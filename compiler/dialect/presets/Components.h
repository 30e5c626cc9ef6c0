// The components that presets are made of, one a file. Each reads its arguments and adds itself.
#pragma once

#include "compiler/dialect/presets/Arguments.h"

namespace heed::presets {

llvm::Error addDense(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addCausal(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addWindow(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addPrefix(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addLengths(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addAlibi(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addSoftcap(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);
llvm::Error addBias(Attention &a, llvm::ArrayRef<llvm::StringRef> arguments);

} // namespace heed::presets

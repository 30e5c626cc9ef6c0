// The components that presets are made of, one a file. Each reads its arguments; a mask is handed
// back, since masks can be joined, anything else adds itself.
#pragma once

#include "compiler/dialect/presets/Arguments.h"

#include <functional>

namespace heed::presets {

using Words = llvm::ArrayRef<llvm::StringRef>;
/// Whether a pair counts.
using Mask = std::function<Truth(Position)>;

llvm::Error addDense(Attention &a, Words arguments);
llvm::Error addLengths(Attention &a, Words arguments);

llvm::Error addRotary(Attention &a, Words arguments);
llvm::Error addQkNorm(Attention &a, Words arguments);
llvm::Error addInt8(Attention &a, Words arguments);
llvm::Error addPaged(Attention &a, Words arguments);
llvm::Error addRing(Attention &a, Words arguments);

llvm::Error addScaled(Attention &a, Words arguments);
llvm::Error addCosine(Attention &a, Words arguments);
llvm::Error addBilinear(Attention &a, Words arguments);
llvm::Error addAdditive(Attention &a, Words arguments);
llvm::Error addDistance(Attention &a, Words arguments);

llvm::Error addAlibi(Attention &a, Words arguments);
llvm::Error addT5Bias(Attention &a, Words arguments);
llvm::Error addSoftcap(Attention &a, Words arguments);
llvm::Error addBias(Attention &a, Words arguments);

llvm::Error addNormalizer(Attention &a, Words arguments);
llvm::Error addWeightsAs(Attention &a, Words arguments);

llvm::Error addLogSumExp(Attention &a, Words arguments);
llvm::Error addWeights(Attention &a, Words arguments);
llvm::Error addKeySums(Attention &a, Words arguments);
llvm::Error addScores(Attention &a, Words arguments);
llvm::Error addPartial(Attention &a, Words arguments);

llvm::Expected<Mask> causalMask(Attention &a, Words arguments);
llvm::Expected<Mask> windowMask(Attention &a, Words arguments);
llvm::Expected<Mask> prefixMask(Attention &a, Words arguments);
llvm::Expected<Mask> sinksMask(Attention &a, Words arguments);
llvm::Expected<Mask> chunkMask(Attention &a, Words arguments);
llvm::Expected<Mask> dilatedMask(Attention &a, Words arguments);
llvm::Expected<Mask> documentsMask(Attention &a, Words arguments);
llvm::Expected<Mask> booleanMask(Attention &a, Words arguments);
llvm::Expected<Mask> blockSparseMask(Attention &a, Words arguments);

} // namespace heed::presets

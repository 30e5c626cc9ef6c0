#include "compiler/emit/MultiplyAdds.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm::PatternMatch;

namespace heed {
namespace {

/// Factors of a product.
struct Product {
  llvm::Value *left, *right;
};

bool isProduct(llvm::Value *value) {
  llvm::Value *first, *second;
  if (match(value, m_Shuffle(m_Value(first), m_Value(second))))
    return isProduct(first) && (match(second, m_Poison()) || isProduct(second));
  auto *product = llvm::dyn_cast<llvm::Instruction>(value);
  return product && product->getOpcode() == llvm::Instruction::FMul && !product->hasAllowContract();
}

/// LLVM gathers short vectors into long ones, and so shuffles products before they are added.
Product factorsOf(llvm::Value *value, llvm::IRBuilderBase &build) {
  llvm::Value *first, *second;
  llvm::ArrayRef<int> mask;
  if (!match(value, m_Shuffle(m_Value(first), m_Value(second), m_Mask(mask)))) {
    auto *product = llvm::cast<llvm::Instruction>(value);
    return {product->getOperand(0), product->getOperand(1)};
  }
  Product a = factorsOf(first, build);
  if (match(second, m_Poison()))
    return {build.CreateShuffleVector(a.left, mask), build.CreateShuffleVector(a.right, mask)};
  Product b = factorsOf(second, build);
  return {build.CreateShuffleVector(a.left, b.left, mask),
          build.CreateShuffleVector(a.right, b.right, mask)};
}

/// A sum or difference, and which side of it is the product.
struct Found {
  llvm::BinaryOperator *op;
  unsigned side;
};

std::vector<Found> findIn(llvm::Function &function) {
  std::vector<Found> all;
  for (llvm::Instruction &instruction : llvm::instructions(function)) {
    if (!match(&instruction,
               m_CombineOr(m_FAdd(m_Value(), m_Value()), m_FSub(m_Value(), m_Value()))))
      continue;
    if (instruction.getType()->getScalarSizeInBits() < 32)
      continue;
    bool isLeft = isProduct(instruction.getOperand(0)),
         isRight = isProduct(instruction.getOperand(1));
    if (isLeft != isRight)
      all.push_back({llvm::cast<llvm::BinaryOperator>(&instruction), isLeft ? 0u : 1u});
  }
  return all;
}

llvm::Value *fused(const Found &found) {
  bool isSum = found.op->getOpcode() == llvm::Instruction::FAdd;
  llvm::Value *other = found.op->getOperand(1 - found.side);
  llvm::IRBuilder<> build(found.op);
  Product product = factorsOf(found.op->getOperand(found.side), build);
  if (!isSum && found.side == 0)
    other = build.CreateFNeg(other);
  else if (!isSum)
    product.left = build.CreateFNeg(product.left);
  return build.CreateIntrinsic(llvm::Intrinsic::fma, {found.op->getType()},
                               {product.left, product.right, other});
}

} // namespace

void fuseMultiplyAdds(llvm::Module &module) {
  for (llvm::Function &function : module) {
    llvm::StringRef features = function.getFnAttribute("target-features").getValueAsString();
    if (!llvm::is_contained(llvm::split(features, ','), "+fma"))
      continue;
    for (const Found &found : findIn(function)) {
      found.op->replaceAllUsesWith(fused(found));
      llvm::RecursivelyDeleteTriviallyDeadInstructions(found.op);
    }
  }
}

} // namespace heed

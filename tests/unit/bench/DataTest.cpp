#include "tools/heed-bench/Data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace heed;
using namespace heed::bench;

namespace {

Case smallCase() { return llvm::cantFail(parseShape("b=2,h=3,hk=1,q=5,k=7,d=4", {})); }

SignatureArgument argument(std::string name, Role role, std::vector<Extent> shape) {
  ElementType type = role == Role::KeyLengths ? ElementType::I32 : ElementType::F32;
  return {.name = std::move(name), .type = type, .role = role, .shape = std::move(shape)};
}

/// As a kernel with lengths and a tensor of a number for each head has it.
Signature smallSignature() {
  return {.name = "small",
          .arguments = {argument("q", Role::Input, {-1, -2, -3, 4}),
                        argument("k", Role::Input, {-1, -4, -5, 4}),
                        argument("slopes", Role::Input, {-3}),
                        argument("lengths", Role::KeyLengths, {-1}),
                        argument("out", Role::Output, {-1, -2, -3, 4})},
          .symbols = {"batch", "queries", "heads", "keys", "key_heads"},
          .multiples = {}};
}

std::vector<int64_t> stridesOf(Tensor &tensor) {
  DLTensor view = tensor.view();
  return {view.strides, view.strides + view.ndim};
}

TEST(Data, LayoutsDifferInStridesOnly) {
  auto bhsd = llvm::cantFail(makeTensors(smallCase(), smallSignature(), Layout::Bhsd));
  auto bshd = llvm::cantFail(makeTensors(smallCase(), smallSignature(), Layout::Bshd));
  EXPECT_EQ(stridesOf(bhsd[0]), (std::vector<int64_t>{3 * 5 * 4, 4, 5 * 4, 1}));
  EXPECT_EQ(stridesOf(bshd[0]), (std::vector<int64_t>{5 * 3 * 4, 3 * 4, 4, 1}));
  for (unsigned i : {0, 1, 2, 3}) {
    EXPECT_EQ(bhsd[i].shape(), bshd[i].shape());
    EXPECT_EQ(bhsd[i].toArray().values, bshd[i].toArray().values);
  }
}

TEST(Data, ElementsLieWhereTheStridesSay) {
  Tensor tensor({kDLFloat, 32, 1}, {2, 3, 2, 4}, {0, 2, 1, 3});
  Array values({2, 3, 2, 4});
  for (size_t i = 0; i < values.values.size(); ++i)
    values.values[i] = i;
  tensor.assign(values);
  DLTensor view = tensor.view();
  auto *data = static_cast<const float *>(view.data);
  EXPECT_EQ(data[1 * view.strides[0] + 2 * view.strides[1] + 1 * view.strides[2] + 3],
            values({1, 2, 1, 3}));
  EXPECT_EQ(data[0 * view.strides[0] + 1 * view.strides[1] + 1 * view.strides[2] + 2],
            values({0, 1, 1, 2}));
  EXPECT_EQ(tensor.toArray().values, values.values);
}

TEST(Data, ValuesFollowTheRoles) {
  auto tensors = llvm::cantFail(makeTensors(smallCase(), smallSignature(), Layout::Bshd));
  for (double slope : tensors[2].toArray().values)
    EXPECT_TRUE(slope > 0 && slope < 1) << slope;
  EXPECT_EQ(tensors[3].toArray().values, (std::vector<double>{7, 6})); // 128 and 100 parts of 128
  std::vector<double> out = tensors[4].toArray().values;
  EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](double value) { return std::isnan(value); }));
}

TEST(Data, QueriesHaveTheCasesDeviation) {
  Case c = smallCase();
  auto plain = llvm::cantFail(makeTensors(c, smallSignature(), Layout::Bshd));
  c.queryDeviation = 6;
  auto wide = llvm::cantFail(makeTensors(c, smallSignature(), Layout::Bshd));
  EXPECT_FLOAT_EQ(wide[0].toArray().values[3], 6 * plain[0].toArray().values[3]);
  EXPECT_EQ(wide[1].toArray().values, plain[1].toArray().values);
}

TEST(Data, ExtentThatNoCaseSaysIsABug) {
  Signature signature = smallSignature();
  signature.symbols[2] = "lanes";
  auto tensors = makeTensors(smallCase(), signature, Layout::Bshd);
  EXPECT_EQ(llvm::toString(tensors.takeError()), "no case says what 'lanes' of argument q is");
}

} // namespace

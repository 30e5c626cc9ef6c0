#include "tools/measure/Data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace heed;
using namespace heed::measure;

namespace {

constexpr int64_t batch = 2, heads = 3, queries = 5, keys = 7, dim = 4;

SignatureArgument argument(std::string name, Role role, std::vector<Extent> shape,
                           ElementType type = ElementType::F32, Extent limit = 0) {
  return {.name = std::move(name),
          .type = type,
          .role = role,
          .shape = std::move(shape),
          .limit = limit};
}

/// As a kernel with lengths and a tensor of a number for each head has it.
Signature smallSignature() {
  return {.name = "small",
          .arguments = {argument("q", Role::Input, {-1, -2, -3, dim}),
                        argument("k", Role::Input, {-1, -4, -5, dim}),
                        argument("slopes", Role::Input, {-3}),
                        argument("lengths", Role::KeyLengths, {-1}, ElementType::I32, -4),
                        argument("w", Role::Input, {-3, 64, 100}),
                        argument("out", Role::Output, {-1, -2, -3, dim})},
          .symbols = {"batch", "queries", "heads", "keys", "key_heads"},
          .multiples = {},
          .derived = {}};
}

Shapes smallShapes(const Signature &signature) {
  return llvm::cantFail(Shapes::resolve(signature, {{"batch", batch},
                                                    {"heads", heads},
                                                    {"key_heads", 1},
                                                    {"queries", queries},
                                                    {"keys", keys}}));
}

Data smallData(Layout layout, double deviation = 1) {
  return Data::make(smallSignature(), smallShapes(smallSignature()), layout, deviation);
}

std::vector<int64_t> stridesOf(const Data &data, size_t i) {
  const DLTensor &view = *data.arguments()[i];
  return {view.strides, view.strides + view.ndim};
}

TEST(Data, LayoutsDifferInStridesOnly) {
  Data bhsd = smallData(Layout::Bhsd), bshd = smallData(Layout::Bshd);
  EXPECT_EQ(stridesOf(bhsd, 0), (std::vector<int64_t>{3 * 5 * 4, 4, 5 * 4, 1}));
  EXPECT_EQ(stridesOf(bshd, 0), (std::vector<int64_t>{5 * 3 * 4, 3 * 4, 4, 1}));
  for (unsigned i : {0, 1, 2, 3, 4}) {
    EXPECT_EQ(bhsd.tensors()[i].shape(), bshd.tensors()[i].shape());
    EXPECT_EQ(bhsd.inputs()[i].values, bshd.inputs()[i].values);
  }
  EXPECT_EQ(bhsd.inputs().size(), 5u);
  EXPECT_EQ(bhsd.outputs().size(), 1u);
  EXPECT_EQ(bhsd.bytes(), 4 * (2 * batch * queries * heads * dim + batch * keys * dim + heads +
                               batch + heads * 64 * 100));
}

TEST(Data, ValuesFollowTheRoles) {
  std::vector<Array> inputs = smallData(Layout::Bshd).inputs();
  for (double slope : inputs[2].values)
    EXPECT_TRUE(slope > 0 && slope < 1) << slope;
  EXPECT_EQ(inputs[3].values, (std::vector<double>{7, 6})); // 128 and 100 parts of 128
  std::vector<double> out = smallData(Layout::Bshd).outputs()[0].values;
  EXPECT_TRUE(std::all_of(out.begin(), out.end(), [](double value) { return std::isnan(value); }));
}

TEST(Data, MatricesKeepTheSizeOfWhatGoesThrough) {
  double squares = 0;
  Array w = smallData(Layout::Bshd).inputs()[4];
  for (double value : w.values)
    squares += value * value;
  EXPECT_NEAR(squares / double(w.values.size()), 1.0 / 64, 0.002);
}

TEST(Data, TheFirstArgumentHasTheDeviation) {
  std::vector<Array> plain = smallData(Layout::Bshd).inputs(),
                     wide = smallData(Layout::Bshd, 6).inputs();
  EXPECT_FLOAT_EQ(wide[0].values[3], 6 * plain[0].values[3]);
  EXPECT_EQ(wide[1].values, plain[1].values);
}

TEST(Data, WholeNumbersLieInTheirLimits) {
  Signature signature = smallSignature();
  signature.arguments = {argument("q", Role::Input, {-1, -2, -3, dim}),
                         argument("lengths", Role::QueryLengths, {-1}, ElementType::I32, -2),
                         argument("offsets", Role::QueryOffsets, {-1}, ElementType::I32),
                         argument("segments", Role::Segments, {4}, ElementType::I32, -4),
                         argument("table", Role::Index, {50}, ElementType::I32, 3),
                         argument("mask", Role::Input, {50}, ElementType::U8),
                         argument("bytes", Role::Input, {50}, ElementType::I8),
                         argument("bfloats", Role::Input, {50}, ElementType::BF16)};
  std::vector<Array> inputs = Data::make(signature, smallShapes(signature), Layout::Bshd).inputs();
  EXPECT_EQ(inputs[1].values, (std::vector<double>{queries, queries}));
  EXPECT_EQ(inputs[2].values, (std::vector<double>{keys - queries, keys - queries}));
  EXPECT_EQ(inputs[3].values, (std::vector<double>{0, 1, 3, 5}));
  auto spread = [&](size_t i) {
    auto [least, most] = std::minmax_element(inputs[i].values.begin(), inputs[i].values.end());
    return std::pair(*least, *most);
  };
  EXPECT_EQ(spread(4), std::pair(0.0, 2.0));
  EXPECT_EQ(spread(5), std::pair(0.0, 1.0));
  EXPECT_LT(spread(6).first, -50);
  EXPECT_GT(spread(7).first, 0);
}

} // namespace

#include "tools/measure/Tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace heed;
using namespace heed::measure;

namespace {

TEST(Tensor, ElementsLieWhereTheStridesSay) {
  Tensor tensor(ElementType::F32, {2, 3, 2, 4}, {0, 2, 1, 3});
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

TEST(Tensor, EveryTypeHoldsWhatItCan) {
  struct Stored {
    ElementType type;
    double value, stored;
    DLDataType dlpack;
  };
  for (const Stored &s : {Stored{ElementType::F16, 1 + 0x1p-11, 1, {kDLFloat, 16, 1}},
                          {ElementType::F16, 1 + 3 * 0x1p-11, 1 + 0x1p-9, {kDLFloat, 16, 1}},
                          {ElementType::BF16, 1 + 0x1p-8, 1, {kDLBfloat, 16, 1}},
                          {ElementType::BF16, 1 + 3 * 0x1p-8, 1 + 0x1p-6, {kDLBfloat, 16, 1}},
                          {ElementType::F32, 1 + 0x1p-23, 1 + 0x1p-23, {kDLFloat, 32, 1}},
                          {ElementType::F64, 1 + 0x1p-52, 1 + 0x1p-52, {kDLFloat, 64, 1}},
                          {ElementType::I8, -100, -100, {kDLInt, 8, 1}},
                          {ElementType::I32, -100000, -100000, {kDLInt, 32, 1}},
                          {ElementType::I64, 0x1p40, 0x1p40, {kDLInt, 64, 1}},
                          {ElementType::U8, 255, 255, {kDLUInt, 8, 1}}}) {
    Tensor tensor(s.type, {1}, {0});
    tensor.assign(Array({1}, s.value));
    EXPECT_EQ(tensor.toArray().values[0], s.stored) << s.value;
    EXPECT_EQ(tensor.view().dtype.code, s.dlpack.code) << s.value;
    EXPECT_EQ(tensor.view().dtype.bits, s.dlpack.bits) << s.value;
    EXPECT_EQ(tensor.bytes(), s.dlpack.bits / 8u);
  }
}

TEST(Tensor, WhatIsNoNumberStaysSo) {
  for (ElementType type : {ElementType::F16, ElementType::BF16, ElementType::F32}) {
    Tensor tensor(type, {1}, {0});
    tensor.assign(Array({1}, std::numeric_limits<double>::quiet_NaN()));
    EXPECT_TRUE(std::isnan(tensor.toArray().values[0]));
  }
}

} // namespace

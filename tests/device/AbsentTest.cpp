// Kernels for devices on a machine without drivers: a status that says so, and calls on the CPU as
// ever. CUDA's is skipped where there is a GPU.
#include "absent_kernels.h"

#include <heed/device.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace {

struct Numbers {
  Numbers(std::vector<int64_t> extents, DLDeviceType device) : shape(std::move(extents)) {
    int64_t size = 1;
    for (int64_t extent : shape)
      size *= extent;
    values.resize(size_t(size), 0.5f);
    bool isHere = device == kDLCPU;
    tensor = {isHere ? values.data() : nullptr,
              {device, 0},
              int32_t(shape.size()),
              {kDLFloat, 32, 1},
              shape.data(),
              nullptr,
              0};
  }

  std::vector<int64_t> shape;
  std::vector<float> values;
  DLTensor tensor;
};

void expectNone(DLTensor &tensor) {
  EXPECT_EQ(heed_device_allocate(&tensor), HEED_NO_DEVICE);
  EXPECT_THAT(heed_last_error(), testing::HasSubstr("heed_device_allocate: there is no device"));
}

TEST(Absent, OpenCL) {
  Numbers numbers({4}, kDLOpenCL);
  expectNone(numbers.tensor);
}

TEST(Absent, Cuda) {
  Numbers numbers({4}, kDLCUDA);
  if (heed_device_allocate(&numbers.tensor) == HEED_OK) {
    EXPECT_EQ(heed_device_free(&numbers.tensor), HEED_OK) << heed_last_error();
    GTEST_SKIP() << "there is a GPU";
  }
  expectNone(numbers.tensor);
}

TEST(Absent, TheCpuNeedsNone) {
  Numbers rows({1, 3, 4, 32}, kDLCPU), table({3}, kDLCPU), out({1, 3, 4, 32}, kDLCPU);
  out.values.assign(out.values.size(), 7);
  ASSERT_EQ(device_table(&rows.tensor, &rows.tensor, &rows.tensor, &table.tensor, &out.tensor),
            HEED_OK)
      << heed_last_error();
  for (float value : out.values) // all values are equal, so any weights give them back
    EXPECT_NEAR(value, 0.5f, 1e-6f);
}

} // namespace

// Kernels for CUDA on a machine without a driver: a status that says so. Where there is a GPU this
// is not to be seen.
#include "cuda_kernels.h"

#include <heed/device.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

TEST(Absent, NoDriver) {
  int64_t shape[] = {4};
  DLTensor tensor = {nullptr, {kDLCUDA, 0}, 1, {kDLFloat, 32, 1}, shape, nullptr, 0};
  heed_status status = heed_device_allocate(&tensor);
  if (status == HEED_OK) {
    EXPECT_EQ(heed_device_free(&tensor), HEED_OK) << heed_last_error();
    GTEST_SKIP() << "there is a GPU";
  }
  EXPECT_EQ(status, HEED_NO_DEVICE);
  EXPECT_THAT(heed_last_error(), testing::HasSubstr("heed_device_allocate: there is no device"));
}

TEST(Absent, ACallIsCheckedAllTheSame) {
  EXPECT_EQ(device_table(nullptr, nullptr, nullptr, nullptr, nullptr), HEED_NULL_ARGUMENT);
}

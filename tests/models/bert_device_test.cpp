// MiniLM on an OpenCL device gives what it gives on the CPU, which bert_test holds against the
// published implementation. PoCL makes the device of the CPU, and its code is not optimized here:
// 32 rows through six layers take 17 s of one core.
#include "models/bert/Bert.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace heed;

namespace {

const std::string modelFolder = HEED_SOURCE_DIR "/.deps/minilm";
constexpr float tolerance = 1e-3f; // seen: 5e-6

Encoding made(int32_t first, int tokens) {
  Encoding encoding;
  for (int32_t i = 0; i < tokens; ++i)
    encoding.ids.push_back(1000 + (first + 7 * i) % 20000);
  encoding.typeIds.assign(encoding.ids.size(), 0);
  return encoding;
}

TEST(BertOnDevice, HiddenStatesAreThoseOfTheCpu) {
  Result<Device> device = Device::find("opencl");
  if (!device && device.error().status == HEED_NO_DEVICE)
    GTEST_SKIP() << device.error().message;
  ASSERT_TRUE(device) << device.error().message;

  std::vector<Encoding> texts = {made(0, 16), made(131, 9)};
  BertBatch batch(texts);
  BertActivations here, there;
  here.keepHidden = there.keepHidden = true;
  for (auto [where, activations] : {std::pair(Device(), &here), std::pair(*device, &there)}) {
    Result<Bert> bert = Bert::load(modelFolder, where);
    ASSERT_TRUE(bert) << bert.error().message;
    Status status = bert->encode(batch, *activations);
    ASSERT_TRUE(status) << status.error().message;
    ASSERT_EQ(bert->config().layers, 6);
  }
  float worst = 0;
  for (int64_t layer = 0; layer <= 6; ++layer)
    for (int64_t text = 0; text < batch.texts; ++text)
      for (int64_t i = 0; i < batch.lengths[text] * BertSizes::hidden; ++i) {
        int64_t at = text * batch.length * BertSizes::hidden + i;
        float difference = std::abs(here.hiddenAfter(layer)[at] - there.hiddenAfter(layer)[at]);
        ASSERT_LE(difference, tolerance) << "layer " << layer << ", text " << text << ", " << i;
        worst = std::max(worst, difference);
      }
  std::cout << "largest difference: " << worst << "\n";
  EXPECT_EQ(there.output()[5], there.hiddenAfter(6)[5]);
}

TEST(BertOnDevice, WeightsOfAttentionAreMadeOnTheCpu) {
  Result<Device> device = Device::find("opencl");
  if (!device && device.error().status == HEED_NO_DEVICE)
    GTEST_SKIP() << device.error().message;
  Result<Bert> bert = Bert::load(modelFolder, *device);
  ASSERT_TRUE(bert) << bert.error().message;
  std::vector<Encoding> texts = {made(0, 2)};
  BertActivations activations;
  activations.keepAttention = true;
  Status status = bert->encode(BertBatch(texts), activations);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().status, HEED_WRONG_DEVICE);
  EXPECT_EQ(status.error().message,
            "bert_attention_weights: bert_attention_weights: argument 'q': the device is DLPack "
            "type 4 (OpenCL), expected CPU memory");
}

TEST(DeviceOfAModel, KindsThereAreAndNot) {
  EXPECT_TRUE(Device::find("cpu"));
  Result<Device> cuda = Device::find("cuda"), none = Device::find("metal");
  ASSERT_FALSE(cuda);
  EXPECT_EQ(cuda.error().status, HEED_NO_DEVICE);
  EXPECT_EQ(cuda.error().message, "heed_device_allocate: no kernel in this program is for CUDA: "
                                  "compile one with heedc --target");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().status, HEED_WRONG_VALUE);
  EXPECT_EQ(none.error().message, "there is no device 'metal'; known: cpu, opencl, cuda");
}

} // namespace

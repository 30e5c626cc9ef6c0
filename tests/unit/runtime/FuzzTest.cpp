// Random tensors, most of them hostile: no call crashes, and a kernel that touches every element of
// what was accepted stays in memory and never writes over what it reads.
#include "tests/unit/runtime/FakeKernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <random>

namespace heed::test {
namespace {

/// The memory of one call's tensors.
class Arena {
public:
  /// Exactly `bytes`: a sanitizer sees the first one past them.
  std::byte *allocate(int64_t bytes) {
    parts.push_back(std::make_unique<std::byte[]>(bytes));
    return parts.back().get();
  }

private:
  std::vector<std::unique_ptr<std::byte[]>> parts;
};

class Fuzzer {
public:
  explicit Fuzzer(unsigned seed) : random(seed) {}

  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(random); }

  /// Strides of a random legal layout: any order of the axes but the last, gaps, negative or (for
  /// inputs) zero.
  std::vector<int64_t> layout(const heed_argument &argument, const std::vector<int64_t> &shape) {
    std::vector<size_t> axes(shape.size());
    std::iota(axes.begin(), axes.end(), 0);
    std::reverse(axes.begin(), axes.end());
    std::shuffle(axes.begin() + argument.inner_contiguous, axes.end(), random);
    std::vector<int64_t> strides(shape.size());
    int64_t step = 1;
    for (size_t axis : axes) {
      strides[axis] = step;
      bool isFree = !argument.inner_contiguous || axis + 1 != shape.size();
      step = step * std::max<int64_t>(shape[axis], 1) + (chance(0.2) ? pick(0, 3) : 0);
      if (isFree && chance(0.2))
        strides[axis] = -strides[axis];
      if (isFree && argument.role != HEED_ROLE_OUTPUT && chance(0.1))
        strides[axis] = 0;
    }
    return strides;
  }

  /// Memory of exactly the bytes that the tensor spans.
  void place(DLTensor &tensor, Arena &arena) {
    int64_t below = 0, above = tensor.dtype.bits / 8, elements = 1;
    for (int i = 0; i < tensor.ndim; ++i)
      elements *= tensor.shape[i];
    for (int i = 0; i < tensor.ndim && elements; ++i) {
      int64_t reach = tensor.strides[i] * (tensor.shape[i] - 1) * (tensor.dtype.bits / 8);
      (reach < 0 ? below : above) += std::abs(reach);
    }
    tensor.data = arena.allocate(elements ? below + above : 0);
    tensor.byte_offset = below;
    if (chance(0.5)) {
      tensor.data = static_cast<std::byte *>(tensor.data) + below;
      tensor.byte_offset = 0;
    }
  }

  /// One lie about a tensor of the given rank: it must be refused or do no harm, also beside a
  /// second one.
  void corrupt(DLTensor &tensor, int rank) {
    constexpr int64_t hostile[] = {-1,        INT64_MIN,        INT64_MAX,
                                   INT32_MIN, int64_t(1) << 31, int64_t(1) << 62};
    int64_t value = hostile[pick(0, std::size(hostile) - 1)], axis = pick(0, rank - 1);
    switch (tensor.shape ? pick(0, 10) : 2) {
    case 0:
      tensor.shape[axis] = value;
      break;
    case 1:
      tensor.strides[axis] = value == -1 ? INT64_MAX / 3 : value;
      break;
    case 2:
      tensor.data = nullptr;
      tensor.byte_offset = 0;
      break;
    case 3:
      tensor.shape = nullptr;
      break;
    case 4:
      tensor.ndim = int(pick(-2, 9));
      break;
    case 5:
      tensor.dtype = {uint8_t(pick(0, 255)), uint8_t(pick(0, 255)), uint16_t(pick(0, 3))};
      break;
    case 6:
      tensor.device.device_type = DLDeviceType(pick(0, 20));
      break;
    case 7:
      tensor.byte_offset = UINT64_MAX - pick(8, 64);
      break;
    case 8:
      tensor.byte_offset += tensor.dtype.bits > 8; // misaligned
      break;
    case 9:
      tensor.shape[axis] -= 1;
      break;
    case 10:
      tensor.strides[axis] = 0;
      break;
    }
  }

private:
  std::mt19937 random;
};

/// Reads every input byte, writes every output byte, and checks that the inputs stayed as they
/// were.
int touchEverything(void **buffers) {
  auto sumOfInputs = [&] {
    uint64_t sum = 0;
    for (int i = Query; i < Output; ++i)
      forEachElement(buffers[i], [&](std::byte *address, int bytes) {
        for (int b = 0; b < bytes; ++b)
          sum = sum * 31 + uint64_t(address[b]);
      });
    return sum;
  };
  uint64_t before = sumOfInputs();
  forEachElement(buffers[Output],
                 [](std::byte *address, int bytes) { memset(address, 0xa5, bytes); });
  EXPECT_EQ(sumOfInputs(), before) << "an accepted output overlaps an input";
  return 0;
}

TEST(Fuzz, HostileTensors) {
  constexpr unsigned seed = 20261123;
  constexpr int rounds = 20000;
  Fuzzer fuzzer(seed);
  std::map<std::string, int> outcomes;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    auto extent = [&] { return fuzzer.chance(0.05) ? 0 : fuzzer.pick(1, 4); };
    int64_t keyHeads = fuzzer.pick(1, 3);
    AttentionCall call(extent(), extent(), extent(), keyHeads * fuzzer.pick(1, 2), keyHeads);
    call.stage = touchEverything;
    Arena arena;
    for (size_t i = 0; i < call.tensors.size(); ++i) {
      call.tensors[i].strides = fuzzer.layout(call.arguments[i], call.tensors[i].shape);
      fuzzer.place(call.tensors[i].get(), arena);
    }
    DLTensor &output = call.tensors[Output].get(), &query = call.tensors[Query].get();
    bool aliased = fuzzer.chance(0.1), corrupted = fuzzer.chance(0.7);
    if (aliased) { // somewhere around the query's memory, inside one larger block
      constexpr int64_t room = 20000;
      std::byte *block = arena.allocate(4 * room);
      query.data = block + 2 * room, query.byte_offset = 0;
      output.data = block + 2 * room + 4 * fuzzer.pick(-600, 600), output.byte_offset = 0;
    }
    for (int64_t lies = corrupted ? fuzzer.pick(1, 2) : 0; lies > 0; --lies) {
      int64_t i = fuzzer.pick(Query, Output);
      fuzzer.corrupt(call.tensors[i].get(), call.arguments[i].rank);
    }

    heed_status status = call.run();
    ++outcomes[heed_status_name(status)];
    if (!aliased && !corrupted) {
      EXPECT_EQ(status, HEED_OK) << heed_last_error();
    }
    if (status != HEED_OK) {
      EXPECT_STRNE(heed_last_error(), "");
    }
  }
  for (heed_status status :
       {HEED_OK, HEED_NULL_ARGUMENT, HEED_WRONG_DEVICE, HEED_WRONG_TYPE, HEED_WRONG_RANK,
        HEED_WRONG_SHAPE, HEED_WRONG_STRIDE, HEED_WRONG_ALIGNMENT, HEED_TOO_LARGE, HEED_OVERLAP})
    EXPECT_GT(outcomes[heed_status_name(status)], 100) << heed_status_name(status);
}

} // namespace
} // namespace heed::test

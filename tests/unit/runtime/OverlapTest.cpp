// shareMemory and stridesNest against brute force, and the layouts people have.
#include "runtime/Overlap.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace heed::test {
namespace {

struct View {
  heed_argument argument = {};
  Tensor tensor = {};

  View(int64_t address, int64_t bytes, std::vector<int64_t> extents, std::vector<int64_t> strides) {
    argument.rank = extents.size();
    tensor.argument = &argument;
    tensor.address = reinterpret_cast<uint8_t *>(address);
    tensor.elementBytes = bytes;
    tensor.elements = 1;
    tensor.low = address, tensor.high = address + bytes;
    for (size_t i = 0; i < extents.size(); ++i) {
      tensor.elements *= extents[i];
      tensor.extents[i] = extents[i];
      tensor.strides[i] = extents[i] > 1 ? strides[i] : 0;
      int64_t reach = tensor.strides[i] * (extents[i] - 1) * bytes;
      (reach < 0 ? tensor.low : tensor.high) += reach;
    }
  }
  View(const View &) = delete;

  std::multiset<int64_t> bytesTouched() const {
    std::multiset<int64_t> addresses = {int64_t(tensor.address)};
    for (int axis = 0; axis < argument.rank; ++axis) {
      std::multiset<int64_t> next;
      for (int64_t address : addresses)
        for (int64_t i = 0; i < tensor.extents[axis]; ++i)
          next.insert(address + i * tensor.strides[axis] * tensor.elementBytes);
      addresses = next;
    }
    std::multiset<int64_t> bytes;
    for (int64_t address : addresses)
      for (int64_t i = 0; i < tensor.elementBytes; ++i)
        bytes.insert(address + i);
    return bytes;
  }
};

TEST(Overlap, SlicesOfAFusedBufferInterleaveWithoutTouching) {
  // (batch, sequence, 4, head, dim): query, key, value and output in one buffer.
  constexpr int64_t dim = 64, heads = 12, length = 128;
  auto slice = [&](int64_t i, int64_t shift = 0) {
    return View(4096 + (i * heads * dim + shift) * 4, 4, {2, length, heads, dim},
                {length * 4 * heads * dim, 4 * heads * dim, dim, 1});
  };
  for (int64_t i = 0; i < 3; ++i)
    EXPECT_FALSE(shareMemory(slice(3).tensor, slice(i).tensor)) << i;
  EXPECT_TRUE(shareMemory(slice(3).tensor, slice(3).tensor));
  EXPECT_TRUE(shareMemory(slice(3, -1).tensor, slice(2).tensor));
}

TEST(Overlap, NeighboursDoNotTouch) {
  View a(4096, 4, {10}, {1}), b(4096 + 40, 4, {10}, {1}), c(4096 + 39, 1, {1}, {1});
  EXPECT_FALSE(shareMemory(a.tensor, b.tensor));
  EXPECT_TRUE(shareMemory(a.tensor, c.tensor));
}

TEST(Overlap, EmptyTensorsTouchNothing) {
  View a(4096, 4, {10}, {1}), empty(4096, 4, {0}, {1});
  EXPECT_FALSE(shareMemory(a.tensor, empty.tensor));
  EXPECT_FALSE(shareMemory(empty.tensor, a.tensor));
}

TEST(Overlap, WildStridesCountAsSharing) {
  // Even offsets against an odd one: no byte is shared, but a search would take forever.
  std::vector<int64_t> extents, strides;
  for (int i = 0; i < 8; ++i)
    extents.push_back(12), strides.push_back(2 * (101 + i));
  View a(4096, 1, extents, strides), b(4096 + 9001, 1, {1}, {1});
  EXPECT_TRUE(shareMemory(a.tensor, b.tensor));
}

TEST(Overlap, AgreesWithBruteForce) {
  std::mt19937 random(20261123);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int sharing = 0, nesting = 0;
  for (int round = 0; round < 4000; ++round) {
    auto make = [&] {
      std::vector<int64_t> extents, strides;
      for (int64_t rank = pick(0, 3); rank > 0; --rank)
        extents.push_back(pick(1, 4)), strides.push_back(pick(-12, 12));
      return View(1 << 20 | pick(0, 60), 1 << pick(0, 3), extents, strides);
    };
    View a = make(), b = make();
    std::multiset<int64_t> first = a.bytesTouched(), second = b.bytesTouched();
    bool shared = false;
    for (int64_t byte : first)
      shared |= second.count(byte) != 0;
    EXPECT_EQ(shareMemory(a.tensor, b.tensor), shared) << "round " << round;
    sharing += shared;
    if (stridesNest(a.tensor)) {
      ++nesting;
      EXPECT_EQ(std::set(first.begin(), first.end()).size(), first.size()) << "round " << round;
    }
  }
  EXPECT_GT(sharing, 400);
  EXPECT_GT(nesting, 400);
}

} // namespace
} // namespace heed::test

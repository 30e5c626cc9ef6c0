#include "tests/unit/table/Entries.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace heed;
using nlohmann::json;

namespace {

/// The key with one field changed.
KernelKey with(const char *field, const json &value) {
  json changed = json(toJson(attentionKey()));
  changed[field] = value;
  return llvm::cantFail(keyFromJson(changed));
}

std::string whyNot(const char *field, const json &value) {
  json changed = json(toJson(attentionKey()));
  changed[field] = value;
  llvm::Expected<KernelKey> key = keyFromJson(changed);
  return key ? "" : llvm::toString(key.takeError());
}

double distanceWith(const char *field, const json &value) {
  double there = distance(attentionKey(), with(field, value));
  EXPECT_EQ(there, distance(with(field, value), attentionKey())) << field;
  return there;
}

TEST(KernelKeys, surviveJson) { EXPECT_EQ(with("dim", 64), attentionKey()); }

TEST(KernelKeys, badFieldsAreErrorsThatNameThem) {
  EXPECT_EQ(whyNot("dim", "64"), "dim has to be a whole number, but is \"64\"");
  EXPECT_EQ(whyNot("dim", -1), "dim has to be a whole number, but is -1");
  EXPECT_EQ(whyNot("mask", "bands"), "mask is 'bands', but has to be one of none, band, data");
  EXPECT_EQ(whyNot("mask", 3), "mask has to be a string, but is 3");
  EXPECT_EQ(whyNot("types", "f32"), "types has to be a list, but is \"f32\"");
  EXPECT_EQ(whyNot("types", {"f33"}),
            "types is 'f33', but has to be one of f16, bf16, f32, f64, i8, i32, i64, u8");
  EXPECT_EQ(whyNot("whole_row", 1), "whole_row has to be true or false, but is 1");
  EXPECT_EQ(whyNot("masks", "none"), "there is no key 'masks' here");
  json missing = json(toJson(attentionKey()));
  missing.erase("modify");
  EXPECT_EQ(llvm::toString(keyFromJson(missing).takeError()), "the key modify is missing");
  EXPECT_EQ(llvm::toString(keyFromJson(json(std::string(100, 'x'))).takeError()),
            "has to be an object, but is \"" + std::string(59, 'x') + "...");
}

TEST(KernelKeys, distanceAddsWhatDiffers) {
  EXPECT_EQ(distance(attentionKey(), attentionKey()), 0);
  EXPECT_EQ(distanceWith("dim", 128), 1);
  EXPECT_EQ(distanceWith("value_dim", 16), 2);
  EXPECT_EQ(distanceWith("group", 4), 1);
  EXPECT_EQ(distanceWith("group", 0), 0.25);
  EXPECT_EQ(distanceWith("types", {"f32", "bf16", "bf16", "f32"}), 2);
  EXPECT_EQ(distanceWith("score", "pairwise"), 4);
  EXPECT_EQ(distanceWith("operands", "made"), 4);
  EXPECT_EQ(distanceWith("mask", "band"), 1);
  EXPECT_EQ(distanceWith("mask", "data"), 2);
  EXPECT_EQ(distanceWith("modify", "costly"), 1);
  EXPECT_EQ(distanceWith("results", "log_sum_exp"), 0.5);
}

TEST(KernelKeys, whatCannotServeIsInfinitelyFar) {
  EXPECT_EQ(distanceWith("kind", "linear"), INFINITY);
  EXPECT_EQ(distanceWith("whole_row", true), INFINITY);
  EXPECT_EQ(distanceWith("types", {"f64", "f64", "f64", "f64"}), INFINITY);
}

TEST(KernelKeys, differencesAreToldInWords) {
  EXPECT_EQ(differenceText(attentionKey(), attentionKey()), "");
  KernelKey other = with("dim", 96);
  other.mask = "band";
  EXPECT_EQ(differenceText(attentionKey(), other), "dim 64 for 96, mask none for band");
  EXPECT_EQ(differenceText(with("types", {"f32", "bf16", "bf16", "f32"}), attentionKey()),
            "types [f32,bf16,bf16,f32] for [f32,f32,f32,f32]");
}

} // namespace

// com.microsoft.GroupQueryAttention: which IR its inputs and attributes become.
#include "tests/unit/import/OnnxModel.h"

using namespace heed;
using testing::AllOf;
using testing::HasSubstr;

namespace {

OnnxModel grouped(std::vector<const char *> inputs) {
  OnnxModel model(1, "com.microsoft");
  model.input("q", Float, {"b", "s", 32}).input("k", Float, {"b", "s", 16});
  model.input("v", Float, {"b", "s", 16}).input("past_k", Float, {"b", 2, "max", 8});
  model.input("past_v", Float, {"b", 2, "max", 8}).input("last", Int32, {"b"});
  model.input("total", Int32, {1}).input("cos", Float, {64, 4}).input("sin", Float, {64, 4});
  model.node("GroupQueryAttention", inputs, {"y", "present_k", "present_v"}, "com.microsoft");
  model.output("y").output("present_k").output("present_v");
  return model.set("num_heads", 4).set("kv_num_heads", 2);
}

const std::vector<const char *> inputs = {"q",    "k",     "v",   "past_k", "past_v",
                                          "last", "total", "cos", "sin"};

TEST(GroupQueryAttention, AppendsToTheCacheAndReadsIt) {
  std::string ir = imported(grouped(inputs).set("do_rotary", 1));
  EXPECT_THAT(ir, AllOf(HasSubstr("@tiny(%q: tensor<?x?x4x8xf32>, %present_k: tensor<?x?x2x8xf32>, "
                                  "%present_v: tensor<?x?x2x8xf32>, %cos: tensor<?x4xf32>, %sin: "
                                  "tensor<?x4xf32>, %last: tensor<?xi32>)"),
                        HasSubstr("@tiny_present_k(%past_k: tensor<?x?x2x8xf32>, %k: "
                                  "tensor<?x?x2x8xf32>, %cos: tensor<?x4xf32>, %sin: "
                                  "tensor<?x4xf32>, %last: tensor<?xi32>)"),
                        HasSubstr("@tiny_present_v(%past_v: tensor<?x?x2x8xf32>, %v: "
                                  "tensor<?x?x2x8xf32>, %last: tensor<?xi32>)"),
                        HasSubstr("attn.extent")));
}

TEST(GroupQueryAttention, WhatIsNotSupportedIsNamed) {
  std::string node = "error: tiny.onnx: node 1 (GroupQueryAttention): ";
  EXPECT_EQ(imported(grouped({"q", "", "", "past_k", "past_v", "last", "total"})),
            node + "has query, key and value packed into one input: give them apart");
  EXPECT_EQ(imported(grouped({"q", "k", "v", "past_k", "past_v", "q", "total"})),
            node + "input seqlens_k has to be of type int32 and rank 1");
  EXPECT_EQ(imported(grouped(inputs).set("smooth_softmax", 1)),
            node + "attribute smooth_softmax is 1: only 0 is supported");
  EXPECT_EQ(
      imported(grouped({"q", "k", "v", "past_k", "past_v", "last", "total"}).set("do_rotary", 1)),
      node + "do_rotary needs cos_cache and sin_cache of the same fixed width");
  EXPECT_EQ(imported(grouped({"q", "k", "v", "past_k", "past_v", "last", "total", "q", "q"})
                         .set("do_rotary", 1)),
            node + "do_rotary needs cos_cache and sin_cache of the same fixed width");
  OnnxModel narrow = grouped(inputs).set("do_rotary", 1);
  for (auto &input : *narrow.proto.mutable_graph()->mutable_input())
    if (input.name() == "sin")
      input.mutable_type()->mutable_tensor_type()->set_elem_type(Float16);
  EXPECT_EQ(imported(narrow),
            node + "inputs cos_cache and sin_cache have to have the type of query");
}

} // namespace

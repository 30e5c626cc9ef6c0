// com.microsoft.MultiHeadAttention: which IR its inputs and attributes become.
#include "tests/unit/import/OnnxModel.h"

using namespace heed;
using testing::AllOf;
using testing::HasSubstr;

namespace {

OnnxModel multiHead(std::vector<const char *> inputs) {
  OnnxModel model(1, "com.microsoft");
  model.input("q", Float, {"b", "s", 24}).input("k", Float, {"b", "t", 24});
  model.input("v", Float, {"b", "t", 48}).input("lengths", Int32, {"b"});
  model.input("padding", Int32, {"b", "t"}).input("bias", Float, {1, 3, "s", "t"});
  model.node("MultiHeadAttention", inputs, {"y"}, "com.microsoft").output("y");
  return model.set("num_heads", 3);
}

TEST(MultiHeadAttention, HeadsComeFromTheAttribute) {
  EXPECT_THAT(imported(multiHead({"q", "k", "v"})),
              HasSubstr("@tiny(%q: tensor<?x?x3x8xf32>, %k: tensor<?x?x3x8xf32>, %v: "
                        "tensor<?x?x3x16xf32>) -> tensor<?x?x3x16xf32>"));
}

TEST(MultiHeadAttention, PaddingAndBias) {
  EXPECT_THAT(imported(multiHead({"q", "k", "v", "", "lengths", "bias"})),
              AllOf(HasSubstr("%lengths: tensor<?xi32>"), HasSubstr("%bias: tensor<1x3x?x?xf32>"),
                    HasSubstr("attn.modify"), HasSubstr("arith.cmpi slt, %key")));
  EXPECT_THAT(imported(multiHead({"q", "k", "v", "", "padding"})),
              AllOf(HasSubstr("%padding: tensor<?x?xi32>"), HasSubstr("arith.cmpi ne")));
  EXPECT_THAT(imported(multiHead({"q", "k", "v"}).set("unidirectional", 1)),
              HasSubstr("arith.cmpi sle, %key, %query"));
}

TEST(MultiHeadAttention, WhatIsNotSupportedIsNamed) {
  std::string node = "error: tiny.onnx: node 1 (MultiHeadAttention): ";
  EXPECT_EQ(imported(multiHead({"q", "k", "v", "bias"})),
            node + "input bias is not supported: leave it out");
  EXPECT_EQ(imported(multiHead({"q"})), node + "lacks the input key");
  EXPECT_EQ(imported(multiHead({"q", "k", "v", "", "bias"})),
            node + "input key_padding_mask has to be of type int32");
  EXPECT_EQ(imported(multiHead({"q", "k", "v", "", "", "lengths"})),
            node + "input attention_bias has to have the type of query");
  OnnxModel model = multiHead({"q", "k", "v"});
  model.last()->clear_attribute();
  EXPECT_EQ(imported(model), node + "lacks the attribute num_heads");
}

} // namespace

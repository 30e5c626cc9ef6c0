// RotaryEmbedding on queries and keys becomes a part of loading them.
#include "tests/unit/import/OnnxModel.h"

using namespace heed;
using testing::AllOf;
using testing::HasSubstr;

namespace {

OnnxModel rotating(std::vector<const char *> inputs) {
  OnnxModel model = withInputs();
  model.input("positions", Int64, {"b", "s"}).initializer("cos", Float, {2048, 16});
  model.initializer("sin", Float, {2048, 16});
  model.node("Attention", {"R", "K", "V"}, {"Y"}).output("Y");
  return model.node("RotaryEmbedding", inputs, {"R"}).set("rotary_embedding_dim", 32);
}

TEST(RotaryEmbedding, IsAnOperand) {
  EXPECT_THAT(
      imported(rotating({"Q", "cos", "sin", "positions"})),
      AllOf(HasSubstr("@tiny(%Q: tensor<?x?x12x64xf32>, %K: tensor<?x?x4x64xf32>, %V: "
                      "tensor<?x?x4x32xf32>, %cos: tensor<?x16xf32>, %sin: tensor<?x16xf32>, "
                      "%positions: tensor<?x?xi64>)"),
            HasSubstr("attn.rowwise captures(%Q, %cos, %sin, %positions : "),
            HasSubstr("attn.score scaled_dot %0, %K")));
}

TEST(RotaryEmbedding, MistakesAreItsOwn) {
  std::string node = "error: tiny.onnx: node 2 (RotaryEmbedding): ";
  EXPECT_EQ(imported(rotating({"Q", "cos", "sin"})),
            node +
                "input cos_cache has the shape [2048, 16]: it has to be of rank 3 and end in 16");
  EXPECT_EQ(imported(rotating({"Q", "cos", "sin", "cos"})),
            node + "input position_ids has to be of type int64 and rank 2");
  EXPECT_EQ(imported(rotating({"Q", "cos", "sin", "positions"}).set("scale", 1)),
            node + "attribute scale is not supported: leave it out");
  OnnxModel narrow = rotating({"Q", "cos", "sin", "positions"});
  narrow.proto.mutable_graph()->mutable_initializer(1)->set_data_type(Float16);
  EXPECT_EQ(imported(narrow), node + "input sin_cache has to have the type of X");
  OnnxModel odd = rotating({"Q", "cos", "sin", "positions"});
  odd.last()->mutable_attribute(0)->set_i(33);
  EXPECT_EQ(imported(odd), node + "33 columns can't be rotated: an even number has to be, of 64");
}

TEST(RotaryEmbedding, BelongsToTheAttention) {
  std::string wrong = "error: tiny.onnx: node 2 (RotaryEmbedding) has to rotate queries or keys of "
                      "node 1 (Attention), and nothing else";
  EXPECT_EQ(imported(rotating({"Q", "cos", "sin", "positions"}).output("R")), wrong);
  OnnxModel model = rotating({"Q", "cos", "sin", "positions"});
  model.proto.mutable_graph()->mutable_node(0)->set_input(0, "Q");
  EXPECT_EQ(imported(model), wrong);
}

} // namespace

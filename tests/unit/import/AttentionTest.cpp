// ONNX's Attention: which IR each input and attribute becomes. What it computes is
// tests/conformance.
#include "tests/unit/import/OnnxModel.h"

using namespace heed;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(Attention, IsAKernelNamedAfterTheFile) {
  std::string ir = imported(withInputs().node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y"));
  EXPECT_THAT(ir,
              HasSubstr("attn.kernel @tiny(%Q: tensor<?x?x12x64xf32>, %K: tensor<?x?x4x64xf32>, "
                        "%V: tensor<?x?x4x32xf32>) -> tensor<?x?x12x32xf32> {"));
  EXPECT_THAT(ir, HasSubstr("attn.score scaled_dot %Q, %K"));
  EXPECT_THAT(ir, Not(HasSubstr("attn.mask")));
}

TEST(Attention, NamesBecomeIdentifiers) {
  OnnxModel model;
  for (const char *name : {"a/q.0", "a/q_0", "class"})
    model.input(name, Float, {"b", 2, "s", 8});
  model.node("Attention", {"a/q.0", "a/q_0", "class"}, {"Y"}).output("Y");
  EXPECT_THAT(imported(model), HasSubstr("(%a_q_0: tensor<?x?x2x8xf32>, %a_q_0_2: "
                                         "tensor<?x?x2x8xf32>, %xclass: tensor<?x?x2x8xf32>)"));
  EXPECT_THAT(imported(model.bytes(), "heed_2.onnx"), HasSubstr("@xheed_2("));
}

TEST(Attention, OneTensorMayBeQueryKeyAndValue) {
  OnnxModel model;
  model.input("X", Float, {"b", 2, "s", 8}).node("Attention", {"X", "X", "X"}, {"Y"}).output("Y");
  EXPECT_THAT(imported(model),
              HasSubstr("@tiny(%X: tensor<?x?x2x8xf32>, %X_2: tensor<?x?x2x8xf32>, "
                        "%X_3: tensor<?x?x2x8xf32>)"));
}

TEST(Attention, Rank3NeedsHeads) {
  OnnxModel model;
  model.input("Q", Float16, {"b", "s", 96}).input("K", Float16, {"b", "t", 32});
  model.input("V", Float16, {"b", "t", 16}).node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y");
  EXPECT_EQ(imported(model), "error: tiny.onnx: node 1 (Attention): input Q has rank 3: the "
                             "attributes have to say how many heads");
  model.set("q_num_heads", 6).set("kv_num_heads", 2);
  EXPECT_THAT(imported(model), HasSubstr("%Q: tensor<?x?x6x16xf16>, %K: tensor<?x?x2x16xf16>, %V: "
                                         "tensor<?x?x2x8xf16>) -> tensor<?x?x6x8xf16>"));
}

TEST(Attention, WeightsInBfloat16MayBeRounded) {
  for (auto [type, rounds] : {std::pair(BFloat16, true), std::pair(Float16, false)}) {
    OnnxModel model;
    for (const char *name : {"Q", "K", "V"})
      model.input(name, type, {"b", 2, "s", 8});
    std::string ir = imported(model.node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y"));
    EXPECT_EQ(ir.find("{weights_as = bf16}") != ir.npos, rounds) << ir;
  }
}

TEST(Attention, ScaleAndCap) {
  OnnxModel model = withInputs().node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y");
  model.setReal("scale", 0.25).setReal("softcap", 2);
  EXPECT_THAT(imported(model), AllOf(HasSubstr("{scale = 2.500000e-01 : f64}"),
                                     HasSubstr("math.tanh"), HasSubstr("5.000000e-01 : f32")));
}

TEST(Attention, CausalStandsWhereThePastEnds) {
  OnnxModel model = withInputs().node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y");
  model.set("is_causal", 1);
  EXPECT_THAT(imported(model), AllOf(HasSubstr("arith.cmpi sle, %key, %query"),
                                     Not(HasSubstr("attn.query_offset"))));
  model.input("n", Int64, {"b"});
  model.last()->mutable_input()->Add("");
  model.last()->mutable_input()->Add("");
  model.last()->mutable_input()->Add("");
  model.last()->mutable_input()->Add("n");
  EXPECT_THAT(imported(model),
              AllOf(HasSubstr("%n: tensor<?xi64>"), HasSubstr("attn.query_length")));
}

OnnxModel withPast(const Extents &query, const Extents &key, const Extents &past) {
  OnnxModel model;
  model.input("Q", Float, query).input("K", Float, key).input("V", Float, key);
  model.input("past_key", Float, past).input("past_value", Float, past);
  model.node("Attention", {"Q", "K", "V", "", "past_key", "past_value"},
             {"Y", "present_key", "present_value"});
  return model.set("is_causal", 1).output("Y").output("present_key").output("present_value");
}

TEST(Attention, PastAndNewAreJoinedByKernelsOfTheirOwn) {
  std::string ir = imported(withPast({"b", 2, "s", 8}, {"b", 2, "s", 8}, {"b", 2, "p", 8}));
  EXPECT_THAT(ir, HasSubstr("@tiny(%Q: tensor<?x?x2x8xf32>, %present_key: tensor<?x?x2x8xf32>, "
                            "%present_value: tensor<?x?x2x8xf32>)"));
  EXPECT_THAT(ir, HasSubstr("attn.query_offset"));
  EXPECT_THAT(ir, HasSubstr("@tiny_present_key(%past_key: tensor<?x?x2x8xf32>, %K: "));
  EXPECT_THAT(ir, HasSubstr("@tiny_present_value(%past_value: tensor<?x?x2x8xf32>, %V: "));
  EXPECT_THAT(ir, HasSubstr("positions(%past_key[1] + %K[1])"));
}

TEST(Attention, PlacesAfterAPastNeedLengthsThatHangTogether) {
  EXPECT_THAT(imported(withPast({1, 2, 4, 8}, {1, 2, 3, 8}, {1, 2, 5, 8})),
              HasSubstr("%present_key: tensor<?x8x2x8xf32>"));
  EXPECT_EQ(
      imported(withPast({"b", 2, "s", 8}, {"b", 2, "t", 8}, {"b", 2, "p", 8})),
      "error: tiny.onnx: node 1 (Attention): sees keys by their place, and its queries [b, 2, "
      "s, 8] are not as many as the new keys [b, 2, t, 8]: give both the same name in the "
      "shapes, or make all lengths numbers");
}

OnnxModel withMask(OnnxType type, const Extents &shape) {
  OnnxModel model;
  for (const char *name : {"Q", "K", "V"})
    model.input(name, Float, {2, 3, 6, 8});
  return model.input("m", type, shape).node("Attention", {"Q", "K", "V", "m"}, {"Y"}).output("Y");
}

TEST(Attention, MasksAreBroadcast) {
  EXPECT_THAT(imported(withMask(Float, {6, 6})),
              AllOf(HasSubstr("%m: tensor<?x?xf32>"), HasSubstr("attn.modify"),
                    HasSubstr("[%query, %key]")));
  EXPECT_THAT(imported(withMask(Bool, {2, 1, 6, 6})),
              AllOf(HasSubstr("%m: tensor<?x1x?x?xi1>"), HasSubstr("attn.mask")));
  EXPECT_THAT(imported(withMask(Bool, {6})), HasSubstr("[%key]"));
  EXPECT_THAT(imported(withMask(Float, {3, 1, 6})), HasSubstr("%m: tensor<3x1x?xf32>"));
}

TEST(Attention, AShortMaskDropsTheKeysPastIt) {
  EXPECT_THAT(imported(withMask(Float, {6, 4})),
              AllOf(HasSubstr("%m: tensor<?x4xf32>"), HasSubstr("arith.minsi"),
                    HasSubstr("arith.cmpi slt, %key, %c4")));
}

TEST(Attention, WindowsOfOperatorSet25) {
  OnnxModel model = withInputs(25).node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y");
  model.set("left_window_size", 2).set("right_window_size", 1);
  EXPECT_THAT(imported(model),
              AllOf(HasSubstr("constant 2 : index"), HasSubstr("constant 1 : index")));
  model.proto.mutable_opset_import(0)->set_version(24);
  EXPECT_EQ(imported(model),
            "error: tiny.onnx: node 1 (Attention): attribute left_window_size needs "
            "operator set 25, and the model asks for 24");
}

TEST(Attention, ScoresAreResultsAtTheirStage) {
  for (auto [mode, last] : {std::pair(0, "attn.return %3, %0 "), {3, "attn.return %3, %2 "}}) {
    OnnxModel model = withInputs().node("Attention", {"Q", "K", "V"}, {"Y", "", "", "scores"});
    model.output("Y").output("scores").set("qk_matmul_output_mode", mode).set("is_causal", 1);
    EXPECT_THAT(imported(model), HasSubstr(last)) << mode;
  }
}

} // namespace

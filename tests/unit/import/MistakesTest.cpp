// Files that are no models, models that are no attention, attention that kernels can't compute:
// each is an error that says what and where.
#include "tests/unit/import/OnnxModel.h"

using namespace heed;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

OnnxModel good() {
  OnnxModel model = withInputs().node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y");
  model.last()->set_name("attn");
  return model;
}
std::string errorOf(const OnnxModel &model) {
  std::string text = imported(model), start = "error: tiny.onnx: ";
  EXPECT_THAT(text, StartsWith(start));
  return text.substr(std::min(start.size(), text.size()));
}

TEST(Mistakes, FilesThatAreNoModels) {
  EXPECT_EQ(imported("attn.kernel @x() {}"),
            "error: tiny.onnx: is no ONNX model, or only a part of one");
  EXPECT_EQ(imported(""), "error: tiny.onnx: holds no graph: is it an ONNX model?");
}

TEST(Mistakes, EveryTruncationIsAnError) {
  std::string bytes = good().bytes();
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THAT(imported(bytes.substr(0, size)), StartsWith("error: tiny.onnx: ")) << size;
}

TEST(Mistakes, ChangedBytesNeverAbort) {
  std::string bytes = good().bytes();
  for (size_t place = 0; place < bytes.size(); ++place)
    for (unsigned char change : {0x01, 0x7f, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[place] ^= change;
      EXPECT_FALSE(imported(changed).empty());
    }
}

TEST(Mistakes, Graphs) {
  EXPECT_EQ(errorOf(withInputs().output("Q")), "the graph holds no attention operator");
  EXPECT_EQ(errorOf(good().node("MatMul", {"Q", "K"}, {"Z"})),
            "node 2 (MatMul) is not read: a graph may hold one Attention, or com.microsoft's "
            "MultiHeadAttention or GroupQueryAttention, and the RotaryEmbeddings of its queries "
            "and keys");
  EXPECT_EQ(errorOf(good().node("Attention", {"Q", "K", "V"}, {"Z"})),
            "node 2 (Attention) is the second attention of the graph: put it into a model of its "
            "own");
  EXPECT_EQ(errorOf(good().output("Q")),
            "output 'Q' of the graph does not come from node 'attn' (Attention)");
  EXPECT_EQ(errorOf(withInputs().node("Attention", {"Q", "K", "V"}, {"Y"})),
            "the first output of node 1 (Attention) has to be an output of the graph");
}

TEST(Mistakes, OperatorSets) {
  OnnxModel model = good();
  model.proto.mutable_opset_import(0)->set_version(22);
  EXPECT_EQ(errorOf(model), "node 'attn' (Attention): operator set 23 to 28 is read, and the model "
                            "asks for 22");
  model.proto.clear_opset_import();
  EXPECT_THAT(errorOf(model), HasSubstr("asks for 0"));
}

TEST(Mistakes, InputsAndOutputs) {
  std::string node = "node 'attn' (Attention): ";
  OnnxModel model = good();
  model.last()->set_input(2, "W");
  EXPECT_EQ(errorOf(model),
            node + "input V: 'W' is neither an input of the graph nor an initializer");
  model.last()->mutable_input()->RemoveLast();
  EXPECT_EQ(errorOf(model), node + "lacks the input V");
  model.last()->clear_input();
  EXPECT_EQ(errorOf(model), node + "lacks the input Q");
  for (int i = 0; i < 8; ++i)
    model.last()->add_input("Q");
  EXPECT_EQ(errorOf(model), node + "has 8 inputs, but the operator has at most 7");
  model = good();
  for (int i = 0; i < 4; ++i)
    model.last()->add_output("Q");
  EXPECT_EQ(errorOf(model), node + "has 5 outputs, but the operator has at most 4");
  model = good();
  model.last()->add_output("present_key");
  EXPECT_EQ(errorOf(model.output("present_key")),
            node + "returns present_key or present_value without a past, which is not supported");
  model = good();
  for (const char *name : {"", "K"})
    model.last()->add_input(name);
  EXPECT_EQ(errorOf(model), node + "has to have both past_key and past_value, or neither");
}

TEST(Mistakes, Attributes) {
  std::string node = "node 'attn' (Attention): attribute ";
  EXPECT_EQ(errorOf(good().set("causal", 1)), node + "causal is not supported: leave it out");
  EXPECT_EQ(errorOf(good().set("scale", 1)), node + "scale is no number (FLOAT)");
  EXPECT_EQ(errorOf(good().setReal("is_causal", 1)), node + "is_causal is no integer");
  EXPECT_EQ(errorOf(good().set("is_causal", 2)), node + "is_causal is 2: it has to be 0 or 1");
  EXPECT_EQ(errorOf(good().setReal("scale", INFINITY)), node + "scale is not finite");
  EXPECT_EQ(errorOf(good().setReal("scale", 0)),
            node + "scale has to be positive: queries and keys are multiplied by its root");
  EXPECT_EQ(errorOf(good().set("q_num_heads", 0)),
            node + "q_num_heads is 0: it has to be from 1 to 65536");
  EXPECT_EQ(errorOf(good().set("q_num_heads", INT64_MIN)),
            node + "q_num_heads is -9223372036854775808: it has to be from 1 to 65536");
  EXPECT_EQ(errorOf(good().set("q_num_heads", 5)),
            "node 'attn' (Attention): input Q has the shape [b, 12, s, 64], but the attributes say "
            "5 heads");
  EXPECT_EQ(errorOf(good().set("qk_matmul_output_mode", 4)),
            node + "qk_matmul_output_mode is 4: it has to be from 0 to 3");
  EXPECT_EQ(errorOf(good().set("softmax_precision", 3)),
            node + "softmax_precision is 3: it has to be 1, 10, 11 or 16 (TensorProto.DataType)");
}

/// Attention of three tensors.
OnnxModel of(OnnxType type, const Extents &query, const Extents &key, const Extents &value) {
  OnnxModel model;
  model.input("Q", type, query).input("K", type, key).input("V", type, value);
  return model.node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y");
}

TEST(Mistakes, Shapes) {
  std::string node = "node 1 (Attention): ";
  Extents q = {"b", 4, "s", 8}, k = {"b", 2, "t", 8};
  EXPECT_EQ(errorOf(of(Float, {"b", 4, "s", "d"}, k, k)),
            node + "input Q has the shape [b, 4, s, d]: the last extent has to be a number");
  EXPECT_EQ(errorOf(of(Float, {4, 8}, k, k)), node + "input Q has rank 2: it has to be 3 or 4");
  EXPECT_EQ(errorOf(of(Float, {"b", 4, "s", 70000}, k, k)),
            node + "input Q has heads of 70000 numbers: at most 65536 will do");
  EXPECT_EQ(errorOf(of(Float, {"b", 4, "s", 0}, k, k)),
            node + "input Q: 'Q' has the shape [b, 4, s, 0]: extents have to be at least 1");
  EXPECT_EQ(errorOf(of(Float, {"b", 4, "s", 16}, k, k)),
            node + "Q [b, 4, s, 16] and K [b, 2, t, 8] have to have the same head size");
  EXPECT_EQ(errorOf(of(Float, q, {"b", 3, "t", 8}, {"b", 3, "t", 8})),
            node + "the 4 heads of Q [b, 4, s, 8] are no multiple of the 3 of K [b, 3, t, 8]");
  EXPECT_EQ(errorOf(of(Float, q, k, {"b", 4, "t", 8})),
            node + "K [b, 2, t, 8] and V [b, 4, t, 8] have to have the same number of heads");
  EXPECT_EQ(errorOf(of(Float, q, {"b", 2, 5, 8}, {"b", 2, 6, 8})),
            node + "K [b, 2, 5, 8] and V [b, 2, 6, 8] have to have the same number of keys");
  EXPECT_EQ(errorOf(of(Float, {2, 4, "s", 8}, {3, 2, "t", 8}, k)),
            node + "Q [2, 4, s, 8] and K [3, 2, t, 8] have to have the same batch");
  EXPECT_EQ(errorOf(of(Float, {"b", "h", "s", 8}, k, k)),
            node + "Q [b, h, s, 8]: the number of heads has to be fixed");
}

TEST(Mistakes, Types) {
  Extents q = {"b", 4, "s", 8};
  EXPECT_EQ(errorOf(of(Int32, q, q, q)),
            "node 1 (Attention): input Q has to hold floating-point numbers");
  EXPECT_EQ(errorOf(of(Uint8, q, q, q)), "node 1 (Attention): input Q: 'Q' has element type 2 "
                                         "(TensorProto.DataType), which kernels don't take");
  OnnxModel model = of(Float, q, q, q);
  model.proto.mutable_graph()->mutable_input(0)->clear_type();
  EXPECT_EQ(errorOf(model), "node 1 (Attention): input Q: 'Q' has no tensor type with a shape");
}

TEST(Mistakes, Masks) {
  auto masked = [](OnnxType type, const Extents &shape) {
    return of(Float, {2, 4, 5, 8}, {2, 4, 6, 8}, {2, 4, 6, 8}).input("m", type, shape);
  };
  auto errorWith = [&](OnnxType type, const Extents &shape) {
    OnnxModel model = masked(type, shape);
    model.last()->add_input("m");
    return errorOf(model);
  };
  EXPECT_EQ(errorWith(Float, {3, 6}), "node 1 (Attention): input attn_mask has the shape [3, 6], "
                                      "whose 3 has to be 1 or 5");
  EXPECT_EQ(errorWith(Float, {5, 7}), "node 1 (Attention): input attn_mask has the shape [5, 7], "
                                      "whose 7 has to be 1 or 6");
  EXPECT_EQ(errorWith(Float, {1, 1, 1, 1, 6}),
            "node 1 (Attention): input attn_mask has rank 5: it has to be from 1 to 4");
  EXPECT_EQ(errorWith(Int32, {5, 6}),
            "node 1 (Attention): input attn_mask has to be boolean or have the type of Q");
}

TEST(Mistakes, Lengths) {
  auto errorWith = [](int set, OnnxType type, const Extents &shape) {
    OnnxModel model = withInputs(set).input("n", type, shape);
    model.node("Attention", {"Q", "K", "V", "", "", "", "n"}, {"Y"}).output("Y");
    return errorOf(model);
  };
  EXPECT_EQ(errorWith(23, Int64, {"b"}),
            "node 1 (Attention): input nonpad_kv_seqlen needs operator "
            "set 24, and the model asks for 23");
  EXPECT_EQ(errorWith(24, Int32, {"b"}),
            "node 1 (Attention): input nonpad_kv_seqlen has to be of type int64 and rank 1");
  EXPECT_EQ(errorWith(24, Int64, {3, "b"}),
            "node 1 (Attention): input nonpad_kv_seqlen has to be of type int64 and rank 1");
  OnnxModel model = of(Float, {2, 4, 5, 8}, {2, 4, 6, 8}, {2, 4, 6, 8}).input("n", Int64, {3});
  for (const char *name : {"", "", "", "n"})
    model.last()->add_input(name);
  EXPECT_EQ(errorOf(model),
            "node 1 (Attention): n [3] has to hold one number for each batch entry of "
            "Q [2, 4, 5, 8]");
  model = withInputs(24).input("p", Float, {"b", 4, "p", 64}).input("n", Int64, {"b"});
  model.input("r", Float, {"b", 4, "p", 32});
  model.node("Attention", {"Q", "K", "V", "", "p", "r", "n"}, {"Y"}).output("Y");
  EXPECT_EQ(errorOf(model), "node 1 (Attention): has past_key and nonpad_kv_seqlen: the cache is "
                            "either inside or outside");
}

TEST(Mistakes, Windows) {
  OnnxModel model = withInputs(25).node("Attention", {"Q", "K", "V"}, {"Y"}).output("Y");
  EXPECT_EQ(errorOf(model.set("left_window_size", -2)),
            "node 1 (Attention): attribute left_window_size is -2: it has to be from -1 to 2^30");
}

} // namespace

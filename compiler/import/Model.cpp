#include "compiler/import/Model.h"

#include "mlir/IR/Builders.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <limits>

using namespace mlir;

namespace heed::onnx {

std::string toString(ArrayRef<Extent> shape) {
  auto text = [](const Extent &extent) {
    return extent.isFixed()        ? std::to_string(extent.number)
           : extent.symbol.empty() ? std::string("?")
                                   : extent.symbol;
  };
  return "[" + llvm::join(llvm::map_range(shape, text), ", ") + "]";
}

std::string describe(const GraphProto &graph, const NodeProto &node) {
  std::string place = "'" + node.name() + "'";
  if (node.name().empty()) {
    auto same = [&](const NodeProto &other) { return &other == &node; };
    place = std::to_string(llvm::find_if(graph.node(), same) - graph.node().begin() + 1);
  }
  return "node " + place + " (" + node.op_type() + ")";
}

/// TensorProto.DataType; null for those that kernels don't know.
static Type elementType(int32_t code, MLIRContext *context) {
  Builder builder(context);
  switch (code) {
  case 1:
    return builder.getF32Type();
  case 3:
    return builder.getI8Type();
  case 6:
    return builder.getI32Type();
  case 7:
    return builder.getI64Type();
  case 9:
    return builder.getI1Type();
  case 10:
    return builder.getF16Type();
  case 11:
    return builder.getF64Type();
  case 16:
    return builder.getBF16Type();
  default:
    return nullptr;
  }
}

static Extent extentOf(const TensorShapeProto::Dimension &dimension) {
  if (dimension.has_dim_value())
    return {dimension.dim_value(), ""};
  return {ShapedType::kDynamic, dimension.dim_param()};
}

llvm::Error Model::error(const Twine &message) const {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), fileName + ": " + message);
}

llvm::Expected<Model> Model::read(llvm::MemoryBufferRef file, MLIRContext &context) {
  Model model(llvm::sys::path::filename(file.getBufferIdentifier()), context);
  llvm::StringRef bytes = file.getBuffer();
  if (bytes.size() > std::numeric_limits<int>::max())
    return model.error("is larger than 2 GB, the most that an ONNX file can hold: keep the weights "
                       "in files of their own");
  if (!model.proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return model.error("is no ONNX model, or only a part of one");
  if (!model.proto.has_graph())
    return model.error("holds no graph: is it an ONNX model?");
  return model;
}

int64_t Model::operatorSet(StringRef domain) const {
  for (const OperatorSetIdProto &set : proto.opset_import())
    if (set.domain() == domain || (domain.empty() && set.domain() == "ai.onnx"))
      return set.version();
  return 0;
}

llvm::Expected<Tensor> Model::tensor(StringRef name) const {
  Tensor tensor{name.str(), nullptr, {}};
  int32_t type = 0;
  auto wrong = [&](const Twine &what) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), "'" + name + "' " + what);
  };
  auto named = [&](const auto &value) { return value.name() == name; };
  const auto &inputs = graph().input();
  const auto &initializers = graph().initializer();
  if (auto input = llvm::find_if(inputs, named); input != inputs.end()) {
    if (!input->type().has_tensor_type() || !input->type().tensor_type().has_shape())
      return wrong("has no tensor type with a shape");
    type = input->type().tensor_type().elem_type();
    for (const auto &dimension : input->type().tensor_type().shape().dim())
      tensor.shape.push_back(extentOf(dimension));
  } else if (auto constant = llvm::find_if(initializers, named); constant != initializers.end()) {
    type = constant->data_type();
    for (int64_t extent : constant->dims())
      tensor.shape.push_back({extent, ""});
  } else {
    return wrong("is neither an input of the graph nor an initializer");
  }
  tensor.element = elementType(type, context);
  if (!tensor.element)
    return wrong("has element type " + Twine(type) +
                 " (TensorProto.DataType), which kernels don't take");
  for (const Extent &extent : tensor.shape)
    if (extent.isFixed() && extent.number < 1)
      return wrong("has the shape " + toString(tensor.shape) + ": extents have to be at least 1");
  return tensor;
}

const NodeProto *Model::producer(StringRef name) const {
  for (const NodeProto &node : graph().node())
    if (llvm::is_contained(node.output(), name))
      return &node;
  return nullptr;
}

bool Model::isOutput(StringRef name) const {
  return llvm::any_of(graph().output(), [&](const auto &value) { return value.name() == name; });
}

} // namespace heed::onnx

// ONNX files made in a test, and what the importer says of them.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/import/Import.h"

#include "model.pb.h"

#include "mlir/IR/MLIRContext.h"

#include <gmock/gmock.h>

#include <string>
#include <variant>

namespace heed {

enum OnnxType {
  Float = 1,
  Uint8 = 2,
  Int32 = 6,
  Int64 = 7,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  BFloat16 = 16
};

using Extents = std::vector<std::variant<int, const char *>>; ///< numbers and names

class OnnxModel {
public:
  explicit OnnxModel(int set = 24, const char *domain = "") {
    auto *import = proto.add_opset_import();
    import->set_domain(domain);
    import->set_version(set);
  }

  OnnxModel &input(const char *name, OnnxType type, const Extents &shape) {
    auto *value = proto.mutable_graph()->add_input();
    value->set_name(name);
    auto *tensor = value->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    tensor->mutable_shape();
    for (const auto &extent : shape) {
      auto *dimension = tensor->mutable_shape()->add_dim();
      if (const int *number = std::get_if<int>(&extent))
        dimension->set_dim_value(*number);
      else
        dimension->set_dim_param(std::get<const char *>(extent));
    }
    return *this;
  }
  OnnxModel &initializer(const char *name, OnnxType type, std::vector<int64_t> shape) {
    auto *tensor = proto.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (int64_t extent : shape)
      tensor->add_dims(extent);
    return *this;
  }
  OnnxModel &node(const char *type, std::vector<const char *> inputs,
                  std::vector<const char *> outputs, const char *domain = "") {
    proto.mutable_graph()->add_node();
    last()->set_op_type(type);
    last()->set_domain(domain);
    for (const char *name : inputs)
      last()->add_input(name);
    for (const char *name : outputs)
      last()->add_output(name);
    return *this;
  }
  OnnxModel &set(const char *name, int64_t value) {
    auto *attribute = last()->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(value);
    return *this;
  }
  OnnxModel &setReal(const char *name, float value) {
    auto *attribute = last()->add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::FLOAT);
    attribute->set_f(value);
    return *this;
  }
  OnnxModel &output(const char *name) {
    proto.mutable_graph()->add_output()->set_name(name);
    return *this;
  }

  std::string bytes() const { return proto.SerializeAsString(); }

  /// The node added last.
  onnx::NodeProto *last() { return &*proto.mutable_graph()->mutable_node()->rbegin(); }

  onnx::ModelProto proto;
};

/// The IR, or "error: " and the message.
inline std::string imported(const std::string &bytes, const char *file = "folder/tiny.onnx") {
  mlir::MLIRContext context;
  auto module = importOnnx({bytes, file}, context);
  if (!module)
    return "error: " + llvm::toString(module.takeError());
  std::string text;
  llvm::raw_string_ostream(text) << **module;
  return text;
}
inline std::string imported(const OnnxModel &model) { return imported(model.bytes()); }

/// Q, K and V of 12 and 4 heads of 64, batch and lengths by name.
inline OnnxModel withInputs(int set = 24) {
  OnnxModel model(set);
  model.input("Q", Float, {"b", 12, "s", 64})
      .input("K", Float, {"b", 4, "t", 64})
      .input("V", Float, {"b", 4, "t", 32});
  return model;
}

} // namespace heed

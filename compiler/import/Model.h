// An ONNX file: its nodes, and types and shapes of the tensors that go into them.
#pragma once

#include "model.pb.h"

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <map>
#include <string>
#include <vector>

namespace heed::onnx {

/// Of an axis: a number, or a name that stands for one, or nothing.
struct Extent {
  int64_t number = mlir::ShapedType::kDynamic;
  std::string symbol;

  bool isFixed() const { return !mlir::ShapedType::isDynamic(number); }
  /// Surely the same.
  bool operator==(const Extent &other) const {
    return isFixed() ? number == other.number : !symbol.empty() && symbol == other.symbol;
  }
  /// Surely not the same.
  bool contradicts(const Extent &other) const {
    return isFixed() && other.isFixed() && number != other.number;
  }
};

struct Tensor {
  std::string name;
  mlir::Type element;
  std::vector<Extent> shape;
};

/// The shape as ONNX tools print it: [2, 12, seq, 64].
std::string toString(llvm::ArrayRef<Extent> shape);

class Model {
public:
  static llvm::Expected<Model> read(llvm::MemoryBufferRef file, mlir::MLIRContext &context);

  const GraphProto &graph() const { return proto.graph(); }
  /// The version of a domain's operators that the file asks for; 0 where it asks for none.
  int64_t operatorSet(llvm::StringRef domain) const;
  /// A graph input or an initializer; the error names neither file nor node.
  llvm::Expected<Tensor> tensor(llvm::StringRef name) const;
  /// The node that has `name` among its outputs, or null.
  const NodeProto *producer(llvm::StringRef name) const;
  bool isOutput(llvm::StringRef name) const;

  /// An error that names the file.
  llvm::Error error(const llvm::Twine &message) const;

private:
  Model(llvm::StringRef fileName, mlir::MLIRContext &context)
      : fileName(fileName), context(&context) {}

  std::string fileName;
  mlir::MLIRContext *context;
  ModelProto proto;
};

/// "node 'attn' (Attention)", or by its number where it has no name.
std::string describe(const GraphProto &graph, const NodeProto &node);

} // namespace heed::onnx

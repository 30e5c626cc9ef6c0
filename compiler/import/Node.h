// Reading one node: its inputs and outputs under the names that the operator's specification gives
// them, its attributes by type. The first mistake is kept and everything after it reads as absent,
// so that an operator reads as a list of what it takes; takeError() then says what was wrong, or
// names what the node has and nobody asked for.
#pragma once

#include "compiler/import/Model.h"

#include <optional>
#include <set>

namespace heed::onnx {

/// The operator's specification: formal names in their order.
struct Formals {
  llvm::ArrayRef<llvm::StringRef> inputs, outputs;
};

class Node {
public:
  Node(const Model &model, const NodeProto &proto, Formals formals);

  std::optional<Tensor> input(llvm::StringRef formal);
  /// The same, where the operator can't do without.
  Tensor requiredInput(llvm::StringRef formal);
  /// The tensor's name, whoever makes it; empty where the input is left out.
  llvm::StringRef inputName(llvm::StringRef formal);
  /// The name of an output that the graph returns, or that `needed` says has to be made anyway.
  std::optional<std::string> output(llvm::StringRef formal, bool needed = false);

  std::optional<int64_t> integer(llvm::StringRef attribute);
  std::optional<double> real(llvm::StringRef attribute);
  /// An integer attribute that is 0 or 1, and 0 where it is left out.
  bool flag(llvm::StringRef attribute);
  /// An integer attribute that the operator can't do without, at least 1.
  int64_t requiredCount(llvm::StringRef attribute);

  /// Keeps the first mistake.
  void mistake(const llvm::Twine &message);
  /// The mistakes of a node that belongs to this one are its own.
  void adopt(Node &other);
  bool isGood() const { return !wrong; }
  llvm::Error takeError();

  const Model &model() const { return owner; }
  const NodeProto &proto() const { return node; }

private:
  const AttributeProto *find(llvm::StringRef attribute, AttributeProto::Type type);
  void findUnread();

  const Model &owner;
  const NodeProto &node;
  Formals formals;
  std::optional<std::string> wrong; ///< begins with the node's description
  std::set<std::string> read;       ///< formal names of inputs and outputs, and attributes
};

} // namespace heed::onnx

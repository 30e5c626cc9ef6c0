#include "compiler/import/Import.h"
#include "compiler/dialect/Attn.h"
#include "compiler/import/KernelWriter.h"
#include "compiler/import/Operators.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace heed {
namespace onnx {
namespace {

const Operator *const operators[] = {&attentionOperator, &multiHeadAttentionOperator,
                                     &groupQueryAttentionOperator};

const Operator *findOperator(const NodeProto &node) {
  StringRef domain = node.domain() == "ai.onnx" ? StringRef() : StringRef(node.domain());
  for (const Operator *candidate : operators)
    if (candidate->domain == domain && candidate->name == node.op_type())
      return candidate;
  return nullptr;
}

bool isRotary(const NodeProto &node) {
  return node.op_type() == "RotaryEmbedding" &&
         (node.domain().empty() || node.domain() == "ai.onnx");
}

/// The graph's attention node; every other has to make its queries, keys or values.
llvm::Expected<const NodeProto *> findAttention(const Model &model) {
  const NodeProto *found = nullptr;
  for (const NodeProto &node : model.graph().node()) {
    if (isRotary(node))
      continue;
    if (!findOperator(node))
      return model.error(describe(model.graph(), node) + " is not read: a graph may hold one " +
                         "Attention, or com.microsoft's MultiHeadAttention or "
                         "GroupQueryAttention, and the RotaryEmbeddings of its queries and keys");
    if (found)
      return model.error(describe(model.graph(), node) + " is the second attention of the graph: "
                                                         "put it into a model of its own");
    found = &node;
  }
  if (!found)
    return model.error("the graph holds no attention operator");
  for (const NodeProto &node : model.graph().node())
    if (isRotary(node) &&
        (node.output_size() == 0 || !llvm::is_contained(found->input(), node.output(0)) ||
         model.isOutput(node.output(0))))
      return model.error(describe(model.graph(), node) + " has to rotate queries or keys of " +
                         describe(model.graph(), *found) + ", and nothing else");
  return found;
}

llvm::Error checkOperatorSet(const Model &model, const Operator &op, const NodeProto &node) {
  int64_t set = model.operatorSet(op.domain);
  if (set >= op.firstSet && set <= op.lastSet)
    return llvm::Error::success();
  std::string range = std::to_string(op.firstSet);
  if (op.lastSet != op.firstSet)
    range += " to " + std::to_string(op.lastSet);
  return model.error(describe(model.graph(), node) + ": operator set " + range +
                     (op.domain.empty() ? "" : " of " + op.domain.str()) +
                     " is read, and the model asks for " + std::to_string(set));
}

/// Outputs of the graph that no node of it makes.
llvm::Error checkOutputs(const Model &model, const NodeProto &attention) {
  for (const ValueInfoProto &output : model.graph().output())
    if (!llvm::is_contained(attention.output(), output.name()))
      return model.error("output '" + output.name() + "' of the graph does not come from " +
                         describe(model.graph(), attention));
  if (attention.output_size() == 0 || !model.isOutput(attention.output(0)))
    return model.error("the first output of " + describe(model.graph(), attention) +
                       " has to be an output of the graph");
  return llvm::Error::success();
}

/// The file's name without folders and extension, as a kernel may be called.
std::string kernelName(llvm::MemoryBufferRef file) {
  std::string name = cName(llvm::sys::path::stem(file.getBufferIdentifier()));
  StringRef start = name;
  return start.starts_with("heed_") || start.starts_with("halide_") ? "x" + name : name;
}

} // namespace
} // namespace onnx

using namespace onnx;

llvm::Expected<OwningOpRef<ModuleOp>> importOnnx(llvm::MemoryBufferRef file, MLIRContext &context) {
  context.loadDialect<attn::AttnDialect>();
  llvm::Expected<Model> model = Model::read(file, context);
  if (!model)
    return model.takeError();
  llvm::Expected<const NodeProto *> proto = findAttention(*model);
  if (!proto)
    return proto.takeError();
  const Operator &op = *findOperator(**proto);
  if (llvm::Error error = checkOperatorSet(*model, op, **proto))
    return error;
  if (llvm::Error error = checkOutputs(*model, **proto))
    return error;
  Node node(*model, **proto, op.formals);
  Attention attention = op.read(node, model->operatorSet(op.domain));
  check(node, attention);
  if (llvm::Error error = node.takeError())
    return error;

  StringRef name = llvm::sys::path::filename(file.getBufferIdentifier());
  OwningOpRef<ModuleOp> module = ModuleOp::create(FileLineColLoc::get(&context, name, 0, 0));
  writeKernels(attention, kernelName(file), *module);
  std::string why;
  ScopedDiagnosticHandler handler(&context,
                                  [&](Diagnostic &diagnostic) { why = diagnostic.str(); });
  if (failed(verify(*module)))
    return model->error(describe(model->graph(), **proto) + ": " + why);
  return module;
}

} // namespace heed

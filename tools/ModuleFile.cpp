#include "tools/ModuleFile.h"
#include "compiler/emit/Errors.h"
#include "compiler/import/Import.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace heed {
namespace {

/// MLIR's parser recurses into whatever brackets nest: thousands of levels would exhaust its stack.
/// No kernel needs a hundred.
bool nestsTooDeep(llvm::StringRef text) {
  constexpr int limit = 200;
  int depth = 0;
  for (size_t i = 0; i < text.size() && depth <= limit; ++i)
    if (llvm::StringRef("([{<").contains(text[i]))
      ++depth;
    else if (llvm::StringRef(")]}").contains(text[i]) ||
             (text[i] == '>' && (i == 0 || text[i - 1] != '-')))
      depth = std::max(0, depth - 1);
  return depth > limit;
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> parse(std::unique_ptr<llvm::MemoryBuffer> text,
                                                        mlir::MLIRContext &context,
                                                        llvm::SourceMgr &sources) {
  if (nestsTooDeep(text->getBuffer()))
    return userError(text->getBufferIdentifier() + ": error: brackets nest more than 200 deep");
  sources.AddNewSourceBuffer(std::move(text), llvm::SMLoc());
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return llvm::make_error<Reported>();
  return module;
}

} // namespace

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readModule(const std::string &path, mlir::MLIRContext &context, llvm::SourceMgr &sources) {
  std::string why;
  std::unique_ptr<llvm::MemoryBuffer> text = mlir::openInputFile(path, &why);
  if (!text)
    return userError(why);
  if (llvm::sys::path::extension(path) == ".onnx")
    return importOnnx(*text, context);
  return parse(std::move(text), context, sources);
}

} // namespace heed

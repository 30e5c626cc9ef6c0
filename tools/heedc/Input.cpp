#include "tools/heedc/Input.h"
#include "compiler/dialect/presets/Presets.h"
#include "compiler/emit/Errors.h"
#include "compiler/import/Import.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>

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

std::string sourceName(const CommandLine &line) {
  if (!line.preset.components.empty())
    return "preset " + llvm::join(line.preset.components, ",");
  return line.input == "-" ? "standard input" : llvm::sys::path::filename(line.input).str();
}

std::string presetList() {
  std::string text = "Components for --preset, comma-separated:\n";
  size_t width = 0;
  for (const Preset &preset : allPresets())
    width = std::max(width, preset.syntax.size());
  llvm::StringRef group;
  for (const Preset &preset : allPresets()) {
    if (preset.group != group)
      text += fmt::format("\n{}\n", preset.group.str());
    group = preset.group;
    text += fmt::format("  {:<{}}  {}\n", preset.syntax.str(), width, preset.help.str());
  }
  text += "\nA pair counts where all masks say so. Masks are joined by | (or) and negated by !:\n"
          "  --preset 'causal,window=1024|sinks=4'   --preset '!documents'\n";
  return text;
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
loadModule(const CommandLine &line, mlir::MLIRContext &context, llvm::SourceMgr &sources) {
  if (!line.preset.components.empty())
    return buildPreset(context, line.preset);
  std::string why;
  std::unique_ptr<llvm::MemoryBuffer> text = mlir::openInputFile(line.input, &why);
  if (!text)
    return userError(why);
  if (llvm::sys::path::extension(line.input) == ".onnx")
    return importOnnx(*text, context);
  return parse(std::move(text), context, sources);
}

} // namespace heed

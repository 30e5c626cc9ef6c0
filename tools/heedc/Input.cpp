#include "tools/heedc/Input.h"
#include "compiler/dialect/presets/Presets.h"
#include "tools/ModuleFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>

namespace heed {

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
          "  --preset 'causal,window=1024|sinks=4'   --preset '!documents'\n"
          "A normalizer of your own goes into a file: begin from a preset's, as --emit attn prints "
          "it.\n";
  return text;
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
loadModule(const CommandLine &line, mlir::MLIRContext &context, llvm::SourceMgr &sources) {
  if (!line.preset.components.empty())
    return buildPreset(context, line.preset);
  return readModule(line.input, context, sources);
}

} // namespace heed

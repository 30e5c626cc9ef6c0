#include "compiler/dialect/presets/Presets.h"
#include "compiler/dialect/Attn.h"
#include "compiler/dialect/presets/Components.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace heed {

// clang-format off
static constexpr Preset table[] = {
  {"dense", "dense",
   "every pair counts", presets::addDense},
  {"causal", "causal[=bottom_right]",
   "a query sees the keys up to its own place", presets::addCausal},
  {"window", "window=LEFT[:RIGHT][:bottom_right]",
   "at most LEFT keys before its place, RIGHT after it", presets::addWindow},
  {"prefix", "prefix=N[:bottom_right]",
   "causal, but every query sees the first N keys", presets::addPrefix},
  {"lengths", "lengths",
   "an argument key_lengths: padded batches", presets::addLengths},
  {"alibi", "alibi[=bottom_right]",
   "an argument slopes: a penalty on distance for each head", presets::addAlibi},
  {"softcap", "softcap=X",
   "scores squeezed into (-X, X)", presets::addSoftcap},
  {"bias", "bias[=AXES]",
   "an argument bias, added to scores; AXES: letters of bhqk (hqk)", presets::addBias},
};
// clang-format on

llvm::ArrayRef<Preset> allPresets() { return table; }

static llvm::Error wrong(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static const Preset *findPreset(StringRef name) {
  return llvm::find_if(table, [&](const Preset &preset) { return preset.name == name; });
}

static llvm::Error addComponent(Attention &a, StringRef component) {
  auto [name, rest] = component.split('=');
  const Preset *preset = findPreset(name);
  if (preset == std::end(table))
    return wrong("no preset is called '" + name + "': there are " +
                 llvm::join(llvm::map_range(table, [](const Preset &p) { return p.name; }), ", "));
  SmallVector<StringRef> arguments;
  if (component.contains('='))
    rest.split(arguments, ':');
  if (llvm::Error error = preset->build(a, arguments))
    return wrong("preset '" + component + "': " + llvm::toString(std::move(error)) + "; write " +
                 preset->syntax);
  return llvm::Error::success();
}

static llvm::Error checkOptions(const PresetOptions &options) {
  for (auto [value, name, least] : {std::tuple(options.heads, "heads", 0),
                                    {options.keyHeads, "key heads", 0},
                                    {options.headDim, "head dim", 1},
                                    {options.valueDim, "value dim", 0}})
    if (value < least)
      return wrong(llvm::Twine(name) + " must be at least " + llvm::Twine(least) + ", not " +
                   llvm::Twine(value));
  for (size_t i = 0; i < options.components.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (StringRef(options.components[i]).split('=').first ==
          StringRef(options.components[j]).split('=').first)
        return wrong("preset '" + options.components[i] + "' is given twice");
  return llvm::Error::success();
}

static std::string kernelName(const PresetOptions &options) {
  if (!options.name.empty())
    return options.name;
  std::string name;
  for (StringRef component : options.components)
    name += (name.empty() ? "" : "_") + component.split('=').first.str();
  return name.empty() ? "dense" : name;
}

llvm::Expected<OwningOpRef<ModuleOp>> buildPreset(MLIRContext &context,
                                                  const PresetOptions &options) {
  context.loadDialect<attn::AttnDialect>();
  if (llvm::Error error = checkOptions(options))
    return error;
  Attention a(kernelName(options), {.heads = options.heads == 0 ? any : options.heads,
                                    .keyHeads = options.keyHeads,
                                    .headDim = options.headDim,
                                    .valueDim = options.valueDim});
  for (StringRef component : options.components)
    if (llvm::Error error = addComponent(a, component))
      return error;
  if (options.logSumExp || options.weights)
    a.returnLogSumExp();
  if (options.weights)
    a.returnWeights();

  std::string why; // what is left to go wrong is in the options: heads that don't divide, a name
                   // that C refuses
  ScopedDiagnosticHandler handler(&context,
                                  [&](Diagnostic &diagnostic) { why = diagnostic.str(); });
  auto module = parseSourceString<ModuleOp>(a.text(), &context);
  if (!module)
    return wrong(why);
  return module;
}

} // namespace heed

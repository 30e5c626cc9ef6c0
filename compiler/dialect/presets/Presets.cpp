#include "compiler/dialect/presets/Presets.h"
#include "compiler/dialect/Attn.h"
#include "compiler/dialect/presets/Components.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace heed {

// clang-format off
static constexpr const char *operands = "operands", *scores = "scores instead of q . k / sqrt(dim)",
                            *changes = "changes of the score", *masks = "masks",
                            *weights = "weights",
                            *results = "results beside the output, in the order of the list";

static constexpr Preset table[] = {
  {operands, "rotary", "rotary[=interleaved]",
   "arguments cosines, sines: queries and keys turn with the position", presets::addRotary},
  {operands, "qk_norm", "qk_norm",
   "arguments query_norm, key_norm: RMSNorm of queries and keys", presets::addQkNorm},
  {operands, "int8_cache", "int8_cache[=columns]",
   "keys and values of int8, with arguments key_scales, value_scales", presets::addInt8},
  {operands, "paged", "paged=SIZE",
   "an argument page_table: keys and values in pages of SIZE", presets::addPaged},
  {operands, "ring", "ring",
   "an argument ring_begins: row (position + begin) % rows", presets::addRing},
  {operands, "lengths", "lengths",
   "an argument key_lengths: padded batches", presets::addLengths},
  {scores, "scaled", "scaled=X",
   "X q . k; scaled=1 is the plain dot product", presets::addScaled},
  {scores, "cosine", "cosine",
   "cosines times an argument scales, one for each head", presets::addCosine},
  {scores, "bilinear", "bilinear",
   "q W k with an argument w, a matrix for each head", presets::addBilinear},
  {scores, "additive", "additive=FEATURES",
   "w . tanh(Wq q + Wk k) with arguments wq, wk, w", presets::addAdditive},
  {scores, "distance", "distance",
   "-|q - k|^2 / sqrt(dim)", presets::addDistance},
  {changes, "alibi", "alibi[=bottom_right]",
   "an argument slopes: a penalty on distance for each head", presets::addAlibi},
  {changes, "t5_bias", "t5_bias[=BUCKETS:FARTHEST][:before]",
   "an argument bucket_bias: relative positions in buckets (32:128)", presets::addT5Bias},
  {changes, "softcap", "softcap=X",
   "scores squeezed into (-X, X)", presets::addSoftcap},
  {changes, "bias", "bias[=AXES]",
   "an argument bias, added to scores; AXES: letters of bhqk (hqk)", presets::addBias},
  {masks, "causal", "causal[=bottom_right]",
   "a query sees the keys up to its own place", nullptr, presets::causalMask},
  {masks, "window", "window=LEFT[:RIGHT][:bottom_right]",
   "at most LEFT keys before its place, RIGHT after it", nullptr, presets::windowMask},
  {masks, "prefix", "prefix=N[:bottom_right]",
   "causal, but every query sees the first N keys", nullptr, presets::prefixMask},
  {masks, "sinks", "sinks=N",
   "the first N keys; beside others: window=1024|sinks=4", nullptr, presets::sinksMask},
  {masks, "chunk", "chunk=SIZE[:bottom_right]",
   "the keys of its own chunk of SIZE", nullptr, presets::chunkMask},
  {masks, "dilated", "dilated=STEP[:bottom_right]",
   "every STEP-th key from its place", nullptr, presets::dilatedMask},
  {masks, "documents", "documents[=bottom_right]",
   "an argument segments: the keys of its own packed document", nullptr, presets::documentsMask},
  {masks, "boolean_mask", "boolean_mask[=AXES]",
   "an argument mask of truths; AXES: letters of bhqk (qk)", nullptr, presets::booleanMask},
  {masks, "block_sparse", "block_sparse=SIZE",
   "an argument blocks: which squares of SIZE count", nullptr, presets::blockSparseMask},
  {masks, "dense", "dense",
   "every pair counts", presets::addDense},
  {weights, "normalized", "normalized=KIND",
   "one of softmax_sinks, softmax_plus_one, sigmoid, relu_squared, none, sparsemax, entmax15",
   presets::addNormalizer},
  {weights, "weights_as", "weights_as=bf16",
   "may be rounded to bf16 where they multiply values", presets::addWeightsAs},
  {results, "log_sum_exp", "log_sum_exp",
   "the log-sum-exp of each query's scores", presets::addLogSumExp},
  {results, "weights", "weights",
   "the attention weights", presets::addWeights},
  {results, "key_sums", "key_sums",
   "the weights summed over the queries: one for each key", presets::addKeySums},
  {results, "scores", "scores[=STAGE:...]",
   "raw, as changes leave them (modified), or masks (masked)", presets::addScores},
  {results, "partial", "partial",
   "the unfinished state for the output; also makes NAME_merge, NAME_finish", presets::addPartial},
};
// clang-format on

llvm::ArrayRef<Preset> allPresets() { return table; }

static llvm::Error wrong(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// A preset with what follows it: "window=1024", or "!window=1024".
struct Term {
  StringRef text, name;
  SmallVector<StringRef> arguments;
  bool isNegated;

  explicit Term(StringRef from) {
    isNegated = from.consume_front("!");
    text = from;
    StringRef rest;
    std::tie(name, rest) = from.split('=');
    if (from.contains('='))
      rest.split(arguments, ':');
  }
};

/// What is joined by "|".
static SmallVector<Term> termsOf(StringRef component) {
  SmallVector<StringRef> texts;
  component.split(texts, '|');
  return SmallVector<Term>(texts.begin(), texts.end());
}

static llvm::Expected<const Preset *> findPreset(const Term &term) {
  const Preset *preset =
      llvm::find_if(table, [&](const Preset &preset) { return preset.name == term.name; });
  if (preset == std::end(table))
    return wrong("no preset is called '" + term.name + "': there are " +
                 llvm::join(llvm::map_range(table, [](const Preset &p) { return p.name; }), ", "));
  return preset;
}

static llvm::Error explain(llvm::Error error, const Term &term, const Preset &preset) {
  return wrong("preset '" + term.text + "': " + llvm::toString(std::move(error)) + "; write " +
               preset.syntax);
}

static llvm::Expected<presets::Mask> readMask(Attention &a, const Term &term) {
  llvm::Expected<const Preset *> preset = findPreset(term);
  if (!preset)
    return preset.takeError();
  if (!(*preset)->mask)
    return wrong("preset '" + term.name +
                 "' is no mask: only masks stand beside '|' and after '!'");
  llvm::Expected<presets::Mask> mask = (*preset)->mask(a, term.arguments);
  if (!mask)
    return explain(mask.takeError(), term, **preset);
  if (!term.isNegated)
    return mask;
  return [mask = *mask](Position p) { return !mask(p); };
}

static llvm::Error addMask(Attention &a, ArrayRef<Term> terms) {
  std::vector<presets::Mask> masks;
  for (const Term &term : terms) {
    llvm::Expected<presets::Mask> mask = readMask(a, term);
    if (!mask)
      return mask.takeError();
    masks.push_back(*mask);
  }
  a.mask([&](Position p) {
    Truth counts = masks.front()(p);
    for (const presets::Mask &mask : llvm::drop_begin(masks))
      counts = counts || mask(p);
    return counts;
  });
  return llvm::Error::success();
}

static llvm::Error addComponent(Attention &a, StringRef component) {
  SmallVector<Term> terms = termsOf(component);
  const Term &first = terms.front();
  llvm::Expected<const Preset *> preset = findPreset(first);
  if (!preset)
    return preset.takeError();
  if ((*preset)->mask || first.isNegated || terms.size() > 1)
    return addMask(a, terms);
  if (llvm::Error error = (*preset)->add(a, first.arguments))
    return explain(std::move(error), first, **preset);
  return llvm::Error::success();
}

static std::optional<Storage> storageOf(StringRef dtype) {
  return llvm::StringSwitch<std::optional<Storage>>(dtype)
      .Case("f32", Storage::F32)
      .Case("f64", Storage::F64)
      .Case("f16", Storage::F16)
      .Case("bf16", Storage::BF16)
      .Default(std::nullopt);
}

static llvm::Error checkOptions(const PresetOptions &options) {
  for (auto [value, name, least] : {std::tuple(options.heads, "heads", 0),
                                    {options.keyHeads, "key heads", 0},
                                    {options.headDim, "head dim", 1},
                                    {options.valueDim, "value dim", 0}})
    if (value < least)
      return wrong(llvm::Twine(name) + " must be at least " + llvm::Twine(least) + ", not " +
                   llvm::Twine(value));
  for (StringRef dtype : {options.dtype, options.cacheDtype})
    if (!dtype.empty() && !storageOf(dtype))
      return wrong("'" + dtype + "' is none of f32, f16, bf16, f64");
  llvm::StringSet<> names;
  for (StringRef component : options.components)
    for (const Term &term : termsOf(component))
      if (!names.insert(term.name).second)
        return wrong("preset '" + term.text + "' is given twice");
  return llvm::Error::success();
}

static std::string kernelName(const PresetOptions &options) {
  if (!options.name.empty())
    return options.name;
  std::string name;
  for (StringRef component : options.components)
    for (auto [i, term] : llvm::enumerate(termsOf(component)))
      name += (i              ? "_or_"
               : name.empty() ? ""
                              : "_") +
              std::string(term.isNegated ? "not_" : "") + term.name.str();
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
                                    .valueDim = options.valueDim,
                                    .query = *storageOf(options.dtype),
                                    .cache = storageOf(options.cacheDtype)});
  try {
    for (StringRef component : options.components)
      if (llvm::Error error = addComponent(a, component))
        return error;
  } catch (const BuilderError &error) { // presets that exclude each other
    return wrong(error.what());
  }

  std::string why; // what is left to go wrong is in the options: heads that don't divide, a name
                   // that C refuses
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (why.empty()) // what follows is of the kernels beside it
      why = diagnostic.str();
  });
  auto module = parseSourceString<ModuleOp>(a.text(), &context);
  if (!module)
    return wrong(why);
  return module;
}

} // namespace heed

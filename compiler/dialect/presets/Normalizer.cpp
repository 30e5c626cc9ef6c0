// How scores become weights, where not by softmax, and how exact these are. KIND is a kind of
// attn.normalize.
#include "compiler/dialect/presets/Components.h"

#include "llvm/ADT/StringSwitch.h"

using namespace heed;

llvm::Error presets::addNormalizer(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::StringRef kind = rest.word("");
  auto ofHeads = [&](const char *name) { return a.input<Real>(name, {a.shape().heads}); };
  if (kind == "softmax_sinks")
    a.normalize(Normalizer::softmaxSinks(ofHeads("sinks")));
  else if (kind == "softmax_plus_one")
    a.normalize(Normalizer::softmaxPlusOne());
  else if (kind == "sigmoid")
    a.normalize(Normalizer::sigmoid(ofHeads("sigmoid_bias")));
  else if (kind == "relu_squared")
    a.normalize(Normalizer::reluSquared());
  else if (kind == "none")
    a.normalize(Normalizer::none());
  else if (kind == "sparsemax")
    a.normalize(Normalizer::sparsemax());
  else if (kind == "entmax15")
    a.normalize(Normalizer::entmax15());
  else if (kind != "softmax")
    return llvm::createStringError(
        "'" + kind +
        "' is none of softmax, softmax_sinks, softmax_plus_one, sigmoid, "
        "relu_squared, none, sparsemax, entmax15 (your own goes into a file: an attn.normalizer "
        "beside what --emit attn prints)");
  return rest.finish();
}

llvm::Error presets::addWeightsAs(Attention &a, Words arguments) {
  Arguments rest(arguments);
  if (llvm::StringRef type = rest.word(""); type != "bf16")
    return llvm::createStringError("'" + type + "' is not bf16");
  a.weightsAs(Storage::BF16);
  return rest.finish();
}

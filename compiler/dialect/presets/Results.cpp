// What a kernel gives beside its output, in the order of the list; or, in its place, the state that
// waits for more keys.
#include "compiler/dialect/presets/Components.h"

#include "llvm/ADT/StringSwitch.h"

using namespace heed;

llvm::Error presets::addLogSumExp(Attention &a, Words arguments) {
  a.returnLogSumExp();
  return Arguments(arguments).finish();
}

llvm::Error presets::addWeights(Attention &a, Words arguments) {
  a.returnWeights();
  return Arguments(arguments).finish();
}

llvm::Error presets::addKeySums(Attention &a, Words arguments) {
  a.returnKeySums();
  return Arguments(arguments).finish();
}

llvm::Error presets::addScores(Attention &a, Words arguments) {
  Arguments rest(arguments);
  do {
    llvm::StringRef word = rest.word("masked");
    auto stage = llvm::StringSwitch<std::optional<Stage>>(word)
                     .Case("raw", Stage::Raw)
                     .Case("modified", Stage::Modified)
                     .Case("masked", Stage::Masked)
                     .Default(std::nullopt);
    if (!stage)
      return llvm::createStringError("'" + word + "' is none of raw, modified, masked");
    a.returnScores(*stage);
  } while (!rest.empty());
  return llvm::Error::success();
}

llvm::Error presets::addPartial(Attention &a, Words arguments) {
  a.returnPartial();
  return Arguments(arguments).finish();
}

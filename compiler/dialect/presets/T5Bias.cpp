// A learned bias for each head and bucket of relative positions: near ones have a bucket each, far
// ones share (Raffel et al. 2020, section 2.1; MPNet uses the same).
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Error presets::addT5Bias(Attention &a, Words arguments) {
  Arguments rest(arguments);
  Buckets buckets;
  if (!rest.empty()) {
    llvm::Expected<int64_t> count = rest.size(), farthest = rest.size();
    if (!count)
      return llvm::joinErrors(count.takeError(), farthest.takeError());
    if (!farthest)
      return farthest.takeError();
    buckets.buckets = *count, buckets.farthest = *farthest;
  }
  llvm::StringRef side = rest.word("both");
  if (side != "both" && side != "before")
    return llvm::createStringError("'" + side + "' is neither both nor before");
  buckets.bidirectional = side == "both";
  int64_t single = buckets.buckets / (buckets.bidirectional ? 4 : 2);
  if (single < 1 || buckets.farthest <= single)
    return llvm::createStringError(
        "half of a side's buckets are for single distances: BUCKETS must be at "
        "least 4, and FARTHEST larger than " +
        llvm::Twine(single));
  auto bias = a.input<Real>("bucket_bias", {a.shape().heads, buckets.buckets});
  a.modify([&](Real x, Position p) {
    return x + bias(p.head, relativeBucket(p.key - p.place(), buckets));
  });
  return rest.finish();
}

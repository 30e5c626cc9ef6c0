#include "tools/heed-bench/Pairs.h"
#include "compiler/reference/Tensors.h"

#include <algorithm>

using namespace mlir;

namespace heed::bench {
namespace {

/// The keys of one query that count, by the mask's ranges as far as they go and its body between
/// them.
class RowCounter {
public:
  RowCounter(attn::MaskOp mask, const Tensors &tensors, int64_t queryLength, int64_t keyLength)
      : mask(mask), context(captureContext(mask.getCaptures(), tensors)), keyLength(keyLength) {
    context.queryLength = [=] { return Number(queryLength); };
    context.keyLength = [=] { return Number(keyLength); };
    context.queryOffset = [=] { return Number(keyLength - queryLength); };
  }

  FailureOr<int64_t> count(int64_t batch, int64_t head, int64_t query) {
    auto ranges = evaluate(mask.getRanges(),
                           {Number(batch), Number(head), Number(query), Number(query)}, context);
    if (failed(ranges))
      return failure();
    auto key = [&](unsigned i) {
      return std::clamp((*ranges)[i].asInteger(), int64_t(0), keyLength);
    };
    int64_t begin = key(0), end = key(1), fullBegin = key(2), fullEnd = std::max(fullBegin, key(3));
    int64_t counted = fullEnd - fullBegin;
    for (int64_t j = begin; j < end; ++j) {
      if (fullBegin <= j && j < fullEnd)
        continue;
      auto keep = evaluate(mask.getBody(), {Number(batch), Number(head), Number(query), Number(j)},
                           context);
      if (failed(keep))
        return failure();
      counted += keep->front().asBoolean();
    }
    return counted;
  }

private:
  attn::MaskOp mask;
  Context<Number> context;
  int64_t keyLength;
};

} // namespace

FailureOr<int64_t> countPairs(attn::KernelOp kernel, ArrayRef<Array> inputs) {
  FailureOr<AttentionView> view = viewAttention(kernel);
  if (failed(view))
    return failure();
  Tensors tensors(kernel, inputs);
  const Array &query = tensors[view->query], &key = tensors[view->key];
  int64_t queries = query.shape[1], heads = query.shape[2], pairs = 0;
  for (int64_t batch = 0; batch < query.shape[0]; ++batch) {
    int64_t keyLength = view->keyLengths ? tensors[view->keyLengths](batch) : key.shape[1];
    if (view->masks.empty()) {
      pairs += heads * queries * keyLength;
      continue;
    }
    RowCounter counter(view->masks.front(), tensors, queries, keyLength);
    for (int64_t head = 0; head < heads; ++head)
      for (int64_t i = 0; i < queries; ++i) {
        FailureOr<int64_t> row = counter.count(batch, head, i);
        if (failed(row))
          return failure();
        pairs += *row;
      }
  }
  return pairs;
}

} // namespace heed::bench

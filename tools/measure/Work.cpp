#include "tools/measure/Work.h"
#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Operands.h"
#include "compiler/reference/Tensors.h"

#include <algorithm>

using namespace mlir;

namespace heed::measure {
namespace {

/// The keys that count, by the masks' ranges as far as they go and their bodies between them.
class PairCounter {
public:
  PairCounter(const AttentionView &view, const Tensors &tensors) : view(view), tensors(tensors) {
    for (attn::MaskOp mask : view.masks)
      masks.push_back({mask, captureContext(mask.getCaptures(), tensors)});
  }

  FailureOr<int64_t> count() {
    const Array &query = tensors[view.query], &key = tensors[view.key];
    int64_t pairs = 0;
    for (int64_t batch = 0; batch < query.shape[0]; ++batch) {
      int64_t queries = length(view.queryLengths, batch, query.shape[1]);
      keyLength = length(view.keyLengths, batch, key.shape[1]);
      if (masks.empty()) {
        pairs += query.shape[2] * queries * keyLength;
        continue;
      }
      int64_t offset = length(view.queryOffsets, batch, keyLength - queries);
      for (Mask &mask : masks) {
        mask.context.queryLength = [=] { return Number(queries); };
        mask.context.keyLength = [length = keyLength] { return Number(length); };
        mask.context.queryOffset = [=] { return Number(offset); };
      }
      for (int64_t head = 0; head < query.shape[2]; ++head)
        for (int64_t i = 0; i < queries; ++i) {
          FailureOr<int64_t> row = countRow({Number(batch), Number(head), Number(i)});
          if (failed(row))
            return failure();
          pairs += *row;
        }
    }
    return pairs;
  }

private:
  struct Mask {
    attn::MaskOp op;
    Context<Number> context;
  };

  int64_t length(Value lengths, int64_t batch, int64_t whole) const {
    return lengths ? int64_t(tensors[lengths](batch)) : whole;
  }

  FailureOr<int64_t> countRow(Numbers row) { // batch, head, query
    int64_t begin = 0, end = keyLength, fullBegin = 0, fullEnd = keyLength;
    Numbers tile = row;
    tile.push_back(row.back());
    for (Mask &mask : masks) {
      auto ranges = evaluate(mask.op.getRanges(), tile, mask.context);
      if (failed(ranges))
        return failure();
      auto key = [&](unsigned i) {
        return std::clamp((*ranges)[i].asInteger(), int64_t(0), keyLength);
      };
      begin = std::max(begin, key(0)), end = std::min(end, key(1));
      fullBegin = std::max(fullBegin, key(2)), fullEnd = std::min(fullEnd, key(3));
    }
    fullEnd = std::max(fullBegin, fullEnd);
    int64_t counted = fullEnd - fullBegin;
    for (int64_t j = begin; j < end; ++j) {
      if (fullBegin <= j && j < fullEnd)
        continue;
      FailureOr<bool> counts = keeps(row, j);
      if (failed(counts))
        return failure();
      counted += *counts;
    }
    return counted;
  }

  FailureOr<bool> keeps(Numbers place, int64_t key) {
    place.push_back(Number(key));
    for (Mask &mask : masks) {
      auto keep = evaluate(mask.op.getBody(), place, mask.context);
      if (failed(keep))
        return failure();
      if (!keep->front().asBoolean())
        return false;
    }
    return true;
  }

  AttentionView view;
  const Tensors &tensors;
  std::vector<Mask> masks;
  int64_t keyLength = 0; // of the batch entry
};

FailureOr<Work> workOfAttention(const Kernel &kernel, ArrayRef<Array> inputs) {
  // Passes may give the score other columns, and masks their ranges.
  AttentionView described = *viewAttention(kernel.described),
                compiled = *viewAttention(kernel.compiled);
  Tensors tensors(kernel.compiled, inputs);
  if (failed(shapeOperands(compiled, tensors)))
    return failure();
  FailureOr<int64_t> pairs = PairCounter(compiled, tensors).count();
  if (failed(pairs))
    return failure();
  Work work;
  work.pairs = double(*pairs);
  work.operations = 2 * work.pairs * (described.dim + described.valueDim);
  if (described.score.getKind() == attn::ScoreKind::Pairwise)
    work.pairFeatures = work.pairs * described.dim;
  return work;
}

} // namespace

FailureOr<Work> workOf(const Kernel &kernel, ArrayRef<Array> inputs) {
  Work work;
  switch (kindOf(kernel.described)) {
  case KernelKind::Attention:
    return workOfAttention(kernel, inputs);
  case KernelKind::Linear: {
    LinearView view = *viewLinear(kernel.described);
    double rows = Tensors(kernel.described, inputs)[view.linear.getInput()].shape[0];
    work.operations = 2 * rows * view.inputs * view.outputs;
    return work;
  }
  case KernelKind::Merge:
  case KernelKind::Rowwise:
    return work;
  }
}

} // namespace heed::measure

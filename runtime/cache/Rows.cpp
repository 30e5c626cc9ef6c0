#include "runtime/cache/Rows.h"

#include <cstring>

using namespace heed;

namespace {

/// Elements of the axes from `axis` on, 0 where they are not compact.
int64_t compactElements(const Tensor &tensor, int axis) {
  int64_t elements = 1;
  for (int i = tensor.argument->rank - 1; i >= axis; --i) {
    if (tensor.extents[i] > 1 && tensor.strides[i] != elements)
      return 0;
    elements *= tensor.extents[i];
  }
  return elements;
}

} // namespace

uint8_t *heed::copyCompact(uint8_t *to, const Tensor &tensor, int axis, const uint8_t *from) {
  if (int64_t bytes = compactElements(tensor, axis) * tensor.elementBytes) {
    memcpy(to, from, bytes);
    return to + bytes;
  }
  for (int64_t i = 0; i < tensor.extents[axis]; ++i)
    to = copyCompact(to, tensor, axis + 1, from + i * tensor.strides[axis] * tensor.elementBytes);
  return to;
}

// How regions become text.
#pragma once

#include <heed/builder/tensors.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace heed {
inline namespace builder {
namespace detail {

/// The shortest text that reads back as the number, as MLIR wants it.
std::string show(double value);
/// tensor<?x12x64xf32>; an element of $T stays.
std::string tensorType(const std::vector<Extent> &extents, const std::string &element);
inline std::string tensorType(const TensorData &tensor) {
  return tensorType(tensor.extents, tensor.element);
}

/// As a symbol: quoted where it is no identifier, which heedc explains better than its parser.
std::string symbol(const std::string &name);

NodePtr parameter(std::string name, std::string type);
/// An operation without operands that gives an index.
NodePtr plain(std::string name, std::string op);
/// attn.row_sum, attn.block_max, attn.block_sum, attn.decay.
Real reduce(const std::string &op, const Real &a);

/// What a lambda recorded.
struct Region {
  std::vector<NodePtr> parameters, yields;
};

/// The tensors that regions read, each once, in the order they are met.
std::vector<TensorPtr> capturesOf(const std::vector<const Region *> &regions);

/// What is known outside a region: names that are taken, and which tensors stand for others (an
/// operand's source is what the step before it gave).
struct Scope {
  std::set<std::string> names;
  std::map<const TensorData *, TensorData> actual;

  const TensorData &resolve(const TensorPtr &tensor) const;
  /// `name`, or name_1, ... where that is taken; takes it.
  std::string take(const std::string &name);
};

/// "{ ^bb0(...): ... }" with `captures` after the parameters; `indent` is that of the operation.
std::string writeRegion(const Region &region, const std::vector<TensorPtr> &captures, Scope scope,
                        const std::string &indent);

/// "captures(%a, %b : A, B) ", or nothing.
std::string writeCaptures(const std::vector<TensorPtr> &captures, const Scope &scope);

} // namespace detail
} // namespace builder
} // namespace heed

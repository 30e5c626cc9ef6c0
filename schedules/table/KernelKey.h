// What decides at compile time which tuned plans a kernel can use, and how far two kernels are
// apart.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace heed {

/// A kernel as its schedule sees it. Layers use `kind`, `types`, `dim` and `valueDim` alone.
struct KernelKey {
  std::string kind = "attention";  ///< attention, merge, linear, rowwise
  std::vector<std::string> types;  ///< of query, key, value and output, and of weights where they
                                   ///< may be rounded; of a layer's in- and output
  int64_t dim = 0, valueDim = 0;   ///< of a head's key and value; inputs and outputs; columns
  int64_t group = 0;               ///< query heads to a key head; 0 where only a call knows
  std::string score = "dot";       ///< dot, pairwise
  std::string operands = "stored"; ///< stored; made: computed while they are loaded
  std::string mask = "none";       ///< none; band: ranges of keys say all; data: pairs, blocks or
                                   ///< bounds of documents are looked up
  std::string modify = "none";     ///< none; cheap: arithmetic; costly: functions such as tanh
  std::string results = "output"; ///< output, log_sum_exp (beside it), state, keys (with that axis)
  bool wholeRow = false;          ///< only the row form can compute it
  bool operator==(const KernelKey &) const = default;
};

nlohmann::ordered_json toJson(const KernelKey &key);
/// Unknown or missing keys, wrong types and words are errors that name the key.
llvm::Expected<KernelKey> keyFromJson(const nlohmann::json &json);

/// How far apart two kernels are: 0 for equal ones, infinite where a plan for one could not serve
/// the other (another kind; one needs the row form; float64 and narrower arithmetic). Else the sum
/// of
/// - 1 for each doubling of dim, and of value_dim
/// - 1/2 for each doubling of the group; 1/4 where one is not known
/// - 1 for each type that differs, 4 for the score, 4 for the operands
/// - 1 for each step of the mask (none, band, data)
/// - 1/2 for each step of modify (none, cheap, costly), and for other results
double distance(const KernelKey &a, const KernelKey &b);

/// "dim 64 for 96, mask band for none": what `near` has where `wanted` has something else, but
/// for a group that `wanted` leaves open. Empty for equal keys.
std::string differenceText(const KernelKey &near, const KernelKey &wanted);

} // namespace heed

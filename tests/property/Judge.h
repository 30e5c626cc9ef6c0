// Whether a kernel's results are the reference's, within a bound that follows from the error of the
// scores.
#pragma once

#include "compiler/reference/Array.h"
#include "tests/property/Case.h"

#include <array>

namespace heed::property {

/// The largest error seen as a share of its bound: of the output, and of each kind of result.
using Worst = std::array<double, 5>;

/// |error of a score| <= epsilon * (c1 + c2 sqrt(keys) + c3 * sum_d |scale q_d k_d| + what modifies
/// and made operands add), largest over the keys that count. The constants are at most four times
/// the worst seen.
///
/// Weights follow the score's error e as their normalizer does (Follows): softmax and its kin and
/// sigmoid by exp(e) - 1 of themselves; none by e; relu_squared by 2 x e + e^2. A threshold follows
/// the scores by at most the largest error, so weights above a threshold follow by d = 2 e, those
/// of entmax, its square, by 2 sqrt(w) d + d^2; also those that d lifts above the threshold. An
/// output follows by sum_j |error of w_j| |v_j|, and by the rounding of its own sum and of its
/// storage.
struct BoundConstants {
  double c1 = 3, c2 = 0.3, c3 = 3, modify = 1, operand = 1;
};

/// In float64, (batch, sequence, head, dim) and (batch, head, query, key).
struct Reference {
  Array query, key, value; ///< as the score and the sum see them
  Array output, weights;
  std::vector<Array> stages; ///< scores
  Array logSumExp;           ///< empty where the normalizer has none
};

/// What is wrong with the first bad element, or "". `got` holds the output, then the results.
std::string judge(const Description &description, const Call &call,
                  const std::vector<int64_t> &keyLengths, const std::vector<Array> &got,
                  const Reference &reference, Worst &worst);

} // namespace heed::property

// Whether a kernel's results are the reference's, within a bound that follows from the error of the
// scores.
#pragma once

#include "tests/property/Inputs.h"

#include <array>

namespace heed::property {

/// The largest error seen as a share of its bound, of output, log-sum-exp and weights.
using Worst = std::array<double, 3>;

/// |error of a score| <= epsilon * (c1 + c2 sqrt(keys) + c3 * sum_d |scale q_d k_d| + what modifies
/// add), largest over the keys that count. The constants are at most four times the worst seen.
struct BoundConstants {
  double c1 = 3, c2 = 0.3, c3 = 3, modify = 1;
};

/// What is wrong with the first bad element, or "". `reference` holds output, log-sum-exp and
/// weights.
std::string judge(const Description &description, const Call &call, const Tensors &tensors,
                  const std::vector<Array> &reference, Worst &worst);

} // namespace heed::property

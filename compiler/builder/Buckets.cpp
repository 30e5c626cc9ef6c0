#include <heed/builder/buckets.h>

#include <cmath>

namespace heed {
inline namespace builder {

Integer relativeBucket(const Integer &keyMinusQuery, Buckets buckets) {
  int64_t side = buckets.bidirectional ? buckets.buckets / 2 : buckets.buckets;
  int64_t single = side / 2;
  Integer distance = buckets.bidirectional ? abs(keyMinusQuery) : max(-keyMinusQuery, 0);
  Integer bucket = min(distance, single);
  double growth = static_cast<double>(buckets.farthest) / static_cast<double>(single);
  for (int64_t range = 1; range < side - single; ++range) {
    double begin =
        static_cast<double>(single) *
        std::pow(growth, static_cast<double>(range) / static_cast<double>(side - single));
    auto first = static_cast<int64_t>(std::ceil(begin - 1e-9)); // exact powers are in the range
    bucket = bucket + select(distance >= first, 1, 0);
  }
  return buckets.bidirectional ? bucket + select(keyMinusQuery > 0, side, int64_t(0)) : bucket;
}

} // namespace builder
} // namespace heed

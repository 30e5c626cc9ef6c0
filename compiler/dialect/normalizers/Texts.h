// The normalizers that Heed brings, as text. $T stands for f32 or f64, $MINUS_INFINITY for that
// constant, and $P for the positions, and the capture where there is one (%capture), that end the
// parameters of summarize, weight and finalize.
#pragma once

#include <string>

namespace heed::normalizers {

std::string softmax();
std::string softmaxSinks(); ///< captures sinks[head]
std::string softmaxPlusOne();
std::string sigmoid(); ///< captures bias[head]
std::string reluSquared();
std::string none();
std::string sparsemax();
std::string entmax15();

} // namespace heed::normalizers

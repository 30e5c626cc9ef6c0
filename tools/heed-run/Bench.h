// How long the encoder takes: heed-run --bench, for scripts/compare-model.py.
#pragma once

#include "models/common/Device.h"

#include <string>

namespace heed {

/// `sizes` is "tokens=128,batch=8,rounds=20", keys in any order, each optional: `batch` texts of
/// `tokens` tokens are encoded once to warm up and then `rounds` times. Word t of text i is 1000 +
/// (131 i + 7 t) mod 20000. Prints one line of JSON: the sizes, "threads", "device", "min_ms",
/// "median_ms", and "first", the first token's last hidden states, text by text, for checking
/// against another implementation.
Status bench(const std::string &model, const std::string &sizes, const Device &device);

} // namespace heed

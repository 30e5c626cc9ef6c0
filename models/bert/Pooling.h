// One vector for a text: the mean of its tokens' hidden states, of length 1.
#pragma once

#include "models/common/Result.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace heed {

/// Whether a model's folder asks for this pooling (modules.json and 1_Pooling/config.json, as
/// sentence-transformers writes them). A folder without modules.json leaves the choice to us.
Status checkPooling(const std::string &folder);

/// `hidden` is (tokens, width), tokens >= 1. The zero vector where the mean is zero.
std::vector<float> meanPool(std::span<const float> hidden, int64_t width);

} // namespace heed

// The few properties of characters that tokenizers ask for, from utf8proc's tables.
#pragma once

#include <string>
#include <string_view>

namespace heed {

/// Each byte that is not part of well-formed UTF-8 becomes U+FFFD.
std::u32string decodeUtf8(std::string_view text);
std::string encodeUtf8(std::u32string_view text);

/// Canonical decomposition (NFD).
std::u32string decompose(std::u32string_view text);

/// Character by character, without context: the full mapping of U+0130 (two characters) included.
std::u32string lowercase(std::u32string_view text);

/// Columns of a terminal: 0, 1 or 2.
int displayWidth(char32_t c);

bool isWhitespace(char32_t c);     ///< the property White_Space
bool isControl(char32_t c);        ///< categories Cc, Cf, Co
bool isPunctuation(char32_t c);    ///< categories P*
bool isNonspacingMark(char32_t c); ///< category Mn

} // namespace heed

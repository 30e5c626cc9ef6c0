// Text into token ids, as a tokenizer.json says: special tokens found in the raw text, BERT's
// normalizer and word splitting, WordPiece, and the template around it ([CLS] text [SEP]).
// Equal to the PyPI package `tokenizers` (0.21) on texts of characters that Unicode 8 knows; the
// marks and punctuation added since are treated by utf8proc's tables, which are newer than the
// package's.
#pragma once

#include "models/common/BertText.h"
#include "models/common/Json.h"
#include "models/common/Result.h"
#include "models/common/WordPiece.h"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

struct Encoding {
  std::vector<int32_t> ids;
  std::vector<int32_t> typeIds; ///< as many as ids
  size_t cut = 0;               ///< tokens of the text that were over the limit and left out
};

class Tokenizer {
public:
  static constexpr size_t unlimited = std::numeric_limits<size_t>::max();

  static Result<Tokenizer> open(const std::string &path);
  static Result<Tokenizer> fromJson(const nlohmann::json &json, const std::string &where);

  /// Any bytes are accepted. At most `maxTokens` ids, the template's included: the text's last
  /// tokens are cut. The template's own tokens are never cut.
  Encoding encode(std::string_view text, size_t maxTokens = unlimited) const;

  /// The entry of an id, "" for ids the vocabulary does not have.
  const std::string &token(int32_t id) const;

  /// Whether an id is one of the special tokens, like [CLS].
  bool isSpecial(int32_t id) const;

  /// Whether a token continues the word of the token before it.
  bool continuesWord(int32_t id) const;

private:
  struct AddedToken {
    std::string content;
    int32_t id;
    bool special;
  };
  /// A place in the template: the text itself, or a fixed token.
  struct TemplatePiece {
    bool isText;
    int32_t id;
    int32_t typeId;
  };

  Status readModel(const nlohmann::json &json, const std::string &where);
  Status readNormalizer(const nlohmann::json &json, const std::string &where);
  Status readAddedTokens(const nlohmann::json &json, const std::string &where);
  Status readTemplate(const nlohmann::json &json, const std::string &where);

  const AddedToken *addedTokenAt(std::string_view text) const;
  std::vector<int32_t> encodeText(std::string_view text) const;

  BertNormalizer normalizer;
  WordPiece model;
  std::vector<std::string> entries;    ///< by id
  std::vector<AddedToken> addedTokens; ///< longest first
  std::vector<TemplatePiece> pieces;   ///< exactly one is the text
};

} // namespace heed

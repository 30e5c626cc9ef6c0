#include "models/common/Tokenizer.h"
#include "models/common/Unicode.h"

#include <fmt/format.h>

#include <algorithm>

namespace heed {

namespace {

Error unsupported(const std::string &where, const std::string &what, const std::string &known) {
  return {HEED_BAD_FILE, fmt::format("{}: {} is not supported; known: {}", where, what, known)};
}

/// Checks object[key].type and gives the object.
Result<const nlohmann::json *> component(const nlohmann::json &json, const char *key,
                                         const std::string &known, const std::string &where) {
  auto object = jsonField<const nlohmann::json *>(json, key, where);
  if (!object)
    return object.error();
  auto type = jsonField<std::string>(**object, "type", fmt::format("{}: {}", where, key));
  if (!type)
    return type.error();
  if (*type != known)
    return unsupported(where, fmt::format("the {} '{}'", key, *type), known);
  return *object;
}

} // namespace

Result<Tokenizer> Tokenizer::open(const std::string &path) {
  Result<nlohmann::json> json = readJson(path);
  if (!json)
    return json.error();
  return fromJson(*json, path);
}

Result<Tokenizer> Tokenizer::fromJson(const nlohmann::json &json, const std::string &where) {
  Tokenizer result;
  for (auto read : {&Tokenizer::readModel, &Tokenizer::readNormalizer, &Tokenizer::readAddedTokens,
                    &Tokenizer::readTemplate})
    if (Status status = (result.*read)(json, where); !status)
      return status.error();
  auto splitter = component(json, "pre_tokenizer", "BertPreTokenizer", where);
  if (!splitter)
    return splitter.error();
  return result;
}

Status Tokenizer::readModel(const nlohmann::json &json, const std::string &where) {
  auto found = component(json, "model", "WordPiece", where);
  if (!found)
    return found.error();
  std::string place = where + ": model";
  auto vocabulary = jsonField<const nlohmann::json *>(**found, "vocab", place);
  auto unknown = jsonField<std::string>(**found, "unk_token", place);
  auto prefix = jsonField<std::string>(**found, "continuing_subword_prefix", place);
  auto longest = jsonField<int>(**found, "max_input_chars_per_word", place);
  for (const Error *error :
       {!vocabulary ? &vocabulary.error() : nullptr, !unknown ? &unknown.error() : nullptr,
        !prefix ? &prefix.error() : nullptr, !longest ? &longest.error() : nullptr})
    if (error)
      return *error;

  const nlohmann::json &vocab = **vocabulary;
  entries.resize(vocab.size());
  std::vector<bool> taken(vocab.size());
  for (const auto &[entry, id] : vocab.items()) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= vocab.size() || taken[id.get<size_t>()])
      return Error{HEED_BAD_FILE,
                   fmt::format("{}: vocab: the id of '{}' must be a number below {} that no other "
                               "entry has",
                               place, entry, vocab.size())};
    taken[id.get<size_t>()] = true;
    entries[id.get<size_t>()] = entry;
    model.ids.emplace(entry, id.get<int32_t>());
  }
  auto id = model.ids.find(*unknown);
  if (id == model.ids.end())
    return Error{HEED_BAD_FILE, fmt::format("{}: unk_token '{}' is not in vocab", place, *unknown)};
  model.unknown = id->second;
  model.continuingPrefix = *prefix;
  model.maxWordLength = *longest;
  return success();
}

Status Tokenizer::readNormalizer(const nlohmann::json &json, const std::string &where) {
  auto found = component(json, "normalizer", "BertNormalizer", where);
  if (!found)
    return found.error();
  auto flag = [&](const char *key, bool &out) -> Status {
    auto value = jsonField<bool>(**found, key, where + ": normalizer");
    if (!value)
      return value.error();
    out = *value;
    return success();
  };
  if (Status status = flag("clean_text", normalizer.cleanText); !status)
    return status;
  if (Status status = flag("handle_chinese_chars", normalizer.handleChineseChars); !status)
    return status;
  if (Status status = flag("lowercase", normalizer.lowercase); !status)
    return status;
  auto strip = (*found)->find("strip_accents");
  if (strip == (*found)->end() || strip->is_null()) { // follows lowercase, as the first BERT did
    normalizer.stripAccents = normalizer.lowercase;
    return success();
  }
  return flag("strip_accents", normalizer.stripAccents);
}

Status Tokenizer::readAddedTokens(const nlohmann::json &json, const std::string &where) {
  auto list = jsonField<const nlohmann::json *>(json, "added_tokens", where);
  if (!list)
    return list.error();
  for (const nlohmann::json &entry : **list) {
    std::string place = where + ": added_tokens";
    auto content = jsonField<std::string>(entry, "content", place);
    if (!content)
      return content.error();
    place += fmt::format(": '{}'", *content);
    auto id = jsonField<int>(entry, "id", place);
    auto special = jsonField<bool>(entry, "special", place);
    if (!id || !special)
      return !id ? id.error() : special.error();
    if (content->empty() || static_cast<size_t>(*id) >= entries.size() || entries[*id] != *content)
      return Error{HEED_BAD_FILE, place + ": vocab does not have it under its id"};
    for (const char *key : {"single_word", "lstrip", "rstrip", "normalized"}) {
      auto value = jsonField<bool>(entry, key, place);
      if (!value)
        return value.error();
      if (*value)
        return unsupported(place, fmt::format("{} = true", key), "false");
    }
    addedTokens.push_back({*content, *id, *special});
  }
  std::ranges::sort(addedTokens, [](const AddedToken &a, const AddedToken &b) {
    return a.content.size() > b.content.size();
  });
  return success();
}

Status Tokenizer::readTemplate(const nlohmann::json &json, const std::string &where) {
  auto found = component(json, "post_processor", "TemplateProcessing", where);
  if (!found)
    return found.error();
  std::string place = where + ": post_processor";
  auto list = jsonField<const nlohmann::json *>(**found, "single", place);
  if (!list)
    return list.error();
  place += ": single";
  for (const nlohmann::json &entry : **list) {
    bool isText = entry.is_object() && entry.contains("Sequence");
    auto body =
        jsonField<const nlohmann::json *>(entry, isText ? "Sequence" : "SpecialToken", place);
    if (!body)
      return body.error();
    auto name = jsonField<std::string>(**body, "id", place);
    auto typeId = jsonField<int>(**body, "type_id", place);
    if (!name || !typeId)
      return !name ? name.error() : typeId.error();
    auto id = model.ids.find(*name);
    if (!isText && id == model.ids.end())
      return Error{HEED_BAD_FILE, fmt::format("{}: '{}' is not in vocab", place, *name)};
    pieces.push_back({isText, isText ? 0 : id->second, *typeId});
  }
  if (std::ranges::count(pieces, true, &TemplatePiece::isText) != 1)
    return Error{HEED_BAD_FILE, place + ": must hold the text (a Sequence) exactly once"};
  return success();
}

const Tokenizer::AddedToken *Tokenizer::addedTokenAt(std::string_view text) const {
  for (const AddedToken &token : addedTokens)
    if (text.starts_with(token.content))
      return &token;
  return nullptr;
}

std::vector<int32_t> Tokenizer::encodeText(std::string_view text) const {
  std::vector<int32_t> ids;
  auto encodePlain = [&](std::string_view plain) {
    for (const std::u32string &word : splitWords(normalizer.normalize(decodeUtf8(plain))))
      model.append(word, ids);
  };
  size_t plainBegin = 0;
  for (size_t i = 0; i < text.size();) {
    const AddedToken *token = addedTokenAt(text.substr(i));
    if (!token) {
      ++i;
      continue;
    }
    encodePlain(text.substr(plainBegin, i - plainBegin));
    ids.push_back(token->id);
    plainBegin = i += token->content.size();
  }
  encodePlain(text.substr(plainBegin));
  return ids;
}

Encoding Tokenizer::encode(std::string_view text, size_t maxTokens) const {
  std::vector<int32_t> content = encodeText(text);
  size_t fixed = pieces.size() - 1;
  size_t kept = std::min(content.size(), maxTokens - std::min(fixed, maxTokens));

  Encoding result;
  result.cut = content.size() - kept;
  content.resize(kept);
  for (const TemplatePiece &piece : pieces) {
    if (piece.isText)
      result.ids.insert(result.ids.end(), content.begin(), content.end());
    else
      result.ids.push_back(piece.id);
    result.typeIds.resize(result.ids.size(), piece.typeId);
  }
  return result;
}

const std::string &Tokenizer::token(int32_t id) const {
  static const std::string none;
  return id >= 0 && static_cast<size_t>(id) < entries.size() ? entries[id] : none;
}

bool Tokenizer::isSpecial(int32_t id) const {
  return std::ranges::any_of(
      addedTokens, [id](const AddedToken &token) { return token.special && token.id == id; });
}

bool Tokenizer::continuesWord(int32_t id) const {
  return token(id).starts_with(model.continuingPrefix);
}

} // namespace heed

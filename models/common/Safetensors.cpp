#include "models/common/Safetensors.h"
#include "models/common/Json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace heed {

namespace {

/// As the reference implementation: larger headers are refused.
constexpr uint64_t maxHeaderBytes = 100'000'000;

/// Bytes of an element, or none when the format does not know the name.
std::optional<uint64_t> elementBytes(std::string_view dtype) {
  constexpr std::pair<std::string_view, uint64_t> known[] = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"F64", 8}, {"I64", 8},     {"U64", 8},
  };
  for (auto [name, bytes] : known)
    if (name == dtype)
      return bytes;
  return std::nullopt;
}

/// Reads one header entry after another; every function returns the reason it refuses, or none.
class HeaderReader {
public:
  HeaderReader(std::span<const std::byte> data, const std::string &where)
      : data(data), where(where) {}

  std::optional<Error> read(const std::string &name, const nlohmann::json &entry);

  /// The tensors, ordered by their place, must follow each other from the first byte to the last.
  std::optional<Error> checkTiling();

  std::map<std::string, StoredTensor, std::less<>> tensors;

private:
  Error refuse(const std::string &name, const std::string &reason) const {
    return {HEED_BAD_FILE, fmt::format("{}: tensor '{:.200}': {}", where, name, reason)};
  }
  static bool isUnsigned(const nlohmann::json &value) { return value.is_number_unsigned(); }

  std::span<const std::byte> data;
  const std::string &where;
};

/// The product of `shape` times `element`, or none on overflow.
std::optional<uint64_t> byteCount(const std::vector<int64_t> &shape, uint64_t element) {
  uint64_t bytes = element;
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes))
      return std::nullopt;
  return bytes;
}

std::optional<Error> HeaderReader::read(const std::string &name, const nlohmann::json &entry) {
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets"))
    return refuse(name, "its header entry must hold exactly dtype, shape and data_offsets");
  const auto &dtype = entry["dtype"], &shape = entry["shape"], &offsets = entry["data_offsets"];

  auto element =
      dtype.is_string() ? elementBytes(dtype.get_ref<const std::string &>()) : std::nullopt;
  if (!element)
    return refuse(name, fmt::format("unknown dtype {:.60}", dtype.dump()));
  if (!shape.is_array() || !std::all_of(shape.begin(), shape.end(), [](const auto &extent) {
        return isUnsigned(extent) && extent.template get<uint64_t>() <= INT64_MAX;
      }))
    return refuse(name, "shape must be a list of whole numbers, none negative");
  if (!offsets.is_array() || offsets.size() != 2 || !isUnsigned(offsets[0]) ||
      !isUnsigned(offsets[1]))
    return refuse(name, "data_offsets must be two whole numbers, none negative");

  uint64_t begin = offsets[0], end = offsets[1];
  if (begin > end || end > data.size())
    return refuse(name, fmt::format("data_offsets [{}, {}) leave the {} bytes of data; is the file "
                                    "truncated?",
                                    begin, end, data.size()));
  StoredTensor tensor{dtype, shape, data.subspan(begin, end - begin)};
  auto bytes = byteCount(tensor.shape, *element);
  if (!bytes)
    return refuse(name, fmt::format("shape [{}] overflows", fmt::join(tensor.shape, ", ")));
  if (*bytes != end - begin)
    return refuse(name,
                  fmt::format("{} of shape [{}] takes {} bytes, but data_offsets give {}",
                              tensor.dtype, fmt::join(tensor.shape, ", "), *bytes, end - begin));
  if (reinterpret_cast<uintptr_t>(tensor.bytes.data()) % *element != 0)
    return refuse(name, fmt::format("its data is not aligned to {} bytes", *element));
  tensors.emplace(name, std::move(tensor));
  return std::nullopt;
}

std::optional<Error> HeaderReader::checkTiling() {
  std::vector<const std::pair<const std::string, StoredTensor> *> ordered;
  for (const auto &entry : tensors)
    ordered.push_back(&entry);
  std::sort(ordered.begin(), ordered.end(), [](const auto *a, const auto *b) {
    return std::pair(a->second.bytes.data(), a->second.bytes.size()) <
           std::pair(b->second.bytes.data(), b->second.bytes.size());
  });
  const std::byte *expected = data.data();
  for (const auto *entry : ordered) {
    const std::byte *begin = entry->second.bytes.data();
    if (begin != expected)
      return refuse(entry->first,
                    fmt::format("its data {} the tensor before it",
                                begin < expected ? "overlaps" : "leaves a gap after"));
    expected = begin + entry->second.bytes.size();
  }
  if (expected != data.data() + data.size())
    return Error{HEED_BAD_FILE, fmt::format("{}: {} bytes after the last tensor belong to none",
                                            where, data.data() + data.size() - expected)};
  return std::nullopt;
}

/// The header's text; `file` has been checked to hold it when this returns.
Result<std::string_view> headerText(std::span<const std::byte> file, const std::string &where) {
  if (file.size() < 8)
    return Error{HEED_BAD_FILE, fmt::format("{}: {} bytes are too few for a safetensors file",
                                            where, file.size())};
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i)
    length = length << 8 | static_cast<uint64_t>(file[i]);
  if (length > maxHeaderBytes || length > file.size() - 8)
    return Error{HEED_BAD_FILE,
                 fmt::format("{}: the header claims {} bytes, but {} follow (and {} are allowed): "
                             "truncated, or no safetensors file",
                             where, length, file.size() - 8, maxHeaderBytes)};
  return std::string_view(reinterpret_cast<const char *>(file.data()) + 8, length);
}

std::optional<Error> checkMetadata(const nlohmann::json &metadata, const std::string &where) {
  if (metadata.is_object() && std::all_of(metadata.begin(), metadata.end(),
                                          [](const auto &value) { return value.is_string(); }))
    return std::nullopt;
  return Error{HEED_BAD_FILE, where + ": __metadata__ must map strings to strings"};
}

} // namespace

Result<Safetensors> Safetensors::parse(std::span<const std::byte> file, const std::string &where) {
  Result<std::string_view> text = headerText(file, where);
  if (!text)
    return text.error();
  Result<nlohmann::json> header = parseJson(*text, where + ": header");
  if (!header)
    return header.error();
  if (!header->is_object())
    return Error{HEED_BAD_FILE, where + ": the header must be a JSON object"};

  HeaderReader reader(file.subspan(8 + text->size()), where);
  for (const auto &[name, entry] : header->items())
    if (auto error =
            name == "__metadata__" ? checkMetadata(entry, where) : reader.read(name, entry))
      return *error;
  if (auto error = reader.checkTiling())
    return *error;

  Safetensors result;
  result.where = where;
  result.byName = std::move(reader.tensors);
  return result;
}

Result<Safetensors> Safetensors::open(const std::string &path) {
  Result<MappedFile> mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.error();
  Result<Safetensors> result = parse(mapped->bytes(), path);
  if (result)
    result->file.push_back(std::move(*mapped));
  return result;
}

template <typename T>
Result<std::span<const T>> Safetensors::values(std::string_view name,
                                               std::span<const int64_t> shape) const {
  constexpr std::string_view dtype = std::is_same_v<T, float> ? "F32" : "I32";
  auto found = byName.find(name);
  if (found == byName.end())
    return Error{HEED_BAD_FILE, fmt::format("{}: tensor '{}' is missing", where, name)};
  const StoredTensor &tensor = found->second;
  if (tensor.dtype != dtype || !std::ranges::equal(tensor.shape, shape))
    return Error{HEED_BAD_FILE, fmt::format("{}: tensor '{}' is {} [{}], expected {} [{}]", where,
                                            name, tensor.dtype, fmt::join(tensor.shape, ", "),
                                            dtype, fmt::join(shape, ", "))};
  return std::span(reinterpret_cast<const T *>(tensor.bytes.data()),
                   tensor.bytes.size() / sizeof(T));
}

template Result<std::span<const float>> Safetensors::values(std::string_view,
                                                            std::span<const int64_t>) const;
template Result<std::span<const int32_t>> Safetensors::values(std::string_view,
                                                              std::span<const int64_t>) const;

} // namespace heed

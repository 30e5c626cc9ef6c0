// Named tensors of a .safetensors file, read in place.
// Format: https://huggingface.co/docs/safetensors - 8 bytes of header length (little-endian), a
// JSON header {"name": {"dtype", "shape", "data_offsets": [begin, end)}, ...}, then the tensors'
// bytes.
#pragma once

#include "models/common/MappedFile.h"
#include "models/common/Result.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// One tensor: row-major, aligned to its elements, inside the file.
struct StoredTensor {
  std::string dtype; ///< as the file spells it: "F32", "I64", ...
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

/// The header is checked as a whole before any tensor is handed out: lengths, offsets, types,
/// shapes, alignment, and that the tensors tile the data without gap or overlap.
class Safetensors {
public:
  static Result<Safetensors> open(const std::string &path);

  /// The same from memory, which must outlive the result. `where` opens every message.
  static Result<Safetensors> parse(std::span<const std::byte> file, const std::string &where);

  const std::map<std::string, StoredTensor, std::less<>> &tensors() const { return byName; }

  /// The elements of tensor `name`, which must be of type T (float or int32_t) and exactly this
  /// shape.
  template <typename T>
  Result<std::span<const T>> values(std::string_view name, std::span<const int64_t> shape) const;

private:
  std::vector<MappedFile> file; ///< empty when parsed from memory
  std::string where;
  std::map<std::string, StoredTensor, std::less<>> byName;
};

} // namespace heed

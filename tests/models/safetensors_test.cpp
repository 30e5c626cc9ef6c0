// Files that lie: every rule of the format, then mutations of a valid file.
#include "models/common/Safetensors.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>

using namespace heed;
using testing::HasSubstr;

namespace {

/// A file with this header and `dataBytes` zeros, 8-byte aligned.
class File {
public:
  File(std::string header, size_t dataBytes) {
    uint64_t length = header.size();
    bytes.resize(8 + header.size() + dataBytes);
    std::memcpy(bytes.data(), &length, 8);
    std::memcpy(bytes.data() + 8, header.data(), header.size());
    place();
  }
  /// The first `size` bytes of any file.
  File(const File &other, size_t size) : bytes(other.bytes.begin(), other.bytes.begin() + size) {
    place();
  }

  Result<Safetensors> parse() const {
    return Safetensors::parse({reinterpret_cast<const std::byte *>(aligned.data()), bytes.size()},
                              "weights");
  }
  std::string error() const {
    auto result = parse();
    return result ? "no error" : result.error().message;
  }

  void flip(size_t bit) {
    bytes[bit / 8] ^= std::byte(1 << bit % 8);
    place();
  }

  std::vector<std::byte> bytes;

private:
  void place() {
    aligned.assign(bytes.size() / 8 + 1, 0);
    std::ranges::copy(bytes, reinterpret_cast<std::byte *>(aligned.data()));
  }
  std::vector<uint64_t> aligned;
};

/// `header` with blanks to a multiple of 8 bytes, which aligns the data.
std::string padded(std::string header) {
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

/// One float32 tensor of shape [2, 2] and one int64 of shape [].
const std::string validHeader =
    R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
    R"("b":{"dtype":"I64","shape":[],"data_offsets":[16,24]}})";
File valid() { return File(padded(validHeader), 24); }

/// A file with one tensor "t" of this entry.
std::string oneTensor(const std::string &entry, size_t dataBytes) {
  return File(padded(R"({"t":)" + entry + "}"), dataBytes).error();
}

TEST(Safetensors, ReadsWhatIsThere) {
  File file = valid();
  auto result = file.parse();
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->tensors().size(), 2u);
  EXPECT_EQ(result->tensors().at("a").bytes.size(), 16u);
  EXPECT_EQ(result->tensors().at("b").dtype, "I64");
  EXPECT_EQ(result->tensors().at("b").shape, std::vector<int64_t>{});
  auto values = result->values<float>("a", std::vector<int64_t>{2, 2});
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_THAT(*values, testing::ElementsAre(0, 0, 0, 0));
}

TEST(Safetensors, SaysWhatATensorIsInstead) {
  File file = valid();
  auto result = file.parse();
  ASSERT_TRUE(result);
  std::vector<int64_t> square{2, 2}, line{4}, scalar;
  EXPECT_EQ(result->values<float>("c", line).error().message, "weights: tensor 'c' is missing");
  EXPECT_EQ(result->values<float>("a", line).error().message,
            "weights: tensor 'a' is F32 [2, 2], expected F32 [4]");
  EXPECT_EQ(result->values<float>("b", scalar).error().message,
            "weights: tensor 'b' is I64 [], expected F32 []");
  EXPECT_EQ(result->values<int32_t>("a", square).error().message,
            "weights: tensor 'a' is F32 [2, 2], expected I32 [2, 2]");
}

TEST(Safetensors, RefusesABrokenHeader) {
  EXPECT_EQ(File(valid(), 0).error(), "weights: 0 bytes are too few for a safetensors file");
  EXPECT_EQ(File(valid(), 7).error(), "weights: 7 bytes are too few for a safetensors file");
  EXPECT_THAT(File(valid(), 8).error(), HasSubstr("but 0 follow"));
  EXPECT_THAT(File(valid(), 100).error(), HasSubstr("truncated, or no safetensors file"));
  File huge = valid();
  huge.flip(63); // a header of 2^63 bytes
  EXPECT_THAT(huge.error(),
              HasSubstr("the header claims 9223372036854775952 bytes, but 168 follow"));
  EXPECT_THAT(File("", 0).error(), HasSubstr("weights: header: not JSON"));
  EXPECT_THAT(File("{\"a\":", 0).error(), HasSubstr("weights: header: not JSON"));
  EXPECT_THAT(File("{\"\xff\":1}", 0).error(), HasSubstr("not JSON"));
  EXPECT_EQ(File("[]", 0).error(), "weights: the header must be a JSON object");
  EXPECT_EQ(File("{\"a\":1,\"a\":1}", 0).error(),
            "weights: header: the key 'a' stands twice in one object");
  EXPECT_EQ(File(std::string(1000, '['), 0).error(),
            "weights: header: nested more than 64 levels deep");
  EXPECT_EQ(File(R"({"__metadata__":{"a":1}})", 0).error(),
            "weights: __metadata__ must map strings to strings");
}

TEST(Safetensors, RefusesABrokenEntry) {
  const std::string must =
      "weights: tensor 't': its header entry must hold exactly dtype, shape and "
      "data_offsets";
  EXPECT_EQ(oneTensor("7", 0), must);
  EXPECT_EQ(oneTensor(R"({"dtype":"F32","shape":[1]})", 4), must);
  EXPECT_EQ(oneTensor(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})", 4), must);
  EXPECT_EQ(oneTensor(R"({"dtype":"F31","shape":[1],"data_offsets":[0,4]})", 4),
            "weights: tensor 't': unknown dtype \"F31\"");
  EXPECT_EQ(oneTensor(R"({"dtype":32,"shape":[1],"data_offsets":[0,4]})", 4),
            "weights: tensor 't': unknown dtype 32");
  for (const char *shape : {"1", "[-1]", "[1.5]", "[\"1\"]", "[18446744073709551615]", "null"})
    EXPECT_THAT(
        oneTensor(std::string(R"({"dtype":"F32","data_offsets":[0,4],"shape":)") + shape + "}", 4),
        HasSubstr("shape must be a list of whole numbers"))
        << shape;
  for (const char *offsets : {"4", "[0]", "[0,4,8]", "[-4,0]", "[0,4.0]", "[0,\"4\"]"})
    EXPECT_THAT(
        oneTensor(std::string(R"({"dtype":"F32","shape":[1],"data_offsets":)") + offsets + "}", 4),
        HasSubstr("data_offsets must be two whole numbers"))
        << offsets;
}

TEST(Safetensors, RefusesPlacesThatCannotBe) {
  EXPECT_EQ(
      oneTensor(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})", 4),
      "weights: tensor 't': data_offsets [4, 0) leave the 4 bytes of data; is the file truncated?");
  EXPECT_THAT(oneTensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 4),
              HasSubstr("is the file truncated?"));
  EXPECT_THAT(
      oneTensor(R"({"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]})", 4),
      HasSubstr("leave the 4 bytes"));
  EXPECT_EQ(oneTensor(R"({"dtype":"F32","shape":[2,3],"data_offsets":[0,4]})", 4),
            "weights: tensor 't': F32 of shape [2, 3] takes 24 bytes, but data_offsets give 4");
  EXPECT_EQ(oneTensor(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]})", 4),
            "weights: tensor 't': shape [4294967296, 4294967296] overflows");
  EXPECT_EQ(oneTensor(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})", 8),
            "weights: 4 bytes after the last tensor belong to none");
  EXPECT_EQ(oneTensor(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})", 8),
            "weights: tensor 't': its data leaves a gap after the tensor before it");
  EXPECT_EQ(File(padded(R"({"s":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                        R"("t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"),
                 8)
                .error(),
            "weights: tensor 't': its data overlaps the tensor before it");
  EXPECT_EQ(File(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} )", 4).error(),
            "weights: tensor 't': its data is not aligned to 4 bytes");
}

TEST(Safetensors, EmptyTensorsAndFilesAreFine) {
  EXPECT_EQ(oneTensor(R"({"dtype":"F32","shape":[0,5],"data_offsets":[0,0]})", 0), "no error");
  EXPECT_EQ(File("{}", 0).error(), "no error");
}

TEST(Safetensors, OpensFilesAndSaysWhichOnesItCannot) {
  std::string path = testing::TempDir() + "valid.safetensors";
  std::ofstream(path).write(reinterpret_cast<const char *>(valid().bytes.data()),
                            valid().bytes.size());
  auto result = Safetensors::open(path);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->tensors().size(), 2u);
  EXPECT_EQ(Safetensors::open("/nonexistent").error().message,
            "/nonexistent: cannot open: No such file or directory");
  EXPECT_EQ(Safetensors::open("/").error().message, "/: not a regular file");
  std::ofstream(path, std::ios::trunc).close();
  EXPECT_THAT(Safetensors::open(path).error().message, HasSubstr("too few"));
}

/// Accepted or refused with a message; what is accepted lies inside the file.
void expectSound(const File &file) {
  auto result = file.parse();
  if (!result) {
    EXPECT_EQ(result.error().status, HEED_BAD_FILE);
    EXPECT_THAT(result.error().message, HasSubstr("weights"));
    return;
  }
  size_t total = 0;
  for (const auto &[name, tensor] : result->tensors())
    total += tensor.bytes.size();
  uint64_t headerBytes;
  std::memcpy(&headerBytes, file.bytes.data(), 8);
  EXPECT_EQ(8 + headerBytes + total, file.bytes.size());
}

TEST(SafetensorsFuzz, EveryTruncationAndEveryBitFlip) {
  File file = valid();
  for (size_t size = 0; size < file.bytes.size(); ++size)
    EXPECT_NE(File(file, size).error(), "no error") << "truncated to " << size << " bytes";
  for (size_t bit = 0; bit < 8 * file.bytes.size(); ++bit) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    File flipped = file;
    flipped.flip(bit);
    expectSound(flipped);
  }
}

TEST(SafetensorsFuzz, RandomMutations) {
  std::mt19937 random(20261123);
  const std::string pieces[] = {"\"",
                                "{",
                                "}",
                                "[",
                                "]",
                                ",",
                                ":",
                                "0",
                                "-1",
                                "1e9",
                                "null",
                                "\xff",
                                "F32",
                                "18446744073709551615",
                                "\"data_offsets\"",
                                "\"shape\"",
                                "__metadata__"};
  for (int round = 0; round < 20000; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::string header = validHeader;
    for (int edit = random() % 4 + 1; edit > 0; --edit) {
      size_t at = random() % header.size();
      const std::string &piece = pieces[random() % std::size(pieces)];
      header.replace(at, random() % 8, piece);
    }
    expectSound(File(padded(header), random() % 4 * 8));
  }
}

} // namespace

#include "compiler/emit/Manifest.h"
#include "compiler/emit/Cache.h"
#include "tests/unit/emit/Toy.h"

#include <heed/kernel.h>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace heed;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

class Manifest : public ::testing::Test {
protected:
  const std::string text = emitManifest(toy::library());
  const json manifest = json::parse(text), entry = manifest["entries"][0];
};

TEST_F(Manifest, namesTheLibraryAndItsMaker) {
  EXPECT_EQ(manifest["library"], "my-toy");
  EXPECT_EQ(manifest["source"], "toy.mlir");
  EXPECT_EQ(manifest["abi"], HEED_ABI_VERSION);
  EXPECT_EQ(manifest["entries"].size(), 1u);
}

TEST_F(Manifest, hasTheSignature) {
  EXPECT_EQ(entry["name"], "toy");
  EXPECT_EQ(entry["arguments"][0],
            (json{{"name", "x"}, {"type", "float32"}, {"role", "input"}, {"shape", {"rows", 8}}}));
  EXPECT_EQ(entry["arguments"][1], (json{{"name", "ids"},
                                         {"type", "int64"},
                                         {"role", "index"},
                                         {"shape", {"rows"}},
                                         {"limit", 30522},
                                         {"nonempty_axes", {0}}}));
  EXPECT_EQ(entry["arguments"][2]["shape"], (json{"rows", "heads"}));
  EXPECT_EQ(entry["multiples"], (json::array({json{"heads", 4}})));
  EXPECT_EQ(entry["derived"], json::parse(R"([{"extent": "places", "sum": [
      {"extent": "rows", "factor": 16}, {"extent": "heads", "factor": 1},
      {"extent": 7, "factor": 2}]}])"));
}

TEST_F(Manifest, hasEachVariantsPlanAndObjects) {
  ASSERT_EQ(entry["variants"].size(), 2u);
  const json &avx2 = entry["variants"][0];
  EXPECT_EQ(avx2["target"], "x86-64-avx2");
  EXPECT_EQ(avx2["plan_from"], "default");
  EXPECT_EQ(avx2["when"], (json{{"rows", {1, 8}}, {"batch_heads", {6, nullptr}}}));
  EXPECT_EQ(entry["variants"][1]["when"], json::object());
  EXPECT_EQ(avx2["plan"]["form"], "online");
  EXPECT_EQ(avx2["objects"].size(), 2u);
  EXPECT_EQ(avx2["objects"][0],
            (json{{"symbol", "toy__x86_64_avx2"}, {"bytes", 1}, {"sha256", sha256("A")}}));
  EXPECT_EQ(entry["variants"][1]["plan_from"], "mine.json");
}

TEST_F(Manifest, hasTheFiguresOfADevicesKernels) {
  Library library = toy::library();
  library.entries[0].variants[0].stages[1].figures = R"([{"kernel": "k", "threads": 64}])";
  const json manifest = json::parse(emitManifest(library));
  const json &objects = manifest["entries"][0]["variants"][0]["objects"];
  EXPECT_FALSE(objects[0].contains("kernels"));
  EXPECT_EQ(objects[1]["kernels"], json::parse(R"([{"kernel": "k", "threads": 64}])"));
}

TEST_F(Manifest, isTheSameForTheSameLibrary) { EXPECT_EQ(text, emitManifest(toy::library())); }

} // namespace

// MiniLM against the published implementation: goldens.safetensors, made by scripts/goldens.py.
#include "models/bert/Bert.h"
#include "models/bert/Pooling.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>

using namespace heed;
using testing::HasSubstr;

namespace {

const std::string modelFolder = HEED_SOURCE_DIR "/.deps/minilm";
constexpr int64_t inputs = 50, hiddenSamples = 256, attentionSamples = 64, stride = 9973;
constexpr float hiddenTolerance = 1e-4f, attentionTolerance = 3e-5f;
constexpr double leastCosine = 0.99999;

struct Golden {
  Encoding encoding;
  std::span<const float> hidden, attention, embedding;
};

class BertTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    auto loaded = Bert::load(modelFolder);
    ASSERT_TRUE(loaded) << loaded.error().message;
    bert = new Bert(std::move(*loaded));
    auto file = Safetensors::open(HEED_SOURCE_DIR "/tests/models/goldens.safetensors");
    ASSERT_TRUE(file) << file.error().message;
    goldenFile = new Safetensors(std::move(*file));
  }
  static void TearDownTestSuite() {
    delete bert;
    delete goldenFile;
  }

  static Golden golden(int64_t number) {
    std::string name = std::to_string(number) + ".";
    auto shape = goldenFile->tensors().at(name + "ids").shape;
    auto ids = goldenFile->values<int32_t>(name + "ids", shape);
    auto floats = [&](const char *part, std::vector<int64_t> extents) {
      return *goldenFile->values<float>(name + part, extents);
    };
    int64_t layers = bert->config().layers;
    return {{{ids->begin(), ids->end()}, std::vector<int32_t>(ids->size())},
            floats("hidden", {layers + 1, hiddenSamples}),
            floats("attention", {layers, attentionSamples}),
            floats("embedding", {BertSizes::hidden})};
  }

  /// Compares text `index` of the batch just encoded with its golden.
  static void expectGolden(const Golden &golden, const BertBatch &batch, const BertActivations &act,
                           int64_t index) {
    int64_t tokens = golden.encoding.ids.size(), length = batch.length;
    expectEmbedding(golden, act.output() + index * length * BertSizes::hidden, tokens);
    for (int64_t layer = 0; layer <= bert->config().layers; ++layer) {
      const float *hidden = act.hiddenAfter(layer) + index * length * BertSizes::hidden;
      float worst = 0;
      for (int64_t k = 0; k < hiddenSamples; ++k) {
        float difference = hidden[k * stride % (tokens * BertSizes::hidden)] -
                           golden.hidden[layer * hiddenSamples + k];
        worst = std::max(worst, std::isnan(difference) ? INFINITY : std::fabs(difference));
      }
      EXPECT_LE(worst, hiddenTolerance) << "hidden states after layer " << layer;
    }
    for (int64_t layer = 0; layer < bert->config().layers; ++layer) {
      const float *weights = act.attention(layer) + index * BertSizes::heads * length * length;
      for (int64_t k = 0; k < attentionSamples; ++k) {
        int64_t flat = k * stride % (BertSizes::heads * tokens * tokens);
        int64_t head = flat / (tokens * tokens), query = flat / tokens % tokens,
                key = flat % tokens;
        EXPECT_NEAR(weights[(head * length + query) * length + key],
                    golden.attention[layer * attentionSamples + k], attentionTolerance)
            << "layer " << layer << ", head " << head << ", query " << query << ", key " << key;
      }
    }
  }

  /// Both vectors have length 1: their dot product is the cosine.
  static void expectEmbedding(const Golden &golden, const float *hidden, int64_t tokens) {
    std::span states(hidden, tokens * BertSizes::hidden);
    std::vector<float> embedding = meanPool(states, BertSizes::hidden);
    double cosine =
        std::inner_product(embedding.begin(), embedding.end(), golden.embedding.begin(), 0.0);
    EXPECT_GE(cosine, leastCosine);
    EXPECT_LE(cosine, 1 + 1e-6);
  }

  static Bert *bert;
  static Safetensors *goldenFile;
};

Bert *BertTest::bert;
Safetensors *BertTest::goldenFile;

TEST_F(BertTest, EveryLayerIsThePublishedOne) {
  BertActivations act;
  act.keepHidden = act.keepAttention = true;
  for (int64_t number = 0; number < inputs; ++number) {
    SCOPED_TRACE("input " + std::to_string(number));
    Golden expected = golden(number);
    BertBatch batch(std::span(&expected.encoding, 1));
    Status status = bert->encode(batch, act);
    ASSERT_TRUE(status) << status.error().message;
    expectGolden(expected, batch, act, 0);
  }
}

TEST_F(BertTest, APaddedBatchGivesWhatEachTextGivesAlone) {
  std::vector<Golden> goldens;
  std::vector<Encoding> encodings;
  for (int64_t number : {0, 49, 1, 4, 30}) { // the shortest, the longest, and some between
    goldens.push_back(golden(number));
    encodings.push_back(goldens.back().encoding);
  }
  BertBatch batch(encodings);
  BertActivations act;
  act.keepHidden = act.keepAttention = true;
  Status status = bert->encode(batch, act);
  ASSERT_TRUE(status) << status.error().message;
  for (size_t i = 0; i < goldens.size(); ++i) {
    SCOPED_TRACE("text " + std::to_string(i));
    expectGolden(goldens[i], batch, act, i);
    const float *weights = act.attention(0) + i * BertSizes::heads * batch.length * batch.length;
    for (int64_t key = encodings[i].ids.size(); key < batch.length; ++key)
      ASSERT_EQ(weights[key], 0) << "weight of padding";
  }
}

TEST_F(BertTest, WhatIsKeptDoesNotChangeTheOutput) {
  Golden input = golden(4);
  BertBatch batch(std::span(&input.encoding, 1));
  BertActivations plain, kept;
  kept.keepAttention = kept.keepHidden = true;
  ASSERT_TRUE(bert->encode(batch, plain));
  ASSERT_TRUE(bert->encode(batch, kept));
  int64_t size = batch.length * BertSizes::hidden;
  // Attention that keeps its weights is a kernel of another form, which rounds elsewhere.
  for (const float *output : {kept.output(), kept.hiddenAfter(bert->config().layers)})
    for (int64_t i = 0; i < size; i++)
      ASSERT_NEAR(output[i], plain.output()[i], 1e-5) << "element " << i;
}

TEST_F(BertTest, RefusesWhatItCannotEncode) {
  auto message = [&](std::vector<int32_t> ids) {
    Encoding encoding{ids, std::vector<int32_t>(ids.size())};
    BertActivations act;
    Status status = bert->encode(BertBatch(std::span(&encoding, 1)), act);
    return status ? "no error" : status.error().message;
  };
  EXPECT_EQ(message({}), "a text of 0 tokens: the model takes 1 to 512");
  EXPECT_EQ(message(std::vector<int32_t>(513)), "a text of 513 tokens: the model takes 1 to 512");
  EXPECT_THAT(message({30522}), HasSubstr("word_ids"));
  EXPECT_THAT(message({-1}), HasSubstr("word_ids"));
}

TEST(Pooling, MeanOfTheTokensDividedByItsNorm) {
  std::vector<float> hidden{1, 0, 5, 8}; // two tokens, width 2: the mean is (3, 4)
  EXPECT_THAT(meanPool(hidden, 2), testing::ElementsAre(0.6f, 0.8f));
  EXPECT_THAT(meanPool(std::vector<float>{0, 0}, 2), testing::ElementsAre(0, 0));
}

/// A copy of the model's folder whose config.json has one entry changed; the weights are linked.
class BrokenModel {
public:
  BrokenModel(const std::string &key, const nlohmann::json &value) {
    std::filesystem::create_directories(folder);
    nlohmann::json config = nlohmann::json::parse(std::ifstream(modelFolder + "/config.json"));
    config[key] = value;
    std::ofstream(folder + "/config.json") << config;
    std::filesystem::create_symlink(modelFolder + "/model.safetensors",
                                    folder + "/model.safetensors");
  }
  ~BrokenModel() { std::filesystem::remove_all(folder); }

  std::string error() const {
    auto loaded = Bert::load(folder);
    return loaded ? "no error" : loaded.error().message;
  }

private:
  std::string folder = testing::TempDir() + "broken-model-" + std::to_string(getpid());
};

TEST(BertLoad, SaysWhichEntryDoesNotFit) {
  EXPECT_THAT(BrokenModel("hidden_size", 768).error(),
              HasSubstr("config.json: 'hidden_size' is 768, but the kernels are compiled for 384"));
  EXPECT_THAT(BrokenModel("num_attention_heads", 6).error(), HasSubstr("compiled for 12"));
  EXPECT_THAT(BrokenModel("intermediate_size", 3072).error(), HasSubstr("compiled for 1536"));
  EXPECT_THAT(BrokenModel("hidden_act", "relu").error(), HasSubstr("compiled for gelu"));
  EXPECT_THAT(BrokenModel("layer_norm_eps", 1e-5).error(), HasSubstr("'layer_norm_eps' is 1e-05"));
  EXPECT_THAT(BrokenModel("model_type", 7).error(), HasSubstr("'model_type' must be a string"));
  EXPECT_THAT(BrokenModel("num_hidden_layers", 0).error(), HasSubstr("must be at least 1"));
  EXPECT_THAT(BrokenModel("num_hidden_layers", 7).error(),
              HasSubstr("tensor 'encoder.layer.6.attention.self.query.weight' is missing"));
  EXPECT_THAT(BrokenModel("vocab_size", 30000).error(),
              HasSubstr("'embeddings.word_embeddings.weight' is F32 [30522, 384], "
                        "expected F32 [30000, 384]"));
}

TEST(BertLoad, SaysWhichFileIsMissing) {
  auto loaded = Bert::load("/nonexistent");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().status, HEED_BAD_FILE);
  EXPECT_EQ(loaded.error().message,
            "/nonexistent/config.json: cannot open: No such file or directory");
}

} // namespace

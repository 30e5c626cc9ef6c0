#include "tools/heed-run/Bench.h"

#include "models/bert/Bert.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <ranges>
#include <string_view>

namespace heed {

namespace {

constexpr int mostOfAnySize = 4096;

using Sizes = std::map<std::string_view, int, std::less<>>;

Error badSizes(std::string_view what) {
  return {HEED_WRONG_VALUE,
          fmt::format("--bench {}: expected tokens=N, batch=N or rounds=N with N from 1 to {}, "
                      "separated by commas",
                      what, mostOfAnySize)};
}

Result<Sizes> parseSizes(std::string_view text) {
  Sizes sizes{{"tokens", 128}, {"batch", 1}, {"rounds", 10}};
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    size_t equals = std::min(item.find('='), item.size());
    auto size = sizes.find(item.substr(0, equals));
    const char *begin = item.data() + std::min(equals + 1, item.size()),
               *end = item.data() + item.size();
    int value = 0;
    auto [rest, error] = std::from_chars(begin, end, value);
    if (size == sizes.end() || error != std::errc() || rest != end || value < 1 ||
        value > mostOfAnySize)
      return badSizes(item);
    size->second = value;
  }
  return sizes;
}

BertBatch syntheticBatch(int texts, int tokens) {
  std::vector<Encoding> encodings(texts);
  for (int i = 0; i < texts; ++i)
    for (int t = 0; t < tokens; ++t) {
      encodings[i].ids.push_back(1000 + (131 * i + 7 * t) % 20000);
      encodings[i].typeIds.push_back(0);
    }
  return BertBatch(encodings);
}

} // namespace

Status bench(const std::string &model, const std::string &text, const Device &device) {
  Result<Sizes> sizes = parseSizes(text);
  if (!sizes)
    return sizes.error();
  Result<Bert> bert = Bert::load(model, device);
  if (!bert)
    return bert.error();
  const int tokens = (*sizes)["tokens"], texts = (*sizes)["batch"], rounds = (*sizes)["rounds"];
  BertBatch batch = syntheticBatch(texts, tokens);
  BertActivations activations;
  if (Status status = bert->encode(batch, activations); !status)
    return status;
  std::vector<double> times; // ms
  for (int round = 0; round < rounds; ++round) {
    auto start = std::chrono::steady_clock::now();
    if (Status status = bert->encode(batch, activations); !status)
      return status;
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  std::ranges::sort(times);
  std::vector<float> first;
  for (int i = 0; i < texts; ++i)
    first.insert(first.end(), activations.output() + int64_t(i) * tokens * BertSizes::hidden,
                 activations.output() + (int64_t(i) * tokens + 1) * BertSizes::hidden);
  fmt::print("{{\"tokens\":{},\"batch\":{},\"rounds\":{},\"threads\":{},\"device\":\"{}\","
             "\"min_ms\":{:.4f},\"median_ms\":{:.4f},\"first\":[{}]}}\n",
             tokens, texts, rounds, heed_threads(), device.name(), times.front(),
             times[times.size() / 2], fmt::join(first, ","));
  return success();
}

} // namespace heed

#include "tools/heed-run/Run.h"

#include "models/common/WholeFile.h"
#include "models/heatmap/Page.h"
#include "models/heatmap/TerminalMap.h"
#include "models/heatmap/Words.h"
#include "tools/heed-run/Bench.h"
#include "tools/heed-run/Progress.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <numeric>
#include <sys/ioctl.h>
#include <unistd.h>

namespace heed {

namespace {

/// Lines of standard input are embedded and printed in parts of this many.
constexpr size_t linesAtOnce = 256;

size_t terminalColumns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

/// Up to `count` more lines.
std::vector<std::string> readLines(std::istream &in, size_t count) {
  std::vector<std::string> lines;
  for (std::string line; lines.size() < count && std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

Result<std::vector<std::vector<float>>> embed(const SentenceEncoder &encoder,
                                              std::span<const std::string> texts) {
  std::vector<Encoding> encodings;
  for (const std::string &text : texts) {
    encodings.push_back(encoder.tokenize(text));
    if (encodings.back().cut > 0)
      fmt::print(stderr, "heed-run: a text has {} tokens more than the {} the model takes; they are "
                         "left out: \"{:.40}...\"\n",
                 encodings.back().cut, encoder.longestText(), text);
  }
  Progress progress(texts.size());
  return encoder.embed(encodings, [&](size_t done) { progress.show(done); });
}

Status printEmbeddings(const SentenceEncoder &encoder, std::span<const std::string> texts) {
  auto vectors = embed(encoder, texts);
  if (!vectors)
    return vectors.error();
  for (size_t i = 0; i < texts.size(); ++i)
    fmt::print("{{\"text\":{},\"embedding\":[{}]}}\n",
               nlohmann::json(texts[i]).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
               fmt::join((*vectors)[i], ","));
  return success();
}

Status embedAll(const SentenceEncoder &encoder, const CommandLine &line) {
  if (!line.texts.empty())
    return printEmbeddings(encoder, line.texts);
  while (true) {
    std::vector<std::string> lines = readLines(std::cin, linesAtOnce);
    if (lines.empty())
      return success();
    if (Status status = printEmbeddings(encoder, lines); !status)
      return status;
  }
}

Status compare(const SentenceEncoder &encoder, std::span<const std::string> texts) {
  if (texts.size() < 2)
    return Error{HEED_WRONG_VALUE, "--compare needs at least two texts: the first and those to rank"};
  auto vectors = embed(encoder, texts);
  if (!vectors)
    return vectors.error();
  std::vector<std::pair<float, size_t>> ranking; // minus the cosine, text
  const std::vector<float> &first = vectors->front();
  for (size_t i = 1; i < texts.size(); ++i)
    ranking.emplace_back(-std::inner_product(first.begin(), first.end(), (*vectors)[i].begin(), 0.0f), i);
  std::ranges::sort(ranking);
  fmt::print("Similar to \"{}\":\n", texts.front());
  for (auto [negative, i] : ranking)
    fmt::print("  {:6.3f}  {}\n", -negative, texts[i]);
  return success();
}

/// What is to be shown of one map: words, the one asked about, and the head.
struct View {
  std::vector<Word> words;
  std::optional<size_t> word; ///< none when the text has no word that looks at another
  int64_t layer, head;
};

Status checkNumber(const char *flag, std::optional<int> number, int64_t count) {
  if (!number || (*number >= 1 && *number <= count))
    return success();
  return Error{HEED_WRONG_VALUE,
               fmt::format("{} {}: the model has {}, counted from 1", flag, *number, count)};
}

Result<View> viewOf(const CommandLine &line, const SentenceEncoder &encoder, const AttentionMap &map) {
  if (Status status = checkNumber("--layer", line.layer, map.layers); !status)
    return status.error();
  if (Status status = checkNumber("--head", line.head, map.heads); !status)
    return status.error();
  View view{.words = wordsOf(map), .word = {}, .layer = line.layer.value_or(map.layers) - 1, .head = 0};
  if (!line.word.empty()) {
    std::string wanted = encoder.spelling(line.word);
    auto found = std::ranges::find_if(
        view.words, [&](const Word &word) { return !word.special && word.text == wanted; });
    if (found == view.words.end())
      return Error{HEED_WRONG_VALUE, fmt::format("--word {}: no such word in \"{}\"", line.word, map.text)};
    view.word = found - view.words.begin();
  }
  if (auto telling = mostTelling(map, view.words, view.layer, view.word)) {
    view.word = telling->word;
    view.head = telling->head;
  }
  if (line.head)
    view.head = *line.head - 1;
  return view;
}

void print(const CommandLine &line, const AttentionMap &map, const View &view) {
  fmt::print("{}\n\nTokens:", map.text);
  for (const MapToken &token : map.tokens)
    fmt::print(" {}", token.text);
  fmt::print("\n\nLayer {}, head {}: how much each row looks at each column\n", view.layer + 1,
             view.head + 1);
  fmt::print("{}", renderMap(map, view.layer, view.head,
                             {.color = line.color, .columns = terminalColumns()}));
  if (!view.word)
    return;
  fmt::print("\nWhat \"{}\" looks at most, over all heads:\n", view.words[*view.word].text);
  for (int64_t layer = 0; layer < map.layers; ++layer) {
    fmt::print("  layer {}", layer + 1);
    for (const Look &look : mostLookedAt(map, view.words, layer, *view.word, 4))
      fmt::print("   {} {:.0f}%", view.words[look.word].text, 100 * look.weight);
    fmt::print("\n");
  }
  fmt::print("\n");
}

Status show(const SentenceEncoder &encoder, const CommandLine &line,
            std::span<const std::string> texts) {
  std::vector<AttentionMap> maps;
  std::optional<PageStart> start;
  for (const std::string &text : texts) {
    Result<AttentionMap> map = encoder.attention(text);
    if (!map)
      return map.error();
    Result<View> view = viewOf(line, encoder, *map);
    if (!view)
      return view.error();
    print(line, *map, *view);
    if (!start)
      start = {view->layer, view->head, view->word ? view->words[*view->word].begin : 0};
    maps.push_back(std::move(*map));
  }
  if (line.heatMap.empty() || maps.empty())
    return success();
  if (Status status = writeWholeFile(line.heatMap, heatMapPage(maps, *start)); !status)
    return status;
  fmt::print("Every head of every layer: open {} in a browser.\n", line.heatMap);
  return success();
}

/// Says on standard error which it is, unless it is the CPU.
Result<Device> deviceOf(const CommandLine &line) {
  Result<Device> device = Device::find(line.device);
  if (!device)
    return Error{device.error().status,
                 fmt::format("--device {}: {}", line.device, device.error().message)};
  if (!device->isCpu() && line.mode == RunMode::Show)
    return Error{HEED_WRONG_DEVICE,
                 fmt::format("--device {}: attention weights are made on the CPU only; --embed, "
                             "--compare and --bench run there",
                             line.device)};
  if (!device->isCpu())
    fmt::print(stderr, "heed-run: the model runs on {}\n", device->name());
  return device;
}

} // namespace

Status run(const CommandLine &line) {
  heed_set_threads(line.threads);
  Result<Device> device = deviceOf(line);
  if (!device)
    return device.error();
  if (line.mode == RunMode::Bench)
    return bench(line.model, line.bench, *device);
  Result<SentenceEncoder> encoder = SentenceEncoder::load(line.model, *device);
  if (!encoder)
    return encoder.error();
  if (line.mode == RunMode::Embed)
    return embedAll(*encoder, line);
  std::vector<std::string> texts =
      line.texts.empty() ? readLines(std::cin, std::string::npos) : line.texts;
  return line.mode == RunMode::Compare ? compare(*encoder, texts) : show(*encoder, line, texts);
}

} // namespace heed

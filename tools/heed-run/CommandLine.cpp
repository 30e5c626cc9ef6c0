#include "tools/heed-run/CommandLine.h"

#include <CLI/CLI.hpp>

#include <map>
#include <unistd.h>

namespace heed {

namespace {

constexpr const char *purpose =
    "heed-run - runs a sentence encoder on kernels that Heed compiled, and shows what its attention does.\n";

constexpr const char *examples = R"(
Examples:
  heed-run .deps/minilm --text "The animal didn't cross the street because it was too tired" --word it
      the tokens, the heat map of one head, and what "it" looks at most, layer by layer
  heed-run .deps/minilm --text "..." --layer 4 --head 2 --heatmap out.html
      another head; and a page with all heads for a browser
  heed-run .deps/minilm --compare --text "A man eats bread." --text "Someone has a meal." --text "It rains."
      the other texts by their similarity to the first: the cosine, 1 for the same meaning
  heed-run .deps/minilm --embed < lines.txt > vectors.jsonl
      {"text": ..., "embedding": [384 numbers]} for each line
  heed-run .deps/minilm --embed --device opencl < lines.txt > vectors.jsonl
      the same on an OpenCL device

MODEL is a folder with config.json, model.safetensors and tokenizer.json, as sentence-transformers
writes it; `scripts/setup.sh model` fetches one into .deps/minilm. Longer texts than the model takes are
cut, and a warning says so.

Exit status: 0 done, 1 a mistake in the input or the surroundings, 2 a bug in Heed.
)";

} // namespace

std::optional<int> parseCommandLine(int argc, char **argv, CommandLine &line) {
  CLI::App app(purpose);
  app.footer(examples);
  app.get_formatter()->column_width(28);
  app.add_option("MODEL", line.model, "the model's folder")->required()->option_text(" ");
  app.add_option("--text", line.texts, "a text; as often as you like (default: the lines of standard\n"
                                       "input)")
      ->option_text("TEXT")->allow_extra_args(false);

  const char *what = "What to do (default: show the attention)", *show = "What is shown";
  bool compare = false, embed = false;
  auto *compareFlag = app.add_flag("--compare", compare, "rank the texts by similarity to the first")->group(what);
  app.add_flag("--embed", embed, "print the texts' vectors as JSON lines")->group(what)->excludes(compareFlag);
  app.add_option("--bench", line.bench, "time the encoder on made-up tokens, e.g. tokens=128,batch=8,rounds=20")
      ->option_text("SIZES")->group(what);

  app.add_option("--word", line.word, "the word to ask about (default: one with a strong look at\n"
                                      "another)")->option_text("WORD")->group(show);
  app.add_option("--layer", line.layer, "of the heat map, from 1 (default: the last)")
      ->option_text("N")->group(show);
  app.add_option("--head", line.head, "of the heat map, from 1 (default: where the word looks hardest)")
      ->option_text("N")->group(show);
  app.add_option("--heatmap", line.heatMap, "write a page with every head of every layer")
      ->option_text("FILE")->group(show);
  std::string color = "auto";
  app.add_option("--color", color, "auto (default: on terminals), always, never")
      ->check(CLI::IsMember({"auto", "always", "never"}))->option_text("WHEN")->group(show);
  app.add_option("--device", line.device, "where the model runs: cpu (default), opencl, cuda; not for heat maps")
      ->option_text("DEVICE");
  app.add_option("--threads", line.threads, "threads to use (default: one per core)")
      ->check(CLI::Range(1, 1024))->option_text("N");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &e) {
    return app.exit(e) == 0 ? 0 : 1;
  }
  line.mode = compare               ? RunMode::Compare
              : embed               ? RunMode::Embed
              : !line.bench.empty() ? RunMode::Bench
                                    : RunMode::Show;
  line.color = color == "always" || (color == "auto" && isatty(STDOUT_FILENO));
  return std::nullopt;
}

} // namespace heed

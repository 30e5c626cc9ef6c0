#include "tools/heed-tune/CommandLine.h"

#include "tools/Choice.h"

#include <iostream>
#include <unistd.h>

namespace heed::tune {
namespace {

constexpr const char *purpose =
    "heed-tune - searches for the plans that run attention kernels fastest on this machine.\n\n"
    "What it finds goes into a table that heedc --table reads. Every measurement is kept in a log: "
    "a\n"
    "run that was ended in any way goes on where it was. docs/tuning.md has the rules.\n";

constexpr const char *examples = R"(
Examples:
  heed-tune --preset causal --head-dim 64 --shape h=12,q=1024 --budget 60s
      tuned-TARGET.json, its log (.log) and a page that shows the search (.html)
  heed-tune alibi.mlir --shape h=12,q=128 --shape h=12,q=2048 --threads 2 --budget 5m --table mine.json
      two shapes of a kernel; where their best plans differ, also the threshold between them
  heedc alibi.mlir --table mine.json --explain -o build/alibi
      compiled with what was found

Exit status: 0 done, 1 a mistake in the input or the surroundings, 2 a bug in Heed.
)";

void addKernel(CLI::App &app, CommandLine &line) {
  const char *group = "What is tuned";
  auto *file = app.add_option("FILE", line.input, "a .mlir description, a .onnx model, or -")
                   ->option_text(" ");
  auto *preset = app.add_option("--preset", line.preset.components,
                                "components instead of a file, as heedc takes them")
                     ->delimiter(',')
                     ->allow_extra_args(false)
                     ->option_text("LIST")
                     ->group(group)
                     ->excludes(file);
  auto number = [&](const char *flag, int64_t &value, const char *help) {
    app.add_option(flag, value, help)
        ->check(CLI::Range(1, 65536).description(""))
        ->option_text("N")
        ->group(group)
        ->needs(preset);
  };
  number("--head-dim", line.preset.headDim, "numbers in a head's query, key and value");
  number("--value-dim", line.preset.valueDim, "numbers in a head's value, where they differ");
  number("--heads", line.preset.heads, "query heads (default: any number)");
  number("--kv-heads", line.preset.keyHeads, "key heads (default: those of the query)");
  auto word = [&](const char *flag, std::string &value, const char *help) {
    app.add_option(flag, value, help)->option_text("WORD")->group(group)->needs(preset);
  };
  word("--dtype", line.preset.dtype, "of queries and output: f32 (default), f16, bf16, f64");
  word("--cache-dtype", line.preset.cacheDtype, "of keys and values (default: --dtype's)");
  word("--name", line.preset.name, "of the kernel");
  app.add_option("--shape", line.shapes,
                 "a call's extents, as heed-bench takes them; may be\ngiven several times")
      ->option_text("b=1,h=12,q=1024,...")
      ->allow_extra_args(false)
      ->group(group);
  addChoice<std::vector<measure::Layout>>(app, "--layout", line.layouts,
                                          {{"both", {measure::Layout::Bhsd, measure::Layout::Bshd}},
                                           {"bhsd", {measure::Layout::Bhsd}},
                                           {"bshd", {measure::Layout::Bshd}}},
                                          "both (default: the mean of the two), bhsd or bshd")
      ->option_text("WORD")
      ->group(group);
  app.add_option("--threads", line.threads, "threads a call may use (default: 1)")
      ->option_text("N")
      ->group(group)
      ->check(CLI::Range(1, 1024).description(""));
  app.add_option(
         "--target", line.target,
         "x86-64-avx512, x86-64-avx2, x86-64-sse41 or\nhost (default), the best of them here")
      ->option_text("NAME")
      ->group(group);
}

void addSearch(CLI::App &app, CommandLine &line) {
  const char *group = "How";
  app.add_option_function<std::string>(
         "--budget",
         [&](const std::string &text) {
           llvm::Expected<double> seconds = parseBudget(text);
           if (!seconds)
             throw CLI::ValidationError("--budget", llvm::toString(seconds.takeError()));
           line.budget = *seconds;
         },
         "how long in all: 60s (default), 5m, 1h")
      ->option_text("TIME")
      ->group(group);
  addChoice<std::string>(app, "--search", line.search, {{"guided", "guided"}, {"random", "random"}},
                         "guided (default), or random to compare with")
      ->option_text("WORD")
      ->group(group);
  app.add_option("--seed", line.seed, "of what the search draws (default: 1)")
      ->option_text("N")
      ->group(group);
  app.add_option("--jobs", line.jobs, "candidates compiled at a time (default: one a CPU)")
      ->option_text("N")
      ->group(group)
      ->check(CLI::Range(1, 256).description(""));
  app.add_flag("--compare", line.compare,
               "no table, but this search beside random search and Halide's\nautoschedulers, each "
               "with the budget")
      ->group(group);
  app.add_option("--patience", line.patience)->group("");
  const char *files = "Files";
  app.add_option("--table", line.table, "what is found is put in there (tuned-TARGET.json)")
      ->option_text("FILE")
      ->group(files);
  app.add_option("--log", line.log, "every measurement (the table's name with .log)")
      ->option_text("FILE")
      ->group(files);
  app.add_option("--page", line.page, "the search as a page (the table's name with .html)")
      ->option_text("FILE")
      ->group(files);
}

std::string contradiction(const CommandLine &line) {
  if (line.preset.components.empty() && line.input.empty())
    return "nothing to tune: give a .mlir or .onnx file or --preset; heed-tune --help shows "
           "examples";
  if (line.shapes.empty())
    return "for which shape? Give one or several, as in --shape b=1,h=12,q=1024,k=1024";
  return "";
}

} // namespace

std::optional<int> parseCommandLine(int argc, const char *const *argv, CommandLine &line) {
  CLI::App app(purpose, "heed-tune");
  app.footer(examples);
  app.get_formatter()->column_width(30);
  addKernel(app, line);
  addSearch(app, line);
  try {
    app.parse(argc, argv);
    if (std::string why = contradiction(line); !why.empty())
      throw CLI::ValidationError(why, CLI::ExitCodes::ValidationError);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // help
    std::cerr << "heed-tune: error: " << error.what() << "\nheed-tune --help lists what there is\n";
    return 1;
  }
  if (line.jobs == 0)
    line.jobs = std::max(1, int(::sysconf(_SC_NPROCESSORS_ONLN)));
  return std::nullopt;
}

} // namespace heed::tune

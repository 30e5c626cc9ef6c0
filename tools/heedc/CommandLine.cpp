#include "tools/heedc/CommandLine.h"
#include "tools/heed-tune/Budget.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace heed {
namespace {

constexpr const char *purpose =
    "heedc - compiles attention kernels to a static library, a C header and a manifest.\n";

constexpr const char *examples = R"(
Examples:
  heedc alibi.mlir -o build/alibi
      build/alibi.a, .h and .json, for every x86-64 target; link with libheed.a
  heedc --preset causal,alibi --heads 12 --kv-heads 4 --head-dim 64 -o build/alibi
      the same from ready components instead of a file; --list-presets shows them
  heedc --preset 'qk_norm,rotary,causal,window=1024|sinks=4' --cache-dtype bf16 -o build/decoder
      components of a kernel: operands, score, changes of it, masks, weights,
      results
  heedc --preset causal --heads 12 --head-dim 64 --emit attn > causal.mlir
      a description to start your own from
  heedc alibi.mlir --target host --explain -o build/alibi
      for this CPU only; says in words what was fused, skipped and chosen
  heedc alibi.mlir --target host --emit plan -o plan.json
  heedc alibi.mlir --target host --plan plan.json -o build/alibi
      with the plan's numbers changed by hand in between
  heedc alibi.mlir --target host --tune 30s --shape h=12,q=1024 --table mine.json -o build/alibi
      searches for the fastest plan first and keeps it in mine.json; see heed-tune
  heedc alibi.mlir --emit shared -o build/alibi
      build/alibi.so with the runtime inside, for Python or any other language

Exit status: 0 done, 1 a mistake in the input or the surroundings, 2 a bug in heedc.
)";

const std::pair<const char *, EmitKind> emitKinds[] = {
    {"library", EmitKind::Library}, {"shared", EmitKind::Shared}, {"attn", EmitKind::Attn},
    {"graph", EmitKind::Graph},     {"plan", EmitKind::Plan},     {"stmt", EmitKind::Stmt},
    {"asm", EmitKind::Assembly},    {"device", EmitKind::Device}};

EmitKind emitKind(const std::string &name) {
  std::string known;
  for (auto [kindName, kind] : emitKinds) {
    if (name == kindName)
      return kind;
    known += std::string(known.empty() ? "" : ", ") + kindName;
  }
  throw CLI::ValidationError("--emit", "there is no '" + name + "': choose one of " + known);
}

/// A comma-separated list; what follows it on the command line is no part of it.
CLI::Option *addList(CLI::App &app, const std::string &flag, std::vector<std::string> &list,
                     const char *help, const std::string &group) {
  return app.add_option(flag, list, help)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("LIST")
      ->group(group);
}

void addOptions(CLI::App &app, CommandLine &line) {
  const char *input = "What to compile", *kernel = "A kernel without a file",
             *output = "What comes out", *cache = "Cache of compiled kernels";
  auto *file =
      app.add_option(
             "FILE", line.input,
             "a .mlir description, a .onnx model, or - for a description\non standard input")
          ->option_text(" ");

  addList(app, "--target", line.targets,
          "x86-64-avx512, x86-64-avx2, x86-64-sse41, host, all (default):\n"
          "the library runs the best that its CPU has",
          input);
  app.add_option("--plan", line.plan, "JSON as --emit plan prints it, instead of the default plans")
      ->option_text("FILE")
      ->group(input);
  app.add_option("--table", line.table,
                 "tuned plans as heed-tune writes them, before those of\n"
                 "HEED_TABLE and those that come with Heed")
      ->option_text("FILE")
      ->group(input);
  const char *tuning = "Tuning";
  auto *tune = app.add_option_function<std::string>(
      "--tune",
      [&](const std::string &text) {
        llvm::Expected<double> seconds = tune::parseBudget(text);
        if (!seconds)
          throw CLI::ValidationError("--tune", llvm::toString(seconds.takeError()));
        line.tuneSeconds = *seconds;
      },
      "first search so long for fast plans for the best target that\n"
      "this CPU runs (30s, 2m); kept in --table FILE if that is given");
  tune->option_text("TIME")->group(tuning);
  app.add_option("--shape", line.shapes, "for which extents of a call; may be given several times")
      ->option_text("b=1,h=12,q=1024,...")
      ->allow_extra_args(false)
      ->group(tuning)
      ->needs(tune);
  app.add_option("--threads", line.threads, "threads a call may use meanwhile (default: 1)")
      ->check(CLI::Range(1, 1024).description(""))
      ->option_text("N")
      ->group(tuning)
      ->needs(tune);

  auto *preset =
      addList(app, "--preset", line.preset.components, "components of an attention kernel", kernel);
  preset->excludes(file);
  auto number = [&](const char *flag, int64_t &value, const char *help) {
    return app.add_option(flag, value, help)
        ->check(CLI::Range(1, 65536).description(""))
        ->option_text("N")
        ->group(kernel)
        ->needs(preset);
  };
  preset->needs(
      number("--head-dim", line.preset.headDim, "numbers in a head's query, key and value"));
  number("--value-dim", line.preset.valueDim, "numbers in a head's value, where they differ");
  number("--heads", line.preset.heads, "query heads (default: any number)");
  number("--kv-heads", line.preset.keyHeads, "key and value heads (default: those of the query)");
  auto storage = [&](const char *flag, std::string &type, const char *help) {
    app.add_option(flag, type, help)->option_text("TYPE")->group(kernel)->needs(preset);
  };
  storage("--dtype", line.preset.dtype, "of queries and output: f32 (default), f16, bf16, f64");
  storage("--cache-dtype", line.preset.cacheDtype, "of keys and values (default: --dtype's)");
  app.add_option("--name", line.preset.name, "of the C function (default: made of the presets')")
      ->option_text("NAME")
      ->group(kernel)
      ->needs(preset);
  app.add_flag("--list-presets", line.listPresets, "say what --preset takes")->group(kernel);

  app.add_option("-o,--output", line.output,
                 "a library's path and name without extension, or a text's\n"
                 "file (default, and -: standard output); folders are created")
      ->option_text("PATH")
      ->group(output);
  app.add_option_function<std::string>(
         "--emit", [&](const std::string &k) { line.emit = emitKind(k); },
         "library (default): .a, .h and .json\n"
         "shared: .so with the runtime inside, .h and .json\n"
         "attn, graph, plan, stmt, asm, device: the IR after all passes, formulas,\n"
         "JSON, loops or assembly, as text")
      ->option_text("KIND")
      ->group(output);
  app.add_flag("--standalone", line.standalone, "put the runtime into NAME.a, with private symbols")
      ->group(output);
  app.add_flag("--explain", line.explain, "say in words what was fused, skipped and chosen")
      ->group(output);
  app.add_flag("--check-laws", line.checkLaws,
               "compile nothing; try whether the normalizers' states merge and\n"
               "thresholds lie in their brackets, on random keys")
      ->group(output);
  app.add_option("--dump-phases-to", line.dumpFolder,
                 "write what every phase made as numbered files")
      ->option_text("DIR")
      ->group(output);
  app.add_flag("--verbose", line.verbose, "say how long each phase took")->group(output);

  auto *folder = app.add_option("--cache", line.cacheFolder,
                                "its folder (default: ${XDG_CACHE_HOME:-~/.cache}/heed)");
  folder->option_text("DIR")->group(cache);
  app.add_flag("--no-cache", line.noCache, "neither read nor write it")
      ->group(cache)
      ->excludes(folder);
}

/// What CLI11 cannot say about options that need or exclude each other; empty where all is well.
std::string contradiction(const CommandLine &line) {
  bool text = line.emit != EmitKind::Library && line.emit != EmitKind::Shared;
  if (line.preset.components.empty() && line.input.empty())
    return "nothing to compile: give a .mlir or .onnx file or --preset; heedc --help shows "
           "examples";
  if (line.standalone && line.emit != EmitKind::Library)
    return "--standalone is for --emit library; a shared library holds the runtime anyway";
  if (line.output == "-" && !text)
    return "-o - is standard output, for the texts of --emit: a library is files, name them";
  if (line.explain && text && (line.output.empty() || line.output == "-"))
    return "--explain and the text of --emit would mix on standard output: give the text a file "
           "with -o";
  return "";
}

} // namespace

std::optional<int> parseCommandLine(int argc, char **argv, CommandLine &line) {
  CLI::App app(purpose, "heedc");
  app.footer(examples);
  app.set_version_flag("--version", "heedc " HEED_VERSION);
  app.get_formatter()->column_width(32);
  addOptions(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // help, version
    std::cerr << "heedc: error: " << error.what() << "\nheedc --help lists what there is\n";
    return 1;
  }
  if (line.listPresets)
    return std::nullopt;
  if (std::string wrong = contradiction(line); !wrong.empty()) {
    std::cerr << "heedc: error: " << wrong << "\n";
    return 1;
  }
  if (line.output == "-")
    line.output.clear();
  return std::nullopt;
}

} // namespace heed

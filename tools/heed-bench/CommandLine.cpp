#include "tools/heed-bench/CommandLine.h"

#include "tools/Choice.h"

#include <iostream>

namespace heed::bench {
namespace {

constexpr const char *purpose =
    "heed-bench - measures attention kernels as a program would call them.\n\n"
    "Every case is compiled, checked against a float64 reference and then timed, all cases in "
    "turn,\n"
    "with the CPU's own peak measured in between. docs/benchmarks.md explains the columns.\n";

constexpr const char *examples = R"(
Examples:
  heed-bench
      all cases in both layouts on one thread: a minute or two
  heed-bench --case dense1k,gpt1k --threads 2
      two cases on two threads; --list shows all
  heed-bench --shape b=1,h=8,hk=2,q=500,k=3000,d=96 --preset causal=bottom_right
      any other shape; components as heedc --list-presets shows them
  heed-bench near.mlir --shape b=1,h=12,hk=4,q=1024
      a kernel of your own
  heedc --preset causal --head-dim 64 --name causal_d64 --target host --emit plan -o plan.json
  heed-bench --case gpt1k --plan plan.json
      with the plan's numbers changed by hand in between
  heed-bench --format json > figures.json
  heed-bench --format html --peers compare.json > figures.html
      a page with the roofline, and bars beside the peers of make compare

Exit status: 0 done, 1 a mistake on the command line or a wrong result, 2 a bug in Heed.
)";

CLI::Option *addList(CLI::App &app, const std::string &flag, std::vector<std::string> &list,
                     const char *help) {
  return app.add_option(flag, list, help)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("LIST");
}

void addOptions(CLI::App &app, CommandLine &line) {
  const char *what = "What is measured", *how = "How";
  CLI::Option *cases =
      addList(app, "--case", line.cases, "names of cases (default: all)")->group(what);
  app.add_flag("--list", line.list, "say which cases there are")->group(what);
  CLI::Option *machine = app.add_flag("--machine", line.machine,
                                      "no kernel: the FMA peak, and a loop that reads --bytes")
                             ->group(what)
                             ->excludes(cases);
  app.add_option("--bytes", line.bytes, "with --machine (default: 33554432)")
      ->option_text("N")
      ->group(what)
      ->needs(machine)
      ->check(CLI::Range(int64_t(64), int64_t(1) << 34));
  CLI::Option *shape = app.add_option("--shape", line.shape,
                                      "another shape than the cases': b(atch), h(eads), hk (key\n"
                                      "heads), q(ueries), k(eys), d (head size)")
                           ->option_text("b=1,h=12,...")
                           ->group(what)
                           ->excludes(cases);
  CLI::Option *file =
      app.add_option("FILE", line.file,
                     "kernels of your own, NAME.mlir or NAME.onnx, on a --shape; their\n"
                     "extents by name: queries=1024, rows=500, bias.shape[0]=12")
          ->group(what)
          ->needs(shape);
  addList(app, "--preset", line.preset,
          "with --shape: components, e.g. causal,alibi\n(default: every pair counts)")
      ->group(what)
      ->needs(shape)
      ->excludes(file);
  app.add_option(
         "--dtype", line.dtype,
         "with --shape: how the preset's tensors are stored: f32\n(default), f16, bf16 or f64")
      ->option_text("TYPE")
      ->group(what)
      ->needs(shape)
      ->excludes(file);
  addChoice<std::vector<measure::Layout>>(
      app, "--layout", line.layouts,
      {{"both", {measure::Layout::Bhsd, measure::Layout::Bshd}},
       {"bhsd", {measure::Layout::Bhsd}},
       {"bshd", {measure::Layout::Bshd}}},
      "both (default), bhsd (batch, head, sequence, dim), or\nbshd (batch, sequence, head, dim)")
      ->option_text("LAYOUT")
      ->group(what);

  app.add_option("--threads", line.threads, "threads a call may use (default: 1)")
      ->option_text("N")
      ->group(how)
      ->check(CLI::Range(1, 1024));
  app.add_option("--rounds", line.rounds, "samples of every case (default: 15)")
      ->option_text("N")
      ->group(how)
      ->check(CLI::Range(1, 1000000));
  app.add_option(
         "--target", line.target,
         "x86-64-avx512, x86-64-avx2, x86-64-sse41 or\nhost (default), the best of them here")
      ->option_text("NAME")
      ->group(how);
  app.add_option("--plan", line.plan,
                 "JSON as heedc --emit plan prints it, instead of the\ndefault plans")
      ->option_text("FILE")
      ->group(how);
  addChoice<Format>(app, "--format", line.format,
                    {{"table", Format::Table},
                     {"json", Format::Json},
                     {"csv", Format::Csv},
                     {"html", Format::Html}},
                    "table (default), json, csv or html, a page")
      ->option_text("FORMAT")
      ->group(how);
  app.add_option("--peers", line.peers, "with --format html: what make compare wrote, to be shown")
      ->option_text("FILE")
      ->group(how);
}

} // namespace

std::optional<int> parseCommandLine(int argc, const char *const *argv, CommandLine &line) {
  CLI::App app(purpose, "heed-bench");
  app.footer(examples);
  app.get_formatter()->column_width(30);
  addOptions(app, line);
  try {
    app.parse(argc, argv);
    if (!line.peers.empty() && line.format != Format::Html)
      throw CLI::ValidationError("--peers", "only the page shows them: add --format html");
    if (line.machine && line.format != Format::Table && line.format != Format::Json)
      throw CLI::ValidationError("--machine", "its formats are table and json");
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // help
    std::cerr << "heed-bench: error: " << error.what()
              << "\nheed-bench --help lists what there is\n";
    return 1;
  }
  return std::nullopt;
}

} // namespace heed::bench

#include "tools/heed-bench/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heed::bench {
namespace {

using Json = nlohmann::ordered_json;

/// A share of the peak in percent; null where there is none.
Json percentOfPeak(const Setting &setting, const Result &result, double seconds) {
  return setting.peak > 0 ? Json(100 * result.work.operations / seconds / setting.peak) : Json();
}

/// All there is to say about one case: every format takes its figures from here.
Json fields(const Setting &setting, const Result &result) {
  const Case &c = result.problem;
  return {{"case", c.name},
          {"layout", result.layout},
          {"threads", setting.threads},
          {"target", setting.target},
          {"min_ms", result.timing.least * 1e3},
          {"median_ms", result.timing.median * 1e3},
          {"gflops", result.work.operations / result.timing.median / 1e9},
          {"percent_of_peak", percentOfPeak(setting, result, result.timing.median)},
          {"percent_of_peak_at_min", percentOfPeak(setting, result, result.timing.least)},
          {"gbytes_per_s", result.bytes / result.timing.median / 1e9},
          {"max_error", result.accuracy.maxError},
          {"error_of_bound", result.accuracy.ofBound},
          {"shape", measure::showExtents(c.extents)},
          {"preset", llvm::join(c.components, ",")},
          {"kernel", result.kernel},
          {"gflop", result.work.operations / 1e9},
          {"rounds", setting.rounds},
          {"peak_gflops", setting.peak > 0 ? Json(setting.peak / 1e9) : Json()},
          {"cpu", setting.cpu}};
}

std::string number(const Json &value, int digits) {
  return value.is_null() ? "-" : fmt::format("{:.{}f}", value.get<double>(), digits);
}

std::string table(const Setting &setting, llvm::ArrayRef<Result> results) {
  std::string peak = setting.peak > 0 ? fmt::format("peak {:.1f} GFLOP/s ({} FMA)",
                                                    setting.peak / 1e9, setting.peakName)
                                      : "peak unknown: this CPU has no FMA";
  std::string text = fmt::format("{}; {} thread{}; {}; {}; {} round{}\n\n", setting.cpu,
                                 setting.threads, setting.threads == 1 ? "" : "s", setting.target,
                                 peak, setting.rounds, setting.rounds == 1 ? "" : "s");
  constexpr const char *row = "{:<11} {:<7} {:>10} {:>10} {:>9} {:>8} {:>8} {:>8} {:>10} {:>9}\n";
  text += fmt::format(row, "case", "layout", "median ms", "min ms", "GFLOP/s", "% peak", "at min",
                      "GB/s", "max error", "of bound");
  for (const Result &result : results) {
    Json f = fields(setting, result);
    text +=
        fmt::format(row, result.problem.name, result.layout, number(f["median_ms"], 3),
                    number(f["min_ms"], 3), number(f["gflops"], 1), number(f["percent_of_peak"], 1),
                    number(f["percent_of_peak_at_min"], 1), number(f["gbytes_per_s"], 1),
                    fmt::format("{:.1e}", result.accuracy.maxError),
                    fmt::format("{:.2f}", result.accuracy.ofBound));
  }
  return text;
}

std::string csv(const Setting &setting, llvm::ArrayRef<Result> results) {
  std::string text;
  for (const Result &result : results) {
    std::string header, line;
    Json all = fields(setting, result);
    for (auto &[key, value] : all.items()) {
      header += (header.empty() ? "" : ",") + key;
      line += (line.empty() ? "" : ",") + (value.is_null() ? "" : value.dump()); // texts in quotes
    }
    text += (text.empty() ? header + "\n" : "") + line + "\n";
  }
  return text;
}

} // namespace

std::string report(Format format, const Setting &setting, llvm::ArrayRef<Result> results) {
  if (format == Format::Table)
    return table(setting, results);
  if (format == Format::Csv)
    return csv(setting, results);
  Json all = Json::array();
  for (const Result &result : results)
    all.push_back(fields(setting, result));
  return all.dump(2) + "\n";
}

std::string cpuName() {
  auto file = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo");
  llvm::StringRef text = file ? (*file)->getBuffer() : "";
  llvm::StringRef name = text.split("model name").second.split('\n').first;
  name = name.ltrim(": \t").trim();
  return name.empty() ? "unknown CPU" : name.str();
}

} // namespace heed::bench

#include "tools/heed-bench/Report.h"
#include "compiler/emit/Errors.h"
#include "tools/heed-bench-build/PageTemplate.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heed::bench {
namespace {

using Json = nlohmann::ordered_json;

/// Paths may hold bytes that are no UTF-8: these are replaced.
std::string text(const Json &json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// 100 part / whole; null where there is no whole.
Json percent(double part, double whole) { return whole > 0 ? Json(100 * part / whole) : Json(); }

Json percentOfPeak(const Setting &setting, const Result &result, double seconds) {
  return percent(result.work.operations / seconds, setting.peak);
}

/// The command that measures this alone.
std::string reproduce(const Setting &setting, const Result &result) {
  return fmt::format("heed-bench {} --layout {} --threads {} --rounds {} --target {}{}",
                     optionsFor(result.problem), result.layout, setting.threads, setting.rounds,
                     setting.target, setting.plan.empty() ? "" : " --plan " + setting.plan);
}

/// All there is to say about one case: every format takes its figures from here.
Json fields(const Setting &setting, const Result &result) {
  const Case &c = result.problem;
  auto [least, median] = result.timing;
  double features = result.work.pairFeatures / median;
  return {{"case", c.name},
          {"layout", result.layout},
          {"threads", setting.threads},
          {"target", setting.target},
          {"min_ms", least * 1e3},
          {"median_ms", median * 1e3},
          {"gflops", result.work.operations / median / 1e9},
          {"percent_of_peak", percentOfPeak(setting, result, median)},
          {"percent_of_peak_at_min", percentOfPeak(setting, result, least)},
          {"gbytes_per_s", result.bytes / median / 1e9},
          {"percent_of_bandwidth", percent(result.reading.median, median)},
          {"percent_of_bandwidth_at_min", percent(result.reading.least, least)},
          {"pair_features_per_s", features > 0 ? Json(features) : Json()},
          {"max_error", result.accuracy.maxError},
          {"error_of_bound", result.accuracy.ofBound},
          {"shape", measure::showExtents(c.extents)},
          {"preset", llvm::join(c.components, ",")},
          {"dtype", c.dtype},
          {"kernel", result.kernel},
          {"gflop", result.work.operations / 1e9},
          {"gbyte", result.bytes / 1e9},
          {"read_gbyte", result.readBytes / 1e9},
          {"read_min_ms", result.reading.least * 1e3},
          {"rounds", setting.rounds},
          {"peak_gflops", setting.peak > 0 ? Json(setting.peak / 1e9) : Json()},
          {"memory_gbytes_per_s", setting.memory / 1e9},
          {"cpu", setting.cpu},
          {"reproduce", reproduce(setting, result)}};
}

std::string number(const Json &value, int digits) {
  return value.is_null() ? "-" : fmt::format("{:.{}f}", value.get<double>(), digits);
}

std::string counted(int number, const char *what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

/// "Some CPU; 2 threads; x86-64-avx512; peak 200.0 GFLOP/s (AVX-512 FMA); memory 15.0 GB/s; 15
/// rounds"
std::string heading(const Setting &setting) {
  std::string peak = setting.peak > 0 ? fmt::format("peak {:.1f} GFLOP/s ({} FMA)",
                                                    setting.peak / 1e9, setting.peakName)
                                      : "peak unknown: this CPU has no FMA";
  return fmt::format("{}; {}; {}; {}; memory {:.1f} GB/s; {}", setting.cpu,
                     counted(setting.threads, "thread"), setting.target, peak, setting.memory / 1e9,
                     counted(setting.rounds, "round"));
}

std::string table(const Setting &setting, llvm::ArrayRef<Result> results) {
  std::string rows = heading(setting) + "\n\n", notes;
  constexpr const char *row =
      "{:<13} {:<7} {:>10} {:>10} {:>9} {:>8} {:>8} {:>8} {:>8} {:>10} {:>9}\n";
  rows += fmt::format(row, "case", "layout", "median ms", "min ms", "GFLOP/s", "% peak", "at min",
                      "GB/s", "% read", "max error", "of bound");
  for (const Result &result : results) {
    Json f = fields(setting, result);
    rows += fmt::format(row, result.problem.name, result.layout, number(f["median_ms"], 3),
                        number(f["min_ms"], 3), number(f["gflops"], 1),
                        number(f["percent_of_peak"], 1), number(f["percent_of_peak_at_min"], 1),
                        number(f["gbytes_per_s"], 1), number(f["percent_of_bandwidth_at_min"], 1),
                        fmt::format("{:.1e}", result.accuracy.maxError),
                        fmt::format("{:.2f}", result.accuracy.ofBound));
    if (result.work.pairFeatures > 0)
      notes += fmt::format("{} {}: {:.2f} billion pair-features/s\n", result.problem.name,
                           result.layout, f["pair_features_per_s"].get<double>() / 1e9);
  }
  return rows + (notes.empty() ? "" : "\n" + notes);
}

std::string csv(const Setting &setting, llvm::ArrayRef<Result> results) {
  std::string rows;
  for (const Result &result : results) {
    std::string header, line;
    Json all = fields(setting, result);
    for (auto &[key, value] : all.items()) {
      header += (header.empty() ? "" : ",") + key;
      line += (line.empty() ? "" : ",") + (value.is_null() ? "" : text(value)); // texts in quotes
    }
    rows += (rows.empty() ? header + "\n" : "") + line + "\n";
  }
  return rows;
}

std::string html(const Setting &setting, llvm::ArrayRef<Result> results,
                 const nlohmann::json &peers) {
  Json measured = Json::array();
  for (const Result &result : results)
    measured.push_back(fields(setting, result));
  Json data = {{"setting",
                {{"cpu", setting.cpu},
                 {"target", setting.target},
                 {"threads", setting.threads},
                 {"rounds", setting.rounds},
                 {"peak_gflops", setting.peak > 0 ? Json(setting.peak / 1e9) : Json()},
                 {"peak_name", setting.peakName},
                 {"memory_gbytes_per_s", setting.memory / 1e9}}},
               {"results", std::move(measured)},
               {"peers", peers}};
  std::string escaped;
  for (char c : text(data)) // so that no text ends the script element it stands in
    escaped += c == '<' ? std::string("\\u003c") : std::string(1, c);
  std::string page = pageTemplate;
  const llvm::StringRef mark = "HEED_DATA";
  return page.replace(page.find(mark), mark.size(), escaped);
}

} // namespace

std::string report(Format format, const Setting &setting, llvm::ArrayRef<Result> results,
                   const nlohmann::json &peers) {
  switch (format) {
  case Format::Table:
    return table(setting, results);
  case Format::Csv:
    return csv(setting, results);
  case Format::Html:
    return html(setting, results, peers);
  case Format::Json:
    break;
  }
  Json all = Json::array();
  for (const Result &result : results)
    all.push_back(fields(setting, result));
  return text(all, 2) + "\n";
}

std::string reportMachine(Format format, const Setting &setting, double readBytes,
                          const measure::Timing &reading) {
  Json peak = setting.peak > 0 ? Json(setting.peak / 1e9) : Json();
  double read = readBytes / reading.least / 1e9;
  if (format == Format::Table)
    return fmt::format("{}; {}; peak {} GFLOP/s; reads {:.0f} bytes at {:.1f} GB/s\n", setting.cpu,
                       counted(setting.threads, "thread"), number(peak, 1), readBytes, read);
  Json all = {{"cpu", setting.cpu},
              {"threads", setting.threads},
              {"peak_gflops", peak},
              {"read_bytes", readBytes},
              {"read_gbytes_per_s", read}};
  return text(all, 2) + "\n";
}

/// What the page needs of a comparison, in words; "" where nothing is missing.
static std::string missingFrom(const nlohmann::json &comparison) {
  auto has = [](const nlohmann::json &json, const char *key, auto type) {
    return json.is_object() && json.contains(key) && (json[key].*type)();
  };
  using Json = nlohmann::json;
  if (!has(comparison, "cpu", &Json::is_string) || !has(comparison, "threads", &Json::is_number) ||
      !has(comparison, "versions", &Json::is_object) || !has(comparison, "cases", &Json::is_array))
    return "cpu, threads, versions or cases";
  for (const Json &one : comparison["cases"]) {
    if (!has(one, "case", &Json::is_string) || !has(one, "entries", &Json::is_object))
      return "a case's name or entries";
    for (const char *key :
         {"gflop", "pair_features", "input_bytes", "peak_gflops", "read_gbytes_per_s"})
      if (!has(one, key, &Json::is_number))
        return "a number '" + std::string(key) + "' of " + one["case"].get<std::string>();
    for (const Json &entry : one["entries"])
      if (!has(entry, "min_ms", &Json::is_number) && !has(entry, "cannot", &Json::is_string) &&
          !has(entry, "error", &Json::is_string) && !has(entry, "first_ms", &Json::is_number))
        return "a peer's time in " + one["case"].get<std::string>();
  }
  return "";
}

llvm::Expected<nlohmann::json> readComparison(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return userError("cannot read the comparison " + path + ": " + file.getError().message());
  llvm::StringRef content = (*file)->getBuffer();
  bool deep = false; // deeper than any comparison, and enough to exhaust a recursive reader's stack
  auto limitDepth = [&](int depth, auto, auto &) { return !(deep |= depth > 8); };
  auto json =
      nlohmann::json::parse(content.begin(), content.end(), limitDepth, /*exceptions=*/false);
  if (deep || json.is_discarded())
    return userError(path + " is no comparison: it is no JSON, as make compare writes it");
  if (std::string missing = missingFrom(json); !missing.empty())
    return userError(path + " is no comparison, as make compare writes it: it lacks " + missing);
  return json;
}

std::string cpuName() {
  auto file = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo");
  llvm::StringRef content = file ? (*file)->getBuffer() : "";
  llvm::StringRef name = content.split("model name").second.split('\n').first;
  name = name.ltrim(": \t").trim();
  return name.empty() ? "unknown CPU" : name.str();
}

} // namespace heed::bench

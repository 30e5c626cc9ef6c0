#include "tools/heed-tune/Race.h"
#include "compiler/emit/PlanSources.h"
#include "schedules/table/Fields.h"
#include "tools/measure/Library.h"
#include "tools/measure/OnDevice.h"
#include "tools/measure/Rounds.h"

#include <limits>

namespace heed::tune {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int mostRounds = 8;
constexpr double longEnough = 1.5; ///< seconds, after two rounds

/// From this ratio to the best on a candidate is given up, by the number of rounds so far.
double hopeless(int rounds) {
  return rounds < 2 ? 1.35 : rounds < 3 ? 1.12 : rounds < 4 ? 1.08 : 1.04;
}

/// A kernel that was loaded, and its least times, one a layout. On a device a call ends when its
/// outputs are there.
class Runner {
public:
  static llvm::Expected<std::unique_ptr<Runner>> load(const Case &c, const std::string &bytes) {
    auto library = measure::LoadedLibrary::load(bytes);
    if (!library)
      return library.takeError();
    library->setThreads(c.conditions.threads);
    std::unique_ptr<Runner> runner(new Runner(c, std::move(*library)));
    if (!c.conditions.target.isDevice())
      return runner;
    for (const Call &call : c.calls) {
      auto copies = measure::OnDevice::copyOf(call.data, runner->library,
                                              DLDeviceType(c.conditions.target.device));
      if (!copies)
        return copies.takeError();
      runner->onDevice.push_back(std::move(*copies));
    }
    return runner;
  }

  llvm::Error call(size_t layout) const {
    const std::string &name = c.kernel->signature.name;
    if (onDevice.empty())
      return library.call(name, c.calls[layout].data.arguments());
    if (llvm::Error error = library.call(name, onDevice[layout]->arguments()))
      return error;
    return onDevice[layout]->wait();
  }

  llvm::Error check() const {
    for (const auto &[layout, call] : llvm::enumerate(c.calls)) {
      if (llvm::Error error = this->call(layout))
        return error;
      if (!onDevice.empty())
        if (llvm::Error error = onDevice[layout]->copyBack())
          return error;
      if (auto accuracy = call.reference.check(call.data.outputs()); !accuracy)
        return accuracy.takeError();
    }
    return llvm::Error::success();
  }

  llvm::Error time(size_t layout) {
    auto seconds = measure::burst([&] { return call(layout); });
    if (!seconds)
      return seconds.takeError();
    least[layout] = std::min(least[layout], *std::min_element(seconds->begin(), seconds->end()));
    return llvm::Error::success();
  }

  double seconds() const {
    double sum = 0;
    for (double one : least)
      sum += one;
    return sum / double(least.size());
  }

private:
  Runner(const Case &c, measure::LoadedLibrary library)
      : c(c), library(std::move(library)),
        least(c.calls.size(), std::numeric_limits<double>::infinity()) {}

  const Case &c;
  const measure::LoadedLibrary library;
  std::vector<std::unique_ptr<measure::OnDevice>> onDevice; ///< the arguments; none on a CPU
  std::vector<double> least;
};

Result failed(Outcome outcome, llvm::Error error) {
  return {.outcome = outcome, .note = llvm::toString(std::move(error))};
}

} // namespace

llvm::Expected<std::string> compile(const Case &c, const Plan &plan) {
  PlanSources sources{.file = PlanFile::of(plan)};
  measure::Progress progress("heed-tune");
  return measure::compileShared(c.module, c.conditions.target, sources, progress);
}

Result race(const Case &c, const std::string &candidate, const std::string &rival, bool toTheEnd) {
  auto mine = Runner::load(c, candidate);
  if (!mine)
    return failed(Outcome::Refused, mine.takeError());
  if (llvm::Error error = (*mine)->check())
    return failed(Outcome::Wrong, std::move(error));
  std::unique_ptr<Runner> other;
  if (!rival.empty()) {
    auto loaded = Runner::load(c, rival);
    if (!loaded)
      return failed(Outcome::Refused, loaded.takeError());
    other = std::move(*loaded);
  }
  measure::Peak peak(c.conditions.threads);
  Clock::time_point begin = Clock::now();
  Result result;
  for (int rounds = 1; rounds <= mostRounds; ++rounds) {
    std::vector<Runner *> order{mine->get()};
    if (other)
      order.insert(rounds % 2 ? order.begin() : order.end(), other.get());
    for (size_t layout = 0; layout < c.calls.size(); ++layout)
      for (Runner *runner : order)
        if (llvm::Error error = runner->time(layout))
          return failed(Outcome::Wrong, std::move(error));
    if (!c.conditions.target.isDevice()) // whose peak is not known
      peak.measure();
    result = {
        .seconds = (*mine)->seconds(), .rival = other ? other->seconds() : 0, .peak = peak.best()};
    if (other && !toTheEnd && result.seconds > hopeless(rounds) * result.rival) {
      result.outcome = Outcome::Slower;
      return result;
    }
    if (rounds >= 2 && std::chrono::duration<double>(Clock::now() - begin).count() > longEnough)
      break;
  }
  return result;
}

std::string toText(const Result &result) {
  return nlohmann::json{{"outcome", int(result.outcome)},
                        {"seconds", result.seconds},
                        {"rival", result.rival},
                        {"peak", result.peak},
                        {"note", result.note}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<Result> resultFromText(const std::string &text) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  Result result;
  int64_t outcome = 0;
  FieldReader reader(json);
  reader.read("outcome", outcome);
  reader.read("seconds", result.seconds);
  reader.read("rival", result.rival);
  reader.read("peak", result.peak);
  reader.read("note", result.note);
  if (llvm::Error error = reader.finish()) {
    llvm::consumeError(std::move(error));
    return std::nullopt;
  }
  result.outcome = Outcome(outcome);
  return result;
}

} // namespace heed::tune

#include "tools/heed-tune/Tuner.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/StringExtras.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <csignal>
#include <deque>
#include <map>
#include <unistd.h>

namespace heed::tune {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// What a plan of its own in a table has to bring: less is noise, or luck at one length. On a Zen 4
/// the best of some 30 plans for 300 tokens was 1 to 2% ahead, and 4 to 8% behind at other lengths.
constexpr double worthAPlan = 1.03;

constexpr char libraryMark = 'L', errorMark = 'E'; // what a compiling child's text begins with

/// For tests: HEED_TUNE_FAULT="crash:2,hang:3" has the second race crash and the third hang.
void injectFault(int race) {
  const char *faults = getenv("HEED_TUNE_FAULT");
  for (llvm::StringRef fault : llvm::split(faults ? faults : "", ',')) {
    auto [kind, number] = fault.split(':');
    if (number != std::to_string(race))
      continue;
    if (kind == "crash")
      ::raise(SIGSEGV);
    while (kind == "hang")
      ::pause();
  }
}

std::unique_ptr<Search> makeSearch(const Case &c, const Effort &effort) {
  Spaces spaces;
  for (const Plan &start : c.starts)
    spaces.emplace_back(start, c.problem.uses);
  return effort.search == "random" ? randomSearch(std::move(spaces), effort.seed)
                                   : guidedSearch(std::move(spaces), c.problem, effort.seed);
}

} // namespace

std::unique_ptr<Child> Tuner::startCompiler(const Case &c, const Plan &plan) const {
  auto work = [&c, plan] {
    llvm::Expected<std::string> library = compile(c, plan);
    return library ? libraryMark + *library : errorMark + llvm::toString(library.takeError());
  };
  return std::make_unique<Child>(work, effort.compileLimit);
}

/// The library, or why there is none.
static llvm::Expected<std::string> builtBy(const Child &child) {
  const Ending &ending = child.ending();
  if (ending.how != Ending::Done)
    return llvm::createStringError("the compiler: " + ending.text);
  if (ending.text.empty() || ending.text.front() != libraryMark)
    return llvm::createStringError(ending.text.empty() ? "nothing" : ending.text.substr(1));
  return ending.text.substr(1);
}

llvm::Expected<std::string> Tuner::compileNow(const Case &c, const Plan &plan) const {
  std::unique_ptr<Child> child = startCompiler(c, plan);
  while (!child->wait(1))
    ;
  return builtBy(*child);
}

Result Tuner::raceInChild(const Case &c, const std::string &candidate, const std::string &rival,
                          double expectedSeconds) {
  int number = ++races;
  auto work = [&, number] {
    injectFault(number);
    return toText(race(c, candidate, rival));
  };
  // Some hundred calls of a plan as slow as a fifth of the best.
  Child child(work, effort.raceLimit + 100 * expectedSeconds);
  while (!child.wait(1))
    ;
  const Ending &ending = child.ending();
  if (ending.how == Ending::Hung)
    return {.outcome = Outcome::Hung, .note = ending.text};
  if (ending.how == Ending::Done)
    if (std::optional<Result> result = resultFromText(ending.text))
      return *result;
  return {.outcome = Outcome::Crashed, .note = ending.text};
}

Trial Tuner::trialOf(const Case &c, const Plan &plan, const Result &result, double at) const {
  return {c.setting,
          plan,
          result.outcome,
          result.seconds,
          result.rival,
          result.peak,
          estimateCycles(c.problem, plan, Caches::here()),
          at,
          effort.search,
          result.note};
}

/// One search: what was proposed is compiling, ready, or done.
class Tuner::Run {
public:
  Run(Tuner &tuner, const Case &c, double seconds)
      : tuner(tuner), c(c), budget(seconds), search(makeSearch(c, tuner.effort)) {}

  llvm::Expected<Trial> toTheEnd() {
    if (llvm::Error error = resume())
      return error;
    while (!isOver()) {
      propose();
      collect();
      if (ready.empty()) {
        if (compiling.empty())
          break; // there is nothing left to propose
        compiling.front().child->wait(0.05);
      } else if (llvm::Error error = raceNext())
        return error;
    }
    compiling.clear();
    if (llvm::Error error = rematch())
      return error;
    if (const Trial *best = standings.best()) {
      llvm::Expected<Trial> result = challenge(*best);
      tuner.display.done();
      return result;
    }
    tuner.display.done();
    return userError(c.name + ": no plan works" + (why.empty() ? "" : ": " + why));
  }

private:
  Tuner &tuner;
  const Case &c;
  const double budget;
  const Clock::time_point begin = Clock::now();
  std::unique_ptr<Search> search;
  Standings standings;
  std::map<std::string, double> scores; ///< by plan's text
  std::list<Job> compiling;
  std::deque<Built> ready;
  std::deque<Built> fast;    ///< those near the best, for the end
  std::string rival;         ///< the best plan's library
  std::optional<Trial> last; ///< that was learned
  double offset = 0;         ///< when earlier runs ended
  int tried = 0;
  bool isExhausted = false;
  std::string why; ///< the first failure

  bool isOver() const {
    bool isMeasured = standings.best() || size_t(tried) >= c.starts.size();
    return isMeasured && secondsSince(begin) > 0.9 * budget;
  }

  void learn(const Trial &trial) {
    double score = standings.add(trial);
    last = trial;
    search->learn(trial.plan, score);
    scores[toJson(trial.plan).dump()] = score;
    offset = std::max(offset, trial.at);
    if (!trial.note.empty() && why.empty())
      why = trial.note;
    ++tried;
  }

  /// What the log has is not measured again.
  llvm::Error resume() {
    for (const Trial &trial : tuner.log.of(c.setting))
      learn(trial);
    if (!standings.best())
      return llvm::Error::success();
    auto library = tuner.compileNow(c, standings.best()->plan);
    if (!library)
      return userError(c.name + ": the best plan of the log cannot be built: " +
                       llvm::toString(library.takeError()));
    rival = std::move(*library);
    return llvm::Error::success();
  }

  void propose() {
    size_t ahead = size_t(tuner.effort.jobs) + 2;
    while (!isExhausted && compiling.size() < size_t(tuner.effort.jobs) &&
           compiling.size() + ready.size() < ahead) {
      std::optional<Plan> plan = search->propose();
      if (!plan) {
        isExhausted = true;
        return;
      }
      if (!scores.contains(toJson(*plan).dump()))
        compiling.push_back({*plan, tuner.startCompiler(c, *plan)});
    }
  }

  /// The default plan goes first, however long it compiles: others are compared with it.
  void collect() {
    bool isFirst = tried == 0 && ready.empty();
    for (auto job = compiling.begin(); job != compiling.end();) {
      if (isFirst && job != compiling.begin())
        return;
      if (!job->child->poll()) {
        ++job;
        continue;
      }
      llvm::Expected<std::string> library = builtBy(*job->child);
      if (library)
        ready.push_back({job->plan, std::move(*library), ""});
      else
        ready.push_back({job->plan, "", llvm::toString(library.takeError())});
      job = compiling.erase(job);
    }
  }

  llvm::Error raceNext() {
    Built next = std::move(ready.front());
    ready.pop_front();
    Result result = next.library.empty() ? Result{.outcome = Outcome::Refused, .note = next.refusal}
                                         : raceAlone(next.library);
    return record(std::move(next), result);
  }

  /// While nothing of ours runs beside it.
  Result raceAlone(const std::string &library) {
    for (Job &job : compiling)
      job.child->pause();
    const Trial *best = standings.best();
    Result result = tuner.raceInChild(c, library, rival, best ? best->seconds : 0.2);
    for (Job &job : compiling)
      job.child->resume();
    return result;
  }

  llvm::Error record(Built built, const Result &result) {
    Trial trial = tuner.trialOf(c, built.plan, result, offsetNow());
    if (llvm::Error error = tuner.log.append(trial))
      return error;
    const Trial *before = standings.best();
    Plan former = before ? before->plan : Plan{};
    learn(trial);
    if (standings.best() && !(standings.best()->plan == former))
      rival = built.library;
    if (trial.outcome == Outcome::Measured) {
      fast.push_back(std::move(built));
      if (fast.size() > 24)
        fast.pop_front();
    }
    show();
    return llvm::Error::success();
  }

  double startOffset = -1;
  double offsetNow() {
    if (startOffset < 0)
      startOffset = offset;
    return startOffset + secondsSince(begin);
  }

  /// Those within 3% of the best run against it once more: the winner was picked among many, and so
  /// for its luck too.
  llvm::Error rematch() {
    double limit = 1.03 * standings.bestScore();
    std::vector<Built> close;
    for (Built &built : fast)
      if (scores[toJson(built.plan).dump()] < limit && standings.best() &&
          !(built.plan == standings.best()->plan))
        close.push_back(std::move(built));
    llvm::sort(close, [&](const Built &a, const Built &b) {
      return scores[toJson(a.plan).dump()] < scores[toJson(b.plan).dump()];
    });
    for (Built &built : close) {
      if (secondsSince(begin) > budget)
        break;
      Result result = raceAlone(built.library);
      if (llvm::Error error = record(std::move(built), result))
        return error;
    }
    return llvm::Error::success();
  }

  /// The default plan runs against the best once more, unless that was the last race of the log,
  /// and stays where the best is not ahead by `worthAPlan`.
  llvm::Expected<Trial> challenge(Trial best) {
    const Plan &byDefault = c.starts.front();
    auto known = scores.find(toJson(byDefault).dump());
    if (best.plan == byDefault || known == scores.end() || !std::isfinite(known->second))
      return best;
    if (!last || !(last->plan == byDefault) || last->rival <= 0) {
      auto library = tuner.compileNow(c, byDefault);
      if (!library) { // it was built before: something else is wrong now, and the best is known
        llvm::consumeError(library.takeError());
        return best;
      }
      Trial trial = tuner.trialOf(c, byDefault, raceAlone(*library), offsetNow());
      if (llvm::Error error = tuner.log.append(trial))
        return error;
      learn(trial);
      show();
    }
    const Trial &trial = *last;
    bool isClose = trial.outcome == Outcome::Measured && trial.seconds < worthAPlan * trial.rival;
    return isClose ? trial : best;
  }

  void show() {
    if (const Trial *best = standings.best())
      tuner.display.show({.name = c.name,
                          .tried = tried,
                          .seconds = best->seconds,
                          .share = best->peak > 0 ? c.operations / best->seconds / best->peak : 0,
                          .gain = standings.firstScore() / standings.bestScore(),
                          .left = std::max(0.0, budget - secondsSince(begin))});
  }
};

llvm::Expected<Trial> Tuner::search(const Case &c, double seconds) {
  return Run(*this, c, seconds).toTheEnd();
}

/// Both plans' seconds as the log's trials of one setting compare them.
static std::optional<Trial> fromLog(llvm::ArrayRef<Trial> trials, const Plan &plan,
                                    const Plan &rival) {
  Standings standings;
  std::optional<Trial> found;
  double own = 0, other = 0;
  for (const Trial &trial : trials) {
    double score = standings.add(trial);
    if (trial.plan == plan) {
      found = trial;
      own = score;
    }
    if (trial.plan == rival)
      other = score;
  }
  if (!found || !std::isfinite(own) || !std::isfinite(other) || other == 0)
    return std::nullopt;
  found->seconds = own;
  found->rival = other;
  return found;
}

llvm::Expected<Trial> Tuner::compare(const Case &c, const Plan &plan, const Plan &rival) {
  std::vector<Trial> known = log.of(c.setting);
  if (std::optional<Trial> trial = fromLog(known, plan, rival))
    return *trial;
  llvm::Expected<std::string> mine = compileNow(c, plan), other = compileNow(c, rival);
  double at = known.empty() ? 0 : known.back().at;
  if (!mine || !other) {
    llvm::Error error = llvm::joinErrors(mine.takeError(), other.takeError());
    Result refused{.outcome = Outcome::Refused, .note = llvm::toString(std::move(error))};
    return trialOf(c, plan, refused, at);
  }
  Trial trial = trialOf(c, plan, raceInChild(c, *mine, *other, 0.2), at);
  if (llvm::Error error = log.append(trial))
    return error;
  return trial;
}

} // namespace heed::tune

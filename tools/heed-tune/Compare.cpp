#include "tools/heed-tune/Compare.h"
#include "compiler/emit/Errors.h"
#include "tools/heed-tune/Autoscheduled.h"

#include <fmt/format.h>

namespace heed::tune {
namespace {

using Clock = std::chrono::steady_clock;

/// What one of them came to.
struct Contender {
  std::string name, library, failure;
  double seconds = 0; ///< that it took
  size_t plans = 1;   ///< that it timed
};

template <typename Work> auto inChild(Work work, double limit) {
  auto marked = [&] {
    llvm::Expected<std::string> library = work();
    return library ? "L" + *library : "E" + llvm::toString(library.takeError());
  };
  Child child(marked, limit);
  while (!child.wait(1))
    ;
  return child.ending();
}

Contender build(std::string name, const std::function<llvm::Expected<std::string>()> &work,
                double limit) {
  Contender contender{.name = std::move(name)};
  Clock::time_point begin = Clock::now();
  Ending ending = inChild(work, limit);
  contender.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  if (ending.how != Ending::Done)
    contender.failure = ending.text;
  else if (ending.text.front() == 'E')
    contender.failure = ending.text.substr(1);
  else
    contender.library = ending.text.substr(1);
  return contender;
}

const OnlinePlan *onlinePlan(const Case &c) {
  for (const Plan &plan : c.starts)
    if (auto *online = std::get_if<OnlinePlan>(&plan.form))
      return online;
  return nullptr;
}

class Comparison {
public:
  Comparison(const Case &c, const Request &request, Display &display)
      : c(c), request(request), display(display) {}

  llvm::Expected<std::string> run() {
    std::vector<Contender> contenders;
    for (const char *name : {"guided", "random"}) {
      llvm::Expected<Contender> contender = search(name);
      if (!contender)
        return contender.takeError();
      contenders.push_back(std::move(*contender));
    }
    for (const Autoscheduler &one :
         std::initializer_list<Autoscheduler>{{"Adams2019"}, {"Adams2019", 1}, {"Mullapudi2016"}}) {
      std::string name = one.name + (one.beamSize ? ", greedy" : "");
      display.say(name + " ...");
      auto work = [&] { return compileAutoscheduled(c, *onlinePlan(c), one); };
      contenders.push_back(build(name, work, request.budget));
    }
    Contender normal =
        build("default plan", [&] { return compile(c, c.starts.front()); }, request.budget + 60);
    std::string table = c.name + "\n" +
                        fmt::format("{:<18} {:>8} {:>6} {:>11} {:>7} {:>9}\n", "", "took s",
                                    "plans", "a call", "% peak", "x default");
    for (const Contender &contender : contenders)
      table += line(contender, normal);
    return table;
  }

private:
  const Case &c;
  const Request &request;
  Display &display;

  llvm::Expected<Contender> search(const char *name) {
    Log log;
    if (llvm::Error error = log.open(request.log + "." + name))
      return error;
    Effort effort = request.effort;
    effort.search = name;
    display.say(std::string(name) + " search ...");
    Clock::time_point begin = Clock::now();
    llvm::Expected<Trial> best = Tuner(log, effort, display).search(c, request.budget);
    if (!best)
      return best.takeError();
    double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    Contender contender = build(name, [&] { return compile(c, best->plan); }, 60);
    contender.seconds = seconds;
    contender.plans = log.of(c.setting).size();
    return contender;
  }

  std::string line(const Contender &contender, const Contender &normal) const {
    std::string head =
        fmt::format("{:<18} {:>8.1f} {:>6}", contender.name, contender.seconds, contender.plans);
    if (contender.library.empty())
      return head + "  failed: " + contender.failure.substr(0, contender.failure.find('\n')) + "\n";
    Child child(
        [&] { return toText(race(c, contender.library, normal.library, /*toTheEnd=*/true)); }, 60);
    while (!child.wait(1))
      ;
    std::optional<Result> result = resultFromText(child.ending().text);
    if (child.ending().how != Ending::Done || !result)
      return head + "  failed: " + child.ending().text + "\n";
    if (result->outcome != Outcome::Measured)
      return head + "  " + outcomeName(result->outcome) + ": " + result->note + "\n";
    double share = result->peak > 0 ? 100 * c.operations / result->seconds / result->peak : 0;
    return head + fmt::format(" {:>11} {:>7.1f} {:>9.3f}\n", timeText(result->seconds), share,
                              result->rival / result->seconds);
  }
};

} // namespace

llvm::Expected<std::string> compareSearches(mlir::ModuleOp described, const Request &request,
                                            Display &display) {
  mlir::OwningOpRef<mlir::ModuleOp> copy(mlir::cast<mlir::ModuleOp>(described->clone()));
  auto kernels = measure::Kernels::prepare(std::move(copy));
  if (!kernels)
    return kernels.takeError();
  llvm::Expected<Case> c = prepareCase(*kernels, request.shapes.front(), request.conditions);
  if (!c)
    return c.takeError();
  if (!onlinePlan(*c))
    return userError("--compare: Halide's autoschedulers are given the online form, which this "
                     "kernel has not");
  return Comparison(*c, request, display).run();
}

} // namespace heed::tune

#include "tools/heed-tune/Log.h"
#include "schedules/table/Fields.h"
#include "tools/heed-tune/Files.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heed::tune {
namespace {

using Json = nlohmann::json;

constexpr const char *outcomes[] = {"measured", "slower", "wrong", "crashed", "hung", "refused"};

template <typename T, typename Visitor> void visitFields(T &trial, Visitor &&visit) {
  visit("machine", trial.setting.machine);
  visit("compiler", trial.setting.compiler);
  visit("kernel", trial.setting.kernel);
  visit("target", trial.setting.target);
  visit("extents", trial.setting.extents);
  visit("layouts", trial.setting.layouts);
  visit("threads", trial.setting.threads);
  visit("seconds", trial.seconds);
  visit("rival", trial.rival);
  visit("peak", trial.peak);
  visit("estimate", trial.estimate);
  visit("at", trial.at);
  visit("search", trial.search);
  visit("note", trial.note);
}

std::string lineOf(const Trial &trial) {
  nlohmann::ordered_json json = {{"outcome", outcomeName(trial.outcome)}};
  visitFields(trial, [&](const char *key, const auto &value) { json[key] = value; });
  json["plan"] = nlohmann::ordered_json(toJson(trial.plan));
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::optional<Trial> trialOf(llvm::StringRef line) {
  Json json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  Trial trial;
  std::string outcome;
  FieldReader reader(json);
  reader.read("outcome", outcome, outcomes);
  visitFields(trial, [&](const char *key, auto &value) { reader.read(key, value); });
  const Json *plan = reader.find("plan");
  if (llvm::Error error = reader.finish()) {
    llvm::consumeError(std::move(error));
    return std::nullopt;
  }
  llvm::Expected<Plan> read = planFromJson(*plan);
  if (!read) {
    llvm::consumeError(read.takeError());
    return std::nullopt;
  }
  trial.plan = *read;
  trial.outcome = Outcome(llvm::find(outcomes, outcome) - std::begin(outcomes));
  return trial;
}

} // namespace

const char *outcomeName(Outcome outcome) { return outcomes[int(outcome)]; }

Log::~Log() {
  if (file >= 0)
    ::close(file);
}

llvm::Error Log::open(const std::string &name) {
  path = name;
  file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0)
    return cannotWrite(path, errno);
  FileLock lock(file);
  if (llvm::Error error = repair())
    return error;
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false, /*IsVolatile=*/true);
  if (!buffer)
    return llvm::createStringError("cannot read " + path + ": " + buffer.getError().message());
  unsigned number = 0;
  for (llvm::StringRef rest = (*buffer)->getBuffer(); !rest.empty();) {
    auto [line, next] = rest.split('\n');
    rest = next;
    ++number;
    if (std::optional<Trial> trial = trialOf(line))
      all.push_back(std::move(*trial));
    else if (!firstIgnored)
      firstIgnored = number;
  }
  return llvm::Error::success();
}

/// Cuts off what stands behind the last line's end.
llvm::Error Log::repair() {
  off_t size = ::lseek(file, 0, SEEK_END), whole = size;
  for (char last = 0; whole > 0; --whole)
    if (::pread(file, &last, 1, whole - 1) != 1 || last == '\n')
      break;
  if (whole < size && ::ftruncate(file, whole) != 0)
    return cannotWrite(path, errno);
  return llvm::Error::success();
}

std::vector<Trial> Log::of(const Setting &setting) const {
  std::vector<Trial> found;
  for (const Trial &trial : all)
    if (trial.setting == setting)
      found.push_back(trial);
  return found;
}

llvm::Error Log::append(const Trial &trial) {
  std::string line = lineOf(trial);
  FileLock lock(file);
  off_t before = ::lseek(file, 0, SEEK_END);
  ssize_t written = ::write(file, line.data(), line.size());
  if (written != ssize_t(line.size()) || ::fsync(file) != 0) {
    int why = written >= 0 && written < ssize_t(line.size()) ? ENOSPC : errno;
    if (::ftruncate(file, before) != 0)
      why = errno; // the next open() cuts it off
    return cannotWrite(path, why);
  }
  all.push_back(trial);
  return llvm::Error::success();
}

} // namespace heed::tune

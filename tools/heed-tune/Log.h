// What was measured, kept for good: one line of JSON a trial, appended and synced before anything
// is made of it. A process that dies at any point loses at most the line it was writing.
#pragma once

#include "schedules/table/Table.h"

#include <optional>

namespace heed::tune {

/// What became of a plan.
enum class Outcome {
  Measured, ///< timed to the end
  Slower,   ///< clearly slower than the best after a few rounds: timing ended there
  Wrong,    ///< its results are
  Crashed,
  Hung,
  Refused, ///< it could not be built
};

const char *outcomeName(Outcome outcome);

/// What has to agree for a trial to count again: the same machine, compiler, kernel, target, shape,
/// layouts and threads.
struct Setting {
  std::string machine;  ///< machineName()
  std::string compiler; ///< a hash of the executable that made the code
  std::string kernel;   ///< a hash of its text after all passes
  std::string target;
  std::string extents; ///< "b=1,h=12,q=1024,..."
  std::string layouts; ///< "bhsd", "bshd", "bhsd,bshd"
  int64_t threads = 1;
  bool operator==(const Setting &) const = default;
};

struct Trial {
  Setting setting;
  Plan plan;
  Outcome outcome = Outcome::Measured;
  double seconds = 0;  ///< of a call, the least; 0 where it was not timed
  double rival = 0;    ///< of the best plan until then, timed in turn with it; 0 for none
  double peak = 0;     ///< operations a second that multiply-adds reached meanwhile
  double estimate = 0; ///< cycles, by the model
  double at = 0;       ///< seconds since the search began
  std::string search;  ///< guided, random
  std::string note;    ///< what was said of a failure
};

class Log {
public:
  Log() = default;
  Log(const Log &) = delete;
  ~Log();

  /// Reads `file`, or creates it. A last line that was cut short is removed; other lines that hold
  /// no trial are passed over, and `firstIgnored` is the first of them.
  llvm::Error open(const std::string &file);

  llvm::ArrayRef<Trial> trials() const { return all; }
  std::vector<Trial> of(const Setting &setting) const;
  std::optional<unsigned> firstIgnored; ///< a line, from 1

  /// On the disk when it returns. Several processes may append to one file.
  llvm::Error append(const Trial &trial);

private:
  std::string path;
  int file = -1;
  std::vector<Trial> all;

  llvm::Error repair();
};

} // namespace heed::tune

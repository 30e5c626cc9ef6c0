// A plan against the best so far, timed in turn.
#pragma once

#include "tools/heed-tune/Case.h"

namespace heed::tune {

/// What came of it; the rest of a trial is the same before and after.
struct Result {
  Outcome outcome = Outcome::Measured;
  double seconds = 0, rival = 0, peak = 0;
  std::string note = {};
};

/// The bytes of a shared library with the case's kernel under `plan`; or why there is none.
llvm::Expected<std::string> compile(const Case &c, const Plan &plan);

/// Loads `candidate`, and `rival` unless it is empty: libraries with the case's kernel. Checks the
/// candidate's results in each layout; then rounds of a burst of each, in turn, with the peak in
/// between. They take turns in going first, too: right after the peak, which leaves memory alone, a
/// decoding kernel took up to twice as long as its equal did after it. Ends early where the
/// candidate is clearly slower, unless `toTheEnd`. Seconds are the mean over layouts of the least
/// in each.
Result race(const Case &c, const std::string &candidate, const std::string &rival,
            bool toTheEnd = false);

std::string toText(const Result &result);
/// Nothing where the text is none of toText.
std::optional<Result> resultFromText(const std::string &text);

} // namespace heed::tune

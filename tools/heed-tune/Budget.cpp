#include "tools/heed-tune/Budget.h"

namespace heed::tune {

llvm::Expected<double> parseBudget(llvm::StringRef text) {
  llvm::StringRef number = text;
  double factor = number.consume_back("s")   ? 1
                  : number.consume_back("m") ? 60
                  : number.consume_back("h") ? 3600
                                             : 1;
  double value = 0;
  if (number.empty() || number.getAsDouble(value) || !(value >= 0) || value * factor > 1e7)
    return llvm::createStringError("'" + text + "' is no time: write 60s, 5m or 1h");
  if (value * factor < 1)
    return llvm::createStringError("'" + text +
                                   "' leaves no time to measure anything: give at least 1s");
  return value * factor;
}

} // namespace heed::tune

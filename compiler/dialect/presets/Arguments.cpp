#include "compiler/dialect/presets/Arguments.h"

#include <cmath>

using namespace heed;

static llvm::Error wrong(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::StringRef Arguments::word(llvm::StringRef fallback) {
  if (rest.empty())
    return fallback;
  llvm::StringRef first = rest.front();
  rest = rest.drop_front();
  return first;
}

llvm::Expected<int64_t> Arguments::count() {
  llvm::StringRef text = word("");
  int64_t value = 0;
  if (text.getAsInteger(10, value) || value < 0 || value > (1 << 30))
    return wrong("'" + text + "' is no whole number from 0 to 2^30");
  return value;
}

llvm::Expected<double> Arguments::positive() {
  llvm::StringRef text = word("");
  double value = 0;
  if (text.getAsDouble(value) || !std::isfinite(value) || value <= 0)
    return wrong("'" + text + "' is no positive number");
  return value;
}

llvm::Expected<Alignment> Arguments::alignment() {
  llvm::StringRef text = word("top_left");
  if (text == "top_left")
    return Alignment::TopLeft;
  if (text == "bottom_right")
    return Alignment::BottomRight;
  return wrong("'" + text + "' is neither top_left nor bottom_right");
}

llvm::Error Arguments::finish() {
  return rest.empty() ? llvm::Error::success() : wrong("'" + rest.front() + "' is too much");
}

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

llvm::Expected<int64_t> Arguments::size() {
  llvm::Expected<int64_t> value = count();
  if (value && *value == 0)
    return wrong("'0' is no size: it must be at least 1");
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

llvm::Expected<Axes> Arguments::axes(llvm::StringRef fallback) {
  std::string letters = word(fallback).str();
  for (size_t i = 0; i < letters.size(); ++i)
    if (!llvm::StringRef("bhqk").contains(letters[i]) ||
        letters.find(letters[i], i + 1) != std::string::npos)
      return wrong("'" + letters + "' must be letters of b, h, q and k, each once at most");
  return Axes(letters);
}

std::vector<Extent> Axes::extents(const Attention &a) const {
  std::vector<Extent> extents;
  for (char axis : letters)
    extents.push_back(axis == 'h' ? a.shape().heads : any);
  return extents;
}

std::vector<Integer> Axes::place(const Position &p) const {
  std::vector<Integer> place;
  for (char axis : letters)
    place.push_back(axis == 'b' ? p.batch : axis == 'h' ? p.head : axis == 'q' ? p.query : p.key);
  return place;
}

llvm::Error Arguments::finish() {
  return rest.empty() ? llvm::Error::success() : wrong("'" + rest.front() + "' is too much");
}

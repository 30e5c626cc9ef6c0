// What a run has tried, as counts.
#pragma once

#include "tests/property/Case.h"

#include <map>
#include <string>

namespace heed::property {

class Coverage {
public:
  void add(const Case &c);
  std::string text() const;
  /// How often `what` of `kind` was tried, e.g. "mask", "band".
  int count(const std::string &kind, const std::string &what) const;

private:
  std::map<std::string, std::map<std::string, int>> counts;
};

} // namespace heed::property

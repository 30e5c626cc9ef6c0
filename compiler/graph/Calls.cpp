#include "compiler/graph/Calls.h"

#include <algorithm>

using namespace Halide;

namespace heed {

bool calls(const Expr &e, std::vector<Internal::Call::CallType> types) {
  struct Finder : Internal::IRVisitor {
    using IRVisitor::visit;
    void visit(const Internal::Call *call) override {
      found |= std::find(types.begin(), types.end(), call->call_type) != types.end();
      IRVisitor::visit(call);
    }
    std::vector<Internal::Call::CallType> types;
    bool found = false;
  } finder;
  finder.types = std::move(types);
  e.accept(&finder);
  return finder.found;
}

} // namespace heed

#include "compiler/graph/Boxes.h"

#include <algorithm>

using namespace Halide;

namespace heed {
namespace {

using Exprs = std::vector<Expr>;

Exprs variablesOf(Exprs values, const Exprs &more) {
  values.insert(values.end(), more.begin(), more.end());
  struct Finder : Internal::IRVisitor {
    using IRVisitor::visit;
    void visit(const Internal::Variable *variable) override {
      bool isFree = !variable->param.defined() && !variable->image.defined();
      if (isFree && std::find(names.begin(), names.end(), variable->name) == names.end())
        names.push_back(variable->name);
    }
    std::vector<std::string> names;
  } finder;
  for (const Expr &value : values)
    value.accept(&finder);
  Exprs variables;
  for (const std::string &name : finder.names)
    variables.push_back(Var(name));
  return variables;
}

/// Starts `f(place)` and takes `element` into it.
void reduce(Func f, const Exprs &place, Exprs element) {
  Type type = element.front().type();
  f(place) = Tuple(type.max(), type.min());
  FuncRef so = f(place);
  f(place) = Tuple(min(so[0], element.front()), max(so[1], element.back()));
}

} // namespace

bool BoxExtremes::linesAreOf(const Var &v) const {
  const std::vector<Var> place = lines.args();
  return std::any_of(place.begin(), place.end(), [&](const Var &of) { return of.same_as(v); });
}

// The domains are whole axes: what lies outside of the box becomes bounds of the loops.
BoxExtremes buildBox(const std::function<Expr(const Exprs &)> &element, const Exprs &shape,
                     const Exprs &first, const Exprs &last) {
  std::vector<size_t> axes; // those longer than 1, the innermost first
  for (size_t axis = first.size(); axis-- > 0;)
    if (!Internal::equal(first[axis], last[axis]))
      axes.push_back(axis);
  Exprs index = first, place = variablesOf(first, last);
  auto walkOver = [&](RDom &r, size_t i, RVar along) {
    index[axes[i]] = along;
    r.where(along >= first[axes[i]]);
    r.where(along <= last[axes[i]]);
  };

  BoxExtremes box{Func("boxLines"), {}, shape[axes.front()], Func("boxEnds"), {}};
  RDom r(0, box.extent, "boxLast");
  walkOver(r, 0, r.x);
  box.x = r.x;
  if (axes.size() == 1) {
    reduce(box.ends, place, {element(index)});
    box.lines = Func();
    return box;
  }
  Var x("x");
  auto withX = [&](Exprs ends) {
    ends[axes.front()] = x;
    return ends;
  };
  Exprs line = variablesOf({x}, variablesOf(withX(first), withX(last)));
  Exprs lineOfBox = line;
  lineOfBox.front() = r.x;
  std::vector<Range> ranges;
  for (size_t i = 1; i < axes.size(); i++) // no step where there is no element
    ranges.push_back({0, select(box.extent > 0, shape[axes[i]], 0)});
  RDom others(ranges, "boxOthers");
  for (size_t i = 1; i < axes.size(); i++) {
    walkOver(others, i, others[int(i) - 1]);
    box.others.push_back(others[int(i) - 1]);
  }
  index[axes.front()] = x;
  reduce(box.lines, line, {element(index)});
  reduce(box.ends, place, {box.lines(lineOfBox)[0], box.lines(lineOfBox)[1]});
  return box;
}

} // namespace heed

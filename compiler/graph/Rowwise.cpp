#include "compiler/graph/Rowwise.h"

using namespace Halide;

namespace heed {
namespace {

using Vars = std::vector<Var>;

/// `first`, then the row's.
template <typename T> std::vector<Expr> at(Expr first, const std::vector<T> &row) {
  std::vector<Expr> place{first};
  place.insert(place.end(), row.begin(), row.end());
  return place;
}

Vars defined(Var first, const Vars &row) {
  Vars all{first};
  all.insert(all.end(), row.begin(), row.end());
  return all;
}

RowSumStages buildRowSum(Expr value, Var column, const Vars &row, int columns, int lanes,
                         const std::string &name) {
  Func summand(name + "_value"); // inlined
  summand(defined(column, row)) = value;

  RowSumStages stages;
  Var lane("lane");
  RDom steps(0, (columns + lanes - 1) / lanes, name + "_step");
  Expr place = steps * lanes + lane;
  if (columns % lanes)
    steps.where(place < columns);
  stages.step = steps;
  stages.partial = Func(name + "_partial");
  stages.partial(defined(lane, row)) = Internal::make_zero(value.type());
  stages.partial(defined(lane, row)) += summand(at(place, row));

  // One after the other would be as many latencies of an addition: 2% of cosine attention.
  std::vector<Expr> sums;
  for (int i = 0; i < lanes; i++)
    sums.push_back(stages.partial(at(i, row)));
  for (size_t n = sums.size(); n > 1; n = (n + 1) / 2)
    for (size_t i = 0; i < n / 2; i++)
      sums[i] += sums[i + (n + 1) / 2];
  stages.lanes = lanes;
  stages.sum = Func(name);
  stages.sum(row) = sums[0];
  return stages;
}

} // namespace

RowPlace rowAt(Vars coordinates) {
  return {coordinates, std::vector<Expr>(coordinates.begin(), coordinates.end())};
}

RowwiseStages buildRowwise(const RowwiseProgram &program, int lanes, const std::string &name,
                           const RowPlace &row) {
  Var column("column");
  RowwiseStages stages;
  stages.columns = program.columns;
  auto rowSum = [&](Expr value) -> Expr {
    std::string sum = name + "_sum" + std::to_string(stages.sums.size());
    stages.sums.push_back(buildRowSum(value, column, row.names, program.columns, lanes, sum));
    return stages.sums.back().sum(std::vector<Expr>(row.names.begin(), row.names.end()));
  };
  Expr element = program.element(at(column, row.at), rowSum);
  stages.output = Func(name);
  stages.output(defined(column, row.names)) = element;
  return stages;
}

RowwiseStages buildRowwise(const RowwiseProgram &program, int lanes) {
  return buildRowwise(program, lanes, "output",
                      rowAt(program.rank == 2 ? Vars{Var("row")}
                                              : Vars{Var("head"), Var("position"), Var("batch")}));
}

} // namespace heed

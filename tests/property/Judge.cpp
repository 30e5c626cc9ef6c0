#include "tests/property/Judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace heed::property {
namespace {

constexpr double epsilon = std::numeric_limits<float>::epsilon();
/// What a kernel counts for a weight that is 0 in float32: 2^-100 of the block's largest.
constexpr double leastWeight = 1e-30;

class Judge {
public:
  Judge(const Description &description, const Call &call, const Tensors &tensors,
        const std::vector<Array> &reference, Worst &worst)
      : d(description), call(call), tensors(tensors), reference(reference), worst(worst) {
    double modify = 0, perPosition = 0;
    for (const Component &c : d.modifies)
      modify += c.error, perPosition += c.errorPerPosition;
    modifyError = modify + perPosition * (call.queries + call.keys + 200);
  }

  std::string run() {
    for (const auto &output : tensors.outputs)
      if (!output->gapsAreIntact())
        return "something was written between the elements of a result";
    std::string problem;
    forEachIndex({call.batch, call.heads(), call.queries}, [&](const Index &row) {
      if (problem.empty())
        problem = judgeRow(row[0], row[1], row[2]);
    });
    return problem;
  }

private:
  const Description &d;
  const Call &call;
  const Tensors &tensors;
  const std::vector<Array> &reference;
  Worst &worst;
  BoundConstants c;
  double modifyError;

  double query(int64_t b, int64_t i, int64_t h, int64_t column) const {
    return tensors.inputs[0]->get({b, i, h, column});
  }
  double key(int64_t b, int64_t j, int64_t h, int64_t column) const {
    return tensors.inputs[1]->get({b, j, h, column});
  }
  double value(int64_t b, int64_t j, int64_t h, int64_t column) const {
    return tensors.inputs[2]->get({b, j, h, column});
  }
  int64_t keyLength(int64_t b) const {
    return tensors.keyLengths ? int64_t(tensors.keyLengths->get({b})) : call.keys;
  }

  // How far a score may be off, over the keys that have a weight.
  double scoreError(int64_t b, int64_t h, int64_t i) const {
    double largest = 0;
    int64_t counting = 0;
    for (int64_t j = 0; j < call.keys; j++) {
      if (reference[2]({b, h, i, j}) == 0)
        continue;
      counting++;
      double sum = 0;
      for (int64_t column = 0; column < d.dim; column++)
        sum +=
            std::abs(d.scaleFactor() * query(b, i, h, column) * key(b, j, h / call.group, column));
      largest = std::max(largest, sum);
    }
    return epsilon *
           (c.c1 + c.c2 * std::sqrt(double(counting)) + c.c3 * largest + c.modify * modifyError);
  }

  std::string judgeRow(int64_t b, int64_t h, int64_t i) {
    double logSumExp = reference[1]({b, h, i});
    // Where every score is -inf because the query or the key is infinite, dense kernels do not look
    // for masked pairs.
    bool infiniteInputs = call.data == Data::BadQuery || call.data == Data::BadKey;
    if (infiniteInputs && logSumExp == -std::numeric_limits<double>::infinity())
      return "";
    double error = std::isfinite(logSumExp) ? scoreError(b, h, i) : 0;
    for (int64_t column = 0; column < d.valueDim; column++)
      if (std::string problem = judgeOutput(b, h, i, column, error); !problem.empty())
        return fmt::format("out[{}, {}, {}, {}] {}", b, i, h, column, problem);
    if (d.results >= Results::LogSumExp) {
      double got = tensors.outputs[1]->get({b, h, i});
      double bound = error + 2 * epsilon * std::abs(logSumExp);
      if (std::string problem = compare(1, got, logSumExp, bound); !problem.empty())
        return fmt::format("log_sum_exp[{}, {}, {}] {}", b, h, i, problem);
    }
    for (int64_t j = 0; d.results >= Results::Weights && j < call.keys; j++) {
      double got = tensors.outputs[2]->get({b, h, i, j}), wanted = reference[2]({b, h, i, j});
      double bound =
          wanted == 0
              ? 0
              : std::min(1.0, std::expm1(2 * error + 2 * epsilon * std::abs(logSumExp)) * wanted) +
                    leastWeight;
      if (std::isnan(logSumExp) && std::isnan(got))
        continue; // also where an infinite score would be a masked pair: the row is lost
      if (std::string problem = compare(2, got, wanted, bound); !problem.empty())
        return fmt::format("weights[{}, {}, {}, {}] {}", b, h, i, j, problem);
    }
    return "";
  }

  std::string judgeOutput(int64_t b, int64_t h, int64_t i, int64_t column, double error) {
    double got = tensors.outputs[0]->get({b, i, h, column}),
           wanted = reference[0]({b, i, h, column});
    double weighted = 0, largest = 0;
    bool badValue = false;
    for (int64_t j = 0; j < keyLength(b); j++) {
      double v = std::abs(value(b, j, h / call.group, column)), w = reference[2]({b, h, i, j});
      badValue |= !std::isfinite(v);
      if (w > 0)
        weighted += w * v, largest = std::max(largest, v);
    }
    // A value that is not finite and counts makes the element so; under a mask it may.
    if (badValue && !std::isfinite(got) && std::isfinite(reference[1]({b, h, i})))
      return "";
    if (badValue && !std::isfinite(wanted) && std::isfinite(reference[1]({b, h, i})))
      return fmt::format("is {}, but a value that counts is not finite", got);
    double bound = std::min(std::expm1(error) * weighted, 2 * largest) +
                   leastWeight * double(call.keys) * largest;
    return compare(0, got, wanted, bound);
  }

  std::string compare(int result, double got, double wanted, double bound) {
    if (std::isfinite(wanted) ? std::isfinite(got) && std::abs(got - wanted) <= bound
        : std::isnan(wanted)  ? std::isnan(got)
                              : got == wanted) {
      if (bound > 0 && std::isfinite(wanted) && call.data != Data::Huge)
        worst[result] = std::max(worst[result], std::abs(got - wanted) / bound);
      return "";
    }
    return fmt::format("is {:.9g}, but the reference gives {:.9g} (bound {:.3g})", got, wanted,
                       bound);
  }
};

} // namespace

std::string judge(const Description &description, const Call &call, const Tensors &tensors,
                  const std::vector<Array> &reference, Worst &worst) {
  return Judge(description, call, tensors, reference, worst).run();
}

} // namespace heed::property

#include "schedules/search/Surrogate.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <map>

namespace heed {
namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

/// Solves a x = b for a symmetric, positive definite a, by elimination.
Vector solve(Matrix a, Vector b) {
  size_t n = b.size();
  for (size_t i = 0; i < n; ++i)
    for (size_t row = i + 1; row < n; ++row) {
      double factor = a[row][i] / a[i][i];
      for (size_t column = i; column < n; ++column)
        a[row][column] -= factor * a[i][column];
      b[row] -= factor * b[i];
    }
  for (size_t i = n; i-- > 0;) {
    for (size_t column = i + 1; column < n; ++column)
      b[i] -= a[i][column] * b[column];
    b[i] /= a[i][i];
  }
  return b;
}

// How firmly the fit is drawn to what is believed before: as many samples' worth of evidence, for
// features of size 1.
constexpr double trustBelief = 0.5, knobBelief = 0.1;
// How much better than predicted a plan may be that is unlike all that was measured; and from how
// much evidence near by on it counts as known.
constexpr double curiosity = 0.15, unknown = 0.3;
constexpr double failure = 1.1; ///< a plan that failed counts as three times slower there

} // namespace

Surrogate::Places Surrogate::placesOf(const Plan &plan) {
  Places result{plan.form.index(), {}};
  for (const Knob *knob : knobsOf(plan))
    result.places.push_back(
        int(llvm::lower_bound(knob->values, valueOf(plan, *knob)) - knob->values.begin()));
  return result;
}

double Surrogate::steps(const Places &a, const Places &b) {
  if (a.form != b.form)
    return 100;
  double sum = 0;
  for (size_t i = 0; i < a.places.size(); ++i)
    sum += std::abs(a.places[i] - b.places[i]);
  return sum;
}

double stepsBetween(const Plan &a, const Plan &b) {
  return Surrogate::steps(Surrogate::placesOf(a), Surrogate::placesOf(b));
}

/// The model's word first, then a constant, then place and square of each knob, from -1 to 1.
Vector Surrogate::features(const Plan &plan, double logCycles) {
  Vector result = {logCycles, 1};
  std::vector<const Knob *> knobs = knobsOf(plan);
  Places at = placesOf(plan);
  for (size_t i = 0; i < knobs.size(); ++i) {
    double place = 2.0 * at.places[i] / double(knobs[i]->values.size() - 1) - 1;
    result.push_back(place);
    result.push_back(place * place);
  }
  return result;
}

Surrogate::Fit Surrogate::fitOf(size_t form, llvm::ArrayRef<const Sample *> samples) {
  Fit fit{form, 0, 0, {}};
  for (const Sample *s : samples) {
    fit.meanSeconds += std::log(s->seconds) / double(samples.size());
    fit.meanCycles += std::log(s->cycles) / double(samples.size());
  }
  size_t n = features(samples.front()->plan, 0).size();
  Matrix squares(n, Vector(n));
  Vector products(n);
  for (size_t i = 0; i < n; ++i)
    squares[i][i] = i == 0 ? trustBelief : knobBelief;
  for (const Sample *s : samples) {
    Vector x = features(s->plan, std::log(s->cycles) - fit.meanCycles);
    double beyond = std::log(s->seconds) - fit.meanSeconds - x[0]; // a trust of 1 leaves this
    for (size_t i = 0; i < n; ++i) {
      products[i] += x[i] * beyond;
      for (size_t j = 0; j < n; ++j)
        squares[i][j] += x[i] * x[j];
    }
  }
  fit.coefficients = solve(std::move(squares), std::move(products));
  fit.coefficients[0] += 1;
  return fit;
}

Surrogate::Surrogate(llvm::ArrayRef<Sample> samples) {
  std::map<size_t, std::vector<const Sample *>> byForm;
  for (const Sample &s : samples)
    if (std::isfinite(s.seconds))
      byForm[s.plan.form.index()].push_back(&s);
  double count = 0;
  for (const auto &[form, own] : byForm) {
    fits.push_back(fitOf(form, own));
    for (const Sample *s : own)
      mean += std::log(s->seconds / s->cycles);
    count += double(own.size());
  }
  mean = count > 0 ? mean / count : 0;
  for (const Sample &s : samples)
    points.push_back({placesOf(s.plan), std::isfinite(s.seconds)
                                            ? std::log(s.seconds) - fitted(s.plan, s.cycles)
                                            : failure});
}

double Surrogate::fitted(const Plan &plan, double cycles) const {
  auto fit = llvm::find_if(fits, [&](const Fit &f) { return f.form == plan.form.index(); });
  if (fit == fits.end())
    return mean + std::log(cycles);
  Vector x = features(plan, std::log(cycles) - fit->meanCycles);
  double sum = fit->meanSeconds;
  for (size_t i = 0; i < x.size(); ++i)
    sum += fit->coefficients[i] * x[i];
  return sum;
}

double Surrogate::predict(const Plan &plan, double cycles) const {
  Places at = placesOf(plan);
  double weights = unknown, sum = 0;
  for (const Point &point : points) {
    double weight = std::exp(-steps(at, point.places));
    weights += weight;
    sum += weight * point.remainder;
  }
  return fitted(plan, cycles) + sum / weights - curiosity * unknown / weights;
}

} // namespace heed

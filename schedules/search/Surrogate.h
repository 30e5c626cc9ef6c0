// What measurements say of plans that nobody measured.
#pragma once

#include "schedules/search/Knobs.h"

namespace heed {

/// A plan, how long it took (infinite where it failed), and what the model expected.
struct Sample {
  Plan plan;
  double seconds, cycles;
};

/// Steps on the knobs between two plans of one form; 100 between forms.
double stepsBetween(const Plan &a, const Plan &b);

/// For each form: log(seconds) = offset + trust * log(cycles) + a parabola of each knob's place,
/// fitted to the samples by least squares, drawn towards a trust of 1 and no parabolas as long as
/// samples are few; and what the fit leaves unexplained near by. Near a plan that failed, others
/// may fail too.
class Surrogate {
public:
  explicit Surrogate(llvm::ArrayRef<Sample> samples);

  /// The logarithm of the seconds it might take, at best: less where little is known. Only the
  /// order of the answers means something.
  double predict(const Plan &plan, double cycles) const;

private:
  /// A plan as places on its knobs, from 0.
  struct Places {
    size_t form;
    std::vector<int> places;
  };
  struct Point {
    Places places;
    double remainder;
  };
  struct Fit {
    size_t form;
    double meanSeconds, meanCycles;   ///< of logarithms
    std::vector<double> coefficients; ///< of features()
  };
  std::vector<Fit> fits;
  std::vector<Point> points;
  double mean = 0; ///< of all logarithms of seconds less those of cycles

  friend double stepsBetween(const Plan &a, const Plan &b);
  static Places placesOf(const Plan &plan);
  static double steps(const Places &a, const Places &b);
  static std::vector<double> features(const Plan &plan, double logCycles);
  static Fit fitOf(size_t form, llvm::ArrayRef<const Sample *> samples);
  double fitted(const Plan &plan, double cycles) const;
};

} // namespace heed

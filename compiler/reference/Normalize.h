// A normalizer on numbers: its regions, for the scores of one query.
#pragma once

#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/reference/Tensors.h"

#include <vector>

namespace heed {

/// One query of one head.
struct Row {
  int64_t batch, head, query;
};

using State = std::vector<double>;

class NormalizerInterpreter {
public:
  /// Of the op `user`, which has `captures`. `tensors` outlives it.
  static mlir::FailureOr<NormalizerInterpreter>
  create(mlir::Operation *user, mlir::ValueRange captures, const Tensors &tensors);

  /// Of the keys that count, which there are, their weights in the order of `scores`; of an online
  /// normalizer before the final factor.
  struct Summary {
    std::vector<double> weights;
    State state; ///< empty where a threshold was found
  };
  mlir::FailureOr<Summary> summarize(llvm::ArrayRef<double> scores, Row row) const;

  /// What makes weights final, and the log-sum-exp, NaN where the normalizer has none.
  struct Final {
    double factor, logSumExp;
  };
  /// Of a state without keys 0 and -inf.
  mlir::FailureOr<Final> finalize(const State &state, Row row) const;

  /// The state of no key.
  mlir::FailureOr<State> identity() const;

  struct Merged {
    State state;
    double firstFactor, secondFactor;
  };
  mlir::FailureOr<Merged> merge(const State &first, const State &second) const;

  /// How many values a state has.
  unsigned stateCount() const { return normalizer.online().getStateCount(); }

private:
  NormalizerInterpreter(Normalizer normalizer, Context<Number> context)
      : normalizer(std::move(normalizer)), context(std::move(context)) {}
  mlir::FailureOr<double> findThreshold(llvm::ArrayRef<double> x, Row row) const;
  mlir::FailureOr<std::vector<double>> weigh(mlir::Region &region, llvm::ArrayRef<double> x,
                                             const State &parameters, Row row) const;
  mlir::FailureOr<State> read(mlir::Region &region, const State &numbers) const;

  Normalizer normalizer;
  Context<Number> context;
};

} // namespace heed

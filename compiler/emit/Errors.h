// Whose mistake a failure is: it decides heedc's exit status.
#pragma once

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// Bad input, a full disk, a missing tool: the message says what, where and the remedy. Status 1.
llvm::Error userError(const llvm::Twine &message);

/// A diagnostic has been printed already. Status 1.
class Reported : public llvm::ErrorInfo<Reported> {
public:
  static char ID;
  void log(llvm::raw_ostream &out) const override { out << "reported above"; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }
};

/// Something in Heed is wrong: valid input led Halide or LLVM to refuse. Status 2.
class OurBug : public llvm::ErrorInfo<OurBug> {
public:
  static char ID;
  explicit OurBug(std::string text) : text(std::move(text)) {}
  void log(llvm::raw_ostream &out) const override { out << text; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  std::string text;
};

llvm::Error ourBug(const llvm::Twine &message);

} // namespace heed

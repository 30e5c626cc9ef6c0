#include "compiler/emit/Errors.h"

namespace heed {

char Reported::ID = 0;
char OurBug::ID = 0;

llvm::Error userError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Error ourBug(const llvm::Twine &message) { return llvm::make_error<OurBug>(message.str()); }

} // namespace heed

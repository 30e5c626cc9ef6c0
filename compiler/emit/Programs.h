// Running the linker and its kin.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// A folder that goes with all its files when this does.
class TemporaryFolder {
public:
  TemporaryFolder() = default;
  TemporaryFolder(const TemporaryFolder &) = delete;
  ~TemporaryFolder();

  llvm::Error create();
  /// The path of `name` in the folder.
  std::string file(llvm::StringRef name) const;
  llvm::Error write(llvm::StringRef name, llvm::StringRef contents) const;
  llvm::Expected<std::string> read(llvm::StringRef name) const;

private:
  std::string path;
};

/// Runs the first of `programs` that is on the PATH. An error names what is missing and the package
/// that has it, or repeats what the program said.
llvm::Error runProgram(llvm::ArrayRef<llvm::StringRef> programs, llvm::StringRef package,
                       llvm::ArrayRef<std::string> arguments, const TemporaryFolder &folder);

} // namespace heed

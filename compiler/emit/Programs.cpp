#include "compiler/emit/Programs.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

namespace heed {

TemporaryFolder::~TemporaryFolder() {
  if (!path.empty())
    llvm::sys::fs::remove_directories(path);
}

llvm::Error TemporaryFolder::create() {
  llvm::SmallString<128> created;
  if (std::error_code error = llvm::sys::fs::createUniqueDirectory("heedc", created))
    return userError("cannot create a temporary folder: " + error.message() +
                     "; set TMPDIR to a folder that can be written");
  path = created.str().str();
  return llvm::Error::success();
}

std::string TemporaryFolder::file(llvm::StringRef name) const {
  llvm::SmallString<128> result(path);
  llvm::sys::path::append(result, name);
  return result.str().str();
}

llvm::Error TemporaryFolder::write(llvm::StringRef name, llvm::StringRef contents) const {
  std::error_code error;
  llvm::raw_fd_ostream out(file(name), error);
  out << contents;
  out.close();
  if (out.has_error())
    error = out.error();
  out.clear_error();
  if (error)
    return userError("cannot write " + file(name) + ": " + error.message() +
                     "; free some space or set TMPDIR to another folder");
  return llvm::Error::success();
}

llvm::Expected<std::string> TemporaryFolder::read(llvm::StringRef name) const {
  auto buffer = llvm::MemoryBuffer::getFile(file(name));
  if (!buffer)
    return userError("cannot read " + file(name) + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

llvm::Error runProgram(llvm::ArrayRef<llvm::StringRef> programs, llvm::StringRef package,
                       llvm::ArrayRef<std::string> arguments, const TemporaryFolder &folder) {
  std::string program;
  for (llvm::StringRef candidate : programs)
    if (auto found = llvm::sys::findProgramByName(candidate); program.empty() && found)
      program = *found;
  if (program.empty())
    return userError("this needs one of " + llvm::join(programs, ", ") + " on the PATH: install " +
                     package);

  std::vector<llvm::StringRef> line = {program};
  line.insert(line.end(), arguments.begin(), arguments.end());
  std::string said = folder.file("said.txt"), why;
  int status =
      llvm::sys::ExecuteAndWait(program, line, /*Env=*/std::nullopt,
                                {llvm::StringRef(""), llvm::StringRef(said), llvm::StringRef(said)},
                                /*SecondsToWait=*/0, /*MemoryLimit=*/0, &why);
  if (status == 0)
    return llvm::Error::success();
  auto output = llvm::MemoryBuffer::getFile(said);
  return userError(program + " failed: " + (output ? (*output)->getBuffer().rtrim().str() : why));
}

} // namespace heed

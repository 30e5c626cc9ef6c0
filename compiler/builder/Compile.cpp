// heedc as a child process.
#include <heed/builder/attention.h>

#include <cstdlib>
#include <filesystem>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace heed {
inline namespace builder {

/// A description's file that ends with its scope.
struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() / "heed-XXXXXX.mlir").string();
  TemporaryFile() {
    int file = mkstemps(path.data(), 5);
    if (file < 0)
      throw BuilderError("cannot make a file in " +
                         std::filesystem::temp_directory_path().string());
    close(file);
  }
  ~TemporaryFile() { unlink(path.c_str()); }
};

void Attention::compile(const std::string &output, const std::vector<std::string> &flags) const {
  TemporaryFile description;
  write(description.path);
  const char *given = std::getenv("HEEDC");
  std::vector<std::string> arguments = {given ? given : "heedc", description.path, "-o", output};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  std::vector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  pid_t child;
  if (posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0)
    throw BuilderError("cannot run '" + arguments[0] +
                       "': put heedc into PATH, or its path into HEEDC");
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw BuilderError("heedc did not compile '" + output + "': see what it says above");
}

} // namespace builder
} // namespace heed

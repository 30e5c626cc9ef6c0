#include "models/common/WholeFile.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace heed {

Status writeWholeFile(const std::string &path, std::string_view text) {
  std::string partial = path + ".partial";
  std::ofstream out(partial, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out || std::rename(partial.c_str(), path.c_str()) != 0) {
    Error error{HEED_BAD_FILE, path + ": cannot write: " + std::strerror(errno)};
    std::remove(partial.c_str());
    return error;
  }
  return success();
}

} // namespace heed

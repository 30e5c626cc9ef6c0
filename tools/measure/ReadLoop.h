// What memory could do: a loop that reads and does nothing else.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace heed::measure {

/// Reads some memory from its beginning to its end with the widest loads of this CPU, each thread
/// its part of every piece. Whatever is bound by reading can't be faster, from the same caches.
class ReadLoop {
public:
  struct Piece {
    const void *data; ///< aligned to 64 bytes
    size_t bytes;     ///< up to 63 at the end are left out
  };
  ReadLoop(std::vector<Piece> pieces, int threads);
  ReadLoop(ReadLoop &&) noexcept;
  ~ReadLoop();

  size_t bytes() const;
  /// Once over all of it; returns when every thread is through.
  void run();

private:
  struct Team;
  std::unique_ptr<Team> team;
};

} // namespace heed::measure

// How the runtime reports a failure: a status and, for the calling thread, a message.
#pragma once

#include <heed/kernel.h>

#include <cstdarg>
#include <cstddef>

namespace heed {

/// Makes the text the calling thread's heed_last_error() and returns `status`.
[[gnu::format(printf, 2, 3)]] heed_status fail(heed_status status, const char *format, ...);

/// The same with the kernel and one of its arguments in front.
[[gnu::format(printf, 4, 5)]] heed_status reject(heed_status status, const heed_kernel &kernel,
                                                 const heed_argument &argument, const char *format,
                                                 ...);

/// A short text on the stack, cut where it does not fit: parts of messages are put together
/// without allocating.
class Text {
public:
  [[gnu::format(printf, 2, 3)]] Text &add(const char *format, ...);
  void addList(const char *format, va_list values);
  const char *str() const { return text; }

private:
  char text[320] = "";
  size_t length = 0;
};

} // namespace heed

#include "runtime/Status.h"

#include <algorithm>
#include <cstdio>

static thread_local char lastError[1024];

heed_status heed::fail(heed_status status, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(lastError, sizeof lastError, format, values);
  va_end(values);
  return status;
}

heed_status heed::reject(heed_status status, const heed_kernel &kernel,
                         const heed_argument &argument, const char *format, ...) {
  va_list values;
  va_start(values, format);
  Text text;
  text.addList(format, values);
  va_end(values);
  return fail(status, "%s: argument '%s': %s", kernel.name, argument.name, text.str());
}

heed::Text &heed::Text::add(const char *format, ...) {
  va_list values;
  va_start(values, format);
  addList(format, values);
  va_end(values);
  return *this;
}

void heed::Text::addList(const char *format, va_list values) {
  int written = vsnprintf(text + length, sizeof text - length, format, values);
  length = std::min(length + std::max(written, 0), sizeof text - 1);
}

const char *heed_last_error(void) { return lastError; }

const char *heed_status_name(heed_status status) {
  switch (status) {
  case HEED_OK:
    return "ok";
  case HEED_NULL_ARGUMENT:
    return "null argument";
  case HEED_WRONG_DEVICE:
    return "wrong device";
  case HEED_WRONG_TYPE:
    return "wrong type";
  case HEED_WRONG_RANK:
    return "wrong rank";
  case HEED_WRONG_SHAPE:
    return "wrong shape";
  case HEED_WRONG_STRIDE:
    return "wrong stride";
  case HEED_WRONG_ALIGNMENT:
    return "wrong alignment";
  case HEED_TOO_LARGE:
    return "too large";
  case HEED_OVERLAP:
    return "overlap";
  case HEED_WRONG_VALUE:
    return "wrong value";
  case HEED_NO_VARIANT:
    return "no variant";
  case HEED_WRONG_VERSION:
    return "wrong version";
  case HEED_OUT_OF_MEMORY:
    return "out of memory";
  case HEED_BAD_FILE:
    return "bad file";
  case HEED_INTERNAL:
    return "internal error";
  case HEED_NO_DEVICE:
    return "no device";
  case HEED_FULL:
    return "full";
  }
  return "unknown status";
}

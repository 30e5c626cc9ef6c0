// Describes attention over a cache of keys and values, in each of its layouts (heed/cache.h): up to
// a few new queries that see what stands before them; `recent` and `ring` only the last 24 of it.
#include <heed/builder.h>

#include <fstream>

using namespace heed;

namespace {

enum class Rows { InSlots, InPages, InARing };
enum class Numbers { Floats, Bytes };
enum class Sees { All, TheLast24 };

std::string describe(const char *name, Rows rows, Numbers numbers, Sees sees) {
  constexpr int64_t keyHeads = 2;
  Attention a(name, {.heads = 4, .keyHeads = keyHeads, .headDim = 32});
  if (numbers == Numbers::Bytes) {
    auto keyScales = a.input<Real>("key_scales", {any, any, keyHeads});
    a.int8(keyScales, a.input<Real>("value_scales", {any, any, keyHeads}));
  }
  if (rows == Rows::InPages)
    a.paged(8);
  if (rows == Rows::InARing)
    a.ring();
  a.keyLengths();
  a.queryOffsets();
  a.mask([=](Position p) {
    Truth isBefore = p.key <= p.place();
    return sees == Sees::All ? isBefore : isBefore && p.place() - p.key < 24;
  });
  return a.text();
}

} // namespace

int main(int, char **argv) {
  std::ofstream file(argv[1]);
  file << describe("slots", Rows::InSlots, Numbers::Floats, Sees::All)
       << describe("recent", Rows::InSlots, Numbers::Floats, Sees::TheLast24)
       << describe("paged", Rows::InPages, Numbers::Floats, Sees::All)
       << describe("paged_int8", Rows::InPages, Numbers::Bytes, Sees::All)
       << describe("ring", Rows::InARing, Numbers::Floats, Sees::TheLast24)
       << describe("ring_int8", Rows::InARing, Numbers::Bytes, Sees::TheLast24);
  return file.flush() ? 0 : 1;
}

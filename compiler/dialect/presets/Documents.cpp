// Packed documents: a query sees the keys of its own. The kernel takes the cumulative lengths, [0,
// end of the first, end of the second, ...].
#include "compiler/dialect/presets/Components.h"

using namespace heed;

llvm::Expected<presets::Mask> presets::documentsMask(Attention &a, Words arguments) {
  Arguments rest(arguments);
  llvm::Expected<Alignment> alignment = rest.alignment();
  if (!alignment)
    return alignment.takeError();
  if (llvm::Error error = rest.finish())
    return error;
  Segments documents = a.segments("segments");
  return [documents, alignment = *alignment](Position p) {
    Integer place = p.place(alignment);
    return documents.begin(place) <= p.key && p.key < documents.end(place);
  };
}

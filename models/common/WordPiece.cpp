#include "models/common/WordPiece.h"
#include "models/common/Unicode.h"

namespace heed {

void WordPiece::append(std::u32string_view word, std::vector<int32_t> &out) const {
  size_t before = out.size();
  bool known = word.size() <= maxWordLength;
  for (size_t begin = 0; known && begin < word.size();) {
    size_t end = word.size();
    for (; end > begin; --end) {
      std::string entry = begin > 0 ? continuingPrefix : "";
      entry += encodeUtf8(word.substr(begin, end - begin));
      if (auto found = ids.find(entry); found != ids.end()) {
        out.push_back(found->second);
        break;
      }
    }
    known = end > begin;
    begin = end;
  }
  if (!known) {
    out.resize(before);
    out.push_back(unknown);
  }
}

} // namespace heed

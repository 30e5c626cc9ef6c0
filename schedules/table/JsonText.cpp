#include "schedules/table/JsonText.h"

#include "llvm/Support/MemoryBuffer.h"

namespace heed {
namespace {

/// Characters, counted as the parser takes them.
class CountingIterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  CountingIterator(const char *at, const char **reached) : at(at), reached(reached) {}
  reference operator*() const { return *at; }
  CountingIterator &operator++() {
    *reached = ++at;
    return *this;
  }
  bool operator==(const CountingIterator &other) const { return at == other.at; }
  bool operator!=(const CountingIterator &other) const { return at != other.at; }

private:
  const char *at;
  const char **reached;
};

unsigned lineOf(llvm::StringRef before) { return unsigned(before.count('\n')) + 1; }

std::string locate(llvm::StringRef text, size_t byte) {
  llvm::StringRef before = text.take_front(byte ? byte - 1 : 0);
  size_t lineStart = before.rfind('\n') + 1; // npos + 1 is 0
  return std::to_string(lineOf(before)) + ":" + std::to_string(before.size() - lineStart + 1);
}

constexpr int deepest = 8; // deeper than any file of ours, and far from exhausting a stack

} // namespace

llvm::Expected<JsonText> parseJson(const std::string &file, llvm::StringRef text) {
  using Parser = nlohmann::json;
  JsonText result;
  bool deep = false;
  const char *reached = text.begin();
  auto watch = [&](int depth, Parser::parse_event_t event, Parser &) {
    if (depth == 2 && event == Parser::parse_event_t::object_start)
      result.lines.push_back(lineOf(text.take_front(reached - text.begin())));
    return !(deep |= depth > deepest);
  };
  try {
    result.json = Parser::parse(CountingIterator(text.begin(), &reached),
                                CountingIterator(text.end(), &reached), watch);
  } catch (const Parser::parse_error &error) {
    return llvm::createStringError(file + ":" + locate(text, error.byte) +
                                   ": error: this is no JSON: " + error.what());
  }
  if (deep)
    return llvm::createStringError(file + ": error: brackets nest deeper than in any such file");
  return result;
}

llvm::Expected<JsonText> readJson(const std::string &what, const std::string &file) {
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer)
    return llvm::createStringError("cannot read " + what + " " + file + ": " +
                                   buffer.getError().message());
  return parseJson(file, (*buffer)->getBuffer());
}

} // namespace heed

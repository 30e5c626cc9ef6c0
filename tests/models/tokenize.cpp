// The tokenizer for tests/models/tokenizer_test.py: tokenize TOKENIZER.json MAX_TOKENS (0: no
// limit). A JSON list of strings on stdin, a JSON list of lists of ids on stdout.
#include "models/common/Tokenizer.h"

#include <cstdlib>
#include <iostream>

int main(int argc, char **argv) {
  auto tokenizer = heed::Tokenizer::open(argv[1]);
  if (!tokenizer) {
    std::cerr << tokenizer.error().message << "\n";
    return 1;
  }
  size_t limit = std::strtoul(argv[2], nullptr, 10);
  nlohmann::json result = nlohmann::json::array();
  for (const nlohmann::json &text : nlohmann::json::parse(std::cin))
    result.push_back(
        tokenizer->encode(text.get<std::string>(), limit ? limit : heed::Tokenizer::unlimited).ids);
  std::cout << result << "\n";
}

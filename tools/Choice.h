// An option of a tool that takes one of some words.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

namespace heed {

/// Sets `value` to what the option's word stands for; any other word is an error that lists these.
template <typename T>
CLI::Option *addChoice(CLI::App &app, const std::string &flag, T &value,
                       std::vector<std::pair<std::string, T>> choices, const std::string &help) {
  auto choose = [&value, flag, choices](const std::string &word) {
    std::string known;
    for (const auto &[name, meaning] : choices) {
      if (name == word) {
        value = meaning;
        return;
      }
      known += (known.empty() ? "" : ", ") + name;
    }
    throw CLI::ValidationError(flag, "there is no '" + word + "': choose one of " + known);
  };
  return app.add_option_function<std::string>(flag, choose, help);
}

} // namespace heed

// A command line as a table of options: parsed, checked and explained from the same rows.
#pragma once

#include "plugins/bytes/result.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace masthead::sim {

struct OptionRow {
    std::string name;     // "--rate"
    std::string argument; // "N/D"; empty for a switch
    std::string help;
    std::function<Result<void>(const std::string&)>
        take; // the error says the rule; the name is put before it
};

/// Setters for rows. The target must outlive the parsing.
[[nodiscard]] std::function<Result<void>(const std::string&)> whole_number(int& target, int min, int max);
[[nodiscard]] std::function<Result<void>(const std::string&)> number(double& target, double min, double max);
[[nodiscard]] std::function<Result<void>(const std::string&)> number(std::optional<double>& target,
                                                                     double min, double max);
[[nodiscard]] std::function<Result<void>(const std::string&)> text(std::string& target);
[[nodiscard]] std::function<Result<void>(const std::string&)> one_of(std::string& target,
                                                                     std::vector<std::string> words);
[[nodiscard]] std::function<Result<void>(const std::string&)> flag(bool& target, bool value);

/// `--name VALUE` and `--name=VALUE`. Error: invalid_argument naming the option.
[[nodiscard]] Result<void> parse_arguments(std::span<const std::string> arguments,
                                           std::span<const OptionRow> rows);
/// One line an option.
[[nodiscard]] std::string help_text(std::span<const OptionRow> rows);

} // namespace masthead::sim

// Parsing by table.
#include "simulator/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace masthead::sim {

namespace {

template <typename T>
std::optional<T> parsed(const std::string& text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

std::string short_text(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

tl::unexpected<Error> rule(const std::string& wanted, const std::string& got) {
    return fail(Code::invalid_argument, "wants " + wanted + ", not '" + got + "'");
}

} // namespace

std::function<Result<void>(const std::string&)> whole_number(int& target, int min, int max) {
    return [&target, min, max](const std::string& text) -> Result<void> {
        const auto value = parsed<int>(text);
        if (!value || *value < min || *value > max) {
            return rule("a whole number from " + std::to_string(min) + " to " + std::to_string(max), text);
        }
        target = *value;
        return {};
    };
}

std::function<Result<void>(const std::string&)> number(double& target, double min, double max) {
    return [&target, min, max](const std::string& text) -> Result<void> {
        const auto value = parsed<double>(text);
        if (!value || !(*value >= min && *value <= max)) {
            return rule("a number from " + short_text(min) + " to " + short_text(max), text);
        }
        target = *value;
        return {};
    };
}

std::function<Result<void>(const std::string&)> number(std::optional<double>& target, double min,
                                                       double max) {
    return [&target, min, max](const std::string& text) -> Result<void> {
        double value = 0;
        return number(value, min, max)(text).map([&] { target = value; });
    };
}

std::function<Result<void>(const std::string&)> text(std::string& target) {
    return [&target](const std::string& value) -> Result<void> {
        target = value;
        return {};
    };
}

std::function<Result<void>(const std::string&)> one_of(std::string& target, std::vector<std::string> words) {
    return [&target, words = std::move(words)](const std::string& value) -> Result<void> {
        if (std::find(words.begin(), words.end(), value) == words.end()) {
            std::string list;
            for (const std::string& word : words) {
                list += (list.empty() ? "" : ", ") + word;
            }
            return rule("one of " + list, value);
        }
        target = value;
        return {};
    };
}

std::function<Result<void>(const std::string&)> flag(bool& target, bool value) {
    return [&target, value](const std::string&) -> Result<void> {
        target = value;
        return {};
    };
}

Result<void> parse_arguments(std::span<const std::string> arguments, std::span<const OptionRow> rows) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::size_t equals = arguments[i].find('=');
        const std::string name = arguments[i].substr(0, equals);
        const auto row =
            std::find_if(rows.begin(), rows.end(), [&](const OptionRow& r) { return r.name == name; });
        if (row == rows.end()) {
            return fail(Code::invalid_argument, "there is no option '" + name + "'; --help lists them");
        }
        std::string value;
        if (row->argument.empty()) {
            if (equals != std::string::npos) {
                return fail(Code::invalid_argument, name + " takes no value");
            }
        } else if (equals != std::string::npos) {
            value = arguments[i].substr(equals + 1);
        } else if (++i < arguments.size()) {
            value = arguments[i];
        } else {
            return fail(Code::invalid_argument, name + " wants a value: " + name + " " + row->argument);
        }
        if (auto taken = row->take(value); !taken) {
            return fail(taken.error().code, name + " " + taken.error().message);
        }
    }
    return {};
}

std::string help_text(std::span<const OptionRow> rows) {
    std::size_t width = 0;
    for (const OptionRow& row : rows) {
        width = std::max(width, row.name.size() + 1 + row.argument.size());
    }
    std::string out;
    for (const OptionRow& row : rows) {
        const std::string left = row.name + " " + row.argument;
        out += "  " + left + std::string(width - left.size() + 2, ' ') + row.help + "\n";
    }
    return out;
}

} // namespace masthead::sim

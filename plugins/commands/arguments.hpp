// The arguments of one command: read from JSON, checked against its row. Pure.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/commands/table.hpp"
#include "plugins/glib/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace masthead::commands {

struct Argument {
    std::string name;
    std::variant<double, bool, std::string> value;
    friend bool operator==(const Argument&, const Argument&) = default;
};
/// In the order of the row.
using Arguments = std::vector<Argument>;

/// nullptr: it is absent.
[[nodiscard]] const Argument* find(const Arguments& arguments, std::string_view name);

/// What `parameters` (an object, or nothing) says for a vehicle of this kind (one bit). Errors:
/// invalid_argument with a sentence that names the parameter and its range: unknown, missing, of the wrong
/// type, out of range, not for this kind of vehicle; or a command that this kind of vehicle does not know.
[[nodiscard]] Result<Arguments> read_arguments(const Row& row, Kinds kind,
                                               const std::optional<json::Value>& parameters);

/// A JSON object.
[[nodiscard]] std::string to_json(const Arguments& arguments);

} // namespace masthead::commands

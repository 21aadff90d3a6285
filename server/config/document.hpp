// A YAML or JSON text as a JSON value that remembers where each part stood. Private to server/config.
#pragma once

#include "plugins/bytes/result.hpp"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace masthead::config {

using Json = nlohmann::ordered_json;

struct Position {
    int line = 0; // from 1; 0: not known
    int column = 0;
};

struct Document {
    Json value;
    std::string name;                          // the file, for messages
    std::string text;                          // as read; of YAML
    std::map<std::string, Position> positions; // by JSON pointer: where a member's name stands
    std::map<std::string, Position> values;    // by JSON pointer: where its value begins

    /// "file:line:column: message"; where `pointer` is not known, the nearest part around it.
    [[nodiscard]] tl::unexpected<Error> fail_at(const std::string& pointer, const std::string& message) const;
    /// Where `word`, which begins at `offset` of the text at `pointer`, stands in the file.
    [[nodiscard]] Position place_within(const std::string& pointer, std::size_t offset,
                                        std::string_view word) const;
};

/// "file:line:column: message"; without the place where line is 0.
[[nodiscard]] std::string message_at(const std::string& name, Position position, const std::string& message);

/// Errors: not_found, too_large (256 KiB), malformed with its place.
[[nodiscard]] Result<Document> read_yaml(const std::filesystem::path& path);
[[nodiscard]] Result<Document> parse_yaml(std::string_view text, std::string name);
[[nodiscard]] Result<Document> parse_json(std::string_view text, std::string name);

/// Error: invalid_argument at the deepest part that breaks a rule of `schema` (JSON Schema draft 7 text).
[[nodiscard]] Result<void> check(const Document& document, std::string_view schema);

/// `token` escaped for a JSON pointer, with the slash before it.
[[nodiscard]] std::string pointer_step(std::string_view token);

} // namespace masthead::config

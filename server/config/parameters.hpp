// Parameters of a pipeline file: their values, checked, and ${name} in texts. Private to server/config.
#pragma once

#include "server/config/document.hpp"
#include "server/config/recipe.hpp"

namespace masthead::config {

/// The value of every declared parameter: given, or its default. Error: one that is unknown, missing, or
/// breaks its declaration.
[[nodiscard]] Result<Json> parameter_values(const Document& document, const ParameterValues& given);

/// `text` with the text of each ${name}'s value in its place. Error: a ${name} that is no parameter.
[[nodiscard]] Result<std::string> filled_text(const Document& document, const std::string& pointer,
                                              const std::string& text, const Json& values);
/// A text that is one ${name} becomes the typed value; within longer text, the value's text is put in. Texts
/// in lists and objects likewise. Error: a ${name} that is no parameter.
[[nodiscard]] Result<Json> filled(const Document& document, const std::string& pointer, const Json& part,
                                  const Json& values);

[[nodiscard]] bool has_scheme(std::string_view text);
[[nodiscard]] std::optional<ParameterValue> to_parameter_value(const Json& value);

} // namespace masthead::config

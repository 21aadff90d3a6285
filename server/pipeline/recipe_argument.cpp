// From --set NAME=VALUE to typed parameters.
#include "server/pipeline/commands.hpp"

#include <algorithm>
#include <charconv>

namespace masthead::pipeline {

namespace {

template <typename T>
std::optional<ParameterValue> number_of(const std::string& text) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

/// Text that is not of the type stays text: load_recipes() says what is wanted.
ParameterValue typed(const RecipeParameter& parameter, const std::string& text) {
    if (parameter.type == "integer") {
        return number_of<std::int64_t>(text).value_or(text);
    }
    if (parameter.type == "number") {
        return number_of<double>(text).value_or(text);
    }
    if (parameter.type == "boolean" && (text == "true" || text == "false")) {
        return text == "true";
    }
    return text;
}

} // namespace

Result<std::vector<Recipe>> recipes_of(const std::filesystem::path& path, const Arguments& arguments,
                                       bool samples) {
    const auto info = describe_recipe(path);
    if (!info) {
        return tl::unexpected(info.error());
    }
    ParameterValues values = samples ? sample_values(*info) : ParameterValues();
    for (const auto& [name, text] : arguments.values) {
        const auto declared = std::ranges::find(info->parameters, name, &RecipeParameter::name);
        values[name] = declared != info->parameters.end() ? typed(*declared, text)
                                                          : ParameterValue(text); // refused then
    }
    return load_recipes(path, values);
}

} // namespace masthead::pipeline

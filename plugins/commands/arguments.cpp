// Arguments from JSON, with a sentence for whatever is wrong.
#include "plugins/commands/arguments.hpp"

#include <algorithm>
#include <cstdio>

namespace masthead::commands {

namespace {

std::string number_text(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", number);
    return text;
}

std::string kind_name(Kinds kind) { return kind == kDrone ? "drone" : "vessel"; }

std::string of(const Row& row, const ParameterRow& parameter) {
    return "'" + std::string(parameter.name) + "' of '" + std::string(row.name) + "'";
}

std::string range_text(const ParameterRow& parameter) {
    const std::string unit = parameter.unit.empty() ? "" : " " + std::string(parameter.unit);
    return "from " + number_text(parameter.minimum) + " to " + number_text(parameter.maximum) + unit;
}

std::string wanted(const ParameterRow& parameter) {
    switch (parameter.type) {
    case Type::number: return "a number " + range_text(parameter);
    case Type::integer: return "a whole number " + range_text(parameter);
    case Type::boolean: return "true or false";
    case Type::text: return "a text of 1 to " + number_text(parameter.maximum) + " bytes";
    }
    return "";
}

std::optional<Argument> read(const ParameterRow& parameter, const json::Value& value) {
    Argument argument{std::string(parameter.name), 0.0};
    if (parameter.type == Type::boolean) {
        const auto flag = value.as_boolean();
        argument.value = flag.value_or(false);
        return flag ? std::optional(argument) : std::nullopt;
    }
    if (parameter.type == Type::text) {
        const auto text = value.as_string();
        argument.value = text.value_or("");
        const bool good = text && !text->empty() && static_cast<double>(text->size()) <= parameter.maximum;
        return good ? std::optional(argument) : std::nullopt;
    }
    const auto number = parameter.type == Type::number ? value.as_number() : [&]() -> std::optional<double> {
        const auto whole = value.as_integer();
        return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
    }();
    // Written so that NaN is out of every range.
    if (!number || !(*number >= parameter.minimum && *number <= parameter.maximum)) {
        return std::nullopt;
    }
    argument.value = *number;
    return argument;
}

} // namespace

const Row* row(std::string_view name) noexcept {
    const auto found = std::ranges::find(rows(), name, &Row::name);
    return found == rows().end() ? nullptr : &*found;
}

const Argument* find(const Arguments& arguments, std::string_view name) {
    const auto found = std::ranges::find(arguments, name, &Argument::name);
    return found == arguments.end() ? nullptr : &*found;
}

Result<Arguments> read_arguments(const Row& row, Kinds kind, const std::optional<json::Value>& parameters) {
    const auto bad = [](const std::string& rule) { return fail(Code::invalid_argument, rule); };
    if ((row.kinds & kind) == 0) {
        return bad("'" + std::string(row.name) + "' is no command for a " + kind_name(kind));
    }
    if (parameters && !parameters->is_object()) {
        return bad("'parameters' must be an object");
    }
    if (parameters) {
        for (const std::string& name : parameters->names()) {
            if (std::ranges::find(row.parameters, name, &ParameterRow::name) == row.parameters.end()) {
                return bad("'" + std::string(row.name) + "' has no parameter '" + name + "'");
            }
        }
    }
    Arguments arguments;
    for (const ParameterRow& parameter : row.parameters) {
        const auto value = parameters ? parameters->find(parameter.name) : std::nullopt;
        const bool known = (parameter.kinds & kind) != 0;
        if (!value && known && parameter.required) {
            return bad(of(row, parameter) + " is missing: " + wanted(parameter) + " is wanted");
        }
        if (!value) {
            continue;
        }
        if (!known) {
            return bad(of(row, parameter) + " is not for a " + kind_name(kind));
        }
        auto argument = read(parameter, *value);
        if (!argument) {
            return bad(of(row, parameter) + " must be " + wanted(parameter));
        }
        arguments.push_back(*std::move(argument));
    }
    return arguments;
}

std::string to_json(const Arguments& arguments) {
    json::Writer out;
    out.begin_object();
    for (const Argument& argument : arguments) {
        std::visit([&](const auto& value) { out.member(argument.name, value); }, argument.value);
    }
    return out.end_object().release();
}

} // namespace masthead::commands

#include "server/config/parameters.hpp"

#include "server/config/secret_place.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace masthead::config {

namespace {

Json to_json_value(const ParameterValue& value) {
    return std::visit([](const auto& plain) { return Json(plain); }, value);
}

/// Empty when `value` is what the parameter's declaration wants, else the rule it breaks.
std::string broken_rule(const Json& declared, const Json& value) {
    const std::string type = declared.at("type");
    const bool right = type == "integer"   ? value.is_number_integer()
                       : type == "number"  ? value.is_number()
                       : type == "boolean" ? value.is_boolean()
                                           : value.is_string();
    if (!right) {
        return type == "uri" ? "a URI is wanted" : "a value of type " + type + " is wanted";
    }
    if (type == "uri" && !has_scheme(value.get_ref<const std::string&>())) {
        return "a URI is wanted, such as rtsp://host/path";
    }
    if (value.is_number()) {
        if (declared.contains("minimum") && value.get<double>() < declared["minimum"].get<double>()) {
            return "must be at least " + declared["minimum"].dump();
        }
        if (declared.contains("maximum") && value.get<double>() > declared["maximum"].get<double>()) {
            return "must be at most " + declared["maximum"].dump();
        }
    }
    return {};
}

std::string as_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

} // namespace

bool has_scheme(std::string_view text) {
    const auto colon = text.find("://");
    return colon != std::string_view::npos && colon > 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

std::optional<ParameterValue> to_parameter_value(const Json& value) {
    if (value.is_boolean()) {
        return value.get<bool>();
    }
    if (value.is_number_integer()) {
        return value.get<std::int64_t>();
    }
    if (value.is_number()) {
        return value.get<double>();
    }
    if (value.is_string()) {
        return value.get<std::string>();
    }
    return std::nullopt;
}

Result<Json> parameter_values(const Document& document, const ParameterValues& given) {
    const Json declared = document.value.value("parameters", Json::object());
    for (const auto& [name, value] : given) {
        if (!declared.contains(name)) {
            return fail(Code::invalid_argument, document.name + ": there is no parameter '" + name + "'");
        }
    }
    Json values = Json::object();
    for (const auto& [name, declaration] : declared.items()) {
        const auto set = given.find(name);
        if (set == given.end() && !declaration.contains("default")) {
            return document.fail_at("/parameters" + pointer_step(name),
                                    "parameter '" + name + "' must be set");
        }
        Json value = set == given.end() ? declaration.at("default") : to_json_value(set->second);
        if (const std::string rule = broken_rule(declaration, value); !rule.empty()) {
            return document.fail_at("/parameters" + pointer_step(name), "parameter '" + name + "': " + rule);
        }
        if (declaration.value("secret", false)) {
            if (!value.is_string()) {
                return document.fail_at("/parameters" + pointer_step(name),
                                        "parameter '" + name + "': only a text can be secret");
            }
            auto text = secret_text(value);
            if (!text) {
                return document.fail_at("/parameters" + pointer_step(name),
                                        "parameter '" + name + "': " + text.error());
            }
            value = *std::move(text);
        }
        values[name] = std::move(value);
    }
    return values;
}

Result<std::string> filled_text(const Document& document, const std::string& pointer, const std::string& text,
                                const Json& values) {
    std::string out;
    std::size_t at = 0;
    while (true) {
        const auto open = text.find("${", at);
        if (open == std::string::npos) {
            return out + text.substr(at);
        }
        const auto close = text.find('}', open);
        if (close == std::string::npos) {
            return document.fail_at(pointer, "'${' without '}'");
        }
        const std::string name = text.substr(open + 2, close - open - 2);
        if (!values.contains(name)) {
            return document.fail_at(pointer, "there is no parameter '" + name + "'");
        }
        out += text.substr(at, open - at) + as_text(values[name]);
        at = close + 1;
    }
}

Result<Json> filled(const Document& document, const std::string& pointer, const Json& part,
                    const Json& values) {
    if (part.is_string()) {
        const auto& text = part.get_ref<const std::string&>();
        if (text.starts_with("${") && text.find('}') == text.size() - 1 &&
            values.contains(text.substr(2, text.size() - 3))) {
            return values[text.substr(2, text.size() - 3)];
        }
        auto whole = filled_text(document, pointer, text, values);
        return whole ? Result<Json>(*std::move(whole)) : tl::unexpected(whole.error());
    }
    if (!part.is_structured()) {
        return part;
    }
    Json out = part;
    for (const auto& [name, child] : part.items()) {
        auto value = filled(document, pointer + pointer_step(name), child, values);
        if (!value) {
            return value;
        }
        if (part.is_array()) {
            out[static_cast<std::size_t>(std::stoul(name))] = std::move(*value);
        } else {
            out[name] = std::move(*value);
        }
    }
    return out;
}

} // namespace masthead::config

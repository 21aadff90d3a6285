// Pipeline files: schema check, parameters, and the typed recipe.
#include "server/config/recipe.hpp"

#include "pipeline_schema.hpp"
#include "server/config/document.hpp"

#include <algorithm>

namespace masthead {
namespace {

using config::Document;
using config::Json;
using config::pointer_step;

constexpr std::string_view kSchemes[] = {"rtsp", "rtsps", "udp", "srt", "rtp", "file"};

bool has_scheme(std::string_view text) {
    const auto colon = text.find("://");
    return colon != std::string_view::npos && colon > 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

Json to_json_value(const ParameterValue& value) {
    return std::visit([](const auto& plain) { return Json(plain); }, value);
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

/// The value of every declared parameter: given, or its default.
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
        values[name] = std::move(value);
    }
    return values;
}

std::string as_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// A text that is one ${name} becomes the typed value; within longer text, the value's text is put in.
Result<Json> filled_text(const Document& document, const std::string& pointer, const std::string& text,
                         const Json& values) {
    std::string out;
    std::size_t at = 0;
    while (true) {
        const auto open = text.find("${", at);
        if (open == std::string::npos) {
            return Json(out + text.substr(at));
        }
        const auto close = text.find('}', open);
        if (close == std::string::npos) {
            return document.fail_at(pointer, "'${' without '}'");
        }
        const std::string name = text.substr(open + 2, close - open - 2);
        if (!values.contains(name)) {
            return document.fail_at(pointer, "there is no parameter '" + name + "'");
        }
        if (open == 0 && close + 1 == text.size()) {
            return values[name];
        }
        out += text.substr(at, open - at) + as_text(values[name]);
        at = close + 1;
    }
}

Result<Json> filled(const Document& document, const std::string& pointer, const Json& part,
                    const Json& values) {
    if (part.is_string()) {
        return filled_text(document, pointer, part.get<std::string>(), values);
    }
    if (!part.is_object()) {
        return part;
    }
    Json out = Json::object();
    for (const auto& [name, child] : part.items()) {
        auto value = filled(document, pointer + pointer_step(name), child, values);
        if (!value) {
            return value;
        }
        out[name] = std::move(*value);
    }
    return out;
}

struct Range {
    int low;
    int high;
};

/// Reads a whole number that may still be wrong after parameters were put in (the schema allows "${name}"
/// there).
Result<int> whole(const Document& document, const char* section, const char* name, int fallback,
                  Range range) {
    const auto part = document.value.find(section);
    if (part == document.value.end() || !part->contains(name)) {
        return fallback;
    }
    const Json& value = part->at(name);
    if (!value.is_number_integer() || value.get<std::int64_t>() < range.low ||
        value.get<std::int64_t>() > range.high) {
        return document.fail_at(pointer_step(section) + pointer_step(name),
                                std::string("'") + name + "' must be a whole number from " +
                                    std::to_string(range.low) + " to " + std::to_string(range.high));
    }
    return value.get<int>();
}

TelemetrySource telemetry_source(const std::string& word) {
    return word == "embedded" ? TelemetrySource::embedded
           : word == "both"   ? TelemetrySource::both
           : word == "none"   ? TelemetrySource::none
                              : TelemetrySource::link;
}

Result<Recipe> typed(const Document& document) {
    Recipe recipe;
    const Json& value = document.value;
    recipe.title = value.at("title");
    recipe.ingest.uri = value.at("ingest").at("uri");
    const std::string scheme = recipe.ingest.uri.substr(0, recipe.ingest.uri.find(':'));
    if (!has_scheme(recipe.ingest.uri) ||
        std::find(std::begin(kSchemes), std::end(kSchemes), scheme) == std::end(kSchemes)) {
        return document.fail_at("/ingest/uri",
                                "'uri' must start with rtsp://, rtsps://, udp://, srt://, rtp:// or file://");
    }
    const struct {
        const char* section;
        const char* name;
        int& target;
        Range range;
    } numbers[] = {
        {"ingest", "latency_ms", recipe.ingest.latency_ms, {0, 60'000}},
        {"telemetry", "max_wait_ms", recipe.telemetry.max_wait_ms, {0, 10'000}},
        {"telemetry", "max_age_ms", recipe.telemetry.max_age_ms, {1, 60'000}},
        {"telemetry", "camera_latency_ms", recipe.telemetry.camera_latency_ms, {0, 60'000}},
    };
    for (const auto& number : numbers) {
        auto read = whole(document, number.section, number.name, number.target, number.range);
        if (!read) {
            return tl::unexpected(read.error());
        }
        number.target = *read;
    }
    const Json telemetry = value.value("telemetry", Json::object());
    recipe.telemetry.source = telemetry_source(telemetry.value("source", "link"));
    recipe.telemetry.time_system = telemetry.value("time_system", "auto");
    recipe.telemetry.footprint = telemetry.value("footprint", true);
    recipe.webrtc = value.at("outputs").contains("webrtc");
    recipe.json = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return recipe;
}

Result<Document> read_checked(const std::filesystem::path& path) {
    auto document = config::read_yaml(path);
    if (!document) {
        return document;
    }
    if (auto checked = config::check(*document, embedded::kPipelineSchema); !checked) {
        return tl::unexpected(checked.error());
    }
    return document;
}

RecipeInfo info_of(const Document& document, std::string name) {
    RecipeInfo info{.name = std::move(name), .title = document.value.at("title"), .parameters = {}};
    const Json declared = document.value.value("parameters", Json::object());
    for (const auto& [parameter, declaration] : declared.items()) {
        info.parameters.push_back({
            .name = parameter,
            .type = declaration.at("type"),
            .description = declaration.value("description", ""),
            .unit = declaration.value("unit", ""),
            .fallback =
                declaration.contains("default") ? to_parameter_value(declaration["default"]) : std::nullopt,
        });
    }
    return info;
}

} // namespace

Result<Recipe> load_recipe(const std::filesystem::path& path, const ParameterValues& parameters) {
    auto document = read_checked(path);
    if (!document) {
        return tl::unexpected(document.error());
    }
    auto values = parameter_values(*document, parameters);
    if (!values) {
        return tl::unexpected(values.error());
    }
    Json body = document->value;
    body.erase("parameters");
    auto resolved = filled(*document, "", body, *values);
    if (!resolved) {
        return tl::unexpected(resolved.error());
    }
    document->value = std::move(*resolved);
    if (auto checked = config::check(*document, embedded::kPipelineSchema); !checked) {
        return tl::unexpected(checked.error());
    }
    return typed(*document);
}

Result<Recipe> parse_recipe_json(std::string_view text) {
    auto document = config::parse_json(text, "recipe");
    if (!document) {
        return tl::unexpected(document.error());
    }
    if (auto checked = config::check(*document, embedded::kPipelineSchema); !checked) {
        return tl::unexpected(checked.error());
    }
    return typed(*document);
}

Result<RecipeListing> list_recipes(const std::filesystem::path& directory) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path());
        }
    }
    if (error) {
        return fail(Code::not_found, directory.string() + ": " + error.message());
    }
    std::sort(files.begin(), files.end());
    RecipeListing listing;
    for (const auto& file : files) {
        if (auto document = read_checked(file)) {
            listing.recipes.push_back(info_of(*document, file.stem().string()));
        } else {
            listing.errors.push_back(document.error());
        }
    }
    return listing;
}

} // namespace masthead

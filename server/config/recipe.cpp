// Pipeline files: schema check, parameters, and the typed recipe.
#include "server/config/recipe.hpp"

#include "pipeline_schema.hpp"
#include "plugins/bytes/similar.hpp"
#include "server/config/cameras.hpp"
#include "server/config/document.hpp"
#include "server/config/parameters.hpp"
#include "server/config/resolve_launch.hpp"
#include "server/config/resolve_restream.hpp"
#include "server/config/web_edit_check.hpp"

#include <algorithm>
#include <cstdio>

namespace masthead {
namespace {

using config::Document;
using config::has_scheme;
using config::Json;
using config::pointer_step;

constexpr std::string_view kSchemes[] = {"rtsp", "rtsps", "udp", "srt", "rtp", "file", "whip"};

struct Range {
    int low;
    int high;
};

/// Reads a whole number that may still be wrong after parameters were put in (the schema allows "${name}"
/// there) into `target`, if there is one at `pointer`.
Result<void> read_whole(const Document& document, const std::string& pointer, int& target, Range range) {
    const auto at = nlohmann::json_pointer<std::string>(pointer);
    if (!document.value.contains(at)) {
        return {};
    }
    const Json& value = document.value.at(at);
    if (!value.is_number_integer() || value.get<std::int64_t>() < range.low ||
        value.get<std::int64_t>() > range.high) {
        return document.fail_at(pointer, "'" + pointer.substr(pointer.rfind('/') + 1) +
                                             "' must be a whole number from " + std::to_string(range.low) +
                                             " to " + std::to_string(range.high));
    }
    target = value.get<int>();
    return {};
}

struct Number {
    std::string pointer;
    int& target;
    Range range;
};

Result<void> read_numbers(const Document& document, std::initializer_list<Number> numbers) {
    for (const Number& number : numbers) {
        if (auto read = read_whole(document, number.pointer, number.target, number.range); !read) {
            return read;
        }
    }
    return {};
}

Result<Rendition> rendition_of(const Document& document, const std::string& name, const Json& value) {
    constexpr Range kPixels{16, 8192};
    const std::string place = "/renditions" + pointer_step(name);
    Rendition rendition{.name = name};
    auto read = read_numbers(document, {{place + "/width", rendition.width, kPixels},
                                        {place + "/height", rendition.height, kPixels},
                                        {place + "/bitrate_kbps", rendition.bitrate_kbps, {50, 100'000}},
                                        {place + "/gop", rendition.gop, {1, 3600}}});
    if (!read) {
        return tl::unexpected(read.error());
    }
    for (const auto& [side, pixels] : {std::pair("/width", rendition.width), {"/height", rendition.height}}) {
        if (pixels % 2 != 0) {
            return document.fail_at(place + side, "H.264 wants an even number of pixels");
        }
    }
    if (value.contains("encoders")) {
        rendition.encoders = value.at("encoders").get<std::vector<std::string>>();
    }
    return rendition;
}

Result<void> read_renditions(const Document& document, Recipe& recipe) {
    const Json declared = document.value.value("renditions", Json::object());
    for (const auto& [name, value] : declared.items()) {
        if (name == kSource) {
            return document.fail_at("/renditions" + pointer_step(name),
                                    "'source' is the camera's own video: give this another name");
        }
        auto rendition = rendition_of(document, name, value);
        if (!rendition) {
            return tl::unexpected(rendition.error());
        }
        recipe.renditions.push_back(*std::move(rendition));
    }
    return {};
}

/// Whether there is the rendition that is named at `place`.
Result<void> check_rendition(const Document& document, const Recipe& recipe, const std::string& place,
                             const std::string& wanted) {
    if (std::ranges::find(recipe.renditions, wanted, &Rendition::name) != recipe.renditions.end()) {
        return {};
    }
    std::vector<std::string> names;
    std::ranges::transform(recipe.renditions, std::back_inserter(names), &Rendition::name);
    return document.fail_at(place, "there is no rendition '" + wanted + "'" + did_you_mean(wanted, names));
}

Result<void> read_webrtc(const Document& document, Recipe& recipe) {
    const Json& outputs = document.value.at("outputs");
    if (!outputs.contains("webrtc")) {
        return {};
    }
    recipe.webrtc_audio = outputs.at("webrtc").value("audio", true);
    const std::vector<std::string> names =
        outputs.at("webrtc").value("renditions", std::vector<std::string>{std::string(kSource)});
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string place = "/outputs/webrtc/renditions/" + std::to_string(i);
        if (names[i] == kSource) {
            recipe.webrtc.emplace_back();
        } else if (auto there = check_rendition(document, recipe, place, names[i]); !there) {
            return there;
        } else {
            recipe.webrtc.push_back(names[i]);
        }
    }
    return {};
}

Result<void> read_record(const Document& document, Recipe& recipe) {
    const Json& outputs = document.value.at("outputs");
    if (outputs.contains("hls")) {
        if (!outputs.contains("record")) {
            return document.fail_at("/outputs/hls",
                                    "HLS is made of what is recorded: add 'record: {}' to the outputs");
        }
        recipe.hls_window_s = 60;
    }
    if (!outputs.contains("record")) {
        return {};
    }
    Record& record = recipe.record.emplace();
    if (outputs.at("record").contains("rendition")) {
        record.rendition = outputs.at("record").at("rendition");
        if (auto there = check_rendition(document, recipe, "/outputs/record/rendition", record.rendition);
            !there) {
            return there;
        }
    }
    return read_numbers(document, {{"/outputs/record/file_minutes", record.file_minutes, {1, 1440}},
                                   {"/outputs/record/file_megabytes", record.file_megabytes, {1, 1 << 20}},
                                   {"/outputs/record/keep_days", record.keep_days, {0, 36'500}},
                                   {"/outputs/record/keep_gigabytes", record.keep_gigabytes, {0, 1 << 20}},
                                   {"/outputs/hls/window_seconds", recipe.hls_window_s, {10, 3600}}});
}

Result<void> read_outputs(const Document& document, Recipe& recipe) {
    const Json& outputs = document.value.at("outputs");
    for (const auto read_some : {read_webrtc, read_record}) {
        if (auto read = read_some(document, recipe); !read) {
            return read;
        }
    }
    auto restream = config::resolve_restream(document);
    if (!restream) {
        return tl::unexpected(restream.error());
    }
    recipe.restream = *std::move(restream);
    for (const Restream& output : recipe.restream) {
        const std::string place = "/outputs/restream" + pointer_step(output.name);
        if (outputs.at("restream").at(output.name).contains("rendition")) {
            if (auto there = check_rendition(document, recipe, place + "/rendition", output.rendition);
                !there) {
                return there;
            }
        }
    }
    return {};
}

TelemetrySource telemetry_source(const std::string& word) {
    return word == "embedded" ? TelemetrySource::embedded
           : word == "both"   ? TelemetrySource::both
           : word == "none"   ? TelemetrySource::none
                              : TelemetrySource::link;
}

/// Empty when the camera is named once and rightly.
std::string wrong_source(const Json& ingest) {
    if (ingest.contains("uri") == ingest.contains("launch")) {
        return "either 'uri' or 'launch' says where the video comes from";
    }
    if (ingest.contains("launch")) {
        return {};
    }
    const std::string& uri = ingest.at("uri").get_ref<const std::string&>();
    const std::string scheme = uri.substr(0, uri.find(':'));
    if ((!has_scheme(uri) && uri != "whip:") ||
        std::find(std::begin(kSchemes), std::end(kSchemes), scheme) == std::end(kSchemes)) {
        return "'uri' must start with rtsp://, rtsps://, udp://, srt://, rtp://, file:// or whip:";
    }
    return {};
}

/// From a document without parameters.
Result<Recipe> typed(const Document& document) {
    Recipe recipe;
    const Json& value = document.value;
    recipe.title = value.at("title");
    if (const std::string wrong = wrong_source(value.at("ingest")); !wrong.empty()) {
        return document.fail_at("/ingest/uri", wrong);
    }
    recipe.ingest.uri = value.at("ingest").value("uri", "");
    auto& telemetry = recipe.telemetry;
    auto read =
        read_numbers(document, {{"/ingest/latency_ms", recipe.ingest.latency_ms, {0, 60'000}},
                                {"/telemetry/max_wait_ms", telemetry.max_wait_ms, {0, 10'000}},
                                {"/telemetry/max_age_ms", telemetry.max_age_ms, {1, 60'000}},
                                {"/telemetry/camera_latency_ms", telemetry.camera_latency_ms, {0, 60'000}}});
    if (read) {
        read = read_renditions(document, recipe);
    }
    if (read) {
        read = read_outputs(document, recipe);
    }
    if (!read) {
        return tl::unexpected(read.error());
    }
    const Json said = value.value("telemetry", Json::object());
    telemetry.source = telemetry_source(said.value("source", "link"));
    telemetry.time_system = said.value("time_system", "auto");
    telemetry.footprint = said.value("footprint", true);
    return recipe;
}

Result<Document> schema_checked(Result<Document> document) {
    if (!document) {
        return document;
    }
    if (auto checked = config::check(*document, embedded::kPipelineSchema); !checked) {
        return tl::unexpected(checked.error());
    }
    if (auto cameras = config::split_cameras(*document); !cameras) {
        return tl::unexpected(cameras.error());
    }
    return document;
}

RecipeInfo info_of(const Document& document, std::string name) {
    RecipeInfo info{
        .name = std::move(name), .title = document.value.at("title"), .parameters = {}, .cameras = {}};
    const Json cameras = document.value.value("cameras", Json::object());
    for (const auto& [camera, section] : cameras.items()) {
        info.cameras.push_back(camera);
    }
    const Json declared = document.value.value("parameters", Json::object());
    for (const auto& [parameter, declaration] : declared.items()) {
        info.parameters.push_back({
            .name = parameter,
            .type = declaration.at("type"),
            .description = declaration.value("description", ""),
            .unit = declaration.value("unit", ""),
            .fallback = declaration.contains("default") ? config::to_parameter_value(declaration["default"])
                                                        : std::nullopt,
            .secret = declaration.value("secret", false),
            .minimum = declaration.contains("minimum") ? std::optional(declaration["minimum"].get<double>())
                                                       : std::nullopt,
        });
    }
    return info;
}

ParameterValue sample_of(const RecipeParameter& parameter) {
    if (parameter.secret) {
        return std::string(kSampleSecret);
    }
    if (parameter.type == "uri") {
        return std::string(kSampleUri);
    }
    if (parameter.type == "boolean") {
        return false;
    }
    if (parameter.type == "integer") {
        return static_cast<std::int64_t>(parameter.minimum.value_or(1));
    }
    if (parameter.type == "number") {
        return parameter.minimum.value_or(1);
    }
    return std::string("sample");
}

Result<Recipe> resolved(Document document, const ParameterValues& parameters,
                        const WebEditRules* rules = nullptr) {
    const auto values = config::parameter_values(document, parameters);
    if (!values) {
        return tl::unexpected(values.error());
    }
    Json& body = document.value;
    const Json declared = body.value("parameters", Json::object());
    for (const auto& [name, value] : values->items()) {
        body["parameters"][name]["default"] = value;
        body["parameters"][name].erase("secret"); // what is there now is the text itself
    }
    std::string json = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    Launch launch;
    if (body.at("ingest").contains("launch")) {
        auto read = config::resolve_launch(document, *values);
        if (!read) {
            return tl::unexpected(read.error());
        }
        launch = *std::move(read);
        body["ingest"]["launch"] = launch.text;
    }
    body.erase("parameters");
    auto whole = config::filled(document, "", body, *values);
    if (!whole) {
        return tl::unexpected(whole.error());
    }
    body = *std::move(whole);
    if (auto checked = config::check(document, embedded::kPipelineSchema); !checked) {
        return tl::unexpected(checked.error());
    }
    auto recipe = typed(document);
    if (!recipe) {
        return recipe;
    }
    recipe->json = std::move(json);
    recipe->ingest.launch = std::move(launch);
    if (rules) {
        document.value["parameters"] = declared; // as they stand in the file
        if (auto allowed = config::check_web_edit(document, recipe->ingest.launch, *rules); !allowed) {
            return tl::unexpected(allowed.error());
        }
    }
    return recipe;
}

Result<std::vector<Recipe>> all_resolved(const Result<Document>& document, const ParameterValues& parameters,
                                         const WebEditRules* rules = nullptr) {
    auto cameras = document ? config::split_cameras(*document) : tl::unexpected(document.error());
    if (!cameras) {
        return tl::unexpected(cameras.error());
    }
    std::vector<Recipe> recipes;
    for (config::CameraDocument& one : *cameras) {
        auto recipe = resolved(std::move(one.document), parameters, rules);
        if (!recipe) {
            return tl::unexpected(recipe.error());
        }
        recipe->camera = one.camera;
        recipes.push_back(*std::move(recipe));
    }
    return recipes;
}

} // namespace

Restream recording_output(const Record& record, std::string folder) {
    return {.name = "record",
            .rendition = record.rendition,
            .target = RecordingFolder{std::move(folder), record.file_minutes, record.file_megabytes}};
}

bool feeds_outputs(const Recipe& recipe, const std::string& rendition) {
    return (recipe.record && recipe.record->rendition == rendition) ||
           std::ranges::find(recipe.restream, rendition, &Restream::rendition) != recipe.restream.end();
}

Result<std::vector<Recipe>> load_recipes(const std::filesystem::path& path,
                                         const ParameterValues& parameters) {
    return all_resolved(schema_checked(config::read_yaml(path)), parameters);
}

Result<std::vector<Recipe>> parse_recipes(std::string_view yaml, const std::string& name,
                                          const ParameterValues& parameters, const WebEditRules* rules) {
    return all_resolved(schema_checked(config::parse_yaml(yaml, name)), parameters, rules);
}

Result<Recipe> parse_recipe_json(std::string_view text) {
    auto recipes = all_resolved(schema_checked(config::parse_json(text, "recipe")), {});
    if (recipes && recipes->size() != 1) {
        return fail(Code::invalid_argument, "recipe: one camera is wanted here");
    }
    return recipes ? Result<Recipe>(std::move(recipes->front())) : tl::unexpected(recipes.error());
}

Result<RecipeInfo> describe_recipe(const std::filesystem::path& path) {
    return schema_checked(config::read_yaml(path)).map([&](const Document& document) {
        return info_of(document, path.stem().string());
    });
}

Result<RecipeInfo> describe_recipe_text(std::string_view yaml, const std::string& name) {
    return schema_checked(config::parse_yaml(yaml, name)).map([&](const Document& document) {
        return info_of(document, std::filesystem::path(name).stem().string());
    });
}

ParameterValues sample_values(const RecipeInfo& info) {
    ParameterValues values;
    for (const RecipeParameter& parameter : info.parameters) {
        if (!parameter.fallback || parameter.secret) {
            values[parameter.name] = sample_of(parameter);
        }
    }
    return values;
}

RecipeProblem problem_of(const std::string& error, const std::string& name) {
    RecipeProblem problem{.place = {}, .message = error};
    if (!error.starts_with(name + ":")) {
        return problem;
    }
    int length = 0;
    const char* rest = error.c_str() + name.size();
    if (std::sscanf(rest, ":%d:%d: %n", &problem.place.line, &problem.place.column, &length) == 2 &&
        length > 0) {
        problem.message = rest + length;
    } else {
        problem.place = {};
        problem.message = error.substr(std::min(name.size() + 2, error.size()));
    }
    return problem;
}

Result<std::vector<std::filesystem::path>> recipe_files(const std::filesystem::path& directory) {
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
    return files;
}

Result<RecipeListing> list_recipes(const std::filesystem::path& directory) {
    const auto files = recipe_files(directory);
    if (!files) {
        return tl::unexpected(files.error());
    }
    RecipeListing listing;
    for (const auto& file : *files) {
        if (auto info = describe_recipe(file)) {
            listing.recipes.push_back(*std::move(info));
        } else {
            listing.errors.push_back(info.error());
        }
    }
    return listing;
}

} // namespace masthead

// A recipe: one pipeline file, checked, with its parameters filled in. What a camera is made from.
#pragma once

#include "plugins/bytes/result.hpp"
#include "server/config/launch.hpp"
#include "server/config/restream.hpp"
#include "server/config/web_edits.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace masthead {

using ParameterValue = std::variant<bool, std::int64_t, double, std::string>;
using ParameterValues = std::map<std::string, ParameterValue>;

enum class TelemetrySource { link, embedded, both, none };

/// The video encoded anew as H.264.
struct Rendition {
    std::string name;
    int width = 0; // 0: the camera's own
    int height = 0;
    int bitrate_kbps = 1500;                                     // 50..100000
    int gop = 60;                                                // frames, 1..3600
    std::vector<std::string> encoders{"x264enc", "openh264enc"}; // element names, the first that there is
};

/// What people call the camera's own video among renditions.
inline constexpr std::string_view kSource = "source";

struct Recipe {
    std::string title;
    std::string camera; // of a file that describes several: this one's name there
    struct {
        std::string uri;      // rtsp, rtsps, udp, srt, rtp or file; empty with a launch fragment
        Launch launch;        // instead of `uri`
        int latency_ms = 100; // >= 0
    } ingest;
    struct {
        TelemetrySource source = TelemetrySource::link;
        int max_wait_ms = 0;              // 0..10000
        int max_age_ms = 1000;            // 1..60000
        int camera_latency_ms = 150;      // 0..60000
        std::string time_system = "auto"; // auto, posix, misp
        bool footprint = true;
    } telemetry;
    std::vector<Rendition> renditions;
    /// What browsers may get, the first unless they choose: names of renditions, "" for the camera's own
    /// video. Empty: there are no viewers.
    std::vector<std::string> webrtc;
    bool webrtc_audio = true;       // and the camera's sound, if it has some
    std::vector<Restream> restream; // each `rendition` is one of `renditions`
    std::optional<Record> record;
    int hls_window_s = 0; // 10..3600; 0: there is no live playlist
    /// The recipe as one JSON object (schema/pipeline.schema.json), its parameters' values as their defaults.
    std::string json;
};

/// What is recorded as an output; `folder` is the camera's own.
[[nodiscard]] Restream recording_output(const Record& record, std::string folder);

/// Whether `recipe` hands this rendition ("": the camera's own video) to outputs besides browsers.
[[nodiscard]] bool feeds_outputs(const Recipe& recipe, const std::string& rendition);

/// What a pipeline file says about itself, for those who choose one.
struct RecipeParameter {
    std::string name;
    std::string type; // string, integer, number, boolean, uri
    std::string description;
    std::string unit;
    std::optional<ParameterValue> fallback; // absent: a camera must set it
    bool secret = false;                    // its value names the place of the text
    std::optional<double> minimum = std::nullopt;
};
struct RecipeInfo {
    std::string name; // file name without .yaml
    std::string title;
    std::vector<RecipeParameter> parameters;
    std::vector<std::string> cameras; // that it describes, by name; empty: one without a name
};

/// Reads a pipeline file, checks it against schema/pipeline.schema.json, and puts `parameters` in place of
/// ${name}: a recipe for each camera that it describes, at least one. Errors: not_found; malformed (no YAML)
/// and invalid_argument (breaks a rule, unknown or missing parameter), each with "file:line:column: ...".
/// Thread-safe.
[[nodiscard]] Result<std::vector<Recipe>> load_recipes(const std::filesystem::path& path,
                                                       const ParameterValues& parameters);

/// The same of a pipeline file's text, which errors call `name`; with `rules`, what an edit through the web
/// may not do is an error too. Thread-safe.
[[nodiscard]] Result<std::vector<Recipe>> parse_recipes(std::string_view yaml, const std::string& name,
                                                        const ParameterValues& parameters,
                                                        const WebEditRules* rules = nullptr);

/// A recipe as load_recipes() wrote it into `json`. Errors: malformed, invalid_argument. Thread-safe.
[[nodiscard]] Result<Recipe> parse_recipe_json(std::string_view text);

/// What a pipeline file says about itself. Errors: as load_recipes, parameters aside. Thread-safe.
[[nodiscard]] Result<RecipeInfo> describe_recipe(const std::filesystem::path& path);
/// The same of its text; `name` is the file's, with .yaml.
[[nodiscard]] Result<RecipeInfo> describe_recipe_text(std::string_view yaml, const std::string& name);

/// A value for each parameter that has no default or is secret, to look at a file by itself.
[[nodiscard]] ParameterValues sample_values(const RecipeInfo& info);

/// An error's sentence without the file's name, and the place in the file, where it has one.
struct RecipeProblem {
    Place place;
    std::string message;
};
[[nodiscard]] RecipeProblem problem_of(const std::string& error, const std::string& name);

/// The pipeline files of a directory, by name. Error: not_found when there is no such directory. Thread-safe.
[[nodiscard]] Result<std::vector<std::filesystem::path>> recipe_files(const std::filesystem::path& directory);

struct RecipeListing {
    std::vector<RecipeInfo> recipes; // by name
    std::vector<Error> errors;       // one for each file that cannot be used
};
/// All *.yaml files of a directory. Error: not_found when there is no such directory. Thread-safe.
[[nodiscard]] Result<RecipeListing> list_recipes(const std::filesystem::path& directory);

} // namespace masthead

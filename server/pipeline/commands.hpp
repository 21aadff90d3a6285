// The commands of masthead-pipeline, one function each. They print; each gives the program's exit code.
#pragma once

#include "plugins/bytes/result.hpp"
#include "server/config/recipe.hpp"
#include "server/worker/camera_pipeline.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace masthead::pipeline {

struct Arguments {
    std::string command;
    std::vector<std::filesystem::path> paths;
    std::vector<std::pair<std::string, std::string>> values; // --set NAME=VALUE
    std::optional<int> duration_s;                           // --duration
    bool json = false;                                       // --json
    bool svg = false;                                        // --svg
};

inline constexpr int kGood = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

/// The recipes of a file with the values given by --set; a parameter that has none and no default gets a
/// sample value (`rtsp://192.0.2.1/stream` for a URI) when `samples`. Errors: as load_recipes.
[[nodiscard]] Result<std::vector<Recipe>> recipes_of(const std::filesystem::path& path,
                                                     const Arguments& arguments, bool samples);
/// The recipe's pipeline, in state NULL, after all that GStreamer can know of it without running. Errors: as
/// check_launch and build_camera_pipeline.
[[nodiscard]] Result<worker::CameraPipeline> checked_pipeline(const Recipe& recipe,
                                                              worker::CameraPipelineSettings settings);

/// One camera of a file, and its pipeline.
struct MadeCamera {
    std::string name; // "" where it is the only one
    worker::CameraPipeline pipeline;
};
/// The same for each camera of a file.
[[nodiscard]] Result<std::vector<MadeCamera>> checked_cameras(const Result<std::vector<Recipe>>& recipes);

/// `made` as gst-launch text.
[[nodiscard]] std::string launch_text(const std::vector<MadeCamera>& made);

int list(const Arguments& arguments);
int check(const Arguments& arguments);
/// Reads check requests from standard input and writes verdicts: schema/pipeline_check.schema.json.
int check_json();
int explain(const Arguments& arguments);
int graph(const Arguments& arguments);
int run(const Arguments& arguments);
int probe(const Arguments& arguments);

} // namespace masthead::pipeline

// list and check: which recipes there are, and what is wrong with them.
#include "plugins/bytes/join.hpp"
#include "server/pipeline/commands.hpp"
#include "server/worker/launch_check.hpp"
#include "server/worker/ts_output.hpp"

#include <cstdio>

namespace masthead::pipeline {

namespace {

std::string text_of(const ParameterValue& value) {
    struct {
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return std::to_string(number); }
        std::string operator()(const std::string& text) const { return text; }
    } in_words;
    return std::visit(in_words, value);
}

void print(const RecipeInfo& info) {
    std::printf("%s: %s%s\n", info.name.c_str(), info.title.c_str(),
                info.cameras.empty() ? "" : ("; cameras: " + join(info.cameras)).c_str());
    for (const RecipeParameter& parameter : info.parameters) {
        const std::string fallback =
            parameter.fallback ? "default " + text_of(*parameter.fallback) : "must be set";
        std::printf("    %-16s %s%s%s, %s%s%s\n", parameter.name.c_str(), parameter.type.c_str(),
                    parameter.unit.empty() ? "" : " in ", parameter.unit.c_str(), fallback.c_str(),
                    parameter.description.empty() ? "" : ": ", parameter.description.c_str());
    }
}

/// A folder's recipes, or the file itself.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
    return recipe_files(path).value_or(std::vector{path});
}

} // namespace

Result<worker::CameraPipeline> checked_pipeline(const Recipe& recipe,
                                                worker::CameraPipelineSettings settings) {
    if (!recipe.ingest.launch.empty()) {
        if (auto good = worker::check_launch(recipe.ingest.launch); !good) {
            return tl::unexpected(good.error());
        }
    }
    for (const Restream& output : recipe.restream) {
        if (auto good = worker::build_ts_output(output); !good) {
            return tl::unexpected(good.error());
        }
    }
    return worker::build_camera_pipeline(recipe, std::move(settings));
}

Result<std::vector<MadeCamera>> checked_cameras(const Result<std::vector<Recipe>>& recipes) {
    std::vector<MadeCamera> made;
    for (const Recipe& recipe : recipes ? *recipes : std::vector<Recipe>()) {
        auto pipeline = checked_pipeline(recipe, {});
        if (!pipeline) {
            return tl::unexpected(pipeline.error());
        }
        made.push_back({recipe.camera, *std::move(pipeline)});
    }
    return recipes ? Result<std::vector<MadeCamera>>(std::move(made)) : tl::unexpected(recipes.error());
}

int list(const Arguments& arguments) {
    const auto listing = list_recipes(arguments.paths.front());
    if (!listing) {
        std::fprintf(stderr, "%s\n", listing.error().message.c_str());
        return kFailed;
    }
    for (const RecipeInfo& info : listing->recipes) {
        print(info);
    }
    for (const Error& error : listing->errors) {
        std::fprintf(stderr, "%s\n", error.message.c_str());
    }
    return listing->errors.empty() ? kGood : kFailed;
}

int check(const Arguments& arguments) {
    if (arguments.json) {
        return check_json();
    }
    int outcome = kGood;
    for (const auto& path : arguments.paths) {
        for (const auto& file : files_of(path)) {
            const auto made = checked_cameras(recipes_of(file, arguments, true));
            if (made) {
                std::printf("%s: good\n", file.c_str());
            } else {
                std::fprintf(stderr, "%s\n", made.error().message.c_str());
                outcome = kFailed;
            }
        }
    }
    return outcome;
}

} // namespace masthead::pipeline

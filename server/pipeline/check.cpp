// list and check: which recipes there are, and what is wrong with them.
#include "server/pipeline/commands.hpp"
#include "server/worker/camera_pipeline.hpp"
#include "server/worker/launch_check.hpp"

#include <algorithm>
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
    std::printf("%s: %s\n", info.name.c_str(), info.title.c_str());
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
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path());
        }
    }
    if (error) {
        files.push_back(path);
    }
    std::ranges::sort(files);
    return files;
}

} // namespace

Result<void> check_recipe(const Recipe& recipe) {
    if (!recipe.ingest.launch.empty()) {
        if (auto good = worker::check_launch(recipe.ingest.launch); !good) {
            return good;
        }
    }
    const auto made = worker::build_camera_pipeline(recipe, {});
    return made ? Result<void>() : tl::unexpected(made.error());
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
    int outcome = kGood;
    for (const auto& path : arguments.paths) {
        for (const auto& file : files_of(path)) {
            const auto recipe = recipe_of(file, arguments, true);
            const Result<void> good = recipe ? check_recipe(*recipe) : tl::unexpected(recipe.error());
            if (good) {
                std::printf("%s: good\n", file.c_str());
            } else {
                std::fprintf(stderr, "%s\n", good.error().message.c_str());
                outcome = kFailed;
            }
        }
    }
    return outcome;
}

} // namespace masthead::pipeline

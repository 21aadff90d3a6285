// Pipeline files for one camera, as most tests have them.
#pragma once

#include "server/config/recipe.hpp"

namespace masthead::test {

inline Result<Recipe> one_of(Result<std::vector<Recipe>> recipes) {
    return recipes ? Result<Recipe>(std::move(recipes->at(0))) : tl::unexpected(recipes.error());
}

inline Result<Recipe> load_recipe(const std::filesystem::path& path, const ParameterValues& values) {
    return one_of(load_recipes(path, values));
}

inline Result<Recipe> parse_recipe(std::string_view yaml, const std::string& name,
                                   const ParameterValues& values, const WebEditRules* rules = nullptr) {
    return one_of(parse_recipes(yaml, name, values, rules));
}

} // namespace masthead::test

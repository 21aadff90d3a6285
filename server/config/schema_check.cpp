// The schema check, in sentences of our own. valijson throws nothing here: schemas are ours.
#include "plugins/bytes/similar.hpp"
#include "server/config/document.hpp"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace masthead::config {
namespace {

using PlainJson = nlohmann::json; // the adapter of valijson 1.0 knows no ordered kind

/// valijson names a place as {"<root>", "[outputs]", "[0]"}.
std::vector<std::string> steps_from(const std::vector<std::string>& context) {
    std::vector<std::string> steps;
    for (const std::string& step : context) {
        if (step.size() >= 2 && step.front() == '[' && step.back() == ']') {
            std::string token = step.substr(1, step.size() - 2);
            if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
                token = token.substr(1, token.size() - 2);
            }
            steps.push_back(std::move(token));
        }
    }
    return steps;
}

const PlainJson* member(const PlainJson& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

/// The part of the schema that rules the value behind `steps`; nullptr when it is not plain to see.
const PlainJson* rule_of(const PlainJson& schema, const std::vector<std::string>& steps) {
    const PlainJson* rule = &schema;
    for (const std::string& step : steps) {
        const PlainJson* properties = member(*rule, "properties");
        const PlainJson* next = properties ? member(*properties, step.c_str()) : nullptr;
        next = next ? next : member(*rule, "additionalProperties");
        next = next ? next : member(*rule, "items");
        if (!next || !next->is_object()) {
            return nullptr;
        }
        rule = next;
    }
    return rule;
}

/// References within `schema` replaced by what they name: valijson 1.0 takes a part that stands in its own
/// place and is referred to from elsewhere for another.
PlainJson without_references(const PlainJson& part, const PlainJson& schema) {
    if (const PlainJson* elsewhere = part.is_object() ? member(part, "$ref") : nullptr) {
        const auto place = elsewhere->get<std::string>().substr(1); // behind '#'
        return without_references(schema.at(PlainJson::json_pointer(place)), schema);
    }
    PlainJson whole = part;
    if (whole.is_structured()) {
        for (PlainJson& child : whole) {
            child = without_references(child, schema);
        }
    }
    return whole;
}

std::vector<std::string> names_in(const PlainJson& properties) {
    std::vector<std::string> names;
    for (const auto& [name, rule] : properties.items()) {
        names.push_back(name);
    }
    return names;
}

std::string listed(const PlainJson& values) {
    std::string text;
    for (const PlainJson& value : values.is_array() ? values : PlainJson::array({values})) {
        text += (text.empty() ? "" : ", ") + (value.is_string() ? value.get<std::string>() : value.dump());
    }
    return text;
}

struct Sentence {
    std::string step; // further to go from the place that valijson names
    std::string text;
};

/// What to tell a person about `target`, which breaks `rule`; nothing where valijson's own words must do.
std::optional<Sentence> sentence_for(const PlainJson& rule, const PlainJson& target) {
    const PlainJson* type = member(rule, "type");
    if (type && *type == "object" && !target.is_object()) {
        return Sentence{"", "a map of keys and values is wanted here"};
    }
    if (const PlainJson* properties = member(rule, "properties"); properties && target.is_object()) {
        const bool closed = rule.value("additionalProperties", PlainJson(true)) == false;
        for (const auto& [name, value] : target.items()) {
            if (closed && !properties->contains(name)) {
                return Sentence{name, "there is no key '" + name + "' here" +
                                          did_you_mean(name, names_in(*properties))};
            }
        }
        for (const PlainJson& name : rule.value("required", PlainJson::array())) {
            if (!target.contains(name.get<std::string>())) {
                return Sentence{"", "'" + name.get<std::string>() + "' is missing"};
            }
        }
        return std::nullopt;
    }
    if (const PlainJson* words = member(rule, "enum")) {
        return Sentence{"", "must be one of " + listed(*words) +
                                (target.is_string() ? did_you_mean(target, *words) : "")};
    }
    if (type && !target.is_structured() && *type != target.type_name()) {
        return Sentence{"", "must be of type " + listed(*type)};
    }
    if (type && target.is_structured()) {
        return Sentence{"", "one value of type " + listed(*type) + " is wanted here"};
    }
    return std::nullopt;
}

} // namespace

Result<void> check(const Document& document, std::string_view schema_text) {
    const PlainJson parsed = PlainJson::parse(schema_text);
    const PlainJson schema_json = without_references(parsed, parsed);
    const PlainJson target = document.value;
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(target), &results)) {
        return {};
    }
    valijson::ValidationResults::Error deepest;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        if (deepest.description.empty() || error.context.size() > deepest.context.size()) {
            deepest = error;
        }
    }
    const std::vector<std::string> steps = steps_from(deepest.context);
    std::string pointer;
    for (const std::string& step : steps) {
        pointer += pointer_step(step);
    }
    const PlainJson* rule = rule_of(schema_json, steps);
    const auto sentence =
        rule ? sentence_for(*rule, target.at(PlainJson::json_pointer(pointer))) : std::nullopt;
    if (!sentence) {
        return document.fail_at(pointer, deepest.description);
    }
    return document.fail_at(pointer + (sentence->step.empty() ? "" : pointer_step(sentence->step)),
                            sentence->text);
}

} // namespace masthead::config

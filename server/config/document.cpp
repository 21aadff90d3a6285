// YAML to JSON with places, and the schema check. yaml-cpp, nlohmann and valijson throw; nothing leaves this
// file.
#include "server/config/document.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace masthead::config {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 256 * 1024;
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 20'000; // aliases can make a small file expand without end

struct YamlRefusal {
    std::string pointer;
    std::string message;
};

template <typename T>
bool read_number(const std::string& text, T& number) {
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
}

/// YAML 1.2's core schema for plain scalars.
Json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() != "?") {
        return text;
    }
    if (text == "true" || text == "false") {
        return text == "true";
    }
    if (text.empty() || text == "~" || text == "null") {
        return nullptr;
    }
    if (std::int64_t whole = 0; read_number(text, whole)) {
        return whole;
    }
    const bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (double real = 0; numeric && read_number(text, real)) {
        return real;
    }
    return text;
}

class Converter {
  public:
    explicit Converter(Document& document) : document_(document) {}

    Json convert(const YAML::Node& node, const std::string& pointer, int depth) {
        document_.positions[pointer] = {node.Mark().line + 1, node.Mark().column + 1};
        if (depth > kMaxDepth || ++nodes_ > kMaxNodes) {
            throw YamlRefusal{pointer, "nested too deeply or too large"};
        }
        if (node.IsMap()) {
            return convert_map(node, pointer, depth);
        }
        if (node.IsSequence()) {
            Json list = Json::array();
            for (std::size_t i = 0; i < node.size(); ++i) {
                list.push_back(convert(node[i], pointer_of(pointer, std::to_string(i)), depth + 1));
            }
            return list;
        }
        return node.IsScalar() ? scalar(node) : Json(nullptr);
    }

  private:
    static std::string pointer_of(const std::string& parent, std::string_view token) {
        return parent + pointer_step(token);
    }

    Json convert_map(const YAML::Node& node, const std::string& pointer, int depth) {
        Json object = Json::object();
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) {
                throw YamlRefusal{pointer, "a name must be plain text"};
            }
            const std::string& key = entry.first.Scalar();
            const std::string child = pointer_of(pointer, key);
            if (object.contains(key)) {
                throw YamlRefusal{child, "'" + key + "' stands here twice"};
            }
            object[key] = convert(entry.second, child, depth + 1);
            document_.positions[child] = {entry.first.Mark().line + 1, entry.first.Mark().column + 1};
        }
        return object;
    }

    Document& document_;
    int nodes_ = 0;
};

std::string message_at(const std::string& name, Position position, const std::string& message) {
    std::string text = name;
    if (position.line > 0) {
        text += ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
    }
    return text + ": " + message;
}

/// valijson names a place as {"<root>", "[outputs]", "[0]"}.
std::string pointer_from(const std::vector<std::string>& context) {
    std::string pointer;
    for (const std::string& step : context) {
        if (step.size() >= 2 && step.front() == '[' && step.back() == ']') {
            std::string token = step.substr(1, step.size() - 2);
            if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
                token = token.substr(1, token.size() - 2);
            }
            pointer += pointer_step(token);
        }
    }
    return pointer;
}

} // namespace

std::string pointer_step(std::string_view token) {
    std::string step = "/";
    for (const char c : token) {
        step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return step;
}

tl::unexpected<Error> Document::fail_at(const std::string& pointer, const std::string& message) const {
    std::string around = pointer;
    auto place = positions.find(around);
    while (place == positions.end() && !around.empty()) {
        around.resize(around.rfind('/'));
        place = positions.find(around);
    }
    const Position position = place == positions.end() ? Position{} : place->second;
    std::string text = message;
    if (position.line == 0 && !pointer.empty()) {
        text = pointer + ": " + text;
    }
    return fail(Code::invalid_argument, message_at(name, position, text));
}

Result<Document> read_yaml(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        return fail(Code::not_found, path.string() + ": " + error.message());
    }
    if (size > kMaxFileBytes) {
        return fail(Code::too_large, path.string() + ": larger than 256 KiB");
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        return fail(Code::not_found, path.string() + ": cannot be read");
    }
    return parse_yaml(text.str(), path.string());
}

Result<Document> parse_yaml(std::string_view text, std::string name) {
    Document document;
    document.name = std::move(name);
    try {
        const YAML::Node root = YAML::Load(std::string(text));
        document.value = Converter(document).convert(root, "", 0);
    } catch (const YAML::Exception& error) {
        const Position position{error.mark.line + 1, error.mark.column + 1};
        return fail(Code::malformed, message_at(document.name, position, "no valid YAML: " + error.msg));
    } catch (const YamlRefusal& refusal) {
        return document.fail_at(refusal.pointer, refusal.message);
    }
    return document;
}

Result<Document> parse_json(std::string_view text, std::string name) {
    if (text.size() > kMaxFileBytes) {
        return fail(Code::too_large, name + ": larger than 256 KiB");
    }
    Document document;
    document.name = std::move(name);
    try {
        const auto guard = [](int depth, Json::parse_event_t, Json&) {
            if (depth > kMaxDepth) {
                throw YamlRefusal{"", "nested too deeply"};
            }
            return true;
        };
        document.value = Json::parse(text, guard);
    } catch (const Json::exception& error) {
        return fail(Code::malformed, document.name + ": no valid JSON: " + error.what());
    } catch (const YamlRefusal& refusal) {
        return fail(Code::malformed, document.name + ": " + refusal.message);
    }
    return document;
}

Result<void> check(const Document& document, std::string_view schema_text) {
    // The adapter of valijson 1.0 knows nlohmann::json only, not the ordered kind.
    const nlohmann::json schema_json = nlohmann::json::parse(schema_text);
    const nlohmann::json target = document.value;
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
    return document.fail_at(pointer_from(deepest.context), deepest.description);
}

} // namespace masthead::config

// YAML to JSON with places. yaml-cpp and nlohmann throw; nothing leaves this file.
#include "server/config/document.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

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
        // A file with nothing in it has no mark.
        const Position position{std::max(node.Mark().line, 0) + 1, std::max(node.Mark().column, 0) + 1};
        document_.positions[pointer] = document_.values[pointer] = position;
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
                document_.positions[child] = {entry.first.Mark().line + 1, entry.first.Mark().column + 1};
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

} // namespace

std::string message_at(const std::string& name, Position position, const std::string& message) {
    std::string text = name;
    if (position.line > 0) {
        text += ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
    }
    return text + ": " + message;
}

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

Position Document::place_within(const std::string& pointer, std::size_t offset, std::string_view word) const {
    const auto begins = values.find(pointer);
    if (begins == values.end() || !value.contains(nlohmann::json_pointer<std::string>(pointer))) {
        return {};
    }
    // Blocks are indented and folded, so the word is counted, in the value and then in the file.
    const std::string& whole =
        value.at(nlohmann::json_pointer<std::string>(pointer)).get_ref<const std::string&>();
    std::size_t before = 0;
    for (std::size_t at = whole.find(word); at < offset; at = whole.find(word, at + 1)) {
        ++before;
    }
    std::size_t line_start = 0;
    for (int line = 1; line < begins->second.line; ++line) {
        line_start = text.find('\n', line_start) + 1;
    }
    std::size_t at = text.find(word, line_start + static_cast<std::size_t>(begins->second.column - 1));
    while (before-- > 0 && at != std::string::npos) {
        at = text.find(word, at + 1);
    }
    if (at == std::string::npos) {
        return begins->second;
    }
    const std::size_t newline = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const std::size_t column = newline == std::string::npos ? at : at - newline - 1;
    return {static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
                1,
            static_cast<int>(column) + 1};
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
    document.text = text;
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

} // namespace masthead::config

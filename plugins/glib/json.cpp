#include "plugins/glib/json.hpp"

#include "plugins/glib/error.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace masthead::json {

namespace {

constexpr int kMaxDepth = 64;

constexpr std::string_view kSpace = " \t\r\n";

/// What is wrong with the shape of a text, before json-glib sees it: that recurses while parsing, and aborts
/// the process where one document follows another (1.10). Empty: nothing.
const char* wrong_shape(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) {
                return "nested deeper than 64 levels";
            }
        } else if ((c == ']' || c == '}') && --depth <= 0) {
            const bool last = text.find_first_not_of(kSpace, i + 1) == std::string_view::npos;
            return last ? "" : "something follows its end";
        }
    }
    return "";
}

/// The number behind a \u, or nothing.
std::optional<unsigned> hex_escape(std::string_view text, std::size_t backslash) {
    unsigned code = 0;
    const char* const digits = text.data() + backslash + 2;
    if (text.size() < backslash + 6 || text.substr(backslash, 2) != "\\u" ||
        std::from_chars(digits, digits + 4, code, 16).ptr != digits + 4) {
        return std::nullopt;
    }
    return code;
}

/// Each \u is a character: no half of a pair, no NUL. json-glib takes those and makes text of them that is no
/// UTF-8, or that ends early.
bool escapes_are_characters(std::string_view text) {
    for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
        if (text.substr(at, 2) != "\\u") {
            at += 2;
            continue;
        }
        const auto code = hex_escape(text, at);
        at += 6;
        if (!code || *code == 0 || (*code >= 0xDC00 && *code <= 0xDFFF)) {
            return false;
        }
        if (*code >= 0xD800 && *code <= 0xDBFF) {
            const auto low = hex_escape(text, at);
            if (!low || *low < 0xDC00 || *low > 0xDFFF) {
                return false;
            }
            at += 6;
        }
    }
    return true;
}

JsonObject* object_of(JsonNode* node) {
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

tl::unexpected<Error> wanted(std::string_view name, std::string_view type) {
    return fail(Code::invalid_argument, "'" + std::string(name) + "': " + std::string(type) + " is wanted");
}

} // namespace

Value::Value(JsonNode* shared) noexcept : node_(json_node_ref(shared), Unref()) {}

Result<Value> Value::parse(std::string_view text, std::size_t max_bytes) {
    if (text.size() > max_bytes) {
        return fail(Code::too_large, "JSON of " + std::to_string(text.size()) + " bytes; at most " +
                                         std::to_string(max_bytes) + " are taken");
    }
    if (text.empty()) {
        return fail(Code::malformed, "JSON: the text is empty");
    }
    if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr)) {
        return fail(Code::malformed, "JSON: not valid UTF-8, or a NUL in it");
    }
    if (!escapes_are_characters(text)) {
        return fail(Code::malformed, "JSON: a \\u escape is no character");
    }
    if (const std::string wrong = wrong_shape(text); !wrong.empty()) {
        return fail(Code::malformed, "JSON: " + wrong);
    }
    const auto parser = Ref<JsonParser>::adopt(json_parser_new());
    GError* error = nullptr;
    if (!json_parser_load_from_data(parser.get(), text.data(), static_cast<gssize>(text.size()), &error)) {
        auto failure = fail_from(error, "JSON");
        failure.value().code = Code::malformed;
        return failure;
    }
    JsonNode* root = json_parser_get_root(parser.get());
    if (!root) {
        return fail(Code::malformed, "JSON: the text is empty");
    }
    return Value(root);
}

bool Value::is_object() const noexcept { return JSON_NODE_HOLDS_OBJECT(node_.get()); }
bool Value::is_array() const noexcept { return JSON_NODE_HOLDS_ARRAY(node_.get()); }
bool Value::is_null() const noexcept { return JSON_NODE_HOLDS_NULL(node_.get()); }

std::optional<Value> Value::find(std::string_view name) const {
    JsonObject* object = object_of(node_.get());
    const std::string key(name);
    if (!object || !json_object_has_member(object, key.c_str())) {
        return std::nullopt;
    }
    JsonNode* member = json_object_get_member(object, key.c_str());
    if (JSON_NODE_HOLDS_NULL(member)) {
        return std::nullopt;
    }
    return Value(member);
}

std::vector<std::string> Value::names() const {
    std::vector<std::string> names;
    if (JsonObject* object = object_of(node_.get())) {
        JsonObjectIter iter;
        json_object_iter_init_ordered(&iter, object);
        const gchar* name = nullptr;
        while (json_object_iter_next_ordered(&iter, &name, nullptr)) {
            names.emplace_back(name);
        }
    }
    return names;
}

std::vector<Value> Value::items() const {
    std::vector<Value> items;
    if (is_array()) {
        JsonArray* array = json_node_get_array(node_.get());
        const guint length = json_array_get_length(array);
        items.reserve(length);
        for (guint i = 0; i < length; ++i) {
            items.push_back(Value(json_array_get_element(array, i)));
        }
    }
    return items;
}

Result<std::string> Value::string(std::string_view name) const {
    const auto member = find(name);
    const auto text = member ? member->as_string() : std::nullopt;
    if (!text) {
        return wanted(name, "a string");
    }
    return *text;
}

Result<double> Value::number(std::string_view name) const {
    const auto member = find(name);
    const auto number = member ? member->as_number() : std::nullopt;
    if (!number) {
        return wanted(name, "a number");
    }
    return *number;
}

Result<std::int64_t> Value::integer(std::string_view name) const {
    const auto member = find(name);
    const auto number = member ? member->as_integer() : std::nullopt;
    if (!number) {
        return wanted(name, "a whole number");
    }
    return *number;
}

Result<bool> Value::boolean(std::string_view name) const {
    const auto member = find(name);
    const auto flag = member ? member->as_boolean() : std::nullopt;
    if (!flag) {
        return wanted(name, "true or false");
    }
    return *flag;
}

Result<Value> Value::object(std::string_view name) const {
    auto member = find(name);
    if (!member || !member->is_object()) {
        return wanted(name, "an object");
    }
    return *std::move(member);
}

Result<Value> Value::array(std::string_view name) const {
    auto member = find(name);
    if (!member || !member->is_array()) {
        return wanted(name, "an array");
    }
    return *std::move(member);
}

std::optional<std::string> Value::as_string() const {
    if (!JSON_NODE_HOLDS_VALUE(node_.get()) || json_node_get_value_type(node_.get()) != G_TYPE_STRING) {
        return std::nullopt;
    }
    return std::string(json_node_get_string(node_.get()));
}

std::optional<double> Value::as_number() const {
    if (!JSON_NODE_HOLDS_VALUE(node_.get())) {
        return std::nullopt;
    }
    const GType type = json_node_get_value_type(node_.get());
    if (type != G_TYPE_DOUBLE && type != G_TYPE_INT64) {
        return std::nullopt;
    }
    const double number = json_node_get_double(node_.get());
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> Value::as_integer() const {
    if (!JSON_NODE_HOLDS_VALUE(node_.get()) || json_node_get_value_type(node_.get()) != G_TYPE_INT64) {
        return std::nullopt;
    }
    return json_node_get_int(node_.get());
}

std::optional<bool> Value::as_boolean() const {
    if (!JSON_NODE_HOLDS_VALUE(node_.get()) || json_node_get_value_type(node_.get()) != G_TYPE_BOOLEAN) {
        return std::nullopt;
    }
    return json_node_get_boolean(node_.get()) != FALSE;
}

std::string Value::text() const { return take_string(json_to_string(node_.get(), FALSE)); }

void Writer::separate() {
    if (!text_.empty() && text_.back() != '{' && text_.back() != '[' && text_.back() != ':') {
        text_ += ',';
    }
}

Writer& Writer::begin_object() {
    separate();
    text_ += '{';
    return *this;
}

Writer& Writer::end_object() {
    text_ += '}';
    return *this;
}

Writer& Writer::begin_array() {
    separate();
    text_ += '[';
    return *this;
}

Writer& Writer::end_array() {
    text_ += ']';
    return *this;
}

Writer& Writer::key(std::string_view name) {
    separate();
    text_ += quote(name);
    text_ += ':';
    return *this;
}

Writer& Writer::value(std::string_view text) { return raw(quote(text)); }

Writer& Writer::value(double number) {
    if (!std::isfinite(number)) {
        return null();
    }
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Writer& Writer::value(std::int64_t number) { return raw(std::to_string(number)); }
Writer& Writer::value(std::uint64_t number) { return raw(std::to_string(number)); }
Writer& Writer::value(bool flag) { return raw(flag ? "true" : "false"); }
Writer& Writer::null() { return raw("null"); }

Writer& Writer::raw(std::string_view json) {
    separate();
    text_ += json;
    return *this;
}

std::string quote(std::string_view text) {
    const std::string valid = take_string(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
    std::string quoted = "\"";
    for (const char c : valid) {
        switch (c) {
        case '"': quoted += "\\\""; break;
        case '\\': quoted += "\\\\"; break;
        case '\n': quoted += "\\n"; break;
        case '\r': quoted += "\\r"; break;
        case '\t': quoted += "\\t"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                std::array<char, 8> escaped{};
                std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned char>(c));
                quoted += escaped.data();
            } else {
                quoted += c;
            }
        }
    }
    quoted += '"';
    return quoted;
}

} // namespace masthead::json

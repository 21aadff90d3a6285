// JSON read and written: parse once at the border, then structs. A thin value type over json-glib.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::json {

/// A parsed document or a part of one. Copies share the tree, which is never changed after parsing. Thread:
/// any one at a time.
class Value {
  public:
    /// Parses one JSON text (UTF-8, at most `max_bytes`, at most 64 levels deep).
    /// Errors: too_large; malformed, with line and column.
    [[nodiscard]] static Result<Value> parse(std::string_view text, std::size_t max_bytes = 1 << 20);

    [[nodiscard]] bool is_object() const noexcept;
    [[nodiscard]] bool is_array() const noexcept;
    [[nodiscard]] bool is_null() const noexcept;

    /// The member, or nothing when this is no object, has no such member, or the member is null.
    [[nodiscard]] std::optional<Value> find(std::string_view name) const;
    /// Names of an object's members in their order; empty for anything else.
    [[nodiscard]] std::vector<std::string> names() const;
    /// An array's elements; empty for anything else.
    [[nodiscard]] std::vector<Value> items() const;

    /// Each names the member and the type wanted in its error (invalid_argument): "'latitude_deg': a number
    /// is wanted". Numbers are finite; whole numbers must be whole and fit.
    [[nodiscard]] Result<std::string> string(std::string_view name) const;
    [[nodiscard]] Result<double> number(std::string_view name) const;
    [[nodiscard]] Result<std::int64_t> integer(std::string_view name) const;
    [[nodiscard]] Result<bool> boolean(std::string_view name) const;
    [[nodiscard]] Result<Value> object(std::string_view name) const;
    [[nodiscard]] Result<Value> array(std::string_view name) const;

    /// The value itself as a scalar.
    [[nodiscard]] std::optional<std::string> as_string() const;
    [[nodiscard]] std::optional<double> as_number() const;
    [[nodiscard]] std::optional<std::int64_t> as_integer() const;
    [[nodiscard]] std::optional<bool> as_boolean() const;

    /// Compact JSON text.
    [[nodiscard]] std::string text() const;

  private:
    friend class Writer;
    explicit Value(JsonNode* shared) noexcept;

    struct Unref {
        void operator()(JsonNode* node) const noexcept { json_node_unref(node); }
    };
    std::shared_ptr<JsonNode> node_;
};

/// Builds compact JSON text. Calls nest: begin_object / key / value / end_object. A NaN or infinite number is
/// written as null. Thread: any one at a time.
class Writer {
  public:
    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);
    Writer& value(std::string_view text);
    Writer& value(const char* text) { return value(std::string_view(text)); }
    Writer& value(double number);
    Writer& value(std::int64_t number);
    Writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
    Writer& value(unsigned number) { return value(static_cast<std::int64_t>(number)); }
    Writer& value(std::uint64_t number);
    Writer& value(bool flag);
    Writer& value(const Value& part) { return raw(part.text()); }
    Writer& null();
    /// JSON text made elsewhere, put in as it is.
    Writer& raw(std::string_view json);

    /// key + value; an empty optional writes nothing.
    template <typename T>
    Writer& member(std::string_view name, const T& what) {
        return key(name).value(what);
    }
    template <typename T>
    Writer& member(std::string_view name, const std::optional<T>& what) {
        return what ? member(name, *what) : *this;
    }

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] std::string release() noexcept { return std::exchange(text_, {}); }

  private:
    void separate();
    std::string text_;
};

/// `text` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string quote(std::string_view text);

} // namespace masthead::json

#include "server/control/protocol.hpp"

#include "plugins/glib/json.hpp"
#include "server/control/message_layout.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace masthead::control {

namespace {

using namespace layout;

// --- Out ---

struct Encoder {
    json::Writer& out;

    void text(std::string_view name, const std::string& value, const TextRule&) { out.member(name, value); }
    void detail(std::string_view name, const std::string& value) {
        if (!value.empty()) {
            out.member(name, value);
        }
    }
    void integer(std::string_view name, std::int64_t value, IntegerRange) { out.member(name, value); }
    void counter(std::string_view name, std::uint64_t value) { out.member(name, value); }
    template <typename E>
    void name(std::string_view name, E value) {
        out.member(name, name_of(value));
    }
    template <typename T, typename... Rule>
    void optional(std::string_view name, const std::optional<T>& value, Rule...) {
        out.member(name, value);
    }
    void json(std::string_view name, const std::string& text) { out.key(name).raw(text); }
    void optional_json(std::string_view name, const std::optional<std::string>& text) {
        if (text) {
            json(name, *text);
        }
    }
    void sample(std::string_view name, const Sample& sample) { out.key(name).raw(to_json(sample)); }
    void texts(std::string_view name, const std::vector<std::string>& texts) {
        if (texts.empty()) {
            return; // what is absent reads as none
        }
        out.key(name).begin_array();
        for (const std::string& text : texts) {
            out.value(text);
        }
        out.end_array();
    }
    template <typename T>
    void part(const T& value) {
        out.begin_object();
        Layout<T>::fields(*this, value);
        out.end_object();
    }
    template <typename T>
    void optional_part(std::string_view name, const std::optional<T>& value) {
        if (value) {
            out.key(name);
            part(*value);
        }
    }
    template <typename T>
    void list(std::string_view name, const std::vector<T>& values) {
        out.key(name).begin_array();
        for (const T& value : values) {
            part(value);
        }
        out.end_array();
    }
};

// --- In: the first broken rule stands, later members are skipped ---

struct Decoder {
    json::Value in;
    std::string where; // "configure: vehicles[0]."
    std::optional<Error> error{};

    void broken(Code code, const std::string& sentence) {
        if (!error) {
            error = Error{code, where + sentence};
        }
    }
    template <typename T>
    std::optional<T> take(Result<T> value) {
        if (!value) {
            broken(value.error().code, value.error().message);
            return std::nullopt;
        }
        return *std::move(value);
    }
    [[nodiscard]] bool here(std::string_view name) const { return in.find(name).has_value(); }

    void text(std::string_view name, std::string& value, const TextRule& rule) {
        if (auto text = take(in.string(name))) {
            if (!rule.allows(*text)) {
                broken(Code::invalid_argument, "'" + std::string(name) + "' " + std::string(rule.sentence));
            }
            value = *std::move(text);
        }
    }
    void detail(std::string_view name, std::string& value) {
        if (here(name)) {
            text(name, value, kAnyText);
        }
    }
    template <typename T>
    void integer(std::string_view name, T& value, IntegerRange range) {
        if (const auto number = take(in.integer(name))) {
            if (*number < range.least || *number > range.most) {
                broken(Code::invalid_argument, "'" + std::string(name) + "' must be " +
                                                   std::to_string(range.least) + " to " +
                                                   std::to_string(range.most));
                return;
            }
            value = static_cast<T>(*number);
        }
    }
    void counter(std::string_view name, std::uint64_t& value) {
        if (here(name)) {
            integer(name, value, IntegerRange{0, std::numeric_limits<std::int64_t>::max()});
        }
    }
    void boolean(std::string_view name, bool& value) { value = take(in.boolean(name)).value_or(false); }
    template <typename E>
    void name(std::string_view name, E& value) {
        const auto text = take(in.string(name));
        if (!text) {
            return;
        }
        for (const auto& [candidate, word] : names(E{})) {
            if (*text == word) {
                value = candidate;
                return;
            }
        }
        broken(Code::invalid_argument, "'" + std::string(name) + "': '" + *text + "' is none of its values");
    }
    void optional(std::string_view name, std::optional<std::string>& value, const TextRule& rule) {
        if (here(name)) {
            text(name, value.emplace(), rule);
        }
    }
    void optional(std::string_view name, std::optional<int>& value, IntegerRange range) {
        if (here(name)) {
            integer(name, value.emplace(), range);
        }
    }
    void optional(std::string_view name, std::optional<bool>& value) {
        if (here(name)) {
            boolean(name, value.emplace());
        }
    }
    void json(std::string_view name, std::string& text) {
        if (const auto object = take(in.object(name))) {
            text = object->text();
        }
    }
    void optional_json(std::string_view name, std::optional<std::string>& text) {
        if (here(name)) {
            json(name, text.emplace());
        }
    }
    void sample(std::string_view name, Sample& sample) {
        const auto object = take(in.object(name));
        if (!object) {
            return;
        }
        if (!object->find("time")) {
            broken(Code::invalid_argument, "'" + std::string(name) + "': 'time' is missing");
            return;
        }
        if (auto read = take(sample_from_json(object->text(), Utc{}))) {
            sample = *std::move(read);
        }
    }
    void texts(std::string_view name, std::vector<std::string>& texts) {
        const auto member = in.find(name);
        if (!member) {
            return;
        }
        for (const json::Value& item : member->items()) {
            if (auto text = item.as_string()) {
                texts.push_back(*std::move(text));
            } else {
                broken(Code::invalid_argument, "'" + std::string(name) + "': a list of strings is wanted");
            }
        }
    }
    template <typename T>
    void part(const json::Value& from, const std::string& place, T& value) {
        Decoder inner{from, where + place + '.'};
        Layout<T>::fields(inner, value);
        if (inner.error && !error) {
            error = std::move(inner.error);
        }
    }
    template <typename T>
    void optional_part(std::string_view name, std::optional<T>& value) {
        if (!here(name)) {
            return;
        }
        if (const auto object = take(in.object(name))) {
            part(*object, std::string(name), value.emplace());
        }
    }
    template <typename T>
    void list(std::string_view name, std::vector<T>& values) {
        const auto array = take(in.array(name));
        if (!array) {
            return;
        }
        for (const json::Value& item : array->items()) {
            const std::string place = std::string(name) + '[' + std::to_string(values.size()) + ']';
            part(item, place, values.emplace_back());
        }
    }
};

template <typename M>
Result<Message> decode_as(const json::Value& value) {
    M message;
    Decoder decoder{value, std::string(Layout<M>::kType) + ": "};
    Layout<M>::fields(decoder, message);
    if (decoder.error) {
        return tl::unexpected(*std::move(decoder.error));
    }
    return Message(std::move(message));
}

struct Kind {
    std::string_view type;
    Result<Message> (*decode)(const json::Value&);
};

/// One row for each alternative of Message, in its order.
template <std::size_t... I>
constexpr auto kinds_of(std::index_sequence<I...>) {
    return std::array{Kind{Layout<std::variant_alternative_t<I, Message>>::kType,
                           decode_as<std::variant_alternative_t<I, Message>>}...};
}
constexpr auto kKinds = kinds_of(std::make_index_sequence<std::variant_size_v<Message>>());

bool is_lower_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

} // namespace

bool is_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 63 && text.front() != '-' &&
           std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_session(std::string_view text) noexcept {
    return text.size() >= 8 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
               return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
           });
}

bool is_command(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 32 && text.front() >= 'a' && text.front() <= 'z' &&
           std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '_'; });
}

std::string_view type_of(const Message& message) noexcept { return kKinds[message.index()].type; }

std::string encode(const Message& message) {
    json::Writer out;
    out.begin_object().member("type", type_of(message));
    std::visit(
        [&out](const auto& alternative) {
            Encoder encoder{out};
            Layout<std::remove_cvref_t<decltype(alternative)>>::fields(encoder, alternative);
        },
        message);
    out.end_object();
    return out.release();
}

Result<Message> decode(std::string_view line) {
    const auto value = json::Value::parse(line, kMaxLineBytes);
    if (!value) {
        return tl::unexpected(value.error());
    }
    if (!value->is_object()) {
        return fail(Code::malformed, "a message is a JSON object");
    }
    const auto type = value->string("type");
    if (!type) {
        return tl::unexpected(type.error());
    }
    const auto* kind = std::ranges::find(kKinds, *type, &Kind::type);
    if (kind == kKinds.end()) {
        return fail(Code::unsupported, "unknown message type '" + type->substr(0, 64) + "'");
    }
    return kind->decode(*value);
}

const char* to_string(VehicleKind kind) noexcept { return name_of(kind); }
const char* to_string(ViewerPhase phase) noexcept { return name_of(phase); }
const char* to_string(CameraPhase phase) noexcept { return name_of(phase); }
const char* to_string(RecordingPhase phase) noexcept { return name_of(phase); }
const char* to_string(LinkState state) noexcept { return name_of(state); }
const char* to_string(CommandState state) noexcept { return name_of(state); }

} // namespace masthead::control

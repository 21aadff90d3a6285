#include "server/config/launch.hpp"

#include "server/config/document.hpp"
#include "server/config/launch_text.hpp"
#include "server/config/parameters.hpp"
#include "server/config/resolve_launch.hpp"

#include <algorithm>

namespace masthead {

namespace {

using config::Document;
using config::Json;
using config::LaunchWord;
using config::Position;
using Kind = LaunchWord::Kind;

constexpr const char* kPointer = "/ingest/launch";

bool has_parameter(std::string_view text) { return text.find("${") != std::string_view::npos; }

std::string without_quotes(const std::string& value) {
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'');
    return quoted ? value.substr(1, value.size() - 2) : value;
}

class Resolver {
  public:
    Resolver(const Document& document, const Json& values)
        : document_(document), values_(values),
          fragment_(document.value.at("ingest").at("launch").get_ref<const std::string&>()) {
        launch_.file = document.name;
    }

    Result<Launch> resolve() {
        const auto words = config::read_launch(fragment_);
        if (!words) {
            return fail_at(words.error().at, words.error().word, words.error().message);
        }
        for (const LaunchWord& word : *words) {
            copy_until(word.at);
            if (auto taken = take(word); !taken) {
                return tl::unexpected(taken.error());
            }
        }
        copy_until(fragment_.size());
        const bool has_end = std::ranges::any_of(launch_.elements, [](const LaunchElement& element) {
            return std::ranges::find(kLaunchEnds, element.name) != std::end(kLaunchEnds);
        });
        if (!has_end) {
            return document_.fail_at(kPointer, "no element is named as an end: give the last one name=video "
                                               "(or name=klv, name=audio)");
        }
        name_the_rest();
        return std::move(launch_);
    }

  private:
    Place place_of(std::size_t at, std::string_view word) const {
        const Position position = document_.place_within(kPointer, at, word);
        return {position.line, position.column};
    }

    tl::unexpected<Error> fail_at(std::size_t at, const std::string& word, const std::string& message) const {
        return masthead::fail(Code::invalid_argument, launch_.message_at(place_of(at, word), message));
    }

    void copy_until(std::size_t at) {
        launch_.text += fragment_.substr(copied_, at - copied_);
        copied_ = at;
    }

    Result<void> take(const LaunchWord& word) {
        switch (word.kind) {
        case Kind::element:
            launch_.elements.push_back({word.text, {}, place_of(word.at, word.text), {}});
            name_at_.push_back(0);
            copy_until(word.at + word.text.size());
            name_at_.back() = launch_.text.size();
            return {};
        case Kind::property: return take_property(word);
        case Kind::caps: return take_caps(word);
        case Kind::link:
        case Kind::reference: return {};
        }
        return {};
    }

    Result<void> take_property(const LaunchWord& word) {
        if (launch_.elements.empty()) {
            return fail_at(word.at, word.text, "property '" + word.text + "' stands before any element");
        }
        LaunchElement& element = launch_.elements.back();
        LaunchProperty property{word.text, without_quotes(word.value), place_of(word.at, word.text)};
        if (has_parameter(word.value)) {
            if (word.text == "name") {
                return fail_at(word.at, word.text, "a parameter cannot name an element");
            }
            const auto filled = config::filled_text(document_, kPointer, property.value, values_);
            if (!filled) {
                return fail_at(word.at, word.text, "property '" + word.text + "': " + no_such(word.value));
            }
            property.value = *filled;
            property.set_later = true;
            copied_ = word.value_at + word.value.size();
        } else if (word.text == "name") {
            element.name = property.value;
        }
        element.properties.push_back(std::move(property));
        return {};
    }

    Result<void> take_caps(const LaunchWord& word) {
        std::string text = word.text;
        if (has_parameter(text)) {
            for (const auto& [name, value] : values_.items()) {
                if (value.is_string() && text.find("${" + name + "}") != std::string::npos) {
                    return fail_at(word.at, word.text,
                                   "parameter '" + name + "' is text; caps take numbers and booleans only");
                }
            }
            const auto filled = config::filled_text(document_, kPointer, text, values_);
            if (!filled) {
                return fail_at(word.at, word.text, "caps: " + no_such(text));
            }
            text = *filled;
            launch_.text += text;
            copied_ = word.at + word.text.size();
        }
        launch_.caps.push_back({std::move(text), place_of(word.at, word.text)});
        return {};
    }

    /// The first ${name} of `text` that no parameter has.
    [[nodiscard]] std::string no_such(const std::string& text) const {
        for (std::size_t open = text.find("${"); open != std::string::npos;
             open = text.find("${", open + 1)) {
            const std::size_t close = text.find('}', open);
            if (close == std::string::npos) {
                return "'${' without '}'";
            }
            const std::string name = text.substr(open + 2, close - open - 2);
            if (!values_.contains(name)) {
                return "there is no parameter '" + name + "'";
            }
        }
        return "not usable here";
    }

    /// What is set later must be found by name. From the end, so that earlier offsets stay right.
    void name_the_rest() {
        for (std::size_t i = launch_.elements.size(); i-- > 0;) {
            LaunchElement& element = launch_.elements[i];
            if (element.name.empty()) {
                element.name = element.factory + "-" + std::to_string(i + 1);
                launch_.text.insert(name_at_[i], " name=" + element.name);
            }
        }
    }

    const Document& document_;
    const Json& values_;
    const std::string& fragment_;
    Launch launch_;
    std::vector<std::size_t> name_at_; // for each element, behind its factory in launch_.text
    std::size_t copied_ = 0;           // of fragment_
};

} // namespace

std::string Launch::message_at(Place place, const std::string& message) const {
    return config::message_at(file, {place.line, place.column}, message);
}

Result<Launch> config::resolve_launch(const Document& document, const Json& values) {
    return Resolver(document, values).resolve();
}

} // namespace masthead

#include "server/config/launch_text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace masthead::config {

namespace {

using Kind = LaunchWord::Kind;

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; }

bool is_plain_name(std::string_view text) {
    if (text.empty()) {
        return false;
    }
    for (const char c : text) {
        if (!is_name(c)) {
            return false;
        }
    }
    return true;
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    tl::expected<std::vector<LaunchWord>, LaunchFault> read() {
        while (true) {
            skip_space();
            if (at_ == text_.size()) {
                return checked();
            }
            if (auto fault = next(); fault) {
                return tl::unexpected(*std::move(fault));
            }
        }
    }

  private:
    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
        }
    }

    /// gst-launch overlooks a link that leads nowhere.
    tl::expected<std::vector<LaunchWord>, LaunchFault> checked() {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            const bool between = i > 0 && i + 1 < words_.size() && words_[i + 1].kind != Kind::link;
            if (words_[i].kind == Kind::link && !between) {
                return tl::unexpected(LaunchFault{words_[i].at, "!", "this '!' links nothing"});
            }
        }
        return std::move(words_);
    }

    std::optional<LaunchFault> next() {
        const std::size_t begin = at_;
        if (text_[at_] == '!') {
            words_.push_back({Kind::link, "!", at_++, {}, 0});
            return std::nullopt;
        }
        if (const std::string word = name_before_equals(); !word.empty()) {
            return property(word, begin);
        }
        if (is_caps(begin)) {
            caps(begin);
            return std::nullopt;
        }
        const std::string word(text_.substr(begin, word_end(begin) - begin));
        at_ = begin + word.size();
        if (word.find('.') != std::string::npos && is_plain_name(word.substr(0, word.find('.')))) {
            words_.push_back({Kind::reference, word, begin, {}, 0});
            return std::nullopt;
        }
        if (!is_plain_name(word)) {
            return LaunchFault{begin, word, "'" + word + "' is neither an element nor a property nor caps"};
        }
        words_.push_back({Kind::element, word, begin, {}, 0});
        return std::nullopt;
    }

    [[nodiscard]] std::size_t word_end(std::size_t from) const {
        while (from < text_.size() && !is_space(text_[from]) && text_[from] != '!') {
            ++from;
        }
        return from;
    }

    /// "name" where the text goes on as name=..., else nothing.
    [[nodiscard]] std::string name_before_equals() const {
        std::size_t end = at_;
        while (end < text_.size() && (is_name(text_[end]) || text_.substr(end, 2) == "::" ||
                                      (end > at_ && text_.substr(end - 1, 2) == "::"))) {
            ++end;
        }
        std::size_t equals = end;
        while (equals < text_.size() && is_space(text_[equals])) {
            ++equals;
        }
        const bool assigned = end > at_ && equals < text_.size() && text_[equals] == '=';
        return std::string(assigned ? text_.substr(at_, end - at_) : std::string_view());
    }

    std::optional<LaunchFault> property(const std::string& name, std::size_t begin) {
        at_ = text_.find('=', begin) + 1;
        skip_space();
        const std::size_t value_at = at_;
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote == '"' || quote == '\'') {
            const std::size_t end = text_.find(quote, at_ + 1);
            if (end == std::string_view::npos) {
                return LaunchFault{begin, name, "the value of '" + name + "' has no closing quote"};
            }
            if (text_.substr(at_, end - at_).find('\\') != std::string_view::npos) {
                return LaunchFault{begin, name, "a quoted value holds no backslash; use a parameter"};
            }
            at_ = end + 1;
        } else {
            at_ = word_end(at_);
        }
        if (at_ == value_at) {
            return LaunchFault{begin, name, "'" + name + "' has no value"};
        }
        words_.push_back(
            {Kind::property, name, begin, std::string(text_.substr(value_at, at_ - value_at)), value_at});
        return std::nullopt;
    }

    [[nodiscard]] bool is_caps(std::size_t begin) const {
        const std::size_t end = word_end(begin);
        const auto word = text_.substr(begin, end - begin);
        return word.substr(0, word.find(',')).find('/') != std::string_view::npos;
    }

    /// Up to the next link, as gst-launch does.
    void caps(std::size_t begin) {
        std::size_t end = std::min(text_.find('!', begin), text_.size());
        at_ = end;
        while (is_space(text_[end - 1])) {
            --end;
        }
        words_.push_back({Kind::caps, std::string(text_.substr(begin, end - begin)), begin, {}, 0});
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<LaunchWord> words_;
};

} // namespace

tl::expected<std::vector<LaunchWord>, LaunchFault> read_launch(std::string_view fragment) {
    return Reader(fragment).read();
}

} // namespace masthead::config

// Lines and sentences of NMEA 0183.
#include "plugins/links/nmea/sentence.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace masthead::nmea {

namespace {

constexpr std::size_t kMaxLine = 1024; // the standard says 82; real talkers exceed it
constexpr std::size_t kMaxFields = 128;

std::uint8_t checksum_of(std::string_view body) {
    std::uint8_t sum = 0;
    for (const char letter : body) {
        sum ^= static_cast<std::uint8_t>(letter);
    }
    return sum;
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (parts.size() < kMaxFields) {
        const std::size_t comma = text.find(',');
        parts.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) {
            break;
        }
        text.remove_prefix(comma + 1);
    }
    return parts;
}

/// "\g:1-2-73874,n:157036,s:r003669945,c:1241544035*4A\" : who relayed the sentence and when.
std::string_view without_tag_blocks(std::string_view line) {
    while (line.starts_with('\\')) {
        const std::size_t end = line.find('\\', 1);
        if (end == std::string_view::npos) {
            return {};
        }
        line.remove_prefix(end + 1);
    }
    return line;
}

} // namespace

std::optional<double> Sentence::number(std::size_t index) const noexcept {
    std::string_view text = field(index);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const bool whole = error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
    return whole && !text.empty() ? std::optional(value) : std::nullopt;
}

std::optional<Sentence> parse_sentence(std::string_view line, LinkCounters& counters) {
    line = without_tag_blocks(line);
    while (line.ends_with(' ')) {
        line.remove_suffix(1);
    }
    const std::size_t star = line.rfind('*');
    const bool framed = (line.starts_with('$') || line.starts_with('!')) && star != std::string_view::npos &&
                        line.size() == star + 3;
    unsigned sent = 0;
    if (!framed || std::from_chars(line.data() + star + 1, line.data() + line.size(), sent, 16).ptr !=
                       line.data() + line.size()) {
        ++counters.malformed;
        return std::nullopt;
    }
    const std::string_view body = line.substr(1, star - 1);
    if (checksum_of(body) != sent) {
        ++counters.bad_checksum;
        return std::nullopt;
    }
    Sentence sentence{.fields = split(body)};
    const std::string_view address = sentence.fields.front();
    sentence.fields.erase(sentence.fields.begin());
    if (address.size() != 5 || address.starts_with('P')) {
        ++counters.messages_unknown; // proprietary ("$PGRME") or a query
        return std::nullopt;
    }
    sentence.talker = address.substr(0, 2);
    sentence.type = address.substr(2);
    return sentence;
}

std::optional<Utc> tag_time(std::string_view line) {
    constexpr std::int64_t kMilliseconds = 100'000'000'000; // from here on
    const std::string_view block = line.substr(0, line.size() - without_tag_blocks(line).size());
    for (std::size_t at = block.find("c:"); at != std::string_view::npos; at = block.find("c:", at + 2)) {
        std::int64_t time = 0;
        const char* end = block.data() + block.size();
        const auto [stop, error] = std::from_chars(block.data() + at + 2, end, time);
        const bool begins_field = at > 0 && (block[at - 1] == '\\' || block[at - 1] == ',');
        const bool ends_field = stop != end && (*stop == '*' || *stop == ',');
        if (begins_field && ends_field && error == std::errc() && time > 0 && time < kMilliseconds * 100) {
            return Utc{time < kMilliseconds ? time * 1'000'000 : time * 1'000};
        }
    }
    return std::nullopt;
}

std::string write_sentence(std::string_view body, char start) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const std::uint8_t sum = checksum_of(body);
    std::string sentence;
    sentence += start;
    sentence += body;
    sentence += '*';
    sentence += kDigits[sum >> 4];
    sentence += kDigits[sum & 0xF];
    return sentence + "\r\n";
}

void LineFramer::push(ByteSpan bytes, LinkCounters& counters, const Take& take) {
    for (const char letter : as_text(bytes)) {
        if (letter == '\r' || letter == '\n') {
            too_long_ = false;
            finish(take);
        } else if (too_long_) {
            continue;
        } else if (line_.size() == kMaxLine) {
            ++counters.malformed;
            too_long_ = true;
            line_.clear();
        } else {
            line_ += letter;
        }
    }
}

void LineFramer::finish(const Take& take) {
    if (!line_.empty()) {
        take(line_);
        line_.clear();
    }
    too_long_ = false;
}

} // namespace masthead::nmea

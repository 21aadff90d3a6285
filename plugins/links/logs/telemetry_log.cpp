#include "plugins/links/logs/telemetry_log.hpp"

#include "plugins/links/logs/readers.hpp"

namespace masthead::logs {

namespace {

constexpr std::size_t kWarnings = 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view text_of(ByteSpan log) {
    std::string_view text = as_text(log);
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    return text;
}

Result<void> read_as(Kind kind, ByteSpan log, const TakeSample& take, LogFacts& facts, Warnings& warnings) {
    switch (kind) {
    case Kind::tlog: return read_tlog(log, take, warnings);
    case Kind::nmea: return read_nmea(log, take, warnings);
    case Kind::csv: return read_csv(text_of(log), take, facts, warnings);
    case Kind::srt: break;
    }
    return read_srt(text_of(log), take, facts, warnings);
}

} // namespace

const char* name_of(Kind kind) noexcept {
    switch (kind) {
    case Kind::tlog: return "a MAVLink log (tlog)";
    case Kind::nmea: return "an NMEA 0183 log";
    case Kind::csv: return "a CSV table";
    case Kind::srt: break;
    }
    return "DJI subtitles (.SRT)";
}

void Warnings::add(std::string warning) {
    if (first_.size() < kWarnings) {
        first_.push_back(std::move(warning));
    } else {
        ++more_;
    }
}

std::vector<std::string> Warnings::texts() const {
    std::vector<std::string> texts = first_;
    if (more_ > 0) {
        texts.push_back("and " + std::to_string(more_) + " more like these");
    }
    return texts;
}

std::optional<Kind> kind_of(ByteSpan log) {
    const std::string_view text = text_of(log);
    if (is_tlog(log)) {
        return Kind::tlog;
    }
    if (is_srt(text)) {
        return Kind::srt;
    }
    if (is_nmea(text)) {
        return Kind::nmea;
    }
    return is_csv(text) ? std::optional(Kind::csv) : std::nullopt;
}

Result<LogFacts> read_log(ByteSpan log, const TakeSample& take) {
    const auto kind = kind_of(log);
    if (!kind) {
        return fail(Code::unsupported,
                    "this is no telemetry log that is known here: a MAVLink tlog, NMEA 0183 "
                    "text, a CSV table with a line of names that has a time, a latitude "
                    "and a longitude, or the .SRT of a DJI camera is wanted");
    }
    LogFacts facts{.kind = *kind, .samples = 0, .from_first_frame = false, .local_begin = {}, .warnings = {}};
    Warnings warnings;
    const auto count = [&](const Sample& sample) {
        ++facts.samples;
        take(sample);
    };
    if (const auto read = read_as(*kind, log, count, facts, warnings); !read) {
        return tl::unexpected(read.error());
    }
    facts.warnings = warnings.texts();
    if (facts.samples == 0) {
        std::string why = std::string("there is nothing of use in it, read as ") + name_of(*kind);
        why += facts.warnings.empty() ? "" : ": " + facts.warnings.front();
        return fail(Code::malformed, why);
    }
    return facts;
}

} // namespace masthead::logs

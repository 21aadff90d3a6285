#include "server/recording/importer.hpp"

#include "plugins/links/logs/telemetry_log.hpp"
#include "plugins/recording/file_writer.hpp"
#include "server/recording/frame_clock.hpp"
#include "server/recording/import_place.hpp"
#include "server/recording/own_file.hpp"
#include "server/recording/telemetry_feed.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <set>

namespace masthead::recording_tool {

namespace {

using std::chrono::microseconds;

constexpr std::uintmax_t kMostLogBytes = 512u << 20;
constexpr const char* kTransportStream = "MPEG-TS";
constexpr double kLookingShare = 0.3; // of an import's time
constexpr microseconds kSecond{1'000'000};

std::string range_text(Utc from, Utc to) { return to_iso8601(from) + " to " + to_iso8601(to); }

/// What the first reading finds.
struct Survey {
    SourceFacts facts;
    std::vector<std::int64_t> ticks; // of each frame
    std::vector<std::pair<std::int64_t, klv::MispTime>> sei;
    std::vector<TimedPlace> marks; // what frames of our own say
    TimeSources times;
    std::set<klv::Tag> tags; // of its KLV
    std::uint64_t klv_without_time = 0;

    [[nodiscard]] microseconds frame_duration() const {
        const auto [first, last] = std::ranges::minmax(ticks);
        const auto frames = static_cast<std::int64_t>(ticks.size());
        return frames > 1 ? microseconds((last - first) * 100 / 9 / (frames - 1)) : kUsualFrame;
    }
    /// Places on the time line where a frame or more is missing, by the usual step from one to the next.
    [[nodiscard]] std::uint64_t holes() const {
        std::vector<std::int64_t> shown = ticks;
        std::ranges::sort(shown);
        std::vector<std::int64_t> steps;
        std::adjacent_difference(shown.begin(), shown.end(), std::back_inserter(steps));
        steps.erase(steps.begin()); // no step, but the first place
        if (steps.empty()) {
            return 0;
        }
        std::vector<std::int64_t> sorted = steps;
        std::ranges::sort(sorted);
        const std::int64_t usual = sorted[sorted.size() / 2];
        return static_cast<std::uint64_t>(
            std::ranges::count_if(steps, [&](std::int64_t step) { return step * 4 > usual * 7; }));
    }
};

class Import {
  public:
    Import(const ImportJob& job, Progress& progress, const std::function<bool()>& stop)
        : job_(job), progress_(progress), stop_(stop), camera_(job.recordings / job.vehicle / job.camera),
          own_(is_own(job.file)) {}

    Result<ImportReport> run() {
        auto place = look()
                         .and_then([this] { return find_times(); })
                         .and_then([this] { return check_free(camera_, report_.from, report_.to); })
                         .and_then([this] { return add_log(); })
                         .and_then([this] { return ImportPlace::create(job_.recordings, camera_); });
        if (!place) {
            return tl::unexpected(place.error());
        }
        feed_.begin();
        auto files = record(place->folder())
                         .and_then([this] { return check_free(camera_, report_.from, report_.to); })
                         .and_then([&] { return place->publish(); });
        if (!files) {
            return tl::unexpected(files.error());
        }
        report_.files = *std::move(files);
        return report_;
    }

  private:
    [[nodiscard]] Result<SourceFacts> read(const SourceReaders& readers) const {
        return own_ ? read_own(job_.file, readers) : read_video(job_.file, readers);
    }
    [[nodiscard]] Result<void> unless_stopped() const {
        return stop_() ? fail(Code::unavailable, "it was stopped") : Result<void>();
    }
    void warn(std::uint64_t count, const char* what) {
        if (count > 0) {
            report_.warnings.push_back(std::to_string(count) + " " + what);
        }
    }

    Result<void> look();
    Result<void> note(const SourceFrame& frame);
    void note(const SourceKlv& packet);
    Result<void> find_times();
    Result<void> read_log_file();
    Result<void> add_log();
    void add_sample(Sample sample, microseconds shift);
    Result<void> record(const std::filesystem::path& folder);
    Result<void> record(const SourceFrame& frame, recording::Recorder& recorder);
    [[nodiscard]] FrameClock::Instant instant_of(const SourceFrame& frame) const;

    const ImportJob& job_;
    Progress& progress_;
    const std::function<bool()>& stop_;
    std::filesystem::path camera_;
    bool own_;
    Survey survey_;
    std::string log_bytes_;
    std::optional<logs::LogFacts> log_;
    std::optional<Utc> log_first_; // as the log counts
    std::optional<Utc> log_last_;
    std::optional<FrameClock> clock_; // nothing: each frame says it itself
    TelemetryFeed feed_;
    Result<void> fed_;
    ImportReport report_;
};

// --- Looking ---

Result<void> Import::note(const SourceFrame& frame) {
    survey_.ticks.push_back(frame.ticks);
    if (frame.sei) {
        survey_.sei.emplace_back(frame.ticks, frame.sei->time);
    }
    if (own_) {
        survey_.marks.push_back({frame.ticks, Utc{static_cast<std::int64_t>(frame.frame.header.utc_us)}});
    }
    return unless_stopped();
}

void Import::note(const SourceKlv& packet) {
    const auto parsed = klv::parse(packet.bytes);
    const auto time = parsed ? parsed->set.time() : std::nullopt;
    if (!time) {
        ++survey_.klv_without_time;
        return;
    }
    const auto leap_seconds = parsed->set.integer(136);
    const auto system = klv::detect(*time, parsed->set.has(136), utc_now());
    const Utc utc = klv::to_utc(*time, system,
                                leap_seconds ? std::optional(static_cast<int>(*leap_seconds)) : std::nullopt,
                                parsed->set.integer(137).value_or(0));
    survey_.times.klv.push_back({packet.ticks, utc});
    for (const klv::Item& item : parsed->set.items()) {
        survey_.tags.insert(item.tag);
    }
    if (fed_) {
        fed_ = feed_.add(utc, packet.bytes, system);
    }
}

Result<void> Import::look() {
    progress_.stage("looking at the file", 0, kLookingShare);
    const auto facts = read({.frame = [this](const SourceFrame& frame) { return note(frame); },
                             .klv = [this](const SourceKlv& packet) { note(packet); }});
    if (!facts || !fed_) {
        return tl::unexpected(!facts ? facts.error() : fed_.error());
    }
    if (facts->frames == 0) {
        return fail(Code::malformed, job_.file.filename().string() + " has no frame that can be read");
    }
    survey_.facts = *facts;
    if (!facts->klv_has_pts) {
        std::swap(survey_.times.klv, survey_.times.near_klv);
    }
    report_.container = facts->container;
    report_.codec = facts->codec == recording::Codec::h264 ? "H.264" : "H.265";
    warn(facts->without_time, "frames have no time and are left out");
    if (facts->container == kTransportStream) { // other files may well have frames now and then
        warn(survey_.holes(), "places lack frames: it is damaged there, or the camera left them out");
    }
    warn(survey_.klv_without_time, "KLV packets have no time stamp and are left out");
    if (!facts->damage.empty()) {
        report_.warnings.push_back("it could not be read to its end: " + facts->damage);
    }
    return {};
}

// --- Times ---

Result<void> Import::find_times() {
    if (auto read = read_log_file(); !read) {
        return read;
    }
    TimeSources& times = survey_.times;
    const auto system = sei_time_system(survey_.sei, times.klv);
    std::ranges::transform(survey_.sei, std::back_inserter(times.sei), [&](const auto& frame) {
        return TimedPlace{frame.first, klv::to_utc(frame.second, system)};
    });
    times.first_ticks = std::ranges::min(survey_.ticks);
    times.stated = job_.start;
    times.created = survey_.facts.created;
    times.subtitles = log_ ? log_->local_begin : std::nullopt;
    std::vector<TimedPlace> marks = std::move(survey_.marks);
    report_.time_source = "what Masthead recorded with each frame";
    if (!own_) {
        clock_ = FrameClock::create(std::move(times));
        if (!clock_) {
            return fail(
                Code::invalid_argument,
                job_.file.filename().string() +
                    " does not say when it was recorded (no MISP time, no KLV with time stamps, no creation "
                    "time): give the start, the UTC of its first frame");
        }
        report_.time_source = clock_->source();
        std::ranges::transform(survey_.ticks, std::back_inserter(marks), [this](std::int64_t ticks) {
            return TimedPlace{ticks, clock_->at(ticks).utc};
        });
    }
    if (job_.start && (own_ || clock_->method() != FrameTimeMethod::arrival)) {
        report_.warnings.push_back(
            "the start that was given was not needed and not used: the file says it better, by " +
            report_.time_source);
    }
    const auto [first, last] = std::ranges::minmax(marks, {}, &TimedPlace::utc);
    report_.from = first.utc;
    report_.to = last.utc + survey_.frame_duration();
    return {};
}

// --- The log ---

Result<void> Import::read_log_file() {
    if (job_.log.empty()) {
        return {};
    }
    std::error_code error;
    if (std::filesystem::file_size(job_.log, error) > kMostLogBytes && !error) {
        return fail(Code::too_large, job_.log.filename().string() + " is larger than 512 MiB");
    }
    std::ifstream file(job_.log, std::ios::binary);
    if (!file) {
        return fail(Code::not_found, job_.log.string() + " cannot be read");
    }
    log_bytes_.assign(std::istreambuf_iterator<char>(file), {});
    const auto facts = logs::read_log(as_bytes(log_bytes_), [this](const Sample& sample) {
        log_first_ = std::min(log_first_.value_or(sample.time), sample.time);
        log_last_ = std::max(log_last_.value_or(sample.time), sample.time);
    });
    if (!facts) {
        return fail(facts.error().code, job_.log.filename().string() + ": " + facts.error().message);
    }
    log_ = *facts;
    for (const std::string& warning : facts->warnings) {
        report_.warnings.push_back(job_.log.filename().string() + ", " + warning);
    }
    return {};
}

/// What the video itself says stands.
void Import::add_sample(Sample sample, microseconds shift) {
    sample.time = sample.time + shift;
    klv::LocalSet set = to_local_set(sample);
    for (const klv::Tag tag : survey_.tags) {
        if (tag != 2) {
            set.remove(tag);
        }
    }
    const auto packet = klv::encode(set);
    if (packet && set.items().size() > 1 && fed_) {
        fed_ = feed_.add(sample.time, *packet, klv::TimeSystem::posix);
    }
}

Result<void> Import::add_log() {
    if (!log_) {
        return {};
    }
    const microseconds shift =
        job_.log_offset + (log_->from_first_frame ? report_.from - Utc{} : microseconds(0));
    const Utc first = *log_first_ + shift;
    const Utc last = *log_last_ + shift;
    if (last + kSecond < report_.from || first > report_.to + kSecond) {
        return fail(Code::conflict, "the telemetry log is of another time: it is from " +
                                        range_text(first, last) + ", the video from " +
                                        range_text(report_.from, report_.to) +
                                        "; give the start of the video, or an offset for the log");
    }
    const auto read =
        logs::read_log(as_bytes(log_bytes_), [&](const Sample& sample) { add_sample(sample, shift); });
    log_bytes_ = {};
    return read ? fed_ : tl::unexpected(read.error());
}

// --- Recording ---

FrameClock::Instant Import::instant_of(const SourceFrame& frame) const {
    if (clock_) {
        return clock_->at(frame.ticks);
    }
    const FrameMessageHeader& said = frame.frame.header;
    return {Utc{static_cast<std::int64_t>(said.utc_us)}, microseconds(said.time_error_us)};
}

void set_values(const FrameKlv& klv, FrameMessageHeader& header) {
    header.value_method = static_cast<FrameValueMethod>(klv.method);
    header.age_ms = static_cast<std::uint32_t>(klv.age.count() / 1000);
    header.position_error_m = static_cast<float>(klv.error.position_m);
    header.altitude_error_m = static_cast<float>(klv.error.altitude_m);
    header.angle_error_deg = static_cast<float>(klv.error.angle_deg);
    header.speed_error_mps = static_cast<float>(klv.error.speed_mps);
}

Result<void> Import::record(const SourceFrame& source, recording::Recorder& recorder) {
    const FrameClock::Instant instant = instant_of(source);
    recording::Frame frame = source.frame;
    if (clock_) {
        frame.header.time_method = clock_->method();
        frame.header.utc_us = static_cast<std::uint64_t>(std::max<std::int64_t>(instant.utc.us, 1));
        frame.header.time_error_us = static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(instant.error.count(), 0, std::numeric_limits<std::uint32_t>::max()));
        frame.header.flags = source.sei && !source.sei->locked ? kFrameClockUnlocked : std::uint8_t{0};
    }
    std::optional<FrameKlv> klv;
    if (frame.klv.empty() && !feed_.empty()) {
        klv = feed_.at(instant.utc, instant.error, survey_.frame_duration());
    }
    if (klv) {
        frame.klv = klv->bytes;
        set_values(*klv, frame.header);
    }
    report_.with_klv += frame.klv.empty() ? 0 : 1;
    progress_.step(static_cast<double>(report_.frames) / static_cast<double>(survey_.ticks.size()));
    ++report_.frames;
    return recorder.take(frame).and_then([this] { return unless_stopped(); });
}

Result<void> Import::record(const std::filesystem::path& folder) {
    progress_.stage("recording", kLookingShare, 1);
    recording::Recorder recorder({.folder = folder, .codec = survey_.facts.codec});
    const auto read =
        this->read({.frame = [&](const SourceFrame& frame) { return record(frame, recorder); }, .klv = {}});
    if (!read) {
        return tl::unexpected(read.error());
    }
    if (recorder.frames() == 0) {
        return fail(Code::malformed,
                    job_.file.filename().string() + " has no key frame: it cannot be played");
    }
    warn(report_.frames - recorder.frames(), "frames before the first key frame are left out");
    report_.frames = recorder.frames();
    return recorder.finish();
}

} // namespace

Result<ImportReport> import_file(const ImportJob& job, Progress& progress,
                                 const std::function<bool()>& stop) {
    return Import(job, progress, stop).run();
}

} // namespace masthead::recording_tool

// import: a video file from elsewhere becomes a recording.
#include "plugins/glib/json.hpp"
#include "server/recording/commands.hpp"
#include "server/recording/importer.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>

namespace masthead::recording_tool {
namespace {

volatile std::sig_atomic_t stopped = 0;

void stop(int) { stopped = 1; }

/// As vehicles and cameras are named everywhere.
bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

Result<std::chrono::microseconds> offset_of(const Arguments& arguments) {
    constexpr std::int64_t kMostMs = 100LL * 366 * 86'400'000;
    const std::string text = arguments.value("offset");
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    const bool good =
        error == std::errc() && end == text.data() + text.size() && ms >= -kMostMs && ms <= kMostMs;
    if (!text.empty() && !good) {
        return fail(Code::invalid_argument, "--offset wants a whole number of milliseconds");
    }
    return std::chrono::milliseconds(ms);
}

Result<ImportJob> job_of(const Arguments& arguments) {
    ImportJob job{.file = arguments.paths.front(),
                  .log = arguments.value("telemetry"),
                  .start = {},
                  .recordings = arguments.value("recordings"),
                  .vehicle = arguments.value("vehicle"),
                  .camera = arguments.value("camera")};
    if (!is_name(job.vehicle) || !is_name(job.camera)) {
        return fail(Code::invalid_argument,
                    "import wants --vehicle and --camera: names of a-z, 0-9 and '-', at most 63 characters");
    }
    if (job.recordings.empty()) {
        return fail(Code::invalid_argument, "import wants --recordings, the folder of all recordings");
    }
    if (arguments.has("start")) {
        const auto start = arguments.time("start");
        if (!start) {
            return tl::unexpected(start.error());
        }
        job.start = *start;
    }
    return offset_of(arguments).map([&](std::chrono::microseconds offset) {
        job.log_offset = offset;
        return job;
    });
}

void print_json(const ImportReport& report) {
    json::Writer out;
    out.begin_object().member("progress", 1).member("from", report.from.us).member("to", report.to.us);
    out.member("container", report.container).member("codec", report.codec).member("frames", report.frames);
    out.member("with_klv", report.with_klv)
        .member("time_source", report.time_source)
        .key("files")
        .begin_array();
    for (const std::string& file : report.files) {
        out.begin_object().member("name", file).end_object();
    }
    out.end_array().key("warnings").begin_array();
    for (const std::string& warning : report.warnings) {
        out.value(warning);
    }
    std::puts(out.end_array().end_object().text().c_str());
}

void print(const ImportReport& report) {
    std::printf("%s with %s: %llu frames from %s to %s, %llu with metadata\n", report.container.c_str(),
                report.codec.c_str(), static_cast<unsigned long long>(report.frames),
                to_iso8601(report.from).c_str(), to_iso8601(report.to).c_str(),
                static_cast<unsigned long long>(report.with_klv));
    std::printf("capture times: by %s\n", report.time_source.c_str());
    for (const std::string& warning : report.warnings) {
        std::printf("warning: %s\n", warning.c_str());
    }
    for (const std::string& file : report.files) {
        std::printf("%s\n", file.c_str());
    }
}

} // namespace

int import_video(const Arguments& arguments) {
    Progress progress(arguments.has("json"));
    const auto job = job_of(arguments);
    if (!job) {
        return progress.failed(job.error());
    }
    std::signal(SIGTERM, stop);
    std::signal(SIGINT, stop);
    gst_init(nullptr, nullptr);
    const auto report = import_file(*job, progress, [] { return stopped != 0; });
    if (!report) {
        return progress.failed(report.error());
    }
    arguments.has("json") ? print_json(*report) : print(*report);
    return kGood;
}

} // namespace masthead::recording_tool

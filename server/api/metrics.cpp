#include "server/api/metrics.hpp"

#include "plugins/bytes/join.hpp"
#include "version.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace masthead::api {

namespace {

struct Process {
    double resident_bytes = 0;
    double cpu_seconds = 0;
};

/// proc(5); nothing when there is no such process (any more).
std::optional<Process> process(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line) || line.rfind(')') == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(line.substr(line.rfind(')') + 1)); // the name before may hold anything
    std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    constexpr std::size_t kUserTicks = 11; // field 14; the first word here is field 3
    constexpr std::size_t kSystemTicks = 12;
    constexpr std::size_t kResidentPages = 21;
    if (words.size() <= kResidentPages) {
        return std::nullopt;
    }
    const auto number = [&](std::size_t index) { return std::strtod(words[index].c_str(), nullptr); };
    return Process{number(kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE)),
                   (number(kUserTicks) + number(kSystemTicks)) / static_cast<double>(sysconf(_SC_CLK_TCK))};
}

class Exposition {
  public:
    void family(const char* name, const char* type, const char* help) {
        text_ << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
        name_ = name;
    }
    /// Labels hold ids alone, so there is nothing to escape.
    template <typename T>
    void sample(const std::string& labels, T value) {
        text_ << name_ << (labels.empty() ? "" : "{" + labels + "}") << ' ' << value << '\n';
    }
    [[nodiscard]] std::string text() const { return text_.str(); }

  private:
    std::ostringstream text_;
    const char* name_ = "";
};

std::string label(const char* name, const std::string& value) {
    return std::string(name) + "=\"" + value + '"';
}

std::string labels_of(const std::pair<std::string, std::string>& camera) {
    return label("vehicle", camera.first) + ',' + label("camera", camera.second);
}

std::string worker_label(const control::WorkerState& worker) {
    return label("vehicles", join(worker.vehicles, " "));
}

void write_processes(Exposition& out, const std::vector<control::WorkerState>& workers) {
    std::vector<std::pair<std::string, Process>> all;
    if (const auto own = process(getpid())) {
        all.emplace_back("process=\"server\"", *own);
    }
    out.family("masthead_worker_up", "gauge",
               "Whether the worker of these vehicles is configured and running");
    for (const control::WorkerState& worker : workers) {
        out.sample(worker_label(worker), worker.up ? 1 : 0);
        const auto known = worker.pid > 0 ? process(worker.pid) : std::nullopt;
        if (known) {
            all.emplace_back("process=\"worker\"," + worker_label(worker), *known);
        }
    }
    out.family("masthead_resident_memory_bytes", "gauge", "Resident memory of the process");
    for (const auto& [labels, one] : all) {
        out.sample(labels, static_cast<std::uint64_t>(one.resident_bytes));
    }
    out.family("masthead_cpu_seconds_total", "counter", "CPU time of the process since it began");
    for (const auto& [labels, one] : all) {
        out.sample(labels, one.cpu_seconds);
    }
}

/// One family with a sample for each camera; `Figures`: what is known of a camera, `T`: one of them.
template <typename Figures, typename T>
void write_each(Exposition& out, const std::map<std::pair<std::string, std::string>, Figures>& cameras,
                const char* name, const char* type, const char* help, T Figures::*member) {
    out.family(name, type, help);
    for (const auto& [camera, figures] : cameras) {
        out.sample(labels_of(camera), figures.*member);
    }
}

/// A gauge whose figure is known in `parts` of its unit.
template <typename Figures, typename T>
void write_each_part(Exposition& out, const std::map<std::pair<std::string, std::string>, Figures>& cameras,
                     const char* name, const char* help, T Figures::*member, double parts) {
    out.family(name, "gauge", help);
    for (const auto& [camera, figures] : cameras) {
        out.sample(labels_of(camera), static_cast<double>(figures.*member) / parts);
    }
}

using CameraFigures = std::map<std::pair<std::string, std::string>, control::CameraFigures>;

void write_flow(Exposition& out, const CameraFigures& cameras) {
    using Figures = control::CameraFigures;
    write_each_part(out, cameras, "masthead_camera_frames_per_second", "Frames that come from the camera",
                    &Figures::frames_per_1000_s, 1e3);
    write_each(out, cameras, "masthead_camera_bitrate_bps", "gauge",
               "Encoded video that comes from the camera", &Figures::bitrate_bps);
    write_each(out, cameras, "masthead_camera_frames_total", "counter",
               "Frames that came from the camera since its worker began", &Figures::frames);
    write_each(out, cameras, "masthead_camera_bytes_total", "counter",
               "Encoded video that came from the camera since its worker began", &Figures::bytes);
    write_each(out, cameras, "masthead_camera_dropped_frames_total", "counter",
               "Frames of the camera that its pipeline was too slow for", &Figures::dropped_frames);
    write_each(out, cameras, "masthead_recording_frames_total", "counter",
               "Frames recorded since the worker began", &Figures::recorded_frames);
    write_each(out, cameras, "masthead_recording_bytes_total", "counter",
               "Bytes recorded since the worker began", &Figures::recorded_bytes);
    out.family("masthead_output_dropped_frames_total", "counter",
               "Frames that a recording or another system was too slow for");
    for (const auto& [camera, figures] : cameras) {
        for (const control::OutputFigures& output : figures.outputs) {
            out.sample(labels_of(camera) + ',' + label("output", output.name), output.dropped_frames);
        }
    }
}

void write_alerts(Exposition& out, const Alerts& alerts) {
    using alerts::Severity;
    using alerts::State;
    const auto open = alerts.open();
    out.family("masthead_alerts", "gauge", "Open alerts");
    for (const Severity severity : {Severity::caution, Severity::warning}) {
        for (const State state : {State::raised, State::acknowledged, State::snoozed}) {
            out.sample(label("severity", std::string(to_string(severity))) + ',' +
                           label("state", std::string(to_string(state))),
                       std::ranges::count_if(open, [&](const alerts::Alert& alert) {
                           return alert.severity == severity && alert.state == state;
                       }));
        }
    }
    out.family("masthead_webhook_given_up_total", "counter", "Messages that the webhook did not take");
    out.sample("", alerts.given_up());
}

} // namespace

std::vector<http::Route> Metrics::routes() {
    return {{"GET", "/metrics", http::Access::viewer,
             http::Handler([this](const http::Request&, const http::Reply& reply) {
                 reply.send({.status = 200,
                             .content_type = "text/plain; version=0.0.4; charset=utf-8",
                             .body = text(),
                             .headers = {}});
             })}};
}

void Metrics::camera_state(const control::CameraState& state) {
    states_[{state.vehicle, state.camera}] = control::to_string(state.state);
}

void Metrics::camera_figures(const control::CameraFigures& figures) {
    figures_.insert_or_assign({figures.vehicle, figures.camera}, figures);
}

void Metrics::camera_down(const std::string& vehicle, const std::string& camera) {
    states_[{vehicle, camera}] = "down";
    figures_.erase({vehicle, camera});
}

std::string Metrics::text() {
    const auto is_gone = [this](const auto& entry) {
        const Vehicle* const vehicle = directory_.find(entry.first.first);
        return !vehicle || !camera_named(*vehicle, entry.first.second);
    };
    std::erase_if(states_, is_gone);
    std::erase_if(figures_, is_gone);
    Exposition out;
    out.family("masthead_build_info", "gauge", "The version that runs");
    out.sample(label("version", MASTHEAD_VERSION), 1);
    write_processes(out, fleet_.workers());
    out.family("masthead_camera_state", "gauge", "1 for the state that the camera is in");
    for (const auto& [camera, state] : states_) {
        for (const char* one : {"connecting", "playing", "retrying", "refused", "down"}) {
            out.sample(labels_of(camera) + ',' + label("state", one), state == one ? 1 : 0);
        }
    }
    write_flow(out, figures_);
    const auto cameras = viewers_.cameras();
    using Camera = Viewers::Camera;
    write_each(out, cameras, "masthead_viewers", "gauge", "Connected viewers", &Camera::viewers);
    write_each(out, cameras, "masthead_viewers_bitrate_bps", "gauge", "What is sent to all viewers together",
               &Camera::bitrate_bps);
    write_each_part(out, cameras, "masthead_viewers_worst_loss_ratio",
                    "Share of packets lost, of the viewer who lost most", &Camera::worst_loss_permille, 1e3);
    write_each_part(out, cameras, "masthead_viewers_worst_round_trip_seconds", "Of the viewer farthest away",
                    &Camera::worst_round_trip_us, 1e6);
    write_each_part(out, cameras, "masthead_viewers_worst_glass_to_glass_seconds",
                    "From capture to screen, of the viewer who sees it latest",
                    &Camera::worst_glass_to_glass_ms, 1e3);
    write_each(out, cameras, "masthead_viewers_freezes_total", "counter",
               "Times that a picture stood still at a viewer", &Camera::freezes);
    write_each(out, cameras, "masthead_viewers_packets_sent_total", "counter", "RTP packets sent to viewers",
               &Camera::packets_sent);
    write_each(out, cameras, "masthead_viewers_packets_lost_total", "counter",
               "RTP packets that viewers reported lost", &Camera::packets_lost);
    write_each(out, cameras, "masthead_viewers_dropped_frames_total", "counter",
               "Frames that viewers did not get because they were too slow", &Camera::dropped_frames);
    write_alerts(out, alerts_);
    return out.text();
}

} // namespace masthead::api

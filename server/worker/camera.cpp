#include "server/worker/camera.hpp"

#include "plugins/glib/log.hpp"
#include "plugins/glib/main_loop.hpp"
#include "plugins/glib/signal.hpp"
#include "server/worker/graph.hpp"
#include "server/worker/sound.hpp"
#include "server/worker/viewer_figures.hpp"

#include <atomic>
#include <cmath>
#include <utility>

namespace masthead::worker {

using control::CameraPhase;
using control::CameraState;

namespace {

constexpr std::chrono::milliseconds kFiguresEvery{2000};

PipelineLife::Instant now() { return PipelineLife::Instant(g_get_monotonic_time()); }

std::optional<std::string> text_field(const GstStructure& structure, const char* name) {
    const gchar* text = gst_structure_get_string(&structure, name);
    return text && *text ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<int> integer_field(const GstStructure& structure, const char* name) {
    gint number = 0;
    return gst_structure_get_int(&structure, name, &number) && number > 0 ? std::optional(number)
                                                                          : std::nullopt;
}

std::optional<bool> flag_field(const GstStructure& structure, const char* name) {
    gboolean flag = FALSE;
    return gst_structure_get_boolean(&structure, name, &flag) ? std::optional(flag != FALSE) : std::nullopt;
}

/// Only these are looked at; all others are dropped where they are posted, so that nobody can flood the main
/// thread with them.
GstBusSyncReply keep_what_matters(GstBus*, GstMessage* message, gpointer) {
    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_EOS:
    case GST_MESSAGE_ELEMENT:
    case GST_MESSAGE_LATENCY: return GST_BUS_PASS;
    default: break;
    }
    const auto dropped = Ref<GstMessage>::adopt(message); // "drop" leaves the message to its handler
    return GST_BUS_DROP;
}

} // namespace

void Camera::Home::run(std::function<void(Camera&)> what) const {
    on_main_loop([home = *this, what = std::move(what)] {
        const auto self = home.camera.lock();
        if (self && self->generation_ == home.generation) {
            what(*self);
        }
    });
}

Camera::Camera(CameraSettings settings, Say say)
    : settings_(std::move(settings)), say_(std::move(say)), status_{.vehicle = settings_.vehicle,
                                                                    .camera = settings_.name,
                                                                    .state = CameraPhase::connecting,
                                                                    .detail = ""} {}

// --- Life ---

void Camera::start() {
    said_ = status_;
    say_(said_);
    taps_ = taps_of(settings_.recipe);
    start_outputs();
    flow_told_at_ = std::chrono::steady_clock::now();
    figures_timer_.repeat(kFiguresEvery);
    feed(LifeInput::start);
}

void Camera::start_outputs() {
    std::vector<Restream> all = settings_.recipe.restream;
    if (settings_.recipe.record && !settings_.recordings.empty()) {
        all.push_back(recording_output(
            *settings_.recipe.record, settings_.recordings + "/" + settings_.vehicle + "/" + settings_.name));
    }
    for (const Restream& output : all) {
        const auto with_camera = [self = weak_from_this()](const std::function<void(Camera&)>& what) {
            if (const auto camera = self.lock()) {
                what(*camera);
            }
        };
        outputs_.push_back(std::make_shared<RestreamOutput>(
            output, taps_.at(output.rendition),
            RestreamOutput::Events{
                .changed = [with_camera] { with_camera([](Camera& camera) { camera.say_outputs(); }); },
                .recorded =
                    [with_camera](const GstStructure& said) {
                        with_camera([&](Camera& camera) { camera.take_recording(said); });
                    }}));
        outputs_.back()->start();
    }
}

void Camera::take_recording(const GstStructure& said) {
    using control::RecordingPhase;
    const auto phase =
        control::phase_named(text_field(said, "state").value_or(""),
                             {RecordingPhase::recording, RecordingPhase::failing, RecordingPhase::ended});
    if (!phase) {
        return;
    }
    std::string file = text_field(said, "file").value_or("");
    if (!file.empty()) {
        file.erase(0, settings_.recordings.size() + 1);
    }
    say_(control::RecordingState{settings_.vehicle, settings_.name, *phase, std::move(file),
                                 text_field(said, "detail").value_or("")});
}

void Camera::stop(std::function<void()> ended) {
    say_ = [](const control::Message&) {};
    figures_timer_.cancel();
    const auto left = std::make_shared<std::size_t>(outputs_.size() + 1);
    ended_ = [left, ended = std::move(ended)] {
        if (--*left == 0) {
            ended();
        }
    };
    for (const auto& output : outputs_) {
        output->stop(ended_);
    }
    feed(LifeInput::stop);
}

void Camera::feed(LifeInput input) {
    auto step = next(life_, input, now());
    life_ = std::move(step.life);
    arm_timer();
    for (const LifeAction action : step.actions) {
        act(action);
    }
}

void Camera::act(LifeAction action) {
    switch (action) {
    case LifeAction::build: build(); break;
    case LifeAction::tear_down: tear_down(); break;
    case LifeAction::say_retrying:
        if (status_.state != CameraPhase::retrying || status_.detail != reason_) {
            log(LogLevel::warning, "the camera's pipeline broke and is built again until it holds",
                {{"vehicle", settings_.vehicle}, {"camera", settings_.name}, {"reason", reason_}});
        }
        say_status(status_with(CameraPhase::retrying, reason_));
        end_sessions("the camera's stream broke: " + reason_);
        break;
    case LifeAction::ended:
        if (const auto ended = std::exchange(ended_, nullptr)) {
            ended();
        }
        break;
    }
}

void Camera::arm_timer() {
    timer_.cancel();
    if (life_.timer) {
        timer_.arm(std::chrono::ceil<std::chrono::milliseconds>(*life_.timer - now()));
    }
}

void Camera::fail(const std::string& why) {
    reason_ = why;
    feed(LifeInput::failed);
}

void Camera::build() {
    const Home home{weak_from_this(), ++generation_};
    const auto busy = std::make_shared<std::atomic<bool>>(false);
    auto built = build_camera_pipeline(settings_.recipe,
                                       {.ice_addresses = settings_.ice_addresses,
                                        .ice_ports = settings_.ice_ports,
                                        .ice_tcp = settings_.ice_tcp,
                                        .frame_telemetry =
                                            [home, busy](const Sample& sample) {
                                                if (busy->exchange(true)) {
                                                    return; // the main thread has not seen the last one yet
                                                }
                                                home.run([busy, sample](Camera& camera) {
                                                    busy->store(false);
                                                    camera.take_frame_telemetry(sample);
                                                });
                                            },
                                        .taps = taps_});
    if (!built) {
        fail(built.error().message);
        return;
    }
    pipeline_ = *std::move(built);
    flow_.watch(GST_BIN(pipeline_->pipeline.get()));
    gate_renditions(settings_.recipe, *pipeline_);
    listen();
    side_.post([home, pipeline = pipeline_->pipeline] {
        const bool well =
            gst_element_set_state(pipeline.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
        home.run([well](Camera& camera) { camera.started(well); });
    });
}

void Camera::listen() {
    const Home home{weak_from_this(), generation_};
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_->pipeline.get()));
    gst_bus_set_sync_handler(bus.get(), keep_what_matters, nullptr, nullptr);
    bus_watch_.reset(gst_bus_create_watch(bus.get()));
    const GstBusFunc take = [](GstBus*, GstMessage* message, gpointer self) -> gboolean {
        static_cast<Camera*>(self)->take_bus_message(message);
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(bus_watch_.get(), G_SOURCE_FUNC(take), this, nullptr);
    g_source_attach(bus_watch_.get(), nullptr);
    listen_to(pipeline_->source.get(), "publisher-state");
    for (const auto& [rendition, sink] : pipeline_->viewers) {
        listen_to(sink.get(), "viewer-state");
        listen_to_viewers(sink.get());
    }
}

void Camera::listen_to_viewers(GstElement* sink) {
    const Home home{weak_from_this(), generation_};
    connect<const gchar*, const gchar*>(sink, "offer", [home](const gchar* session, const gchar* sdp) {
        home.run([offer = control::ViewerOffer{session, sdp}](Camera& camera) { camera.say_(offer); });
    });
    connect<const gchar*, guint, const gchar*>(
        sink, "candidate", [home](const gchar* session, guint mline, const gchar* candidate) {
            home.run([found = control::ViewerCandidate{session, static_cast<int>(mline), candidate}](
                         Camera& camera) { camera.say_(found); });
        });
    connect<const gchar*, const GstStructure*>(
        sink, "viewer-figures", [home](const gchar* session, const GstStructure* figures) {
            home.run([told = viewer_figures(session, *figures)](Camera& camera) {
                if (camera.sessions_.contains(told.session)) {
                    camera.say_(told);
                }
            });
        });
}

/// What sessions of both kinds of element say.
void Camera::listen_to(GstElement* element, const char* state_signal) {
    const Home home{weak_from_this(), generation_};
    connect<const gchar*, const gchar*>(element, "answer", [home](const gchar* session, const gchar* sdp) {
        home.run([answer = control::ViewerAnswer{session, sdp}](Camera& camera) { camera.say_(answer); });
    });
    connect<const gchar*, const gchar*, const gchar*>(
        element, state_signal, [home](const gchar* session, const gchar* state, const gchar* detail) {
            home.run([session = std::string(session), state = std::string(state),
                      detail = std::string(detail ? detail : "")](Camera& camera) {
                camera.take_session_state(session, state, detail);
            });
        });
}

void Camera::started(bool well) {
    if (!well) {
        fail(reason_.empty() ? "the pipeline cannot be started" : reason_);
        return;
    }
    started_ = true;
    rest_later();
    for (const auto& [session, viewer] : std::map(sessions_)) {
        admit(session);
    }
}

void Camera::tear_down() {
    bus_watch_.reset();
    rest_timer_.cancel();
    sound_timer_.cancel();
    sound_trouble_.clear();
    started_ = false;
    const Home home{weak_from_this(), ++generation_}; // what the old pipeline still says is not heard
    side_.post([home, pipeline = std::exchange(pipeline_, std::nullopt)]() mutable {
        if (pipeline) {
            gst_element_set_state(pipeline->pipeline.get(), GST_STATE_NULL);
            pipeline.reset();
        }
        home.run([](Camera& camera) { camera.feed(LifeInput::torn_down); });
    });
}

// --- What the pipeline says ---

void Camera::take_bus_message(GstMessage* message) {
    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR: {
        GError* error = nullptr;
        gchar* debug = nullptr;
        gst_message_parse_error(message, &error, &debug);
        const Owned<GError> owned(error);
        const std::string more = take_string(debug);
        log(LogLevel::debug, "a pipeline's error",
            {{"camera", settings_.name}, {"error", owned->message}, {"debug", more}});
        is_of_sound(message) ? lose_sound(owned->message) : fail(owned->message);
        break;
    }
    case GST_MESSAGE_EOS: fail("the stream ended"); break;
    case GST_MESSAGE_LATENCY: gst_bin_recalculate_latency(GST_BIN(pipeline_->pipeline.get())); break;
    case GST_MESSAGE_ELEMENT:
        if (gst_message_has_name(message, "vehicle-source")) {
            take_source_state(*gst_message_get_structure(message));
        }
        break;
    default: break;
    }
}

void Camera::take_source_state(const GstStructure& said) {
    const auto phase = control::phase_named(
        text_field(said, "state").value_or(""),
        {CameraPhase::connecting, CameraPhase::playing, CameraPhase::retrying, CameraPhase::refused});
    if (!phase) {
        return;
    }
    CameraState status = status_with(*phase, text_field(said, "detail").value_or(""));
    status.codec = text_field(said, "codec");
    status.profile = text_field(said, "profile");
    status.width = integer_field(said, "width");
    status.height = integer_field(said, "height");
    if (status.codec) { // what is known of the stream is known together
        status.b_frames = flag_field(said, "b-frames");
        status.klv = flag_field(said, "klv");
        has_sound_ = flag_field(said, "audio").value_or(false) && wants_sound(settings_.recipe);
        status.audio = has_sound_ && sound_trouble_.empty();
    }
    if (*phase == CameraPhase::playing && status.b_frames.value_or(false)) {
        const bool encoded_anew =
            !settings_.recipe.webrtc.empty() && !settings_.recipe.webrtc.front().empty();
        status.b_frames = !encoded_anew; // what viewers get
        status.detail = encoded_anew ? ""
                                     : status.detail + ", or use a pipeline file that encodes anew, such as "
                                                       "rtsp-transcode";
    }
    const bool changed = status.state != status_.state;
    say_status(std::move(status));
    if (changed) {
        sound_backoff_.healthy();
        log(LogLevel::info, std::string("camera is ") + control::to_string(*phase),
            {{"vehicle", settings_.vehicle}, {"camera", settings_.name}, {"detail", status_.detail}});
    }
    if (*phase == CameraPhase::playing) {
        feed(LifeInput::playing);
    }
}

/// The video goes on without; it is tried again later.
void Camera::lose_sound(const std::string& why) {
    if (!sound_trouble_.empty()) {
        return; // one error has others behind it
    }
    log(LogLevel::warning, "a camera's sound cannot be used",
        {{"vehicle", settings_.vehicle}, {"camera", settings_.name}, {"reason", why}});
    sound_trouble_ = why;
    sound_timer_.arm(sound_backoff_.failed());
    say_sound();
}

void Camera::regain_sound() {
    sound_trouble_.clear();
    side_.post([pipeline = *pipeline_] { restart_sound(pipeline); });
    say_sound();
}

void Camera::say_sound() {
    CameraState status = status_;
    status.audio = has_sound_ && sound_trouble_.empty();
    say_status(std::move(status));
}

void Camera::take_frame_telemetry(const Sample& sample) {
    say_(control::Telemetry{settings_.vehicle, control::TelemetrySource::camera, settings_.name, sample});
}

CameraState Camera::status_with(CameraPhase phase, std::string detail) const {
    return {.vehicle = settings_.vehicle,
            .camera = settings_.name,
            .state = phase,
            .detail = std::move(detail),
            .viewers = connected_viewers(),
            .renditions = rendition_names()};
}

void Camera::say_status(CameraState status) {
    status_ = std::move(status);
    say_outputs();
}

/// What is wrong with the sound or an output is said behind what there is to say of the camera.
void Camera::say_outputs() {
    CameraState full = status_;
    const auto add = [&full](const std::string& trouble) {
        full.detail += (full.detail.empty() ? "" : "; ") + trouble;
    };
    if (!sound_trouble_.empty()) {
        add("sound: " + sound_trouble_);
    }
    for (const auto& output : outputs_) {
        if (!output->trouble().empty()) {
            add("output '" + output->settings().name + "': " + output->trouble());
        }
    }
    if (full != said_) {
        said_ = std::move(full);
        say_(said_);
    }
}

void Camera::say_figures() {
    const auto time = std::chrono::steady_clock::now();
    const CameraFlow::Totals total = flow_.totals();
    const auto per_s = [&](std::uint64_t before, std::uint64_t after) {
        const std::chrono::duration<double> passed = time - flow_told_at_;
        return static_cast<double>(after - before) / passed.count();
    };
    control::CameraFigures figures{.vehicle = settings_.vehicle,
                                   .camera = settings_.name,
                                   .frames = total.frames,
                                   .bytes = total.bytes,
                                   .dropped_frames = total.dropped_frames};
    figures.frames_per_1000_s =
        static_cast<std::uint64_t>(std::llround(1000 * per_s(flow_told_.frames, total.frames)));
    figures.bitrate_bps = static_cast<std::uint64_t>(std::llround(8 * per_s(flow_told_.bytes, total.bytes)));
    flow_told_ = total;
    flow_told_at_ = time;
    std::map<std::string, std::uint64_t> dropped;
    for (const auto& output : outputs_) {
        const auto recorded = output->recorded();
        figures.recorded_frames += recorded.frames;
        figures.recorded_bytes += recorded.bytes;
        dropped.try_emplace(output->settings().name, 0);
    }
    for (const auto& [rendition, tap] : taps_) {
        for (const auto& [output, frames] : tap->dropped_frames()) {
            dropped[output] += frames;
        }
    }
    for (const auto& [output, frames] : dropped) {
        figures.outputs.push_back({output, frames});
    }
    say_(figures);
}

std::string Camera::graph() const {
    return pipeline_ ? graph_json(GST_BIN(pipeline_->pipeline.get())) : R"({"elements":[],"links":[]})";
}

void Camera::take_link_sample(const Sample& sample) {
    if (pipeline_ && started_) {
        push_link_sample(*pipeline_, sample);
    }
}

} // namespace masthead::worker

#include "server/worker/restream_output.hpp"

#include "plugins/glib/log.hpp"
#include "plugins/glib/main_loop.hpp"

#include <utility>

namespace masthead::worker {

namespace {

/// SRT needs three seconds to find that nobody answers.
constexpr std::chrono::seconds kSettles{5};

PipelineLife::Instant now() { return PipelineLife::Instant(g_get_monotonic_time()); }

/// A warning comes for each datagram that cannot be sent; one a second is enough.
GstBusSyncReply keep_what_matters(GstBus*, GstMessage* message, gpointer last_warning) {
    const auto type = GST_MESSAGE_TYPE(message);
    gint64& last = *static_cast<gint64*>(last_warning);
    const gint64 time = g_get_monotonic_time();
    if (type == GST_MESSAGE_ERROR || type == GST_MESSAGE_ELEMENT ||
        (type == GST_MESSAGE_WARNING && time > last + G_USEC_PER_SEC)) {
        last = type == GST_MESSAGE_WARNING ? time : last;
        return GST_BUS_PASS;
    }
    const auto dropped = Ref<GstMessage>::adopt(message); // "drop" leaves the message to its handler
    return GST_BUS_DROP;
}

/// "Error sending UDP packets (Network is unreachable)": the element's sentence, and the reason where its
/// debug text has one.
std::string text_of(GstMessage* message) {
    GError* raw = nullptr;
    gchar* debug = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &raw, &debug);
    } else {
        gst_message_parse_warning(message, &raw, &debug);
    }
    const Owned<GError> error(raw);
    const std::string more = take_string(debug);
    const std::size_t reason = more.rfind("reason: ");
    return error->message +
           (reason == std::string::npos ? std::string() : " (" + more.substr(reason + 8) + ")");
}

} // namespace

void RestreamOutput::Home::run(std::function<void(RestreamOutput&)> what) const {
    on_main_loop([home = *this, what = std::move(what)] {
        const auto self = home.output.lock();
        if (self && self->generation_ == home.generation) {
            what(*self);
        }
    });
}

RestreamOutput::RestreamOutput(Restream settings, std::shared_ptr<FrameTap> tap, Events events)
    : settings_(std::move(settings)), tap_(std::move(tap)), events_(std::move(events)) {}

void RestreamOutput::start() { feed(LifeInput::start); }

void RestreamOutput::stop(std::function<void()> ended) {
    events_ = {.changed = [] {}, .recorded = {}};
    ended_ = std::move(ended);
    feed(LifeInput::stop);
}

void RestreamOutput::feed(LifeInput input) {
    auto step = next(life_, input, now());
    life_ = std::move(step.life);
    life_timer_.cancel();
    if (life_.timer) {
        life_timer_.arm(std::chrono::ceil<std::chrono::milliseconds>(*life_.timer - now()));
    }
    for (const LifeAction action : step.actions) {
        act(action);
    }
}

void RestreamOutput::act(LifeAction action) {
    switch (action) {
    case LifeAction::build: build(); break;
    case LifeAction::tear_down: tear_down(); break;
    case LifeAction::say_retrying: break; // said where it failed
    case LifeAction::ended:
        if (const auto ended = std::exchange(ended_, nullptr)) {
            ended();
        }
        break;
    }
}

void RestreamOutput::build() {
    ++generation_;
    settling_.arm(kSettles);
    if (std::holds_alternative<RtspMount>(settings_.target)) {
        build_server();
    } else {
        build_pipeline();
    }
}

void RestreamOutput::build_pipeline() {
    auto built = build_ts_output(settings_);
    const auto keyed = built ? add_passphrase(*built, settings_) : tl::unexpected(built.error());
    if (!keyed) {
        fail(keyed.error().message);
        return;
    }
    pipeline_ = *std::move(built);
    const Home home{weak_from_this(), generation_};
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_->pipeline.get()));
    gst_bus_set_sync_handler(
        bus.get(), keep_what_matters, std::make_unique<gint64>(0).release(),
        [](gpointer last) { const std::unique_ptr<gint64> owned(static_cast<gint64*>(last)); });
    bus_watch_.reset(gst_bus_create_watch(bus.get()));
    const GstBusFunc take = [](GstBus*, GstMessage* message, gpointer self) -> gboolean {
        static_cast<RestreamOutput*>(self)->take_bus_message(message);
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(bus_watch_.get(), G_SOURCE_FUNC(take), this, nullptr);
    g_source_attach(bus_watch_.get(), nullptr);
    place_ = tap_->join(pipeline_->frames, settings_.name);
    // A failure posts its error on the bus.
    side_.post(
        [pipeline = pipeline_->pipeline] { gst_element_set_state(pipeline.get(), GST_STATE_PLAYING); });
}

void RestreamOutput::build_server() {
    const Home home{weak_from_this(), generation_};
    side_.post([this, home, settings = settings_, tap = tap_] {
        auto made = RtspOutput::create(settings, tap, side_.context());
        if (made) {
            server_ = *std::move(made);
            return;
        }
        home.run([why = made.error().message](RestreamOutput& output) { output.fail(why); });
    });
}

RestreamOutput::Recorded RestreamOutput::recorded() const {
    Recorded all = recorded_before_;
    if (pipeline_ && std::holds_alternative<RecordingFolder>(settings_.target)) {
        const auto sink =
            Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_->pipeline.get()), "out"));
        Recorded now;
        g_object_get(sink.get(), "frames", &now.frames, "bytes", &now.bytes, nullptr);
        all.frames += now.frames;
        all.bytes += now.bytes;
    }
    return all;
}

void RestreamOutput::tear_down() {
    recorded_before_ = recorded();
    bus_watch_.reset();
    settling_.cancel();
    place_.reset();
    const Home home{weak_from_this(), ++generation_}; // what the old attempt still says is not heard
    side_.post([this, home, pipeline = std::exchange(pipeline_, std::nullopt)]() mutable {
        server_.reset();
        if (pipeline) {
            gst_element_set_state(pipeline->pipeline.get(), GST_STATE_NULL);
            pipeline.reset();
        }
        home.run([](RestreamOutput& output) { output.feed(LifeInput::torn_down); });
    });
}

void RestreamOutput::take_bus_message(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        const auto* srt = std::get_if<SrtTarget>(&settings_.target);
        fail(srt && !srt->listens ? shown(settings_) +
                                        " cannot be reached; is the receiver on, and does it have the same "
                                        "passphrase? (" +
                                        text_of(message) + ")"
                                  : shown(settings_) + ": " + text_of(message));
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
        be_in_trouble(shown(settings_) + ": " + text_of(message));
        settling_.arm(kSettles);
    } else if (gst_message_has_name(message, "recording") && events_.recorded) {
        events_.recorded(*gst_message_get_structure(message));
    }
}

void RestreamOutput::fail(std::string why) {
    be_in_trouble(std::move(why));
    feed(LifeInput::failed);
}

void RestreamOutput::be_in_trouble(std::string why) {
    if (trouble_ == why) {
        return;
    }
    log(LogLevel::warning, "an output is in trouble and tries again by itself",
        {{"output", settings_.name}, {"reason", why}});
    trouble_ = std::move(why);
    events_.changed();
}

void RestreamOutput::settled() {
    if (!trouble_.empty()) {
        log(LogLevel::info, "an output goes well again", {{"output", settings_.name}});
        trouble_.clear();
        events_.changed();
    }
    feed(LifeInput::playing);
}

} // namespace masthead::worker

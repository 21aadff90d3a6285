#include "plugins/elements/source_supervisor.hpp"

#include "plugins/elements/webrtc/sdp_check.hpp"

namespace masthead {

namespace {

constexpr std::chrono::milliseconds kTick{250};

std::string b_frames_sentence(const StreamFacts& facts) {
    return "the camera sends B-frames (" + facts.codec + (facts.profile.empty() ? "" : " " + facts.profile) +
           "), which browsers cannot play over WebRTC without stutter; set the camera to no B-frames "
           "(baseline or "
           "\"low latency\")";
}

} // namespace

SourceLife::Reach SourceSupervisor::reach_of(SourceKind kind) noexcept {
    switch (kind) {
    case SourceKind::whip: return SourceLife::Reach::is_called;
    case SourceKind::ts_udp:
    case SourceKind::ts_rtp: return SourceLife::Reach::listens;
    case SourceKind::rtsp:
    case SourceKind::ts_srt:
    case SourceKind::file:
    case SourceKind::launch: break;
    }
    return SourceLife::Reach::calls;
}

SourceSupervisor::SourceSupervisor(SupervisorSettings settings, VehicleOutputs& outputs,
                                   SupervisorEvents events)
    : settings_(std::move(settings)), outputs_(outputs), events_(std::move(events)) {
    loop_.post([this] {
        ticker_.repeat(kTick);
        act(life_.begin(SourceLife::Instant::clock::now()));
        tell();
    });
}

SourceSupervisor::~SourceSupervisor() {
    loop_.call([this] {
        ticker_.cancel();
        disconnect();
    });
}

void SourceSupervisor::set_base_time(GstClockTime base_time) {
    loop_.call([&] {
        settings_.base_time = base_time;
        if (source_) {
            source_->set_base_time(base_time);
        }
    });
}

void SourceSupervisor::finish() {
    loop_.post([this] {
        finished_ = true;
        disconnect();
        for (const Stream stream : kStreams) {
            outputs_.end(stream);
        }
    });
}

void SourceSupervisor::wake() {
    loop_.post([this] { look(); });
}

void SourceSupervisor::want_key_frame() {
    loop_.post([this] {
        if (source_) {
            source_->request_key_frame();
        }
    });
}

Result<void> SourceSupervisor::add_publisher(const std::string& session, CheckedOffer offer) {
    const std::lock_guard lock(place_mutex_);
    if (!place_.empty()) {
        return masthead::fail(Code::conflict, "somebody sends this camera's video already");
    }
    place_ = session;
    loop_.post([this, session, offer = std::move(offer)] { take_publisher(session, offer); });
    return {};
}

void SourceSupervisor::take_publisher(const std::string& session, CheckedOffer offer) {
    publishing_ = Publishing{.session = session, .offer = std::move(offer)};
    if (finished_) {
        end_publisher();
        return;
    }
    events_.publisher(session, "connecting", "");
    act(life_.called(SourceLife::Instant::clock::now()));
    tell();
}

void SourceSupervisor::add_candidate(const std::string& session, const std::string& candidate) {
    loop_.post([this, session, candidate] {
        if (source_ && source_->publisher() && publishing_ && publishing_->session == session &&
            ++publishing_->candidates <= kMaxCandidates) {
            source_->publisher()->add_candidate(candidate);
        }
    });
}

void SourceSupervisor::remove_publisher(const std::string& session) {
    loop_.post([this, session] {
        if (publishing_ && publishing_->session == session) {
            publishing_->left = true;
            fail(false, "the publisher left; waiting for it to send anew");
        }
    });
}

std::optional<Publication> SourceSupervisor::publication() {
    if (!publishing_) {
        return std::nullopt;
    }
    const std::string& session = publishing_->session;
    PublisherEvents events;
    events.answer = [this, session](const std::string& sdp) { events_.answer(session, sdp); };
    events.connected = [this, session] { events_.publisher(session, "connected", ""); };
    events.ended = [this, id = connection_](bool failed, const std::string& why) {
        loop_.post([this, id, failed, why] { // not from within what is about to be destroyed
            if (id == connection_ && publishing_) {
                publishing_->left = !failed;
                fail(false, why + "; waiting for it to send anew");
            }
        });
    };
    return Publication{
        &loop_, {publishing_->offer, settings_.ice, settings_.wishes.latency_ms}, std::move(events)};
}

/// After its connection.
void SourceSupervisor::end_publisher() {
    if (!publishing_) {
        return;
    }
    const Publishing ended = *std::exchange(publishing_, std::nullopt);
    {
        const std::lock_guard lock(place_mutex_);
        place_.clear();
    }
    events_.publisher(ended.session, ended.left ? "closed" : "failed", life_.detail());
}

void SourceSupervisor::connect() {
    ++connection_;
    outputs_.begin_connection(!settings_.clock);
    SourceOutput output;
    output.sample = [this](Stream stream, GstSample* sample) { return outputs_.push(stream, sample); };
    output.ended = [this, id = connection_](Stream stream) {
        if (!settings_.reconnect) {
            outputs_.end(stream);
            return;
        }
        if (stream == Stream::audio) {
            return; // the video goes on without
        }
        loop_.post([this, id] {
            if (id == connection_) {
                fail(false, settings_.uri.shown + " ended; connecting again");
            }
        });
    };
    output.unusable = [this, id = connection_](std::string why) {
        loop_.post([this, id, why = std::move(why)] {
            if (id == connection_ && outputs_.facts().codec.empty()) {
                fail(true, why);
            }
        });
    };
    auto source = SourcePipeline::create(settings_.uri, settings_.wishes, std::move(output),
                                         settings_.clock.get(), settings_.base_time, publication());
    if (!source) {
        fail(true, source.error().message);
        return;
    }
    source_ = std::move(*source);
    bus_watch_.reset(gst_bus_create_watch(source_->bus()));
    const GstBusFunc on_message = [](GstBus*, GstMessage* message, gpointer self) -> gboolean {
        static_cast<SourceSupervisor*>(self)->take_message(message);
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(bus_watch_.get(), G_SOURCE_FUNC(on_message), this, nullptr);
    g_source_attach(bus_watch_.get(), loop_.context());
}

void SourceSupervisor::disconnect() {
    bus_watch_.reset();
    source_.reset();
    end_publisher();
}

void SourceSupervisor::act(SourceAction action) {
    switch (action) {
    case SourceAction::none: return;
    case SourceAction::connect: connect(); return;
    case SourceAction::disconnect: disconnect(); return;
    }
}

void SourceSupervisor::look() {
    if (finished_) {
        return;
    }
    if (const std::int64_t last = outputs_.last_data_ns()) {
        life_.data(SourceLife::Instant(std::chrono::nanoseconds(last)));
    }
    // Without reconnect (a file, that waits for its reader) a pause is no failure.
    if (settings_.reconnect) {
        act(life_.tick(SourceLife::Instant::clock::now()));
    }
    tell();
}

void SourceSupervisor::take_message(GstMessage* message) {
    if (gst_message_has_name(message, "klv-streams")) {
        events_.said(gst_message_get_structure(message));
    }
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) {
        return;
    }
    if (source_->publisher()) {
        loop_.post([this, id = connection_, why = failure_of(message, settings_.uri).why] {
            if (id == connection_ && source_) {
                source_->publisher()->end_for_error(why);
            }
        });
        return;
    }
    SourceFailure failure = failure_of(message, settings_.uri);
    // Not from within the watch that is about to be destroyed.
    loop_.post([this, id = connection_, failure = std::move(failure)] {
        if (id == connection_) {
            fail(failure.refused, failure.why);
        }
    });
}

void SourceSupervisor::fail(bool refused, std::string why) {
    if (finished_) {
        return;
    }
    if (!settings_.reconnect) {
        events_.failed(why);
    }
    act(life_.failed(SourceLife::Instant::clock::now(), refused, std::move(why)));
    tell();
}

void SourceSupervisor::tell() {
    Told now{life_.state(), life_.detail(), outputs_.facts()};
    if (now.state == SourceState::playing && now.facts.b_frames) {
        now.detail = b_frames_sentence(now.facts);
    }
    if (told_ != now) {
        told_ = now;
        events_.state(now.state, now.detail, now.facts);
    }
}

} // namespace masthead

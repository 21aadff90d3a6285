#include "plugins/elements/viewer/audience.hpp"

#include "plugins/elements/webrtc/sdp_check.hpp"

#include <pthread.h>

namespace masthead {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxWaitingFrames =
    30; // one second: the fan-out thread needs some 20 us a viewer and frame
constexpr std::size_t kMaxWaitingPieces = 50;
constexpr std::chrono::milliseconds kKeyFramePause{1'000};

/// The first use of these loads a dozen libraries, a second or two on a busy machine: not while someone
/// waits.
void load_plugins() {
    for (const char* name : {"webrtcbin", "rtpbin", "nicesrc", "nicesink", "dtlssrtpenc", "dtlssrtpdec",
                             "sctpenc", "sctpdec", "rtprtxsend", "rtpulpfecenc", "appsrc"}) {
        (void)Ref<GstElement>::sink(gst_element_factory_make(name, nullptr));
    }
}

} // namespace

Audience::Audience(std::function<PeerSettings()> settings, AudienceEvents events)
    : settings_(std::move(settings)), events_(std::move(events)), fan_out_thread_([this] { fan_out(); }) {
    control_.post(load_plugins);
}

Audience::~Audience() {
    std::vector<std::string> names;
    {
        const std::lock_guard lock(sessions_mutex_);
        obstacle_ = "the stream ended";
        for (const auto& [name, session] : sessions_) {
            names.push_back(name);
        }
    }
    for (const std::string& name : names) {
        control_.post([this, name] { close(name, "closed", "the stream ended"); });
    }
    {
        const std::lock_guard lock(frames_mutex_);
        stopping_ = true;
    }
    frames_changed_.notify_all();
    fan_out_thread_.join();
    control_.call([this] { key_frame_pause_.cancel(); }); // no peer is left that could arm it
}

Result<void> Audience::reserve(const std::string& session, std::size_t max_viewers, bool answered) {
    const std::lock_guard lock(sessions_mutex_);
    if (sessions_.contains(session)) {
        return fail(Code::already_exists, "there is a viewer '" + session + "' already");
    }
    if (!obstacle_.empty()) {
        return fail(Code::unavailable, obstacle_);
    }
    if (sessions_.size() >= max_viewers) {
        return fail(Code::unavailable,
                    "all " + std::to_string(max_viewers) + " places are taken (max-viewers)");
    }
    sessions_[session].answered = answered;
    return {};
}

bool Audience::add(const std::string& session, std::size_t max_viewers) {
    const auto reserved = reserve(session, max_viewers, false);
    if (reserved) {
        control_.post([this, session] { open(session, std::nullopt); });
    } else if (reserved.error().code != Code::already_exists) {
        control_.post(
            [this, session, why = reserved.error().message] { events_.state(session, "failed", why); });
    }
    return reserved.has_value();
}

Result<void> Audience::add_with_offer(const std::string& session, std::size_t max_viewers,
                                      const std::string& sdp) {
    auto offer = check_offer(sdp);
    if (!offer) {
        return tl::unexpected(offer.error());
    }
    auto reserved = reserve(session, max_viewers, true);
    if (reserved) {
        control_.post([this, session, offer = std::move(*offer)] { open(session, offer); });
    }
    return reserved;
}

void Audience::open(const std::string& session, std::optional<CheckedOffer> offer) {
    {
        const std::lock_guard lock(sessions_mutex_);
        if (!sessions_.contains(session)) {
            return;
        }
    }
    events_.state(session, "connecting", "");
    PeerSettings settings = settings_();
    settings.offer = std::move(offer);
    auto peer = Peer::create(control_, std::move(settings), events_for(session));
    if (!peer) {
        close(session, "failed", peer.error().message);
        return;
    }
    const std::lock_guard lock(sessions_mutex_);
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
        found->second.peer = std::move(*peer);
    }
}

PeerEvents Audience::events_for(const std::string& session) {
    return {
        .offer =
            [this, session](const std::string& sdp) {
                {
                    const std::lock_guard lock(sessions_mutex_);
                    if (const auto found = sessions_.find(session); found != sessions_.end()) {
                        found->second.offer = sdp;
                    }
                }
                events_.offer(session, sdp);
            },
        .answer = [this, session](const std::string& sdp) { events_.answer(session, sdp); },
        .candidate =
            [this, session](unsigned mline, const std::string& candidate) {
                events_.candidate(session, mline, candidate);
            },
        .connected =
            [this, session] {
                {
                    const std::lock_guard lock(frames_mutex_);
                    news_.viewer_joined = true;
                }
                frames_changed_.notify_one();
                events_.state(session, "connected", "");
            },
        .ended = [this,
                  session](bool failed,
                           const std::string& why) { close(session, failed ? "failed" : "closed", why); },
        .key_frame_wanted = [this] { want_key_frame(); },
        .figures = [this, session](const ViewerFigures& figures) { events_.figures(session, figures); },
    };
}

void Audience::want_key_frame() {
    if (key_frame_pause_.armed()) {
        key_frame_wanted_again_ = true;
        return;
    }
    events_.key_frame_wanted();
    key_frame_pause_.arm(kKeyFramePause);
}

void Audience::key_frame_pause_ended() {
    if (std::exchange(key_frame_wanted_again_, false)) {
        want_key_frame();
    }
}

std::shared_ptr<Peer> Audience::take(const std::string& session, bool* known) {
    const std::lock_guard lock(sessions_mutex_);
    auto node = sessions_.extract(session);
    *known = !node.empty();
    auto peer = node.empty() ? nullptr : std::move(node.mapped().peer);
    dropped_by_gone_viewers_ += peer ? peer->dropped_frames() : 0;
    return peer;
}

void Audience::close(const std::string& session, const char* state, const std::string& detail) {
    bool known = false;
    const auto peer = take(session, &known);
    if (peer) {
        peer->close();
    }
    if (known) {
        events_.state(session, state, detail);
    }
}

void Audience::remove(const std::string& session) {
    control_.post([this, session] { close(session, "closed", "removed"); });
}

void Audience::with_peer(const std::string& session, std::function<void(Peer&)> what) {
    control_.post([this, session, what = std::move(what)] {
        std::shared_ptr<Peer> peer;
        {
            const std::lock_guard lock(sessions_mutex_);
            const auto found = sessions_.find(session);
            peer = found == sessions_.end() ? nullptr : found->second.peer;
        }
        if (peer) {
            what(*peer);
        }
    });
}

Result<void> Audience::set_answer(const std::string& session, const std::string& sdp) {
    std::string offer;
    {
        const std::lock_guard lock(sessions_mutex_);
        const auto found = sessions_.find(session);
        if (found == sessions_.end()) {
            return fail(Code::not_found, "there is no viewer '" + session + "'");
        }
        if (found->second.offer.empty() && !found->second.answered) {
            return fail(Code::conflict, "the answer came before the offer");
        }
        if (std::exchange(found->second.answered, true)) {
            return fail(Code::conflict, "this viewer has answered already");
        }
        offer = found->second.offer;
    }
    auto answer = check_answer(offer, sdp);
    if (!answer) {
        control_.post([this, session, why = answer.error().message] { close(session, "failed", why); });
        return tl::unexpected(answer.error());
    }
    with_peer(session, [answer = std::move(*answer)](Peer& peer) { peer.set_answer(answer); });
    return {};
}

Result<void> Audience::add_candidate(const std::string& session, const std::string& candidate) {
    auto checked = check_candidate(candidate);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    bool too_many = false;
    {
        const std::lock_guard lock(sessions_mutex_);
        const auto found = sessions_.find(session);
        if (found == sessions_.end()) {
            return fail(Code::not_found, "there is no viewer '" + session + "'");
        }
        ++found->second.candidates;
        too_many = found->second.candidates > kMaxCandidates;
    }
    if (too_many) {
        const std::string why = "this viewer sends more candidates than a peer needs";
        control_.post([this, session, why] { close(session, "failed", why); });
        return fail(Code::too_large, why);
    }
    if (*checked) {
        with_peer(session, [text = std::move(**checked)](Peer& peer) { peer.add_candidate(text); });
    }
    return {};
}

void Audience::send(PaidFrame frame) {
    {
        const std::lock_guard lock(frames_mutex_);
        if (news_.frames.size() >= kMaxWaitingFrames) {
            news_.frames.clear(); // the numbers left out tell
        }
        frame.number = next_number_++;
        news_.frames.push_back(std::make_shared<const PaidFrame>(std::move(frame)));
    }
    frames_changed_.notify_one();
}

void Audience::send(SoundPiece piece) {
    {
        const std::lock_guard lock(frames_mutex_);
        if (news_.pieces.size() >= kMaxWaitingPieces) {
            news_.pieces.pop_front();
        }
        news_.pieces.push_back(std::move(piece));
    }
    frames_changed_.notify_one();
}

/// Waits for a frame, sound, a viewer that joined, or `due`. False when it is time to end.
bool Audience::next_news(std::optional<KeptFrames::Instant> due, News& news) {
    std::unique_lock lock(frames_mutex_);
    const auto ready = [this] {
        return stopping_ || news_.viewer_joined || !news_.frames.empty() || !news_.pieces.empty();
    };
    if (due) {
        frames_changed_.wait_until(lock, *due, ready);
    } else {
        frames_changed_.wait(lock, ready);
    }
    news = std::exchange(news_, {});
    return !stopping_;
}

std::vector<std::shared_ptr<Peer>> Audience::peers() const {
    std::vector<std::shared_ptr<Peer>> peers;
    const std::lock_guard lock(sessions_mutex_);
    for (const auto& [name, session] : sessions_) {
        if (session.peer) {
            peers.push_back(session.peer);
        }
    }
    return peers;
}

void Audience::fan_out() {
    pthread_setname_np(pthread_self(), "viewer-fan-out");
    KeptFrames kept;
    Soundtrack sound;
    News news;
    std::optional<KeptFrames::Instant> frame_due;
    std::optional<KeptFrames::Instant> due;
    while (next_news(due, news)) {
        const auto deliver = [&] {
            frame_due.reset();
            for (const auto& peer : peers()) {
                if (const auto next = peer->deliver(kept, Clock::now())) {
                    frame_due = std::min(frame_due.value_or(*next), *next);
                }
            }
        };
        for (SharedFrame& frame : news.frames) {
            sound.picture(GST_BUFFER_PTS(frame->packets.front().get()), Clock::now());
            kept.add(std::move(frame), Clock::now());
            deliver();
        }
        if (news.viewer_joined || (frame_due && *frame_due <= Clock::now())) {
            deliver();
        }
        for (SoundPiece& piece : news.pieces) {
            sound.add(std::move(piece));
        }
        while (const auto piece = sound.next(Clock::now())) {
            for (const auto& peer : peers()) {
                peer->hear(*piece);
            }
        }
        due = sound.due();
        if (frame_due) {
            due = std::min(due.value_or(*frame_due), *frame_due);
        }
    }
}

void Audience::set_obstacle(const std::string& why) {
    std::vector<std::string> names;
    {
        const std::lock_guard lock(sessions_mutex_);
        obstacle_ = why;
        for (const auto& [name, session] : sessions_) {
            names.push_back(name);
        }
    }
    if (!why.empty()) {
        for (const std::string& name : names) {
            control_.post([this, name, why] { close(name, "failed", why); });
        }
    }
}

std::size_t Audience::viewers() const {
    const std::lock_guard lock(sessions_mutex_);
    return sessions_.size();
}

std::uint64_t Audience::dropped_frames() const {
    const std::lock_guard lock(sessions_mutex_);
    std::uint64_t dropped = dropped_by_gone_viewers_;
    for (const auto& [name, session] : sessions_) {
        dropped += session.peer ? session.peer->dropped_frames() : 0;
    }
    return dropped;
}

} // namespace masthead

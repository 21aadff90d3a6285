// All viewers of one stream: who is there, what each may still do, and the fan-out of frames to them.
#pragma once

#include "plugins/elements/viewer/kept_frames.hpp"
#include "plugins/elements/viewer/peer.hpp"

#include <condition_variable>
#include <deque>
#include <map>

namespace masthead {

/// Called on the audience's control thread with no lock held.
struct AudienceEvents {
    std::function<void(const std::string& session, const std::string& sdp)> offer;
    std::function<void(const std::string& session, const std::string& sdp)> answer;
    std::function<void(const std::string& session, unsigned mline, const std::string& candidate)> candidate;
    /// `state`: connecting, connected, failed, closed. The last two end the session.
    std::function<void(const std::string& session, const char* state, const std::string& detail)> state;
    /// Every 2 s for each connected viewer.
    std::function<void(const std::string& session, const ViewerFigures& figures)> figures;
    std::function<void()> key_frame_wanted; // at most once a second, for all viewers together
};

/// Thread-safe, but for the destructor, which must not run on the control thread (from within an event).
/// Two threads: control (makes and ends viewers, emits events) and fan-out (hands frames to viewers), so that
/// neither a viewer that joins nor one that hangs delays the frames of the others, and none of them the
/// caller of send(). Locks: sessions_mutex_, frames_mutex_, each held alone and never across an event or a
/// call into webrtcbin.
class Audience {
  public:
    /// `settings` is asked for each new viewer, on the control thread.
    Audience(std::function<PeerSettings()> settings, AudienceEvents events);
    /// Ends all viewers with state closed.
    ~Audience();
    Audience(const Audience&) = delete;
    Audience& operator=(const Audience&) = delete;

    /// False when the session exists already, or with state failed when there are max_viewers or the stream
    /// cannot be shown. The name is free again once the session's last state was emitted.
    [[nodiscard]] bool add(const std::string& session, std::size_t max_viewers);
    /// A viewer that makes the offer; it is told an answer. Errors: those of check_offer(), already_exists,
    /// unavailable (no place, or the stream cannot be shown); after any of them there is no such session.
    [[nodiscard]] Result<void> add_with_offer(const std::string& session, std::size_t max_viewers,
                                              const std::string& sdp);
    /// A refused answer ends its session. Errors: those of check_answer(), not_found, conflict (answered
    /// before).
    [[nodiscard]] Result<void> set_answer(const std::string& session, const std::string& sdp);
    /// Errors: those of check_candidate(), not_found, too_large (too many: the session ends).
    [[nodiscard]] Result<void> add_candidate(const std::string& session, const std::string& candidate);
    void remove(const std::string& session);

    /// Hands a frame to the fan-out thread. Never blocks; when that thread is behind, what waits is dropped
    /// and the viewers go on at the next key frame.
    void send(PaidFrame frame);
    /// The same with a piece of the sound beside the frames: too much of it, and the oldest goes.
    void send(SoundPiece piece);
    /// The stream cannot be shown, and why: ends all viewers and refuses new ones until called with "".
    void set_obstacle(const std::string& why);

    [[nodiscard]] std::size_t viewers() const;
    /// Frames that connected viewers did not get because they or this process were too slow.
    [[nodiscard]] std::uint64_t dropped_frames() const;

  private:
    struct Session {
        std::shared_ptr<Peer> peer; // empty until the control thread has made it
        std::string offer;
        bool answered = false;
        std::size_t candidates = 0;
    };

    [[nodiscard]] Result<void> reserve(const std::string& session, std::size_t max_viewers, bool answered);
    void open(const std::string& session, std::optional<CheckedOffer> offer);
    PeerEvents events_for(const std::string& session);
    void close(const std::string& session, const char* state, const std::string& detail);
    [[nodiscard]] std::shared_ptr<Peer> take(const std::string& session, bool* known);
    void with_peer(const std::string& session, std::function<void(Peer&)> what);
    void want_key_frame();
    void key_frame_pause_ended();
    void fan_out();
    /// What came in for the fan-out.
    struct News {
        std::deque<SharedFrame> frames;
        std::deque<SoundPiece> pieces;
        bool viewer_joined = false;
    };
    [[nodiscard]] bool next_news(std::optional<KeptFrames::Instant> due, News& news);
    [[nodiscard]] std::vector<std::shared_ptr<Peer>> peers() const;

    const std::function<PeerSettings()> settings_;
    const AudienceEvents events_;

    mutable std::mutex sessions_mutex_;
    std::map<std::string, Session> sessions_;
    std::string obstacle_;
    std::uint64_t dropped_by_gone_viewers_ = 0;

    mutable std::mutex frames_mutex_;
    std::condition_variable frames_changed_;
    News news_;
    std::uint64_t next_number_ = 0;
    bool stopping_ = false;

    bool key_frame_wanted_again_ = false; // control thread's
    LoopThread control_{"viewer-control"};
    Timer key_frame_pause_{control_.context(), [this] { key_frame_pause_ended(); }};
    std::thread fan_out_thread_;
};

} // namespace masthead

// One viewer: a small pipeline of its own around webrtcbin, so that whatever goes wrong in it ends it alone;
// what it is sent, and when.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/elements/viewer/conduct.hpp"
#include "plugins/elements/viewer/paid_frame.hpp"
#include "plugins/elements/viewer/playhead.hpp"
#include "plugins/elements/viewer/receiver_reports.hpp"
#include "plugins/elements/viewer/soundtrack.hpp"
#include "plugins/elements/webrtc/answering.hpp"
#include "plugins/elements/webrtc/sdp_check.hpp"

#include <gst/app/app.h>

#include <atomic>
#include <mutex>

namespace masthead {

struct PeerSettings {
    IceSettings ice;
    Ref<GstClock> clock; // of the pipeline that the frames come from
    GstClockTime base_time = 0;
    std::uint32_t ssrc = 0;
    std::optional<std::uint32_t> sound_ssrc; // when the stream has sound
    std::optional<CheckedOffer> offer;       // of a viewer that made one; else the offer is made here
};

/// Called on the control loop's thread. None is called after close().
struct PeerEvents {
    std::function<void(const std::string& sdp)> offer;
    std::function<void(const std::string& sdp)> answer; // instead of offer; has all candidates
    std::function<void(unsigned mline, const std::string& candidate)> candidate;
    std::function<void()> connected;
    std::function<void(bool failed, const std::string& why)> ended;
    std::function<void()> key_frame_wanted;
    std::function<void(const ViewerFigures& figures)> figures; // every 2 s while connected
};

/// Thread: all on the control loop's, but for deliver() and hear() (one fan-out thread) and dropped_frames()
/// (any).
/// Lock: outlet_mutex_ guards what deliver() uses; held across no callback.
class Peer : public std::enable_shared_from_this<Peer> {
  public:
    /// Builds the pipeline and begins to make the offer, or the answer. Errors: unavailable (an element is
    /// missing), invalid_argument (an address that cannot be listened on), internal.
    [[nodiscard]] static Result<std::shared_ptr<Peer>> create(LoopThread& loop, PeerSettings settings,
                                                              PeerEvents events);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    void set_answer(const CheckedAnswer& answer);
    /// Text that check_candidate() made.
    void add_candidate(const std::string& candidate);
    /// Ends the pipeline; needs up to some 100 ms. Nothing is called or sent afterwards. May be called again.
    void close();

    /// Gives the viewer those of the kept frames that it is to have by now. Never blocks. Gives when to call
    /// again though no frame came.
    [[nodiscard]] std::optional<Playhead::Instant> deliver(const KeptFrames& kept, Playhead::Instant now);
    /// Lets the viewer hear this if it takes sound and its picture is live: before that, sound would have to
    /// be played at another speed. Never blocks.
    void hear(const SoundPiece& piece);
    [[nodiscard]] std::uint64_t dropped_frames() const noexcept { return dropped_frames_; }

  private:
    Peer(LoopThread& loop, PeerSettings settings, PeerEvents events);
    Result<void> build();
    void make_pipeline(GstCaps* caps);
    Result<void> make_media(GstCaps* caps);
    Result<void> make_sound();
    [[nodiscard]] Result<Ref<GstPad>> request_feed(GstCaps* caps, bool resends);
    ConnectionEvents connection_events();
    void watch();
    void go_live();
    void count_arrivals();
    void read_reports();
    void refuse_many_channels();
    void ask_stats();
    void take_stats(const GstStructure* stats);
    void end(bool failed, const std::string& why);
    void send(const Playhead::Step& step);
    void want_key_frame();

    LoopThread& loop_;
    PeerSettings settings_;
    PeerEvents events_;
    Ref<GstElement> pipeline_;
    std::shared_ptr<PeerConnection> connection_;
    Ref<GstPad> feed_pad_;
    Ref<GstPad> sound_pad_;
    std::optional<Answering> answering_; // when the viewer made the offer
    bool closed_ = false;

    // Every 2 s from the time it joined, so that not all ask at once.
    Timer stats_timer_{loop_.context(), [this] { ask_stats(); }};
    bool stats_asked_ = false;
    std::shared_ptr<ReceiverReports> reports_;
    Conduct conduct_;
    Conduct::Instant measured_at_;
    std::uint64_t measured_bytes_ = 0;
    Ref<GstElement> resender_; // empty when the viewer cannot ask for packets again
    std::shared_ptr<std::atomic<std::uint64_t>> packets_received_ =
        std::make_shared<std::atomic<std::uint64_t>>(0);
    unsigned foreign_channels_ = 0;

    std::mutex outlet_mutex_;
    bool outlet_open_ = false;
    Ref<GstElement> source_;
    Ref<GObject> channel_; // empty when the viewer offered none
    std::uint8_t payload_type_ = kPayloadType;
    Ref<GstElement> sound_source_; // empty when no sound was offered
    SoundStream sound_;
    bool hears_ = false; // it takes the sound
    Playhead playhead_;
    bool key_frame_wanted_ = false;
    std::uint32_t seq_ = 0;
    std::atomic<std::uint64_t> dropped_frames_ = 0;
    std::atomic<std::uint64_t> dropped_messages_ = 0;
    std::atomic<std::uint64_t> sent_messages_ = 0;
};

} // namespace masthead

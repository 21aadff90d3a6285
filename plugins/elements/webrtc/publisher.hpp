// Somebody who sends video over WebRTC (WHIP): from the offer to RTP pads in a pipeline.
#pragma once

#include "plugins/elements/webrtc/answering.hpp"

#include <atomic>

namespace masthead {

struct PublisherSettings {
    CheckedOffer offer; // check_publishers_offer()'s
    IceSettings ice;
    unsigned latency_ms = 100; // of the jitter buffer
};

/// Called on the loop's thread, but `pad`; none after close().
struct PublisherEvents {
    std::function<void(const std::string& sdp)> answer; // has all candidates
    std::function<void()> connected;
    std::function<void(bool failed, const std::string& why)> ended;
    /// RTP comes out of this pad from when the publisher is known to be who made the offer; what comes
    /// before is dropped. On a streaming thread.
    std::function<void(GstPad*)> pad;
};

/// Thread: create, begin and close on the loop's.
class Publisher {
  public:
    /// Into `pipeline`, which is READY and borrowed. Errors: those of PeerConnection::create(); unavailable.
    [[nodiscard]] static Result<std::unique_ptr<Publisher>>
    create(LoopThread& loop, GstBin* pipeline, PublisherSettings settings, PublisherEvents events);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Answers; the pipeline is PLAYING.
    void begin() { answering_->begin(); }
    /// check_candidate()'s.
    void add_candidate(const std::string& candidate) { connection_->add_candidate(candidate); }
    /// What the pipeline says on its bus.
    void end_for_error(const std::string& why) { connection_->end_for_error(why); }
    void close() { connection_->close(); }

  private:
    explicit Publisher(PublisherEvents events) : events_(std::move(events)) {}
    Result<void> build(LoopThread& loop, GstBin* pipeline, PublisherSettings settings);
    static void take_pad(GstElement*, GstPad* pad, gpointer self);

    const PublisherEvents events_;
    std::shared_ptr<PeerConnection> connection_;
    std::optional<Answering> answering_;
    Ref<GstElement> webrtc_;
    gulong pad_handler_ = 0;
    std::atomic<bool> open_ = false;
};

} // namespace masthead

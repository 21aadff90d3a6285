// One connection to a camera: an inner pipeline from its URI to parsed streams. Its errors stay on its own
// bus.
#pragma once

#include "plugins/elements/source_uri.hpp"
#include "plugins/elements/webrtc/publisher.hpp"
#include "plugins/glib/ref.hpp"

#include <gst/gst.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace masthead {

enum class Stream : std::uint8_t { video, klv, audio };
inline constexpr std::array kStreams{Stream::video, Stream::klv, Stream::audio};

/// Called on the inner pipeline's streaming threads. Each kind of stream is given once; further ones are left
/// out.
struct SourceOutput {
    std::function<GstFlowReturn(Stream, GstSample*)> sample;
    std::function<void(Stream)> ended;
    /// Something was found that cannot be used; a sentence. The connection goes on.
    std::function<void(std::string why)> unusable;
};

struct SourceWishes {
    unsigned latency_ms = 100; // jitter buffer
    bool audio = true;         // else its streams are left out
};

/// A reason why the connection is of no use any more.
struct SourceFailure {
    bool refused = false; // trying again will not help by itself
    std::string why;
};

/// Who sends by WebRTC: for SourceKind::whip. `events.pad` is set here.
struct Publication {
    LoopThread* loop; // the thread of all below
    PublisherSettings settings;
    PublisherEvents events;
};

/// Thread: one thread creates, asks and destroys; destroying waits until no callback runs.
class SourcePipeline {
  public:
    /// Starts at once. `clock` and `base_time` are those of the outer pipeline, so that running times are the
    /// same; no clock: the source is not live and runs as fast as its output is taken.
    [[nodiscard]] static Result<std::unique_ptr<SourcePipeline>>
    create(const SourceUri& uri, SourceWishes wishes, SourceOutput output, GstClock* clock,
           GstClockTime base_time, std::optional<Publication> publication);
    ~SourcePipeline();
    SourcePipeline(const SourcePipeline&) = delete;
    SourcePipeline& operator=(const SourcePipeline&) = delete;

    void set_base_time(GstClockTime base_time);
    /// Asks upstream, who may not hear it.
    void request_key_frame();
    /// Of SourceKind::whip; else nullptr.
    [[nodiscard]] Publisher* publisher() const noexcept { return publisher_.get(); }
    /// Borrowed.
    [[nodiscard]] GstBus* bus() const noexcept { return bus_.get(); }

    // For the callbacks of the inner elements:
    struct Branches;

  private:
    SourcePipeline() = default;

    Ref<GstElement> pipeline_;
    Ref<GstBus> bus_;
    std::unique_ptr<Branches> branches_;
    std::unique_ptr<Publisher> publisher_;
};

/// What an error message from the inner bus means for people; `uri` names the source.
[[nodiscard]] SourceFailure failure_of(GstMessage* error, const SourceUri& uri);

} // namespace masthead

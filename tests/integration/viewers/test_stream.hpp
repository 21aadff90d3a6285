// A live test stream into viewersink: each picture carries its number in its pixels, and in its metadata.
#pragma once

#include "plugins/glib/ref.hpp"

#include <condition_variable>
#include <mutex>
#include <string>

namespace masthead::test {

struct StreamOptions {
    std::string profile = "constrained-baseline"; // or main, high
    int b_frames = 0;
    int key_frame_interval = 30;
    int width = 640;
    int height = 360;
    bool h265 = false;
    unsigned klv_bytes = 4;            // of each frame: its number, then zeros
    bool key_frames_on_request = true; // false: what most cameras do
    int sound_hz = 0;                  // a tone beside the pictures; 0: no sound
};

/// videotestsrc at 30/s -> numbers drawn as a barcode -> x264 -> MastheadFrameMeta with the number as 4 bytes
/// of "KLV" -> viewersink. Playing from construction until destruction. Aborts when an element is missing.
class TestStream {
  public:
    explicit TestStream(const StreamOptions& options = {});
    ~TestStream();
    TestStream(const TestStream&) = delete;
    TestStream& operator=(const TestStream&) = delete;

    [[nodiscard]] GstElement* sink() const noexcept { return sink_.get(); }
    /// Waits until that many more frames went into viewersink: ingest is alive.
    [[nodiscard]] bool renders(std::size_t more) const;
    /// The camera changes its picture size: new caps, a new SPS.
    void resize(int width, int height) const;
    /// The sound ends, the pictures go on.
    void silence() const;
    void stop() const;

  private:
    void count_frame() const;

    Ref<GstElement> pipeline_;
    Ref<GstElement> sink_;
    mutable std::mutex mutex_;
    mutable std::condition_variable rendered_;
    mutable std::size_t frames_ = 0;
};

} // namespace masthead::test

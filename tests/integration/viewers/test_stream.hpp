// A live test stream into viewersink: each picture carries its number in its pixels, and in its metadata.
#pragma once

#include "plugins/glib/ref.hpp"

#include <string>

namespace masthead::test {

struct StreamOptions {
    std::string profile = "constrained-baseline"; // or main, high
    int b_frames = 0;
    int key_frame_interval = 30;
    int width = 640;
    int height = 360;
    bool h265 = false;
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
    [[nodiscard]] GstElement* pipeline() const noexcept { return pipeline_.get(); }
    [[nodiscard]] GstElement* encoder() const noexcept { return encoder_.get(); }
    /// Numbers of frames that reached viewersink so far: ingest is alive while this grows.
    [[nodiscard]] guint64 frames() const;

  private:
    Ref<GstElement> pipeline_;
    Ref<GstElement> encoder_;
    Ref<GstElement> sink_;
};

} // namespace masthead::test

// A viewer in the same process: webrtcbin as the receiver, wired to a viewersink's signals.
#pragma once

#include "plugins/glib/ref.hpp"
#include "plugins/klv/frame_message.hpp"

#include <gst/gst.h>

#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace masthead::test {

constexpr std::chrono::seconds kPatience{30};

struct ViewerOptions {
    std::function<std::string(std::string)> change_answer; // what is sent instead of the true answer
    bool silent = false;                                   // never answers
    bool offers = false;                                   // makes the offer itself, as WHEP players do
    bool with_channel = true;                              // in its offer
    std::function<std::string(std::string)> change_offer;  // what is sent instead of the true offer
};

/// Thread-safe. Joins in the constructor, leaves in the destructor.
class TestViewer {
  public:
    TestViewer(GstElement* sink, std::string session, ViewerOptions options = {});
    ~TestViewer();
    TestViewer(const TestViewer&) = delete;
    TestViewer& operator=(const TestViewer&) = delete;

    [[nodiscard]] bool was_added() const noexcept { return added_; }
    /// Each waits for at most kPatience.
    [[nodiscard]] bool reaches(const std::string& state);
    [[nodiscard]] bool gets_frames(std::size_t more);
    [[nodiscard]] bool gets_messages(std::size_t more);
    [[nodiscard]] std::string waits_for_offer();
    [[nodiscard]] std::string waits_for_refusal(); // of the answer, or offer; "" when it was taken
    [[nodiscard]] std::string waits_for_answer();

    [[nodiscard]] std::vector<std::string> states() const;
    [[nodiscard]] std::string detail() const; // of the latest state
    [[nodiscard]] std::set<std::uint32_t> frame_timestamps() const;
    /// RTP sequence numbers in the order of arrival.
    [[nodiscard]] std::vector<std::uint16_t> sequence_numbers() const;
    [[nodiscard]] std::map<std::uint32_t, FrameMessageHeader> messages() const;
    /// Meaningful once there was a frame.
    [[nodiscard]] std::chrono::steady_clock::time_point first_frame_at() const;
    /// Asks the sender for a key frame.
    void request_key_frame();

  private:
    bool has_ended() const; // under mutex_
    void answer(const gchar* offer);
    void use_answer(GstPromise* promise);
    void offer();
    void use_offer(GstPromise* promise);
    void take_answer(const gchar* sdp);
    void watch_sink();
    void watch_receiver();
    void take_packet(GstBuffer* packet);
    void take_message(GBytes* bytes);
    template <typename Condition>
    bool wait(Condition condition);

    Ref<GstElement> sink_;
    const std::string session_;
    const ViewerOptions options_;
    Ref<GstElement> pipeline_;
    Ref<GstElement> webrtc_;
    Ref<GObject> channel_;
    Ref<GObject> own_channel_;
    Ref<GstPad> video_pad_;
    std::vector<gulong> handlers_;
    bool added_ = false;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string offer_;
    std::string answer_;
    std::vector<std::string> states_;
    std::string detail_;
    std::string refusal_;
    bool answered_ = false;
    std::set<std::uint32_t> timestamps_;
    std::chrono::steady_clock::time_point first_frame_at_;
    std::map<std::uint32_t, FrameMessageHeader> messages_;
    std::vector<std::uint16_t> sequence_numbers_;
};

} // namespace masthead::test

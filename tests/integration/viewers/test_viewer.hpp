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
    std::function<std::string(std::string)> mistake_offer; // what is answered instead of the true offer
    unsigned latency_ms = 200;                             // how long it waits for what is sent again
    bool tcp_only = false;                                 // its network blocks UDP
    bool hides = false;                                    // neither gives candidates nor takes any
    bool with_sound = false;                               // in its offer
};

/// Thread-safe. Joins in the constructor, leaves in the destructor.
class TestViewer {
  public:
    TestViewer(GstElement* sink, std::string session, ViewerOptions options = {});
    ~TestViewer();
    TestViewer(const TestViewer&) = delete;
    TestViewer& operator=(const TestViewer&) = delete;

    [[nodiscard]] bool was_added() const noexcept { return added_; }
    [[nodiscard]] const std::string& session() const noexcept { return session_; }
    /// For those who misuse them.
    [[nodiscard]] GstElement* sink() const noexcept { return sink_.get(); }
    [[nodiscard]] GstElement* webrtc() const noexcept { return webrtc_.get(); }
    [[nodiscard]] Ref<GObject> channel() const; // that the stream opened; empty before
    /// Each waits for at most kPatience.
    [[nodiscard]] bool reaches(const std::string& state);
    [[nodiscard]] bool ends(); // failed or closed
    [[nodiscard]] bool gets_frames(std::size_t more);
    [[nodiscard]] bool gets_messages(std::size_t more);
    [[nodiscard]] bool hears(std::chrono::milliseconds more);
    [[nodiscard]] std::string waits_for_offer();
    [[nodiscard]] std::string waits_for_candidate(); // of the stream's
    [[nodiscard]] std::string waits_for_refusal();   // of the answer, or offer; "" when it was taken
    [[nodiscard]] std::string waits_for_answer();

    /// Those of a time when a report of the viewer's was in; nullptr when none came. Valid until it is asked
    /// again.
    [[nodiscard]] const GstStructure* waits_for_figures();

    [[nodiscard]] std::vector<std::string> states() const;
    [[nodiscard]] std::string detail() const;                               // of the latest state
    [[nodiscard]] std::chrono::steady_clock::time_point changed_at() const; // its latest state
    [[nodiscard]] std::set<std::uint32_t> frame_timestamps() const;
    /// RTP sequence numbers in the order of arrival.
    [[nodiscard]] std::vector<std::uint16_t> sequence_numbers() const;
    /// Sequence numbers and timestamps that came off the network, sent again or not, before GStreamer's
    /// jitter buffer, which gives up packets that it expects too early.
    [[nodiscard]] std::map<std::uint16_t, std::uint32_t> arrivals() const;
    [[nodiscard]] std::map<std::uint32_t, FrameMessageHeader> messages() const;
    /// Of the tone that it hears, by its zero crossings; 0 in silence.
    [[nodiscard]] double heard_hz() const;
    [[nodiscard]] std::chrono::milliseconds heard() const; // how long
    /// These are meaningful once there was a frame.
    [[nodiscard]] std::uint32_t ssrc() const;
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
    void take_candidate(guint mline, const gchar* candidate);
    void take_pad(GstPad* pad);
    void take_packet(GstBuffer* packet);
    void take_sound(GstBuffer* samples);
    void take_arrival(GstBuffer* packet);
    void watch_arrivals();
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
    std::string candidate_;
    std::vector<std::string> states_;
    std::string detail_;
    std::chrono::steady_clock::time_point changed_at_;
    std::string refusal_;
    bool answered_ = false;
    std::set<std::uint32_t> timestamps_;
    std::chrono::steady_clock::time_point first_frame_at_;
    std::map<std::uint32_t, FrameMessageHeader> messages_;
    std::vector<std::uint16_t> sequence_numbers_;
    std::uint32_t ssrc_ = 0;
    std::size_t samples_ = 0; // 48 kHz
    std::size_t crossings_ = 0;
    bool positive_ = false; // the last sample was
    Owned<GstStructure> figures_;
    Owned<GstStructure> given_figures_;
    std::map<std::uint16_t, std::uint32_t> arrivals_;
};

} // namespace masthead::test

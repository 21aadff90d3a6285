// Who publishes, in the same process: webrtcbin as the sender, wired to the signals of a vehiclesrc with
// `whip:`.
#pragma once

#include "plugins/glib/ref.hpp"

#include <gst/gst.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace masthead::test {

struct PublisherOptions {
    std::string codec = "H264";
    bool other_certificate = false; // its offer names one that is not its own
    bool answers = true;            // uses the answer; otherwise it never connects
};

/// Thread-safe. Offers a test picture in the constructor, with its candidates; leaves in the destructor.
class TestPublisher {
  public:
    TestPublisher(GstElement* source, std::string session, PublisherOptions options = {});
    ~TestPublisher();
    TestPublisher(const TestPublisher&) = delete;
    TestPublisher& operator=(const TestPublisher&) = delete;

    /// Each waits for at most 30 s.
    [[nodiscard]] std::string waits_for_refusal(); // of the offer; "" when it was taken
    [[nodiscard]] bool reaches(const std::string& state);
    [[nodiscard]] std::string answer() const;
    [[nodiscard]] std::string detail() const;
    /// Sends nothing more and does not say so.
    void vanish();
    void leave();

  private:
    void offer_when_gathered();
    void give_offer();
    template <typename Condition>
    bool wait(Condition condition);

    const Ref<GstElement> source_;
    const std::string session_;
    const PublisherOptions options_;
    Ref<GstElement> pipeline_;
    Ref<GstElement> webrtc_;
    std::vector<gulong> handlers_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool offered_ = false;
    std::string refusal_;
    std::string answer_;
    std::string state_;
    std::string detail_;
};

} // namespace masthead::test

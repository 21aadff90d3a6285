#include "tests/integration/viewers/test_publisher.hpp"

#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

#include <utility>

namespace masthead::test {

namespace {

constexpr std::chrono::seconds kPatience{30};

TestPublisher& publisher_of(gpointer data) { return *static_cast<TestPublisher*>(data); }

std::string launch_for(const std::string& codec) {
    const std::string picture =
        "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! ";
    const std::string stream =
        codec == "H264" ? "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=300 ! "
                          "video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 ! "
                          "application/x-rtp,media=video,encoding-name=H264,payload=97"
                        : "vp8enc deadline=1 ! rtpvp8pay ! "
                          "application/x-rtp,media=video,encoding-name=VP8,payload=97";
    return picture + stream + " ! webrtcbin name=webrtc bundle-policy=max-bundle";
}

std::string with_another_fingerprint(std::string sdp) {
    const std::size_t at = sdp.find("a=fingerprint:sha-256 ") + std::string("a=fingerprint:sha-256 ").size();
    sdp.replace(at, 2, sdp.compare(at, 2, "00") == 0 ? "11" : "00");
    return sdp;
}

} // namespace

template <typename Condition>
bool TestPublisher::wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, condition);
}

TestPublisher::TestPublisher(GstElement* source, std::string session, PublisherOptions options)
    : source_(Ref<GstElement>::share(source)), session_(std::move(session)), options_(std::move(options)) {
    pipeline_ = Ref<GstElement>::sink(gst_parse_launch(launch_for(options_.codec).c_str(), nullptr));
    webrtc_ = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "webrtc"));
    GObject* raw = nullptr;
    g_object_get(webrtc_.get(), "ice-agent", &raw, nullptr);
    const auto ice = Ref<GObject>::adopt(raw);
    g_object_get(ice.get(), "agent", &raw, nullptr);
    g_object_set(Ref<GObject>::adopt(raw).get(), "upnp", FALSE, nullptr);
    gboolean added = FALSE;
    g_signal_emit_by_name(ice.get(), "add-local-ip-address", "127.0.0.1", &added);

    const auto on_answer = +[](GstElement*, const gchar* name, const gchar* sdp, gpointer data) {
        TestPublisher& self = publisher_of(data);
        if (self.session_ != name) {
            return;
        }
        if (self.options_.answers) {
            GstSDPMessage* message = nullptr;
            gst_sdp_message_new_from_text(sdp, &message);
            GstWebRTCSessionDescription* answer =
                gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message);
            g_signal_emit_by_name(self.webrtc_.get(), "set-remote-description", answer, nullptr);
            gst_webrtc_session_description_free(answer);
        }
        const std::lock_guard lock(self.mutex_);
        self.answer_ = sdp;
        self.changed_.notify_all();
    };
    const auto on_state =
        +[](GstElement*, const gchar* name, const gchar* state, const gchar* detail, gpointer data) {
            TestPublisher& self = publisher_of(data);
            const std::lock_guard lock(self.mutex_);
            if (self.session_ == name) {
                self.state_ = state;
                self.detail_ = detail;
                self.changed_.notify_all();
            }
        };
    handlers_ = {g_signal_connect(source, "answer", G_CALLBACK(on_answer), this),
                 g_signal_connect(source, "publisher-state", G_CALLBACK(on_state), this)};
    offer_when_gathered();
}

TestPublisher::~TestPublisher() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    leave();
    for (const gulong id : handlers_) {
        g_signal_handler_disconnect(source_.get(), id);
    }
}

void TestPublisher::offer_when_gathered() {
    const auto on_needed = +[](GstElement* webrtc, gpointer data) {
        const auto on_offer = +[](GstPromise* promise, gpointer user) {
            const auto owned = Ref<GstPromise>::adopt(promise);
            GstWebRTCSessionDescription* offer = nullptr;
            gst_structure_get(gst_promise_get_reply(promise), "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                              &offer, nullptr);
            g_signal_emit_by_name(publisher_of(user).webrtc_.get(), "set-local-description", offer, nullptr);
            gst_webrtc_session_description_free(offer);
        };
        g_signal_emit_by_name(webrtc, "create-offer", nullptr,
                              gst_promise_new_with_change_func(on_offer, data, nullptr));
    };
    g_signal_connect(webrtc_.get(), "on-negotiation-needed", G_CALLBACK(on_needed), this);
    // There is one address; its candidate is in the local description when it is told.
    const auto on_candidate =
        +[](GstElement*, guint, const gchar*, gpointer data) { publisher_of(data).give_offer(); };
    g_signal_connect(webrtc_.get(), "on-ice-candidate", G_CALLBACK(on_candidate), this);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

void TestPublisher::give_offer() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(offered_, true)) {
            return;
        }
    }
    GstWebRTCSessionDescription* offer = nullptr;
    g_object_get(webrtc_.get(), "local-description", &offer, nullptr);
    std::string text = take_string(gst_sdp_message_as_text(offer->sdp));
    gst_webrtc_session_description_free(offer);
    if (options_.other_certificate) {
        text = with_another_fingerprint(text);
    }
    gchar* refused = nullptr;
    g_signal_emit_by_name(source_.get(), "add-publisher", session_.c_str(), text.c_str(), &refused);
    const std::lock_guard lock(mutex_);
    refusal_ = take_string(refused);
    state_ = refusal_.empty() && state_.empty() ? "taken" : !refusal_.empty() ? "refused" : state_;
    changed_.notify_all();
}

std::string TestPublisher::waits_for_refusal() {
    (void)wait([&] { return !state_.empty(); });
    const std::lock_guard lock(mutex_);
    return refusal_;
}

bool TestPublisher::reaches(const std::string& state) {
    return wait([&] { return state_ == state; });
}

std::string TestPublisher::answer() const {
    const std::lock_guard lock(mutex_);
    return answer_;
}

std::string TestPublisher::detail() const {
    const std::lock_guard lock(mutex_);
    return detail_;
}

void TestPublisher::vanish() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void TestPublisher::leave() { g_signal_emit_by_name(source_.get(), "remove-publisher", session_.c_str()); }

} // namespace masthead::test

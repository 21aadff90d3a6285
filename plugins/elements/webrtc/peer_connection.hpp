// One webrtcbin and its peer: descriptions, candidates, states, time-outs and the peer's certificate. What is
// sent or received over it is its user's.
#pragma once

#include "plugins/bytes/port_range.hpp"
#include "plugins/bytes/result.hpp"
#include "plugins/glib/loop_thread.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/glib/timer.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

namespace masthead {

/// Where on this machine a peer may come.
struct IceSettings {
    std::vector<std::string> addresses; // IP texts to gather candidates on; empty: all but loopback
    std::optional<PortRange> ports;     // nothing: whichever the system gives
    bool tcp = false;                   // over TCP too (RFC 6544), for networks that block UDP
};

/// `addresses`: a comma separated list of IP texts; `ports`: "FIRST-LAST", "" for any. Error:
/// invalid_argument.
[[nodiscard]] Result<IceSettings> parse_ice_settings(const std::string& addresses, const std::string& ports);

struct ConnectionSettings {
    IceSettings ice;
    std::string peer = "the viewer"; // who it is, in the reasons for an end
};

/// Called on the loop's thread; none after close(). Members may be empty.
struct ConnectionEvents {
    std::function<void(unsigned mline, const std::string& candidate)> candidate; // of ours
    std::function<void()> gathered;       // candidate() told all of them
    std::function<void()> channel_opened; // by the peer, besides ours
    /// The path works, the data channel (if there is one) is open and the certificate is the one that was
    /// named.
    std::function<void()> connected;
    std::function<void(bool failed, const std::string& why)> ended; // the last call; close() has been called
};

/// How to use it for a peer that we send to and make the offer for:
///   create() -> webrtc() into a bin, state READY -> open_channel(), request sink pads, set up transceivers
///   -> start() -> the bin to PLAYING -> make_offer(): set_local(OFFER, sdp) and give it to the peer ->
///   set_remote(ANSWER, sdp, fingerprint), add_candidate() -> connected(): send.
/// For a peer that we receive from and that made the offer:
///   create() -> webrtc() into a bin, its pad-added handled, state READY -> start() -> the bin to PLAYING ->
///   set_remote(OFFER, sdp, fingerprint) -> make_answer(): set_local(ANSWER, sdp) -> gathered(): give the
///   peer the answer with the candidates told until then -> connected(). What comes out of its pads before
///   connected() is of somebody whose certificate was not checked: drop it.
/// In both cases, to end: close(), then the bin to NULL. Texts that came from outside must be checked before
/// they are given to it: webrtcbin 1.22 aborts or freezes on some (sdp_check.hpp, webrtc/sdp_offer.hpp).
/// webrtcbin 1.22 freezes or refuses in another order than these.
///
/// Thread: all on the loop's. Held by shared_ptr only.
class PeerConnection : public std::enable_shared_from_this<PeerConnection> {
  public:
    using UseText = std::function<void(std::string sdp)>;

    /// Makes the webrtcbin: one bundled transport, no UPnP. Errors: unavailable (an element
    /// is missing), invalid_argument (an address that cannot be listened on).
    [[nodiscard]] static Result<std::shared_ptr<PeerConnection>>
    create(LoopThread& loop, ConnectionSettings settings, ConnectionEvents events);
    ~PeerConnection();
    PeerConnection(const PeerConnection&) = delete;
    PeerConnection& operator=(const PeerConnection&) = delete;

    [[nodiscard]] GstElement* webrtc() const noexcept { return webrtc_.get(); }
    /// A channel without order and retransmission; connected() waits for it, its end is the connection's. At
    /// most one. Error: unavailable.
    [[nodiscard]] Result<Ref<GObject>> open_channel(const char* label);
    /// Begins to watch, and to count the time in which the peer must connect (15 s).
    void start();

    /// Errors end the connection.
    void make_offer(UseText use);
    void make_answer(UseText use);
    void set_local(GstWebRTCSDPType type, const std::string& sdp);
    /// `fingerprint_sha256`: of the certificate that the text names, "AB:CD:..."; connected() comes only for
    /// the peer that has it.
    void set_remote(GstWebRTCSDPType type, const std::string& sdp, std::string fingerprint_sha256);
    /// Of the peer, without "a=".
    void add_candidate(const std::string& candidate);

    /// webrtcbin's statistics as they are now (application/x-webrtc-stats), borrowed for the call.
    void ask_stats(std::function<void(const GstStructure* stats)> use);

    /// connected() was called, and close() was not.
    [[nodiscard]] bool live() const noexcept { return live_ && !closed_; }
    /// Says that it failed for `why`, or that the peer left, if it has not ended yet.
    void end(bool failed, const std::string& why);
    /// What the bin says on its bus: a peer that leaves first shows as an error.
    void end_for_error(const std::string& why);
    /// Nothing is called afterwards. May be called again.
    void close();

  private:
    PeerConnection(LoopThread& loop, ConnectionSettings settings, ConnectionEvents events);
    Result<void> build();
    void watch_candidates();
    void finish_gathering();
    void tell_of_channel();
    void check_states();
    void go_live();
    void give_up_joining();
    void give_up_lost();
    [[nodiscard]] bool certificate_is_the_named() const;

    using Step = void (PeerConnection::*)();
    void connect(gpointer object, const char* signal, Step step);
    using Use = std::function<void(PeerConnection&, GstPromise*)>;
    /// Its reply is given to `use` on the loop, unless this is closed by then.
    Ref<GstPromise> promise(Use use);
    void make_description(const char* signal, const char* field, UseText use);

    LoopThread& loop_;
    const ConnectionSettings settings_;
    ConnectionEvents events_;
    Ref<GstElement> webrtc_;
    Ref<GObject> agent_; // libnice's
    Ref<GObject> channel_;
    std::vector<std::pair<Ref<GObject>, gulong>> handlers_;
    Timer join_timer_{loop_.context(), [this] { give_up_joining(); }};
    Timer lost_timer_{loop_.context(), [this] { give_up_lost(); }};
    std::string fingerprint_;
    bool is_reachable_ = false; // some candidate of ours was found
    bool live_ = false;
    bool closed_ = false;
};

/// To be called before a webrtcbin is stopped; close() does. sctpenc 1.22 holds its pad's stream lock while
/// the peer takes no data, and waits for that lock when it is stopped: for a minute, until SCTP gives the
/// peer up. Only a flush wakes it.
void wake_data_senders(GstElement* webrtc);

} // namespace masthead

// The conversation with a peer that made the offer, from its offer to our answer with all of our candidates.
#pragma once

#include "plugins/elements/webrtc/peer_connection.hpp"
#include "plugins/elements/webrtc/sdp_offer.hpp"

#include <functional>
#include <string>
#include <vector>

namespace masthead {

/// webrtcbin makes an offer all the same (sdp_offer.hpp): the peer's is the answer to it, and it, with all
/// candidates, becomes the answer to the peer's. Thread: the connection's loop. The connection outlives it.
class Answering {
  public:
    /// `answer` is called once, unless the connection ends before.
    Answering(PeerConnection& connection, CheckedOffer offer,
              std::function<void(const std::string& sdp)> answer)
        : connection_(connection), offer_(std::move(offer)), answer_(std::move(answer)) {}

    /// When the connection's bin plays. This must live as long as the connection is open.
    void begin();
    /// What ConnectionEvents::candidate and gathered say.
    void candidate(unsigned mline, const std::string& candidate);
    void gathered();

  private:
    void use(const std::string& ours);

    PeerConnection& connection_;
    const CheckedOffer offer_;
    const std::function<void(const std::string& sdp)> answer_;
    std::string ours_; // while its candidates are gathered
    std::vector<std::string> candidates_;
};

} // namespace masthead

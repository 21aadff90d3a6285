#include "plugins/elements/webrtc/answering.hpp"

#include <utility>

namespace masthead {

void Answering::begin() {
    connection_.make_offer([this](const std::string& ours) { use(ours); });
}

void Answering::use(const std::string& ours) {
    ours_ = with_peers_numbers(ours, offer_);
    const auto answer = as_answer_to(ours_, offer_);
    if (!answer) {
        connection_.end(true, answer.error().message);
        return;
    }
    connection_.set_local(GST_WEBRTC_SDP_TYPE_OFFER, ours_);
    connection_.set_remote(GST_WEBRTC_SDP_TYPE_ANSWER, *answer, offer_.media.transport.fingerprint);
}

void Answering::candidate(unsigned mline, const std::string& candidate) {
    if (mline == 0) { // bundled: all belong to the first section's transport
        candidates_.push_back(candidate);
    }
}

void Answering::gathered() {
    if (ours_.empty()) {
        return;
    }
    const auto answer = answer_for_peer(std::exchange(ours_, {}), offer_, candidates_);
    if (!answer) {
        connection_.end(true, answer.error().message);
        return;
    }
    answer_(*answer);
}

} // namespace masthead

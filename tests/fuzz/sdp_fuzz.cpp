// Any bytes as an answer, an offer and a candidate. What is taken must be taken again, unchanged, when it
// comes back.
#include "plugins/elements/webrtc/sdp_check.hpp"
#include "plugins/elements/webrtc/sdp_offer.hpp"
#include "tests/unit/bad_answers.hpp"
#include "tests/unit/sdp_samples.hpp"

#include <cstdint>
#include <cstdlib>

using namespace masthead;

namespace {

/// A broken promise; abort() is what libFuzzer and the replay take as a finding.
void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const std::string with_sound = test::offer_with_sound();
    for (const std::string_view ours : {std::string_view(test::kOffer), std::string_view(with_sound)}) {
        if (const auto answer = check_answer(ours, text)) {
            const auto again = check_answer(ours, answer->sdp);
            require(again && again->sdp == answer->sdp);
        }
    }
    if (const auto offer = check_offer(text)) {
        static const std::string with_any_sound = test::replaced(with_sound, "111", "sound-type");
        const std::string made =
            test::numbered(offer->audio_line ? with_any_sound : test::kOffer, offer->payload_type);
        const std::string ours =
            with_peers_numbers(test::replaced(made, "sound-type", offer->audio_payload_type), *offer);
        const auto answer = as_answer_to(ours, *offer);
        require(answer && sdp::parse(*answer));
        const auto told = answer_for_peer(ours, *offer, {});
        require(told && sdp::parse(*told));
    }
    if (const auto candidate = check_candidate(text); candidate && *candidate) {
        const auto again = check_candidate(**candidate);
        require(again && *again && **again == **candidate);
    }
    return 0;
}

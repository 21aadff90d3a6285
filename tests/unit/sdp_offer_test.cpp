// The gatekeeper for offers alone: what it takes of a player's, and what it makes of it for either side.
#include "plugins/elements/webrtc/sdp_check.hpp"
#include "plugins/elements/webrtc/sdp_offer.hpp"
#include "tests/unit/bad_answers.hpp"
#include "tests/unit/sdp_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>

using namespace masthead;
using masthead::test::kOffer;
using masthead::test::kPlayersOffer;
using masthead::test::replaced;
using masthead::test::replacing;
using masthead::test::swapped;
using masthead::test::without;
using testing::HasSubstr;
using testing::Not;

TEST(SdpOffer, TakesTheBestH264OfChromiums) {
    const auto offer = check_offer(kPlayersOffer);
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->payload_type, "108");
    EXPECT_EQ(offer->profile_level_id, "42e01f");
    EXPECT_EQ(offer->rtx_type, "109");
    EXPECT_EQ(offer->video_line, 1U);
    EXPECT_EQ(offer->data_line, 2U);
    EXPECT_EQ(offer->media.transport.setup, "active");
}

TEST(SdpOffer, BecomesAnAnswerToOurOwnOfferWithThePlayersNumbers) {
    const auto offer = check_offer(kPlayersOffer);
    ASSERT_TRUE(offer);
    const std::string ours = with_peers_numbers(test::numbered(kOffer, "108"), *offer);
    EXPECT_THAT(ours, HasSubstr("m=video 9 UDP/TLS/RTP/SAVPF 108 109\r\n"));
    EXPECT_THAT(ours, HasSubstr("a=fmtp:109 apt=108\r\n"));
    const auto answer = as_answer_to(ours, *offer);
    ASSERT_TRUE(answer) << answer.error().message;
    const auto checked = check_answer(ours, *answer);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->fingerprint_sha256, offer->media.transport.fingerprint);
}

TEST(SdpOffer, IsAnsweredLineByLine) {
    const auto offer = check_offer(kPlayersOffer);
    ASSERT_TRUE(offer);
    const auto answer = answer_for_peer(kOffer, *offer, {"candidate:1 1 UDP 1 127.0.0.1 9 typ host"});
    ASSERT_TRUE(answer) << answer.error().message;
    for (const char* line :
         {"a=group:BUNDLE 0 1 2\r\n", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "a=inactive\r\n",
          "a=sendonly\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 108 109\r\n", "a=setup:passive\r\n",
          "a=ssrc:2837219706 cname:user@host", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
          "a=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n",
          "a=ice-ufrag:rVAUWFkvwvUxlY6o480m3pKLsRmJb8q3\r\n"}) {
        EXPECT_THAT(*answer, HasSubstr(line));
    }
}

TEST(SdpOffer, IsAnsweredWithSoundWhereThereIsSome) {
    const auto offer = check_offer(kPlayersOffer);
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->audio_line, 0U);
    EXPECT_EQ(offer->audio_payload_type, "111");
    const std::string ours = with_peers_numbers(test::numbered(test::offer_with_sound(), "108"), *offer);
    const auto as_answer = as_answer_to(ours, *offer);
    ASSERT_TRUE(as_answer) << as_answer.error().message;
    const auto checked = check_answer(ours, *as_answer);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_TRUE(checked->takes_audio);
    const auto answer = answer_for_peer(ours, *offer, {});
    ASSERT_TRUE(answer) << answer.error().message;
    const std::string sound =
        answer->substr(answer->find("m=audio"), answer->find("m=video") - answer->find("m=audio"));
    for (const char* line :
         {"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "a=sendonly\r\n", "a=rtpmap:111 opus/48000/2\r\n",
          "a=ssrc:99 cname:user@host\r\n", "a=setup:passive\r\n", "a=mid:0\r\n"}) {
        EXPECT_THAT(sound, HasSubstr(line));
    }
}

TEST(SdpOffer, GivesSoundOnlyToWhoCanTakeItOverTheVideosTransport) {
    const std::string with_rtx_number =
        replaced(replaced(kPlayersOffer, "SAVPF 111", "SAVPF 109"), ":111 ", ":109 ");
    std::string inactive = kPlayersOffer;
    inactive.replace(inactive.find("a=recvonly"), 10, "a=inactive");
    for (const std::string& text :
         {replaced(kPlayersOffer, "opus/48000/2", "PCMU/8000"),
          replaced(kPlayersOffer, "BUNDLE 0 1 2", "BUNDLE 1 2"),
          replaced(kPlayersOffer, "m=audio 9", "m=audio 0"), with_rtx_number, inactive}) {
        const auto offer = check_offer(text);
        ASSERT_TRUE(offer) << offer.error().message;
        EXPECT_FALSE(offer->audio_line);
    }
}

TEST(SdpOffer, RefusesOtherMediaUnlessTheBundleHangsOnThem) {
    const auto offer = check_offer(replaced(kPlayersOffer, "BUNDLE 0 1 2", "BUNDLE 1 0 2"));
    ASSERT_TRUE(offer) << offer.error().message;
    const auto answer = answer_for_peer(kOffer, *offer, {});
    EXPECT_THAT(*answer, HasSubstr("m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"));
    EXPECT_THAT(*answer, HasSubstr("a=group:BUNDLE 1 2\r\n"));
}

TEST(SdpOffer, HandsOnNothingItDidNotCheck) {
    const std::string text = replaced(kPlayersOffer, "a=mid:1\r\n",
                                      "a=mid:1\r\na=extmap:1 urn:evil\r\na=evil:x\r\na=rtcp-fb:108 evil\r\n");
    const auto offer = check_offer(text);
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_THAT(*as_answer_to(kOffer, *offer), Not(HasSubstr("evil")));
    EXPECT_THAT(*answer_for_peer(kOffer, *offer, {}), Not(HasSubstr("evil")));
}

TEST(SdpOffer, RefusesADataChannelThatIsNotInTheBundle) {
    const auto offer = check_offer(replaced(kPlayersOffer, "BUNDLE 0 1 2", "BUNDLE 0 1"));
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_FALSE(offer->data_line);
    EXPECT_THAT(*answer_for_peer(kOffer, *offer, {}), HasSubstr("m=application 0 "));
}

TEST(SdpOffer, RefusesBadOnesWithASentence) {
    const std::vector<test::BadAnswer> bad{
        {"empty", [](const std::string&) { return std::string(); }},
        {"no SDP", [](const std::string&) { return std::string("hello"); }},
        {"too long",
         [](const std::string& text) { return text + "a=x:" + std::string(40'000, 'x') + "\r\n"; }},
        {"session part only", [](const std::string& text) { return text.substr(0, text.find("m=")); }},
        {"no video", [](const std::string& text) { return text.substr(0, text.find("m=video")); }},
        {"no H.264", replacing("H264", "VP8")},
        {"packetization mode 0", replacing("packetization-mode=1", "packetization-mode=0")},
        {"a profile that is none", replacing("profile-level-id=42", "profile-level-id=42\tx")},
        {"sends only", replacing("a=recvonly", "a=sendonly")},
        {"inactive", replacing("a=recvonly", "a=inactive")},
        {"plain RTP", replacing("UDP/TLS/RTP/SAVPF", "RTP/AVP")},
        {"a line that is no medium", replacing("m=audio", "m=evil")},
        {"no mid", without("a=mid:")},
        {"a mid twice", swapped("a=mid:", "a=mid:0")},
        {"no fingerprint", without("a=fingerprint:")},
        {"sha-1 fingerprint", replacing("a=fingerprint:sha-256", "a=fingerprint:sha-1")},
        {"no ufrag", without("a=ice-ufrag:")},
        {"short password", swapped("a=ice-pwd:", "a=ice-pwd:short")},
        {"unknown role", swapped("a=setup:", "a=setup:holdconn")},
        {"no rtcp-mux", without("a=rtcp-mux")},
        {"SCTP port 0", swapped("a=sctp-port:", "a=sctp-port:0")},
        {"candidate with a host name",
         replacing("a=mid:1", "a=candidate:1 1 udp 1 example.org 9 typ host\r\na=mid:1")},
        {"refused by itself", replacing("m=video 9", "m=video 0")},
        {"a hundred lines",
         [](const std::string& text) {
             std::string many = text;
             for (int i = 0; i < 100; ++i) {
                 many += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:x" + std::to_string(i) + "\r\n";
             }
             return many;
         }},
    };
    for (const auto& [name, change] : bad) {
        SCOPED_TRACE(name);
        const auto offer = check_offer(change(kPlayersOffer));
        ASSERT_FALSE(offer);
        EXPECT_GT(offer.error().message.size(), 20U);
        EXPECT_NE(offer.error().code, Code::internal);
    }
}

// The gatekeeper alone: what it takes, what it refuses, and that it hands on nothing it did not understand.
#include "plugins/elements/webrtc/certificate.hpp"
#include "plugins/elements/webrtc/sdp_check.hpp"
#include "tests/unit/bad_answers.hpp"
#include "tests/unit/sdp_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>

using namespace masthead;
using masthead::test::kAnswer;
using masthead::test::kOffer;
using testing::HasSubstr;
using testing::Not;

TEST(SdpCheck, TakesChromiumsAnswer) {
    const auto checked = check_answer(kOffer, kAnswer);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->fingerprint_sha256,
              "E4:31:F5:59:E4:42:79:92:D8:D8:F0:4E:C8:43:05:52:64:00:0D:E9:9B:58:81:47:6B:"
              "B6:59:20:24:AC:C4:AF");
    for (const char* line : {"a=group:BUNDLE video0 application1", "a=recvonly", "a=rtcp-fb:96 nack pli",
                             "a=setup:active", "a=ice-ufrag:0Bok", "a=sctp-port:5000", "a=fmtp:97 apt=96"}) {
        EXPECT_THAT(checked->sdp, HasSubstr(line));
    }
}

TEST(SdpCheck, TakesItsOwnWordsAgain) {
    const auto once = check_answer(kOffer, kAnswer);
    ASSERT_TRUE(once);
    const auto twice = check_answer(kOffer, once->sdp);
    ASSERT_TRUE(twice) << twice.error().message;
    EXPECT_EQ(once->sdp, twice->sdp);
}

TEST(SdpCheck, TakesTheSoundThatABrowserTakes) {
    const std::string offer = test::offer_with_sound();
    const auto checked = check_answer(offer, test::answer_with_sound());
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_TRUE(checked->takes_audio);
    EXPECT_THAT(checked->sdp, HasSubstr("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
    EXPECT_THAT(checked->sdp, Not(HasSubstr("useinbandfec"))) << "what the offer did not say";
    const auto twice = check_answer(offer, checked->sdp);
    ASSERT_TRUE(twice) << twice.error().message;
    EXPECT_EQ(checked->sdp, twice->sdp);
    EXPECT_FALSE(check_answer(kOffer, kAnswer)->takes_audio);
}

TEST(SdpCheck, TakesAnAnswerThatRefusesTheSound) {
    const std::string offer = test::offer_with_sound();
    const auto whole = check_answer(offer, test::answer_with_sound());
    ASSERT_TRUE(whole);
    std::string inactive = test::answer_with_sound();
    inactive.replace(inactive.find("a=recvonly", inactive.find("m=audio")), 10, "a=inactive");
    for (const std::string& answer : {test::answer_without_sound(), inactive}) {
        const auto checked = check_answer(offer, answer);
        ASSERT_TRUE(checked) << checked.error().message;
        EXPECT_FALSE(checked->takes_audio);
        EXPECT_THAT(checked->sdp, HasSubstr("a=group:BUNDLE video0 audio1 application1"))
            << "webrtcbin aborts when a section of its own is not in the group";
    }
}

TEST(SdpCheck, RefusesBadSoundWithASentence) {
    const auto of_sound = [](const std::string& from, const std::string& to) {
        return [=](std::string text) {
            const std::size_t at = text.find(from, text.find("m=audio"));
            return text.replace(at, from.size(), to);
        };
    };
    const std::vector<test::BadAnswer> bad{
        {"another codec", of_sound("opus/48000/2", "PCMU/8000")},
        {"another number", of_sound("111", "112")},
        {"sends", of_sound("a=recvonly", "a=sendrecv")},
        {"another mid", of_sound("a=mid:audio1", "a=mid:audio2")},
        {"another transport", of_sound("a=ice-ufrag:0Bok", "a=ice-ufrag:1Bok")},
        {"no rtcp-mux", of_sound("a=rtcp-mux\r\n", "")},
        {"refused and in the group", of_sound("m=audio 9", "m=audio 0")},
        {"taken and not in the group",
         [](const std::string& text) {
             return test::replaced(text, " audio1 application1", " application1");
         }},
        {"before the video",
         [](const std::string& text) {
             const std::size_t video = text.find("m=video");
             const std::size_t audio = text.find("m=audio");
             const std::size_t data = text.find("m=application");
             return text.substr(0, video) + text.substr(audio, data - audio) +
                    text.substr(video, audio - video) + text.substr(data);
         }},
    };
    for (const auto& [name, change] : bad) {
        SCOPED_TRACE(name);
        const auto checked = check_answer(test::offer_with_sound(), change(test::answer_with_sound()));
        ASSERT_FALSE(checked);
        EXPECT_GT(checked.error().message.size(), 20U);
        EXPECT_NE(checked.error().code, Code::internal);
    }
    EXPECT_FALSE(check_answer(test::offer_with_sound(), kAnswer)) << "a section is missing";
}

TEST(SdpCheck, TakesTransportAttributesOfTheSession) {
    // Firefox gives its fingerprint once, for the whole session.
    const std::string line = test::line_of(kAnswer, "a=fingerprint:");
    const std::string text =
        test::replaced(test::with_lines(kAnswer, "a=fingerprint:", ""), "m=video", line + "\r\nm=video");
    EXPECT_TRUE(check_answer(kOffer, text));
}

TEST(SdpCheck, HandsOnNothingItDidNotCheck) {
    const std::string text =
        test::replaced(kAnswer, "a=mid:video0",
                       "a=mid:video0\r\na=extmap:1 urn:evil\r\na=ssrc:1 cname:evil\r\na=evil:x\r\n"
                       "a=rtcp-fb:96 evil");
    const auto checked = check_answer(kOffer, text);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_THAT(checked->sdp, Not(HasSubstr("evil")));
}

TEST(SdpCheck, HandsOnUdpCandidatesAndDropsNames) {
    const std::string text =
        test::replaced(kAnswer, "a=mid:video0",
                       "a=candidate:1 1 udp 2113937151 192.0.2.7 35202 typ host generation 0\r\n"
                       "a=candidate:2 1 udp 2113937151 4c6a3ca4-bcf1.local 35203 typ host\r\n"
                       "a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active\r\n"
                       "a=mid:video0");
    const auto checked = check_answer(kOffer, text);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_THAT(checked->sdp, HasSubstr("a=candidate:1 1 UDP 2113937151 192.0.2.7 35202 typ host\r\n"));
    EXPECT_THAT(checked->sdp, Not(HasSubstr("local")));
    EXPECT_THAT(checked->sdp, Not(HasSubstr("tcptype")));
}

class BadAnswers : public testing::TestWithParam<test::BadAnswer> {};

TEST_P(BadAnswers, AreRefusedWithASentence) {
    const std::string bad = GetParam().change(kAnswer);
    ASSERT_NE(bad, kAnswer) << "the change does nothing";
    const auto checked = check_answer(kOffer, bad);
    ASSERT_FALSE(checked) << checked->sdp;
    EXPECT_GT(checked.error().message.size(), 20U);
    EXPECT_NE(checked.error().code, Code::internal);
}

INSTANTIATE_TEST_SUITE_P(SdpCheck, BadAnswers, testing::ValuesIn(test::bad_answers()), [](const auto& info) {
    std::string name = info.param.name;
    std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
    return name;
});

TEST(SdpCheck, SaysThatTheBrowserCannotShowARefusedVideo) {
    const auto checked = check_answer(kOffer, test::chromium_to_high(kAnswer));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Code::unsupported);
    EXPECT_THAT(checked.error().message, HasSubstr("browser cannot show"));
}

TEST(SdpCheck, SaysThatItMakesTheOffers) {
    const auto checked = check_answer(kOffer, kOffer);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().message, HasSubstr("server makes the offers"));
}

TEST(CandidateCheck, TakesWhatBrowsersSendAndCutsTheRest) {
    const auto host =
        check_candidate("candidate:3632022286 1 udp 2113937151 192.0.2.7 35202 typ host generation 0 "
                        "ufrag 284/ network-cost 999");
    ASSERT_TRUE(host && *host);
    EXPECT_EQ(**host, "candidate:3632022286 1 UDP 2113937151 192.0.2.7 35202 typ host");
    const auto reflexive =
        check_candidate("a=candidate:4 1 UDP 1677729535 2001:DB8::7 4000 typ srflx raddr 0.0.0.0 rport 0");
    ASSERT_TRUE(reflexive && *reflexive);
    EXPECT_EQ(**reflexive, "candidate:4 1 UDP 1677729535 2001:db8::7 4000 typ srflx");
}

TEST(CandidateCheck, IgnoresWhatIsFineButOfNoUse) {
    for (const char* candidate : {"", "candidate:1 1 udp 1 4c6a3ca4-bcf1-4c19.local 35202 typ host",
                                  "candidate:1 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active"}) {
        const auto checked = check_candidate(candidate);
        ASSERT_TRUE(checked) << candidate;
        EXPECT_FALSE(*checked) << candidate;
    }
}

TEST(CandidateCheck, RefusesEverythingElse) {
    const std::string tail = " 9 typ host";
    for (const std::string& candidate :
         std::vector<std::string>{"x",
                                  "candidate:",
                                  "candidate:1 1 udp 1 192.0.2.7 9",
                                  "candidate:1 1 udp 1 192.0.2.7 9 type host",
                                  "candidate:1 1 udp 1 example.org" + tail,
                                  "candidate:1 1 udp 1 a.b.local" + tail,
                                  "candidate:1 1 udp 1 .local" + tail,
                                  "candidate:1 1 udp 1 0.0.0.0" + tail,
                                  "candidate:1 1 udp 1 224.0.0.1" + tail,
                                  "candidate:1 1 udp 1 255.255.255.255" + tail,
                                  "candidate:1 1 udp 1 fe80::1%eth0" + tail,
                                  "candidate:1 1 udp 1 127.1" + tail,
                                  "candidate:1 2 udp 1 192.0.2.7" + tail,
                                  "candidate:1 1 sctp 1 192.0.2.7" + tail,
                                  "candidate:1 1 udp 0 192.0.2.7" + tail,
                                  "candidate:1 1 udp -1 192.0.2.7" + tail,
                                  "candidate:1 1 udp 4294967296 192.0.2.7" + tail,
                                  "candidate:1 1 udp 1 192.0.2.7 0 typ host",
                                  "candidate:1 1 udp 1 192.0.2.7 65536 typ host",
                                  "candidate:1 1 udp 1 192.0.2.7 9 typ guess",
                                  "candidate:1;2 1 udp 1 192.0.2.7" + tail,
                                  "candidate:1 1 udp 1 192.0.2.7 9 typ host extra",
                                  "candidate:1 1 udp 1 192.0.2.7 9 typ host\r\na=evil:x y",
                                  "candidate:1  1 udp 1 192.0.2.7 9 typ host",
                                  "candidate:1 1 udp 1 192.0.2.7 9 typ host " + std::string(600, 'x')}) {
        EXPECT_FALSE(check_candidate(candidate)) << candidate;
    }
}

TEST(Certificate, HasTheFingerprintOfItsDerBytes) {
    // SHA-256 of the five bytes "hello".
    EXPECT_EQ(
        sha256_of_pem("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"),
        "2C:F2:4D:BA:5F:B0:A3:0E:26:E8:3B:2A:C5:B9:E2:9E:1B:16:1E:5C:1F:A7:42:5E:73:04:33:62:93:8B:98:24");
    EXPECT_EQ(sha256_of_pem("no certificate"), "");
    EXPECT_EQ(sha256_of_pem(""), "");
}

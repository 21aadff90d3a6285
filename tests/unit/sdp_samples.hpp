// An offer that webrtcbin 1.22 made for viewersink and what Chromium 156 answered; an offer of Chromium's
// own.
#pragma once

#include "tests/unit/bad_answers.hpp"

namespace masthead::test {

inline constexpr const char* kOffer =
    "v=0\r\no=- 3795834015708433474 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\n"
    "a=group:BUNDLE video0 application1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\n"
    "a=setup:actpass\r\na=ice-ufrag:rVAUWFkvwvUxlY6o480m3pKLsRmJb8q3\r\n"
    "a=ice-pwd:sJapqIjXVLDWh+RUdu2jTebDvDgw0U35\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=sendonly\r\n"
    "a=rtpmap:96 H264/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 ccm fir\r\n"
    "a=rtcp-fb:96 transport-cc\r\n"
    "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1\r\n"
    "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=ssrc-group:FID 2837219706 32742435\r\n"
    "a=ssrc:2837219706 msid:user@host webrtctransceiver0\r\na=ssrc:2837219706 cname:user@host\r\n"
    "a=ssrc:32742435 msid:user@host webrtctransceiver0\r\na=ssrc:32742435 cname:user@host\r\na=mid:video0\r\n"
    "a=fingerprint:sha-256 7C:21:31:A7:E2:10:E0:18:69:0F:E5:F1:58:F6:30:17:53:31:DC:A7:4C:DA:10:29:1D:28:8C:"
    "D5:57:6C:B9:22\r\na=rtcp-mux-only\r\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\na=setup:actpass\r\na=ice-ufrag:rVAUWFkvwvUxlY6o480m3pKLsRmJb8q3\r\n"
    "a=ice-pwd:sJapqIjXVLDWh+RUdu2jTebDvDgw0U35\r\na=bundle-only\r\na=mid:application1\r\na=sctp-port:"
    "5000\r\n"
    "a=fingerprint:sha-256 7C:21:31:A7:E2:10:E0:18:69:0F:E5:F1:58:F6:30:17:53:31:DC:A7:4C:DA:10:29:1D:28:8C:"
    "D5:57:6C:B9:22\r\n";

inline constexpr const char* kAnswer =
    "v=0\r\no=- 6505546421168394522 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE video0 "
    "application1\r\n"
    "a=msid-semantic: WMS\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:0Bok\r\na=ice-pwd:8sI2L5k4hYAnq5WdLan5rLXm\r\n"
    "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 E4:31:F5:59:E4:42:79:92:D8:D8:F0:4E:C8:43:05:52:64:00:0D:E9:9B:58:81:47:6B:B6:59:"
    "20:24:AC:C4:AF\r\na=setup:active\r\na=mid:video0\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
    "a=rtpmap:96 H264/90000\r\na=rtcp-fb:96 transport-cc\r\na=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 nack\r\n"
    "a=rtcp-fb:96 nack pli\r\n"
    "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:0Bok\r\na=ice-pwd:8sI2L5k4hYAnq5WdLan5rLXm\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 E4:31:F5:59:E4:42:79:92:D8:D8:F0:4E:C8:43:05:52:64:00:0D:E9:9B:58:81:47:6B:B6:59:"
    "20:24:AC:C4:AF\r\na=setup:active\r\na=mid:application1\r\na=sctp-port:5000\r\n";

/// `text` with a section for sound between video and data: the video's, with `m_line` and, behind the mid,
/// `lines` instead of what is said of H.264.
inline std::string with_section_of_sound(const std::string& text, const std::string& m_line,
                                         const std::string& lines) {
    const std::size_t video = text.find("m=video");
    const std::size_t data = text.find("m=application");
    std::string sound = with_lines(text.substr(video, data - video), "m=video", m_line);
    for (const char* line : {"a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=ssrc"}) {
        sound = with_lines(sound, line, "");
    }
    sound = replaced(sound, "a=mid:video0\r\n", "a=mid:audio1\r\n" + lines);
    return replaced(text.substr(0, data) + sound + text.substr(data), "BUNDLE video0 application1",
                    "BUNDLE video0 audio1 application1");
}

/// kOffer with sound, and what Chromium answers to it.
inline std::string offer_with_sound() {
    return with_section_of_sound(
        kOffer, "m=audio 0 UDP/TLS/RTP/SAVPF 111",
        "a=bundle-only\r\na=rtpmap:111 OPUS/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
        "a=ssrc:99 msid:sound webrtctransceiver1\r\na=ssrc:99 cname:user@host\r\n");
}

inline std::string answer_with_sound() {
    return with_section_of_sound(kAnswer, "m=audio 9 UDP/TLS/RTP/SAVPF 111",
                                 "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n");
}

/// The same of a browser that wants none.
inline std::string answer_without_sound() {
    std::string answer = replaced(answer_with_sound(), "m=audio 9", "m=audio 0");
    return replaced(answer, " audio1 application1", " application1");
}

/// Chromium's to receive audio and video, with a data channel; without extensions and most codecs.
inline constexpr const char* kPlayersOffer =
    "v=0\r\n"
    "o=- 572526520975464220 2 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1 2\r\n"
    "a=msid-semantic: WMS\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:xEqA\r\n"
    "a=ice-pwd:pOQgUiRcmXAnV+ayfWQvfmX2\r\n"
    "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "1B:B8:52:6F:CB:B4:81:44:C3:27:89:AE:8D:34:FB:53:2C:D2:35:52:09:00:25:D3:84:80:A0:84:FB:AB:D6:BD\r\n"
    "a=setup:actpass\r\n"
    "a=mid:0\r\n"
    "a=recvonly\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-rsize\r\n"
    "a=rtcp-xr:rcvr-rtt=all\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 107 108 109\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:xEqA\r\n"
    "a=ice-pwd:pOQgUiRcmXAnV+ayfWQvfmX2\r\n"
    "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "1B:B8:52:6F:CB:B4:81:44:C3:27:89:AE:8D:34:FB:53:2C:D2:35:52:09:00:25:D3:84:80:A0:84:FB:AB:D6:BD\r\n"
    "a=setup:actpass\r\n"
    "a=mid:1\r\n"
    "a=recvonly\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-rsize\r\n"
    "a=rtcp-xr:rcvr-rtt=all\r\n"
    "a=rtpmap:96 VP8/90000\r\n"
    "a=rtcp-fb:96 goog-remb\r\n"
    "a=rtcp-fb:96 transport-cc\r\n"
    "a=rtcp-fb:96 ccm fir\r\n"
    "a=rtcp-fb:96 nack\r\n"
    "a=rtcp-fb:96 nack pli\r\n"
    "a=rtpmap:97 rtx/90000\r\n"
    "a=fmtp:97 apt=96\r\n"
    "a=rtpmap:102 H264/90000\r\n"
    "a=rtcp-fb:102 goog-remb\r\n"
    "a=rtcp-fb:102 transport-cc\r\n"
    "a=rtcp-fb:102 ccm fir\r\n"
    "a=rtcp-fb:102 nack\r\n"
    "a=rtcp-fb:102 nack pli\r\n"
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"
    "a=rtpmap:103 rtx/90000\r\n"
    "a=fmtp:103 apt=102\r\n"
    "a=rtpmap:104 H264/90000\r\n"
    "a=rtcp-fb:104 goog-remb\r\n"
    "a=rtcp-fb:104 transport-cc\r\n"
    "a=rtcp-fb:104 ccm fir\r\n"
    "a=rtcp-fb:104 nack\r\n"
    "a=rtcp-fb:104 nack pli\r\n"
    "a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f\r\n"
    "a=rtpmap:107 rtx/90000\r\n"
    "a=fmtp:107 apt=104\r\n"
    "a=rtpmap:108 H264/90000\r\n"
    "a=rtcp-fb:108 goog-remb\r\n"
    "a=rtcp-fb:108 transport-cc\r\n"
    "a=rtcp-fb:108 ccm fir\r\n"
    "a=rtcp-fb:108 nack\r\n"
    "a=rtcp-fb:108 nack pli\r\n"
    "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:109 rtx/90000\r\n"
    "a=fmtp:109 apt=108\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:xEqA\r\n"
    "a=ice-pwd:pOQgUiRcmXAnV+ayfWQvfmX2\r\n"
    "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "1B:B8:52:6F:CB:B4:81:44:C3:27:89:AE:8D:34:FB:53:2C:D2:35:52:09:00:25:D3:84:80:A0:84:FB:AB:D6:BD\r\n"
    "a=setup:actpass\r\n"
    "a=mid:2\r\n"
    "a=sctp-port:5000\r\n"
    "a=max-message-size:262144\r\n";

} // namespace masthead::test

// An offer that webrtcbin 1.22 made for viewersink and what Chromium 156 answered.
#pragma once

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

} // namespace masthead::test

// Answers that must not reach webrtcbin, each made from a good one. Those that abort or freeze webrtcbin 1.22
// first.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace masthead::test {

using Change = std::function<std::string(std::string)>;

struct BadAnswer {
    const char* name;
    Change change;
};

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// kOffer as webrtcbin makes it when H.264 has another number.
inline std::string numbered(const std::string& offer, const std::string& h264) {
    const std::string rtx = h264 == "97" ? "96" : "97";
    std::string text = replaced(replaced(offer, ":97 ", ":rtx "), ":96 ", ':' + h264 + ' ');
    text = replaced(replaced(text, ":rtx ", ':' + rtx + ' '), "apt=96", "apt=" + h264);
    return replaced(text, " 96 97\r\n", ' ' + h264 + ' ' + rtx + "\r\n");
}

/// Every line that begins with `start` replaced by `with` (given without its line end; "" removes the line).
inline std::string with_lines(const std::string& text, const std::string& start, const std::string& with) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::size_t next = end == std::string::npos ? text.size() : end + 1;
        const std::string line = text.substr(at, next - at);
        out += !line.starts_with(start) ? line : with.empty() ? "" : with + "\r\n";
        at = next;
    }
    return out;
}

inline std::string line_of(const std::string& text, const std::string& start) {
    const std::size_t at = text.find(start);
    return at == std::string::npos ? "" : text.substr(at, text.find_first_of("\r\n", at) - at);
}

inline Change without(const std::string& start) {
    return [start](const std::string& text) { return with_lines(text, start, ""); };
}

inline Change swapped(const std::string& start, const std::string& with) {
    return [=](const std::string& text) { return with_lines(text, start, with); };
}

inline Change replacing(const std::string& from, const std::string& to) {
    return [=](const std::string& text) { return replaced(text, from, to); };
}

inline std::string refuse_video(const std::string& text) {
    const std::string line = line_of(text, "m=video ");
    return replaced(text, line, "m=video 0" + line.substr(line.find(' ', 8)));
}

/// What Chromium itself answers to an offer of 64001f: port 0, inactive, video not in the group.
inline std::string chromium_to_high(const std::string& text) {
    return with_lines(replaced(refuse_video(text), "a=recvonly", "a=inactive"),
                      "a=group:", "a=group:BUNDLE application1");
}

inline std::string media_in_other_order(const std::string& text) {
    const std::size_t video = text.find("m=video");
    const std::size_t data = text.find("m=application");
    return text.substr(0, video) + text.substr(data) + text.substr(video, data - video);
}

inline std::vector<BadAnswer> bad_answers() {
    return {
        {"Chromium's own to a High offer", chromium_to_high},
        {"group names the other mid only", swapped("a=group:", "a=group:BUNDLE application1")},
        {"video refused, other mid in the group",
         [](const std::string& text) {
             return with_lines(refuse_video(text), "a=group:", "a=group:BUNDLE application1");
         }},
        {"video refused, mid kept in the group", refuse_video},
        {"no group", without("a=group:")},
        {"two groups",
         [](const std::string& text) {
             return replaced(text, "m=video", "a=group:BUNDLE video0\r\nm=video");
         }},
        {"empty", [](const std::string&) { return std::string(); }},
        {"no SDP", [](const std::string&) { return std::string("hello"); }},
        {"control characters",
         [](const std::string& text) { return text + std::string("a=x:\x01\0y\r\n", 9); }},
        {"too long",
         [](const std::string& text) { return text + "a=x:" + std::string(40'000, 'x') + "\r\n"; }},
        {"session part only", [](const std::string& text) { return text.substr(0, text.find("m=video")); }},
        {"no data channel",
         [](const std::string& text) { return text.substr(0, text.find("m=application")); }},
        {"media in another order", media_in_other_order},
        {"one medium too many",
         [](const std::string& text) { return text + text.substr(text.find("m=application")); }},
        {"audio instead of video", replacing("m=video", "m=audio")},
        {"plain RTP", replacing("UDP/TLS/RTP/SAVPF", "RTP/AVP")},
        {"no mid", without("a=mid:")},
        {"another mid", swapped("a=mid:video0", "a=mid:other")},
        {"two mids",
         [](const std::string& text) {
             return replaced(text, "a=mid:video0", "a=mid:video0\r\na=mid:video1");
         }},
        {"no fingerprint", without("a=fingerprint:")},
        {"short fingerprint", swapped("a=fingerprint:", "a=fingerprint:sha-256 AB:CD")},
        {"fingerprint that is none",
         swapped("a=fingerprint:",
                 "a=fingerprint:sha-256 " + replaced(std::string(31, '.'), ".", "ZZ:") + "ZZ")},
        {"sha-1 fingerprint", replacing("a=fingerprint:sha-256", "a=fingerprint:sha-1")},
        {"no ufrag", without("a=ice-ufrag:")},
        {"no password", without("a=ice-pwd:")},
        {"short password", swapped("a=ice-pwd:", "a=ice-pwd:short")},
        {"ufrag with blanks", swapped("a=ice-ufrag:", "a=ice-ufrag:ab cd")},
        {"two transports in one group",
         [](const std::string& text) {
             const std::size_t data = text.find("m=application");
             return text.substr(0, data) +
                    with_lines(text.substr(data), "a=ice-ufrag:", "a=ice-ufrag:another");
         }},
        {"no role", without("a=setup:")},
        {"unknown role", swapped("a=setup:", "a=setup:holdconn")},
        {"an offer", swapped("a=setup:", "a=setup:actpass")},
        {"video sent back", replacing("a=recvonly", "a=sendrecv")},
        {"inactive", replacing("a=recvonly", "a=inactive")},
        {"no direction", without("a=recvonly")},
        {"no rtcp-mux", without("a=rtcp-mux")},
        {"H.264 not taken", replacing("UDP/TLS/RTP/SAVPF 96", "UDP/TLS/RTP/SAVPF 97")},
        {"payload type that was not offered", replacing("UDP/TLS/RTP/SAVPF 96", "UDP/TLS/RTP/SAVPF 96 100")},
        {"payload type twice", replacing("UDP/TLS/RTP/SAVPF 96", "UDP/TLS/RTP/SAVPF 96 96")},
        {"another codec for our payload type", replacing("a=rtpmap:96 H264/90000", "a=rtpmap:96 VP8/90000")},
        {"no rtpmap", without("a=rtpmap:96")},
        {"packetization mode 0", replacing("packetization-mode=1", "packetization-mode=0")},
        {"no SCTP port", without("a=sctp-port:")},
        {"SCTP port 0", swapped("a=sctp-port:", "a=sctp-port:0")},
        {"SCTP port that is no number", swapped("a=sctp-port:", "a=sctp-port:5000x")},
        {"candidate with a host name",
         replacing("a=mid:video0", "a=candidate:1 1 udp 1 example.org 9 typ host\r\na=mid:video0")},
        {"candidate that is none", replacing("a=mid:video0", "a=candidate:nonsense\r\na=mid:video0")},
        {"a thousand candidates",
         [](const std::string& text) {
             std::string many;
             for (int i = 0; i < 500; ++i) {
                 many += "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n";
             }
             return replaced(text, "a=mid:video0", many + "a=mid:video0");
         }},
    };
}

} // namespace masthead::test

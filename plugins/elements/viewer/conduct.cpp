#include "plugins/elements/viewer/conduct.hpp"

#include <algorithm>
#include <utility>

namespace masthead {

namespace {

// Browsers report every second, other receivers up to 8 s apart (RFC 3550 6.2), and reports get lost.
constexpr std::chrono::seconds kReportPatience{25};
constexpr std::chrono::seconds kMessagePatience{10};
// A browser sends some 40 a second: acknowledgements of messages, reports, requests.
constexpr double kMostPacketsASecond = 1'000;
constexpr std::uint64_t kMostResentOfSent = 4;
constexpr std::uint64_t kResentAnyway = 1'000; // a lost group of pictures when little is sent

std::string seconds(std::chrono::seconds time) { return std::to_string(time.count()) + " s"; }

} // namespace

std::optional<std::string> Conduct::against_flood(const ViewerFigures& figures, Instant now) const {
    const ViewerFigures& before = last_->figures;
    const double elapsed_s = std::chrono::duration<double>(now - last_->at).count();
    const auto received = static_cast<double>(figures.packets_received - before.packets_received);
    if (received > kMostPacketsASecond * std::max(elapsed_s, 1.0)) {
        return "the viewer sends more than " + std::to_string(static_cast<int>(kMostPacketsASecond)) +
               " packets a second";
    }
    const std::uint64_t resent = figures.packets_resent - before.packets_resent;
    const std::uint64_t sent = figures.packets_sent - before.packets_sent;
    const std::uint64_t first_sent = sent - std::min(sent, resent);
    if (resent > kMostResentOfSent * first_sent + kResentAnyway) {
        return "the viewer has everything sent to it again and again";
    }
    return std::nullopt;
}

/// Until its first report, acknowledgements on its data channel count. One that never says anything (some
/// players do not) is judged by its path alone; one that falls silent is not.
bool Conduct::has_received_more(const ViewerFigures& figures, const ViewerFigures& before) {
    if (figures.highest_sequence_number && figures.highest_sequence_number != highest_) {
        highest_ = figures.highest_sequence_number;
        return true;
    }
    if (highest_) {
        return false;
    }
    return figures.messages_sent == 0 || figures.packets_received != before.packets_received;
}

std::optional<std::string> Conduct::objection(const ViewerFigures& figures, Instant now) {
    if (!last_) {
        received_at_ = message_at_ = now;
        last_ = Look{figures, now};
        return std::nullopt;
    }
    if (auto flood = against_flood(figures, now)) {
        return flood;
    }
    const ViewerFigures before = std::exchange(last_, Look{figures, now})->figures;
    if (figures.packets_sent == before.packets_sent || has_received_more(figures, before)) {
        received_at_ = now;
    }
    if (figures.messages_dropped == before.messages_dropped ||
        figures.messages_sent != before.messages_sent) {
        message_at_ = now;
    }
    if (now - received_at_ >= kReportPatience) {
        return "nothing has reached the viewer for " + seconds(kReportPatience) + ", by its reports";
    }
    if (now - message_at_ >= kMessagePatience) {
        return "the viewer has taken no metadata for " + seconds(kMessagePatience);
    }
    return std::nullopt;
}

} // namespace masthead

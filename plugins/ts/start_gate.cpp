#include "plugins/ts/start_gate.hpp"

namespace masthead::ts {

namespace {

constexpr Ticks kNear = 10 * 90'000;

} // namespace

void StartGate::watch(Pid pcr_pid, const std::vector<Pid>& streams) {
    pcr_pid_ = pcr_pid;
    pcr_.reset();
    streams_.clear();
    for (const Pid pid : streams) {
        streams_.try_emplace(pid);
    }
}

void StartGate::close() {
    pcr_.reset();
    for (auto& [pid, stream] : streams_) {
        stream = {};
    }
}

bool StartGate::is_timed(const PesHeader& header) const noexcept {
    return header.plain && pcr_ && (*header.pts - *pcr_) % kTicksWrap < kNear;
}

bool StartGate::admits(const Packet& packet) {
    if (packet.pid == pcr_pid_ && packet.pcr) {
        pcr_ = packet.pcr;
    }
    const auto found = streams_.find(packet.pid);
    if (found == streams_.end() || found->second.open || !packet.payload) {
        return true;
    }
    Stream& stream = found->second;
    if (packet.starts_unit) {
        const auto header = parse_pes_header(*packet.payload);
        const bool is_section = !header && header.error().code == Code::malformed;
        stream.dropping = !is_section && !(header && header->pts);
        stream.open = header && header->pts && is_timed(*header);
    }
    return !stream.dropping;
}

} // namespace masthead::ts

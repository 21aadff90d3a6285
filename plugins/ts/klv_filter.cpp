#include "plugins/ts/klv_filter.hpp"

#include <algorithm>
#include <set>

namespace masthead::ts {

namespace {

constexpr std::size_t kMaxPrograms = 16;
constexpr std::size_t kMaxKlvPids = 16;
constexpr std::size_t kMaxHeld = 32;
constexpr Ticks kLongestFrame = 90'000; // more is a jump
constexpr Ticks kUsualFrame = 90'000 / 25;

bool contains(const std::vector<Pid>& pids, Pid pid) { return std::ranges::find(pids, pid) != pids.end(); }

void append(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

} // namespace

void KlvFilter::feed(ByteSpan bytes, Bytes& out) {
    framer_.feed(bytes,
                 {[&](ByteSpan packet) { take(packet, out); }, [&](ByteSpan other) { append(out, other); }});
}

void KlvFilter::finish(Bytes& out) {
    framer_.finish(
        {[&](ByteSpan packet) { take(packet, out); }, [&](ByteSpan other) { append(out, other); }});
    for (auto& known : inputs_) {
        Input& input = known.second;
        input.reader.finish([&](const Pes& pes) { take_pes(input, pes, out); });
        input.packets.reset();
    }
    for (auto& [pid, program] : programs_) {
        release(program, out);
        program.pts.reset();
        program.dts.reset();
        program.frame_ticks = 0;
    }
}

std::vector<KlvStream> KlvFilter::streams() const {
    std::vector<KlvStream> all;
    for (const auto& [pid, input] : inputs_) {
        KlvStream seen = input.seen;
        seen.losses = input.reader.losses();
        seen.resyncs = input.packets.resyncs();
        all.push_back(seen);
    }
    return all;
}

void KlvFilter::take(ByteSpan bytes, Bytes& out) {
    const auto packet = read_packet(bytes);
    if (packet && packet->pid != kNullPid) {
        const bool admitted = admits(*packet);
        if (const auto program = programs_.find(packet->pid); program != programs_.end()) {
            take_pmt(program->second, *packet, out);
            return;
        }
        if (const auto input = inputs_.find(packet->pid); input != inputs_.end()) {
            take_klv(input->second, *packet, out);
            return;
        }
        if (packet->pid == kPatPid) {
            take_pat(*packet);
        } else if (!admitted) {
            if (packet->pcr) {
                write_without_payload(out, *packet, packet->continuity);
            }
            return;
        }
    }
    append(out, bytes);
    if (packet && packet->starts_unit) {
        watch_video(*packet, out);
    }
}

bool KlvFilter::admits(const Packet& packet) {
    bool admitted = true;
    for (auto& [pid, program] : programs_) {
        admitted = program.gate.admits(packet) && admitted;
    }
    return admitted;
}

void KlvFilter::interrupted() {
    for (auto& [pid, program] : programs_) {
        program.gate.close();
    }
}

void KlvFilter::take_pat(const Packet& packet) {
    pat_.feed(packet, [&](ByteSpan section) {
        const auto list = parse_pat(section);
        if (!list) {
            return;
        }
        if (!std::ranges::equal(section, pat_section_)) {
            pat_section_ = Bytes(section.begin(), section.end());
            interrupted(); // a demuxer may begin its programmes anew
        }
        const auto listed = [&](const auto& known) {
            return std::ranges::find(list->programs, known.first, &ProgramList::Program::pmt_pid) !=
                   list->programs.end();
        };
        if (list->whole) {
            std::erase_if(programs_, [&](const auto& known) { return !listed(known); });
        }
        std::set<Pid> named;
        for (const ProgramList::Program& each : list->programs) {
            if (programs_.size() < kMaxPrograms || programs_.contains(each.pmt_pid)) {
                Program& program = programs_[each.pmt_pid];
                if (named.insert(each.pmt_pid).second) { // of several in one PID the first
                    program.number = each.number;
                }
            }
        }
        forget_unused();
    });
}

void KlvFilter::take_pmt(Program& program, const Packet& packet, Bytes& out) {
    if (packet.pcr) {
        write_without_payload(out, packet, program.continuity);
    }
    program.sections.feed(packet, [&](ByteSpan section) {
        const auto map = parse_pmt(section);
        const bool ours = map && map->number == program.number;
        if (ours && !std::ranges::equal(section, program.section)) {
            program.section = Bytes(section.begin(), section.end());
            release(program, out);
            learn(program, *map);
        }
        const auto written =
            ours ? rewritten(program, *map) : Result<Bytes>(fail(Code::unsupported, "another table"));
        write_section(out, packet.pid, program.continuity, written ? ByteSpan(*written) : section);
    });
}

void KlvFilter::learn(Program& program, const ProgramMap& map) {
    program.klv.clear();
    program.video.reset();
    program.pts.reset();
    program.dts.reset();
    std::vector<Pid> others;
    for (const ElementaryStream& stream : map.streams) {
        const auto carriage = klv_carriage(stream);
        const bool usable =
            stream.pid >= kFirstFreePid && stream.pid < kNullPid && !programs_.contains(stream.pid);
        if (contains(program.klv, stream.pid)) {
            continue; // named twice
        }
        if (carriage && usable && (inputs_.contains(stream.pid) || inputs_.size() < kMaxKlvPids)) {
            inputs_[stream.pid].seen.pid = stream.pid;
            inputs_[stream.pid].seen.carriage = *carriage;
            program.klv.push_back(stream.pid);
            continue;
        }
        others.push_back(stream.pid);
        if (is_video(stream) && !program.video) {
            program.video = stream.pid;
        }
    }
    program.gate.watch(map.pcr_pid, others);
    forget_unused();
    ++changes_;
}

/// KLV that no programme names any more.
void KlvFilter::forget_unused() {
    std::erase_if(inputs_, [&](const auto& input) {
        return std::ranges::none_of(programs_,
                                    [&](const auto& each) { return contains(each.second.klv, input.first); });
    });
}

Result<Bytes> KlvFilter::rewritten(const Program& program, ProgramMap map) {
    std::erase_if(map.streams,
                  [&](const ElementaryStream& stream) { return contains(program.klv, stream.pid); });
    if (!program.klv.empty()) {
        map.streams.push_back(asynchronous_klv(program.klv.front()));
    }
    return write_pmt(map);
}

void KlvFilter::take_klv(Input& input, const Packet& packet, Bytes& out) {
    if (packet.pcr) {
        const auto last = continuity_.find(packet.pid);
        write_without_payload(out, packet, last == continuity_.end() ? packet.continuity : last->second);
    }
    input.reader.feed(packet, [&](const Pes& pes) { take_pes(input, pes, out); });
}

void KlvFilter::take_pes(Input& input, const Pes& pes, Bytes& out) {
    if (pes.after_loss) {
        input.packets.reset();
    }
    const auto time = pes.header.pts ? pes.header.pts : time_here(input.seen.pid);
    input.seen.without_pts += pes.header.pts ? 0 : 1;
    input.packets.feed(pes.payload, time, [&](ByteSpan packet, std::optional<Ticks> pts) {
        if (pts) {
            emit(input, packet, *pts, out);
        }
    });
}

/// To each programme that names the PID.
void KlvFilter::emit(Input& input, ByteSpan packet, Ticks pts, Bytes& out) {
    if (packet.size() > kMaxPesPayload) {
        ++input.seen.too_large;
        return;
    }
    ++input.seen.packets;
    const Bytes pes = write_pes(kPrivateStream1, pts, std::nullopt, packet);
    for (auto& [pid, program] : programs_) {
        if (!contains(program.klv, input.seen.pid)) {
            continue;
        }
        if (!program.held.empty() || waits_for_its_frame(program, pts)) { // none overtakes another
            program.held.push_back(pes);
        } else {
            write_unit(out, program.klv.front(), continuity_[program.klv.front()], pes);
        }
        if (program.held.size() > kMaxHeld) {
            release(program, out);
        }
    }
}

/// Whether its frame is yet to begin, or belongs to another clock than the newest one.
bool KlvFilter::waits_for_its_frame(const Program& program, Ticks pts) {
    return program.video && program.pts && (*program.pts - pts) % kTicksWrap > kLongestFrame;
}

void KlvFilter::release(Program& program, Bytes& out) {
    for (const Bytes& pes : std::exchange(program.held, {})) { // none where there is no KLV PID
        write_unit(out, program.klv.front(), continuity_[program.klv.front()], pes);
    }
}

/// A frame begins with `packet`, which is in `out` already.
void KlvFilter::watch_video(const Packet& packet, Bytes& out) {
    for (auto& [pid, program] : programs_) {
        if (program.video != packet.pid) {
            continue;
        }
        const bool readable = packet.payload && !packet.damaged && !packet.scrambled;
        const auto header = readable ? parse_pes_header(*packet.payload).value_or(PesHeader()) : PesHeader();
        if (header.dts) {
            const Ticks since = program.dts ? (*header.dts - *program.dts) % kTicksWrap : 0;
            program.frame_ticks = since > 0 && since <= kLongestFrame ? since : program.frame_ticks;
            program.dts = header.dts;
            program.pts = header.pts;
        }
        release(program, out);
    }
}

/// Where KLV without PTS stands in the stream.
std::optional<Ticks> KlvFilter::time_here(Pid klv) const {
    for (const auto& [pid, program] : programs_) {
        if (!contains(program.klv, klv)) {
            continue;
        }
        if (program.dts) {
            const Ticks frame = program.frame_ticks > 0 ? program.frame_ticks : kUsualFrame;
            return (*program.dts + frame / 2) % kTicksWrap;
        }
        if (program.gate.pcr()) {
            return program.gate.pcr();
        }
    }
    return std::nullopt;
}

} // namespace masthead::ts

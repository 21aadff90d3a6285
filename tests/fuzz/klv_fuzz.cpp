// Any bytes through everything that reads KLV: parse, values, re-encode, the splitter, AU cells, SEI
// payloads.
#include "plugins/klv/access_unit.hpp"
#include "plugins/klv/frame_message.hpp"
#include "plugins/klv/local_set.hpp"
#include "plugins/klv/packets.hpp"

#include <cstdlib>

using namespace masthead;

namespace {

/// A broken promise; abort() is what libFuzzer and the replay take as a finding.
void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void read_every_value(const klv::LocalSet& set) {
    for (const klv::Item& item : set.items()) {
        (void)set.number(item.tag);
        (void)set.integer(item.tag);
        (void)set.text(item.tag);
    }
    if (const auto time = set.time()) {
        const Utc utc =
            klv::to_utc(*time, klv::TimeSystem::misp, static_cast<int>(set.integer(136).value_or(0)),
                        set.integer(137).value_or(0));
        require(utc.us >= 0 && utc <= klv::kLastUtc);
    }
}

void check_packet(ByteSpan bytes) {
    const auto packet = klv::parse(bytes);
    if (!packet) {
        return;
    }
    require(packet->size <= bytes.size());
    read_every_value(packet->set);
    const auto again = klv::encode(packet->set);
    if (!again) {
        require(!packet->set.has(2) || again.error().code == Code::too_large);
        return;
    }
    const auto twice = klv::parse(*again);
    require(twice && !twice->flaws.any());
    for (const klv::Item& item : packet->set.items()) {
        require(twice->set.has(item.tag));
    }
}

void check_splitter(ByteSpan bytes) {
    klv::PacketSplitter whole;
    klv::PacketSplitter pieces;
    Bytes from_whole;
    Bytes from_pieces;
    whole.feed(bytes, [&](ByteSpan p) { from_whole.insert(from_whole.end(), p.begin(), p.end()); });
    for (std::size_t i = 0; i < bytes.size(); i += 7) {
        pieces.feed(bytes.subspan(i, std::min<std::size_t>(7, bytes.size() - i)),
                    [&](ByteSpan p) { from_pieces.insert(from_pieces.end(), p.begin(), p.end()); });
        require(pieces.pending() <= klv::kMaxPacketSize);
    }
    require(from_whole == from_pieces);
    require(whole.skipped_bytes() == pieces.skipped_bytes() && whole.resyncs() == pieces.resyncs());
    require(from_whole.size() + whole.skipped_bytes() + whole.pending() == bytes.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan bytes = std::as_bytes(std::span(data, size));
    check_packet(bytes);
    check_splitter(bytes);
    for (const ByteSpan part : klv::klv_parts(bytes)) {
        check_packet(part);
    }
    (void)klv::decode_sei_payload(bytes);
    (void)decode_header(bytes);
    return 0;
}

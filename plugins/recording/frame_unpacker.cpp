#include "plugins/recording/frame_unpacker.hpp"

namespace masthead::recording {

namespace {

constexpr std::size_t kMaxUnit = 64u << 20;

} // namespace

void FrameUnpacker::feed(ByteSpan bytes, const Yield& yield) {
    framer_.feed(bytes, {.packet = [&](ByteSpan packet) { take(packet, yield); },
                         .other = [this](ByteSpan) { open_.reset(); }});
}

void FrameUnpacker::finish(const Yield& yield) {
    framer_.finish({.packet = [&](ByteSpan packet) { take(packet, yield); },
                    .other = [this](ByteSpan) { open_.reset(); }});
    emit(yield);
    continuity_.reset();
}

void FrameUnpacker::take(ByteSpan bytes, const Yield& yield) {
    const auto packet = ts::read_packet(bytes);
    const bool video = packet && packet->pid == kVideoPid && packet->payload;
    if (video) {
        const bool lost = continuity_ && packet->continuity != ((*continuity_ + 1) & 15);
        continuity_ = packet->continuity;
        if (lost || packet->damaged) {
            open_.reset();
        }
        if (packet->starts_unit) {
            emit(yield);
        } else {
            append(*packet->payload);
        }
    }
    reader_.feed(bytes, [&](const FrameFacts& facts) { begin(*packet, facts); });
}

void FrameUnpacker::begin(const ts::Packet& packet, const FrameFacts& facts) {
    const auto header = ts::parse_pes_header(*packet.payload); // the reader has read it too
    if (!header || packet.damaged) {
        return;
    }
    open_ = Frame{.pts = facts.pts,
                  .dts = header->dts,
                  .key = facts.key,
                  .header = read_frame_mark(packet.private_data).value_or(FrameMessageHeader{}),
                  .access_unit = {},
                  .klv = {}};
    size_ = header->payload_size;
    klv_.assign(facts.klv.begin(), facts.klv.end());
    unit_.clear();
    append(packet.payload->subspan(header->size));
}

void FrameUnpacker::append(ByteSpan payload) {
    if (!open_) {
        return;
    }
    unit_.insert(unit_.end(), payload.begin(), payload.end());
    if (unit_.size() > kMaxUnit) {
        open_.reset();
    }
}

void FrameUnpacker::emit(const Yield& yield) {
    if (open_ && unit_.size() >= size_.value_or(0)) {
        unit_.resize(size_.value_or(unit_.size()));
        open_->access_unit = unit_;
        open_->klv = klv_;
        yield(*open_);
    }
    open_.reset();
}

} // namespace masthead::recording

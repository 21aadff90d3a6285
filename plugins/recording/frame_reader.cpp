#include "plugins/recording/frame_reader.hpp"

#include "plugins/klv/access_unit.hpp"
#include "plugins/ts/tables.hpp"

namespace masthead::recording {

void FrameReader::feed(ByteSpan bytes, const Yield& yield) {
    framer_.feed(bytes, {.packet = [&](ByteSpan packet) { take(packet, yield); },
                         .other = [&](ByteSpan other) { offset_ += other.size(); }});
}

std::uint64_t FrameReader::whole() const noexcept { return left_ > 0 ? frame_ : group_.value_or(offset_); }

void FrameReader::take(ByteSpan bytes, const Yield& yield) {
    const auto packet = ts::read_packet(bytes);
    if (packet && packet->pid == kVideoPid) {
        take_video(*packet, yield);
        group_.reset();
    } else if (packet) {
        group_ = group_.value_or(offset_);
        if (packet->pid == kPmtPid) {
            take_tables(*packet);
        } else if (packet->pid == kKlvPid) {
            klv_reader_.feed(*packet, [this](const ts::Pes& pes) {
                const auto parts = klv::klv_parts(pes.payload);
                klv_.clear();
                for (const ByteSpan part : parts) {
                    klv_.insert(klv_.end(), part.begin(), part.end());
                }
                klv_pts_ = pes.header.pts;
            });
        }
    }
    offset_ += bytes.size();
}

void FrameReader::take_tables(const ts::Packet& packet) {
    tables_.feed(packet, [this](ByteSpan section) {
        const auto map = ts::parse_pmt(section);
        if (!map) {
            return;
        }
        for (const ts::ElementaryStream& stream : map->streams) {
            if (stream.pid == kVideoPid) {
                codec_ = stream.type == ts::kH265Type ? Codec::h265 : Codec::h264;
            }
        }
    });
}

void FrameReader::take_video(const ts::Packet& packet, const Yield& yield) {
    const std::size_t size = packet.payload ? packet.payload->size() : 0;
    if (!packet.starts_unit) {
        left_ -= std::min(left_, size);
        return;
    }
    const auto header = packet.payload ? ts::parse_pes_header(*packet.payload) : fail(Code::truncated, "");
    if (!header || !header->pts) {
        return;
    }
    frame_ = group_.value_or(offset_);
    const std::size_t begun = size - header->size;
    left_ = header->payload_size.value_or(begun) - std::min(begun, header->payload_size.value_or(begun));
    const auto mark = read_frame_mark(packet.private_data);
    const bool has_klv = klv_pts_ == header->pts;
    yield({.offset = frame_,
           .pts = *header->pts,
           .key = packet.random_access,
           .time = mark && mark->utc_us != 0 ? std::optional(Utc{static_cast<std::int64_t>(mark->utc_us)})
                                             : std::nullopt,
           .klv = has_klv ? ByteSpan(klv_) : ByteSpan()});
    klv_pts_.reset();
}

} // namespace masthead::recording

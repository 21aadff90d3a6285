#include "plugins/recording/whole_frames.hpp"

#include "plugins/klv/access_unit.hpp"

namespace masthead::recording {

namespace {

/// Frames may be larger than what a PesReader keeps, and ours are known to begin and end with packets.
class Reading {
  public:
    void take(const ts::Packet& packet) {
        if (packet.pid == kKlvPid) {
            klv_reader_.feed(packet, [this](const ts::Pes& pes) {
                klv_.clear();
                for (const ByteSpan part : klv::klv_parts(pes.payload)) {
                    klv_.insert(klv_.end(), part.begin(), part.end());
                }
                klv_pts_ = pes.header.pts;
            });
        } else if (packet.pid == kVideoPid && packet.payload) {
            const bool follows = !continuity_ || packet.continuity == ((*continuity_ + 1) & 0x0F);
            continuity_ = packet.continuity;
            if (packet.starts_unit) {
                end_frame();
                begin(packet);
            } else if (frame_ && follows) {
                append(*packet.payload);
            } else {
                frame_.reset();
            }
        }
    }

    std::vector<WholeFrame> finish() {
        end_frame();
        return std::move(frames_);
    }

  private:
    void begin(const ts::Packet& packet) {
        const auto header = ts::parse_pes_header(*packet.payload);
        if (!header || !header->pts) {
            return;
        }
        frame_ = WholeFrame{.pts = *header->pts,
                            .dts = header->dts != header->pts ? header->dts : std::nullopt,
                            .key = packet.random_access,
                            .header = read_frame_mark(packet.private_data),
                            .access_unit = {},
                            .klv = klv_pts_ == header->pts ? std::move(klv_) : Bytes()};
        wanted_ = header->payload_size;
        klv_pts_.reset();
        append(packet.payload->subspan(header->size));
    }

    void append(ByteSpan bytes) {
        frame_->access_unit.insert(frame_->access_unit.end(), bytes.begin(), bytes.end());
    }

    void end_frame() {
        if (frame_ && frame_->access_unit.size() >= wanted_.value_or(1)) {
            frames_.push_back(*std::move(frame_));
        }
        frame_.reset();
    }

    std::vector<WholeFrame> frames_;
    std::optional<WholeFrame> frame_;   // that comes
    std::optional<std::size_t> wanted_; // bytes of it; nothing: it does not say
    std::optional<std::uint8_t> continuity_;
    ts::PesReader klv_reader_;
    Bytes klv_; // of the frame to come
    std::optional<ts::Ticks> klv_pts_;
};

} // namespace

std::vector<WholeFrame> frames_in(ByteSpan gops) {
    Reading reading;
    for (std::size_t at = 0; at + ts::kPacketSize <= gops.size(); at += ts::kPacketSize) {
        if (const auto packet = ts::read_packet(gops.subspan(at, ts::kPacketSize))) {
            reading.take(*packet);
        }
    }
    return reading.finish();
}

} // namespace masthead::recording

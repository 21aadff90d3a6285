// A transport stream written by hand, byte by byte as ISO/IEC 13818-1 has it; shares nothing with plugins/ts.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace masthead::test {

inline std::uint32_t mpeg_crc(ByteSpan bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::byte byte : bytes) {
        for (int bit = 7; bit >= 0; --bit) {
            const bool one = ((crc >> 31) != 0) != ((std::to_integer<unsigned>(byte) >> bit & 1U) != 0);
            crc = crc << 1 ^ (one ? 0x04C11DB7U : 0U);
        }
    }
    return crc;
}

struct TsStream {
    std::uint8_t type;
    std::uint16_t pid;
    Bytes descriptors;
};

inline Bytes hex(std::string_view text) { return from_hex(text).value(); }

inline constexpr std::uint16_t kPmtPid = 0x1000;
inline constexpr std::uint16_t kVideoPid = 0x100;
inline constexpr std::uint16_t kKlvPid = 0x101;
inline constexpr std::uint64_t kFrameTicks = 3600; // 25 frames a second

inline TsStream h264_stream() { return {0x1B, kVideoPid, {}}; }
inline TsStream synchronous_klv(std::uint16_t pid = kKlvPid) {
    return {0x15, pid, hex("26090100ff4b4c5641000f2709c00000c00000c00000")};
}
inline TsStream asynchronous_klv(std::uint16_t pid = kKlvPid) { return {0x06, pid, hex("05044b4c5641")}; }

struct PesOptions {
    std::uint8_t stream_id = 0xE0;
    std::optional<std::uint64_t> pts = std::nullopt;
    std::optional<std::uint64_t> pcr = std::nullopt; // 90 kHz
    bool sized = true;
};

class TsWriter {
  public:
    void tables(const std::vector<TsStream>& streams, std::uint16_t pcr_pid = kVideoPid,
                std::uint8_t version = 0) {
        section(0, hex("00b00d0001c100000001f000")); // programme 1 in PID 0x1000
        ByteWriter body;
        body.uint_be(1, 2);
        body.u8(static_cast<std::uint8_t>(0xC1 | version << 1));
        body.uint_be(0, 2);
        body.uint_be(0xE000U | pcr_pid, 2);
        body.uint_be(0xF000, 2);
        for (const TsStream& stream : streams) {
            body.u8(stream.type);
            body.uint_be(0xE000U | stream.pid, 2);
            body.uint_be(0xF000U | stream.descriptors.size(), 2);
            body.append(stream.descriptors);
        }
        ByteWriter whole;
        whole.u8(2);
        whole.uint_be(0xB000U | (body.size() + 4), 2);
        whole.append(body.view());
        section(kPmtPid, whole.release());
    }

    void pes(std::uint16_t pid, ByteSpan payload, const PesOptions& options) {
        ByteWriter out;
        out.uint_be(1, 3);
        out.u8(options.stream_id);
        const std::size_t head = options.pts ? 5 : 0;
        out.uint_be(options.sized ? 3 + head + payload.size() : 0, 2);
        out.u8(0x80);
        out.u8(options.pts ? 0x80 : 0);
        out.u8(static_cast<std::uint8_t>(head));
        if (options.pts) {
            const std::uint64_t pts = *options.pts % (1ULL << 33);
            out.u8(static_cast<std::uint8_t>(0x21 | (pts >> 29 & 0x0E)));
            out.uint_be((pts >> 14 & 0xFFFE) | 1, 2);
            out.uint_be((pts << 1 & 0xFFFE) | 1, 2);
        }
        out.append(payload);
        packets(pid, out.view(), options.pcr);
    }

    void packets(std::uint16_t pid, ByteSpan unit, std::optional<std::uint64_t> pcr = std::nullopt) {
        for (bool first = true; !unit.empty(); first = false) {
            Bytes adaptation;
            if (first && pcr) {
                const std::uint64_t base = *pcr % (1ULL << 33);
                ByteWriter field;
                field.u8(0x10);
                field.uint_be(base << 15 | 0x7E00, 6);
                adaptation = field.release();
            }
            const std::size_t room = 184 - (adaptation.empty() ? 0 : adaptation.size() + 1);
            const std::size_t size = std::min(room, unit.size());
            packet(pid, first, unit.first(size), adaptation);
            unit = unit.subspan(size);
        }
    }

    /// One packet, stuffed; `payload` has at most 184 bytes less those of `adaptation` and its length byte.
    void packet(std::uint16_t pid, bool starts, ByteSpan payload, Bytes adaptation = {}) {
        ByteWriter out;
        const std::size_t spare = 184 - payload.size();
        std::uint8_t& counter = counters_[pid];
        counter = static_cast<std::uint8_t>((counter + 1) & 0x0F);
        out.u8(0x47);
        out.uint_be((starts ? 0x4000U : 0U) | pid, 2);
        out.u8(static_cast<std::uint8_t>((spare > 0 ? 0x20 : 0) | (payload.empty() ? 0 : 0x10) | counter));
        if (spare > 0) {
            out.u8(static_cast<std::uint8_t>(spare - 1));
            if (adaptation.empty() && spare > 1) {
                adaptation = {std::byte{0}};
            }
            if (spare > 1) {
                adaptation.resize(spare - 1, std::byte{0xFF});
                out.append(adaptation);
            }
        }
        out.append(payload);
        bytes_.insert(bytes_.end(), out.view().begin(), out.view().end());
    }

    /// The next packet of `pid` looks as if `count` were lost before it.
    void lose(std::uint16_t pid, int count = 1) {
        counters_[pid] = static_cast<std::uint8_t>((counters_[pid] + count) & 0x0F);
    }

    /// With its CRC still to come.
    void section(std::uint16_t pid, Bytes section) {
        ByteWriter unit;
        unit.u8(0);
        unit.append(section);
        unit.uint_be(mpeg_crc(section), 4);
        Bytes bytes = unit.release();
        bytes.resize((bytes.size() + 183) / 184 * 184, std::byte{0xFF});
        packets(pid, bytes);
    }

    [[nodiscard]] const Bytes& bytes() const noexcept { return bytes_; }
    [[nodiscard]] Bytes take() { return std::exchange(bytes_, {}); }

  private:
    Bytes bytes_;
    std::map<std::uint16_t, std::uint8_t> counters_;
};

/// An AU cell (ISO/IEC 13818-1, 2.12.4); `fragment`: 3 whole, 2 first, 0 middle, 1 last.
inline Bytes cell(ByteSpan klv, unsigned fragment = 3, std::uint8_t sequence = 0) {
    ByteWriter out;
    out.u8(0);
    out.u8(sequence);
    out.u8(static_cast<std::uint8_t>(fragment << 6 | 0x1F));
    out.uint_be(klv.size(), 2);
    out.append(klv);
    return out.release();
}

} // namespace masthead::test

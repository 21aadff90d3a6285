// Bits by M.1371's tables, then six to a character.
#include "simulator/ais_sentences.hpp"

#include "simulator/nmea_sentences.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <vector>

namespace masthead::sim {

namespace {

class Bits {
  public:
    Bits& put(std::int64_t value, int width) {
        for (int bit = width - 1; bit >= 0; --bit) {
            bits_.push_back((value >> bit & 1) != 0);
        }
        return *this;
    }
    /// Six-bit characters, filled up with '@'. What the alphabet lacks becomes a blank.
    Bits& text(const std::string& text, std::size_t characters) {
        for (std::size_t i = 0; i < characters; ++i) {
            const int c = i < text.size() ? std::toupper(static_cast<unsigned char>(text[i])) : '@';
            put(c >= 64 && c < 96 ? c - 64 : (c >= 32 && c < 64 ? c : ' '), 6);
        }
        return *this;
    }

    struct Armoured {
        std::string characters;
        int fill_bits = 0;
    };
    [[nodiscard]] Armoured armoured() const {
        Armoured out;
        out.fill_bits = static_cast<int>((6 - bits_.size() % 6) % 6);
        for (std::size_t i = 0; i < bits_.size(); i += 6) {
            int value = 0;
            for (std::size_t bit = i; bit < i + 6; ++bit) {
                value = value << 1 | (bit < bits_.size() && bits_[bit] ? 1 : 0);
            }
            out.characters += static_cast<char>(value < 40 ? value + 48 : value + 56);
        }
        return out;
    }

  private:
    std::vector<bool> bits_;
};

std::string sentences(const Bits& bits, AisSource source, int sequence = 0) {
    constexpr std::size_t kMaxCharacters = 56; // keeps a sentence within NMEA's 82
    const auto [characters, fill_bits] = bits.armoured();
    const std::size_t parts = (characters.size() + kMaxCharacters - 1) / kMaxCharacters;
    std::string out;
    for (std::size_t part = 0; part < parts; ++part) {
        const bool last = part + 1 == parts;
        out += nmea_sentence(std::string(source == AisSource::own ? "AIVDO," : "AIVDM,") +
                                 std::to_string(parts) + "," + std::to_string(part + 1) + "," +
                                 (parts > 1 ? std::to_string(sequence) : "") + ",A," +
                                 characters.substr(part * kMaxCharacters, kMaxCharacters) + "," +
                                 std::to_string(last ? fill_bits : 0),
                             '!');
    }
    return out;
}

std::int64_t tenth_knots(double mps) {
    return std::min<std::int64_t>(std::llround(mps * 36000 / 1852), 1022);
}
std::int64_t tenth_degrees(double deg) { return std::llround(deg * 10) % 3600; }
std::int64_t degrees(double deg) { return std::llround(deg) % 360; }
std::int64_t position(double deg) { return std::llround(deg * 600'000); }
std::int64_t second(Utc t) { return t.us / 1'000'000 % 60; }

Bits& put_dimensions(Bits& bits, const AisShip& ship) {
    return bits.put(ship.bow_m, 9).put(ship.stern_m, 9).put(ship.port_m, 6).put(ship.starboard_m, 6);
}

} // namespace

std::string ais_class_a_position(const AisShip& ship, const AisState& state, AisSource source) {
    constexpr int kUnderWay = 0, kTurnUnknown = -128, kAccurate = 1;
    Bits bits;
    bits.put(1, 6).put(0, 2).put(ship.mmsi, 30).put(kUnderWay, 4).put(kTurnUnknown, 8);
    bits.put(tenth_knots(state.speed_mps), 10).put(kAccurate, 1);
    bits.put(position(state.position.longitude_deg), 28).put(position(state.position.latitude_deg), 27);
    bits.put(tenth_degrees(state.course_deg), 12)
        .put(degrees(state.heading_deg), 9)
        .put(second(state.time), 6);
    bits.put(0, 2).put(0, 3).put(0, 1).put(0, 19); // manoeuvre, spare, RAIM, radio
    return sentences(bits, source);
}

std::string ais_class_a_static(const AisShip& ship, AisSource source, int sequence) {
    constexpr int kGps = 1, kNoMonth = 0, kNoDay = 0, kNoHour = 24, kNoMinute = 60;
    Bits bits;
    bits.put(5, 6).put(0, 2).put(ship.mmsi, 30).put(0, 2).put(0, 30); // version, IMO number: none
    bits.text(ship.call_sign, 7).text(ship.name, 20).put(ship.type, 8);
    put_dimensions(bits, ship).put(kGps, 4);
    bits.put(kNoMonth, 4).put(kNoDay, 5).put(kNoHour, 5).put(kNoMinute, 6);
    bits.put(31, 8).text(ship.destination, 20).put(0, 1).put(0, 1); // draught 3.1 m
    return sentences(bits, source, sequence);
}

std::string ais_class_b_position(const AisShip& ship, const AisState& state, AisSource source) {
    constexpr int kAccurate = 1;
    Bits bits;
    bits.put(18, 6)
        .put(0, 2)
        .put(ship.mmsi, 30)
        .put(0, 8)
        .put(tenth_knots(state.speed_mps), 10)
        .put(kAccurate, 1);
    bits.put(position(state.position.longitude_deg), 28).put(position(state.position.latitude_deg), 27);
    bits.put(tenth_degrees(state.course_deg), 12)
        .put(degrees(state.heading_deg), 9)
        .put(second(state.time), 6);
    // Reserved; carrier-sense unit without display, DSC, band and message 22; no assignment, no RAIM; the
    // radio's own.
    bits.put(0, 2).put(1, 1).put(0, 1).put(0, 1).put(0, 1).put(0, 1).put(0, 1).put(0, 1).put(1, 1).put(6, 19);
    return sentences(bits, source);
}

std::string ais_class_b_static(const AisShip& ship, AisSource source) {
    Bits a;
    a.put(24, 6).put(0, 2).put(ship.mmsi, 30).put(0, 2).text(ship.name, 20).put(0, 8);
    Bits b;
    b.put(24, 6).put(0, 2).put(ship.mmsi, 30).put(1, 2).put(ship.type, 8).text("SIM", 3).put(0, 24); // vendor
    b.text(ship.call_sign, 7);
    put_dimensions(b, ship).put(0, 6);
    return sentences(a, source) + sentences(b, source);
}

} // namespace masthead::sim

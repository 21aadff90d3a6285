// AIS: AIVDM and AIVDO sentences -> samples by MMSI. Pure: time is an argument. Source: ITU-R M.1371-5,
// annex 8.
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/nmea/sentence.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace masthead::nmea {

/// The payload's bits, six a character.
class AisBits {
  public:
    /// Nothing when a character is no armour or `fill` is more than five bits.
    [[nodiscard]] static std::optional<AisBits> unarmour(std::string_view payload, unsigned fill);

    [[nodiscard]] std::size_t size() const noexcept { return bits_.size(); }
    /// `count` (at most 32) bits from `start`; bits past the end are 0.
    [[nodiscard]] std::uint32_t uint(std::size_t start, std::size_t count) const noexcept;
    [[nodiscard]] std::int32_t sint(std::size_t start, std::size_t count) const noexcept;
    /// Six-bit characters up to the first '@', blanks at the end cut.
    [[nodiscard]] std::string text(std::size_t start, std::size_t count) const;

  private:
    std::vector<bool> bits_;
};

struct AisReport {
    std::uint32_t mmsi = 0;
    bool own = false; // AIVDO: the ship that the feed belongs to
    Sample sample;
};

/// Positions (types 1, 2, 3, 18, 19) and names (5, 19, 24). Instants are those of arrival: AIS says only the
/// second within the minute. Keeps names of at most 8,192 ships and at most 16 unfinished messages, each for
/// 10 s. Thread: any one at a time.
class AisReceiver {
  public:
    /// `sentence.type` is VDM or VDO. Nothing while parts are missing, or for a message of no use; counts
    /// messages_in, messages_unknown and malformed.
    [[nodiscard]] std::optional<AisReport> receive(const Sentence& sentence, Utc arrival,
                                                   LinkCounters& counters);

  private:
    struct Unfinished {
        std::string key;
        unsigned total = 0;
        unsigned next = 2; // parts come in order
        std::string payload;
        Utc started;
    };

    std::optional<std::string> assemble(const Sentence& sentence, Utc arrival, LinkCounters& counters);
    void remember_name(std::uint32_t mmsi, const std::string& name);

    std::deque<Unfinished> unfinished_;
    std::map<std::uint32_t, std::string> names_;
    std::deque<std::uint32_t> named_; // in the order of names_'s growth
};

} // namespace masthead::nmea

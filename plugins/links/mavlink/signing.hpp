// Signing: MAVLink 2 signatures, ours written and others' judged (pure: time is an argument), and their key.
// Source: https://mavlink.io/en/guide/message_signing.html
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/links/link_uri.hpp"
#include "plugins/links/mavlink/codec.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

namespace masthead::mavlink {

/// Shared with the vehicle; in no log and no answer.
using SigningKey = std::array<std::byte, 32>;

struct SigningSettings {
    SigningKey key{};
    std::uint8_t link_id = 0; // of what we send: one number for each link between us and the same vehicle
};

/// From a link's options: signing-key-file=PATH (which only its owner may read) or signing-key-env=VARIABLE,
/// 64 hexadecimal digits; signing-link-id=0..255 (0). Nothing: without a key. Error: invalid_argument naming
/// the option, never the key.
[[nodiscard]] Result<std::optional<SigningSettings>> signing_settings(const LinkUri& uri);

enum class Verdict : std::uint8_t {
    good,
    not_signed,
    wrong_signature, // another key, or other bytes than were signed
    replayed,        // signed by who has the key, and not newer than what came before
    outdated,        // signed by who has the key, first heard now, and more than a minute old
};

/// Signs what we send, with times that rise with every packet and begin with UTC, so that a restart does not
/// take them back. What is taken has a valid signature and a newer time than all before from its (system,
/// component, link id); a speaker that is new is at most a minute behind the newest time known here. A time
/// that is ahead of ours moves ours on, as the protocol wants it: a vehicle without a clock lives by that.
/// Thread: any one at a time.
class Signing {
  public:
    explicit Signing(const SigningSettings& settings) : settings_(settings) {}

    [[nodiscard]] Bytes sign(const Message& message, Utc now);
    /// `packet`: the bytes that `message` was read from. What is good counts as heard.
    [[nodiscard]] Verdict judge(const Message& message, ByteSpan packet, Utc now);

  private:
    using Speaker = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>; // system, component, link id
    [[nodiscard]] bool room_for_another();

    SigningSettings settings_;
    std::uint64_t newest_ = 0; // sent or taken: 10 us since 2015
    std::map<Speaker, std::uint64_t> last_;
};

} // namespace masthead::mavlink

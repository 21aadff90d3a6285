// The audit's chain: each entry's hash covers the entry and the hash before it, so that nothing can be
// changed, taken out or put in without all later hashes being wrong; heads that were written elsewhere show
// what was cut off the end. Pure.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::audit {

struct Entry {
    std::int64_t number = 0; // from 1, without a hole
    Utc time;
    std::string user;    // "": nobody was signed in
    std::string address; // numeric, the client's; "": the server found it out
    std::string action;  // "POST", "command", ...
    std::string subject; // what it was done to: a path, or "command/kestrel"
    std::string detail;
    std::string result; // an HTTP status, or a command's state
};

/// Before the first entry.
inline constexpr std::string_view kNoHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// SHA-256, lower-case hexadecimal, of the hash before and each member in its order, with its length in
/// front.
[[nodiscard]] std::string hash_of(const Entry& entry, std::string_view before);

/// The newest entry of a moment.
struct Head {
    std::int64_t number = 0;
    std::string hash;
    friend bool operator==(const Head&, const Head&) = default;
};

/// "number hash", with its line end.
[[nodiscard]] std::string line_of(const Head& head);
/// Lines of heads; one that a power cut left unfinished at the end is left out. Error: malformed (with the
/// line's number).
[[nodiscard]] Result<std::vector<Head>> parse_heads(std::string_view text);

/// Goes over a chain from its first entry. Errors of both: malformed, with a sentence that names the entry.
class Verifier {
  public:
    explicit Verifier(std::vector<Head> heads) : heads_(std::move(heads)) {}

    [[nodiscard]] Result<void> next(const Entry& entry, const std::string& hash);
    /// There are no more. Gives the newest.
    [[nodiscard]] Result<Head> end() const;

  private:
    std::vector<Head> heads_; // numbers rise
    std::size_t next_head_ = 0;
    Head last_{0, std::string(kNoHash)};
};

} // namespace masthead::audit

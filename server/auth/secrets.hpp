// Passwords and session tokens, by libsodium. All functions are thread-safe.
#pragma once

#include "plugins/bytes/result.hpp"

#include <string>
#include <string_view>

namespace masthead::auth {

/// Argon2id with libsodium's interactive limits (64 MiB, some 50 ms of CPU): call off the main thread.
/// Error: internal (no memory).
[[nodiscard]] Result<std::string> hash_password(std::string_view password);
/// Takes the same time whether the password is right or not. An empty `hash` (no such user) is checked
/// against a hash that nothing fits, so that a stranger cannot tell names apart by time.
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password);

/// 20 characters that read well aloud and are not mistaken for one another; 100 bits.
[[nodiscard]] std::string new_password();
/// 256 random bits, base64url.
[[nodiscard]] std::string new_token();
/// 128 random bits, base64url: names that need not be secret but never repeat (viewer sessions).
[[nodiscard]] std::string new_name();
/// What the database and the tables keep instead of a token: its SHA-256 in hexadecimal.
[[nodiscard]] std::string token_hash(std::string_view token);

} // namespace masthead::auth

// libsodium: Argon2id, random tokens, SHA-256.
#include "server/auth/secrets.hpp"

#include "plugins/bytes/bytes.hpp"
#include "server/auth/role.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace masthead::auth {
namespace {

constexpr std::string_view kRoleNames[] = {"viewer", "operator", "supervisor", "admin"};
constexpr std::string_view kReadable = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 characters, none like another

void start_sodium() {
    static const bool started = sodium_init() >= 0;
    if (!started) {
        std::abort(); // no source of randomness: nothing safe can be done
    }
}

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
    start_sodium();
    std::array<unsigned char, N> bytes;
    randombytes_buf(bytes.data(), N);
    return bytes;
}

template <std::size_t N>
std::string random_base64() {
    const auto bytes = random_bytes<N>();
    std::array<char, sodium_base64_ENCODED_LEN(N, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text;
    sodium_bin2base64(text.data(), text.size(), bytes.data(), N, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text.data();
}

} // namespace

std::string_view to_string(Role role) noexcept { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) noexcept {
    const auto* found = std::find(std::begin(kRoleNames), std::end(kRoleNames), text);
    return found == std::end(kRoleNames) ? std::nullopt
                                         : std::optional(static_cast<Role>(found - kRoleNames));
}

Result<std::string> hash_password(std::string_view password) {
    start_sodium();
    std::array<char, crypto_pwhash_STRBYTES> hash;
    if (crypto_pwhash_str(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return fail(Code::internal, "not enough memory to hash a password");
    }
    return std::string(hash.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
    start_sodium();
    static const std::string nobody = hash_password(new_token()).value_or(std::string());
    const std::string checked(hash.empty() ? nobody : hash);
    const bool right = crypto_pwhash_str_verify(checked.c_str(), password.data(), password.size()) == 0;
    return right && !hash.empty();
}

std::string new_password() {
    const auto bytes = random_bytes<20>();
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kReadable[byte % kReadable.size()];
    }
    return text;
}

std::string new_token() { return random_base64<32>(); }

std::string new_name() { return random_base64<16>(); }

std::string token_hash(std::string_view token) {
    start_sodium();
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());
    return to_hex(std::as_bytes(std::span(hash)));
}

} // namespace masthead::auth

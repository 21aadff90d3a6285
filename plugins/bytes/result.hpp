// Result<T>: how a fallible function answers. A code a program can act on, a sentence a person can.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace masthead {

enum class Code {
    invalid_argument, // the caller's input breaks a rule; the message says which value and which rule
    malformed,        // bytes or text that are not what they claim to be
    truncated,        // the input ends before the thing does
    not_found,
    already_exists,
    unauthenticated,
    forbidden,
    conflict,
    too_large,
    unavailable, // a peer (database, broker, camera, link) cannot be reached now; trying again may help
    expired,
    unsupported,
    internal, // our own bug or an exhausted machine
};

/// The code's name as it stands in JSON ("not_found"), never translated.
[[nodiscard]] const char* to_string(Code code) noexcept;

struct Error {
    Code code = Code::internal;
    std::string message; // one sentence: what, where, and what to do; never a secret
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Code code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

} // namespace masthead

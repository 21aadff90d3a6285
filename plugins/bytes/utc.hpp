// Utc: an instant, microseconds since 1970-01-01T00:00:00Z as POSIX counts them (leap seconds not counted).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace masthead {

struct Utc {
    std::int64_t us = 0;

    friend auto operator<=>(Utc, Utc) = default;
    friend Utc operator+(Utc t, std::chrono::microseconds d) { return {t.us + d.count()}; }
    friend Utc operator-(Utc t, std::chrono::microseconds d) { return {t.us - d.count()}; }
    friend std::chrono::microseconds operator-(Utc a, Utc b) {
        return std::chrono::microseconds(a.us - b.us);
    }
};

/// The machine's clock. Pass instants as arguments where a rule is to be tested; call this at the edge only.
[[nodiscard]] Utc utc_now();

/// "2026-11-22T07:41:10.123456Z"
[[nodiscard]] std::string to_iso8601(Utc t);

} // namespace masthead

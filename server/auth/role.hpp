// The four fixed roles; each may do what those before it may.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace masthead::auth {

enum class Role : std::uint8_t { viewer, operators, supervisor, admin };

[[nodiscard]] std::string_view to_string(Role role) noexcept; // "viewer", "operator", "supervisor", "admin"
[[nodiscard]] std::optional<Role> parse_role(std::string_view text) noexcept;

} // namespace masthead::auth

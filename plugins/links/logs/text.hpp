// Pieces of text logs.
#pragma once

#include <optional>
#include <string_view>

namespace masthead::logs {

/// Takes the next line off `text`, without its end; nothing at the end of all. Ends are LF or CR LF.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& text);
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// A finite decimal number that is all of `text` but for blanks around it.
[[nodiscard]] std::optional<double> number_in(std::string_view text);

} // namespace masthead::logs

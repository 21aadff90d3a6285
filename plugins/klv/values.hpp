// An item's bytes <-> its value, by its row: the mappings of ST 0601 and ST 1201, each once.
#pragma once

#include "plugins/klv/local_set.hpp"

#include <optional>

namespace masthead::klv {

/// Numeric value in the row's unit; nothing for a wrong length (zero included), a special code or a row that
/// is no number.
[[nodiscard]] std::optional<double> decode_number(const Row& row, ByteSpan value) noexcept;
/// Exact value of an integer row; nothing for a wrong length, another row, or over 2^63 - 1.
[[nodiscard]] std::optional<std::int64_t> decode_integer(const Row& row, ByteSpan value) noexcept;

/// `length` is in the row's min_length..max_length. Errors as LocalSet::set_number.
[[nodiscard]] Result<Bytes> encode_number(const Row& row, double value, std::size_t length);
[[nodiscard]] Result<Bytes> encode_integer(const Row& row, std::int64_t value);

/// The step between two codes of an item of this length, in the row's unit; 0 for rows without numbers.
[[nodiscard]] double resolution_at(const Row& row, std::size_t length) noexcept;

/// Text with each broken UTF-8 sequence replaced by U+FFFD (one for each maximal part, as browsers do).
[[nodiscard]] std::string valid_utf8(ByteSpan value);

} // namespace masthead::klv

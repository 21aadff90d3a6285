// The fingerprint of a certificate as SDP writes it.
#pragma once

#include <string>
#include <string_view>

namespace masthead {

/// "AB:CD:..." (32 bytes) of the first certificate in the PEM text (RFC 7468); "" when there is none.
[[nodiscard]] std::string sha256_of_pem(std::string_view pem);

} // namespace masthead

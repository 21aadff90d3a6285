#include "plugins/elements/webrtc/certificate.hpp"

#include "plugins/glib/ref.hpp"

namespace masthead {

std::string sha256_of_pem(std::string_view pem) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    const auto begin = pem.find(kBegin);
    const auto end = pem.find("-----END CERTIFICATE-----");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
        return {};
    }
    const std::string base64(pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
    gsize size = 0;
    const Owned<gchar> der(reinterpret_cast<gchar*>(g_base64_decode(base64.c_str(), &size)));
    const std::string digest = take_string(
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(der.get()), size));
    std::string text;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        if (i > 0 && i % 2 == 0) {
            text += ':';
        }
        text += g_ascii_toupper(digest[i]);
    }
    return text;
}

} // namespace masthead

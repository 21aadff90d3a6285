#include "plugins/glib/checksum.hpp"

#include <glib.h>

namespace masthead {

void Sha256::Free::operator()(void* checksum) const noexcept {
    g_checksum_free(static_cast<GChecksum*>(checksum));
}

Sha256::Sha256() : checksum_(g_checksum_new(G_CHECKSUM_SHA256)) {}

void Sha256::add(ByteSpan bytes) {
    g_checksum_update(static_cast<GChecksum*>(checksum_.get()), reinterpret_cast<const guchar*>(bytes.data()),
                      static_cast<gssize>(bytes.size()));
}

std::string Sha256::hex() const { return g_checksum_get_string(static_cast<GChecksum*>(checksum_.get())); }

} // namespace masthead

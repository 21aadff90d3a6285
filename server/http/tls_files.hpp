// The server's certificate and key from their PEM files.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"

#include <filesystem>

namespace masthead::http {

/// `certificate` holds the server's certificate first, then its chain. Error: invalid_argument, naming the
/// file that is wrong; also for a key of another certificate, which GIO would find out at each handshake
/// only.
[[nodiscard]] Result<Ref<GTlsCertificate>> load_tls_files(const std::filesystem::path& certificate,
                                                          const std::filesystem::path& key);

} // namespace masthead::http

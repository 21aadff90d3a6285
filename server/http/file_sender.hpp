// Sends a stretch of a file as a response's body, a piece at a time. Private to server/http.
#pragma once

#include "server/http/message.hpp"

#include <libsoup/soup.h>

namespace masthead::http {

/// For a paused message: sets the length, and lets it go on as the pieces come. Reading runs on GLib's
/// threads, so a slow disk holds up nothing else. A client that does not read is read nothing for.
void begin_file(SoupServerMessage* message, const FilePart& part);

} // namespace masthead::http

#include "plugins/glib/error.hpp"

namespace masthead {

namespace {

Code code_of(const GError& error) {
    if (error.domain != G_IO_ERROR) {
        return Code::unavailable;
    }
    switch (error.code) {
    case G_IO_ERROR_NOT_FOUND: return Code::not_found;
    case G_IO_ERROR_EXISTS: return Code::already_exists;
    case G_IO_ERROR_PERMISSION_DENIED: return Code::forbidden;
    case G_IO_ERROR_INVALID_ARGUMENT: return Code::invalid_argument;
    case G_IO_ERROR_INVALID_DATA: return Code::malformed;
    case G_IO_ERROR_MESSAGE_TOO_LARGE: return Code::too_large;
    case G_IO_ERROR_NOT_SUPPORTED: return Code::unsupported;
    default: return Code::unavailable;
    }
}

} // namespace

tl::unexpected<Error> fail_from(GError* error, std::string_view what) {
    const Owned<GError> owned(error);
    if (!owned) {
        return fail(Code::internal, std::string(what) + ": failed without a reason");
    }
    return fail(code_of(*owned), std::string(what) + ": " + owned->message);
}

} // namespace masthead

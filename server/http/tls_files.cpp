#include "server/http/tls_files.hpp"

#include "plugins/glib/error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <fstream>
#include <memory>

namespace masthead::http {
namespace {

struct FreeContext {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

tl::unexpected<Error> bad(const std::string& sentence) {
    ERR_clear_error();
    return fail(Code::invalid_argument, sentence);
}

Result<void> readable(const std::filesystem::path& file, const char* what) {
    errno = 0;
    if (std::error_code error; !std::ifstream(file) || !std::filesystem::is_regular_file(file, error)) {
        return bad(std::string("the TLS ") + what + " " + file.string() +
                   " cannot be read: " + (errno != 0 ? g_strerror(errno) : "it is no file"));
    }
    return {};
}

Result<void> check(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    const std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_server_method()));
    // Nobody is there to be asked for a passphrase.
    SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
        return bad("the TLS certificate " + certificate.string() + " holds no usable PEM certificate");
    }
    // A key of the certificate's type is compared when it is loaded; one of another type only afterwards.
    const bool loaded = SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1;
    if (loaded && SSL_CTX_check_private_key(context.get()) == 1) {
        return {};
    }
    if (loaded || ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
        return bad("the TLS key " + key.string() + " does not belong to the certificate " +
                   certificate.string());
    }
    return bad("the TLS key " + key.string() + " holds no PEM key that can be used without a passphrase");
}

} // namespace

Result<Ref<GTlsCertificate>> load_tls_files(const std::filesystem::path& certificate,
                                            const std::filesystem::path& key) {
    auto checked =
        readable(certificate, "certificate").and_then([&] { return readable(key, "key"); }).and_then([&] {
            return check(certificate, key);
        });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    GError* error = nullptr;
    auto loaded = Ref<GTlsCertificate>::adopt(
        g_tls_certificate_new_from_files(certificate.c_str(), key.c_str(), &error));
    if (!loaded) {
        return bad(fail_from(error, "the TLS certificate " + certificate.string() + " with the key " +
                                        key.string() + " cannot be used")
                       .value()
                       .message);
    }
    return loaded;
}

} // namespace masthead::http

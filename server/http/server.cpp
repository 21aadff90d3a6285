// libsoup's server behind the route table: checks before the body is read, replies when they come.
#include "server/http/server.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"
#include "server/http/file_receiver.hpp"
#include "server/http/file_sender.hpp"
#include "server/http/static_files.hpp"
#include "server/http/tls_files.hpp"

#include <libsoup/soup.h>
#include <string.h>

#include <algorithm>

namespace masthead::http {
namespace {

constexpr int kIdleSeconds = 60;                  // a connection on which nothing moves
constexpr std::size_t kMaxDiscardBytes = 8 << 20; // of a refused body, so that the client reads the answer
constexpr std::ptrdiff_t kMaxWebSockets = 1024;

// Vite's build needs no inline script; MapLibre makes its worker from a blob and Mantine sets inline styles.
constexpr std::pair<const char*, const char*> kSecurityHeaders[] = {
    {"Content-Security-Policy",
     "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
     "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; child-src blob:; media-src 'self' "
     "blob:; "
     "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

/// What belongs to one request while libsoup holds it.
struct Exchange {
    Request request;
    const Route* route = nullptr;           // nullptr: a static file
    std::shared_ptr<FileReceiver> receiver; // of a route that takes uploads
    std::size_t body_bytes = 0;             // of one that is kept here, or thrown away
    bool refused = false;

    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() {
        if (receiver) {
            receiver->forget_message();
        }
    }
};

bool is_unsafe(const Request& request) {
    return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

Exchange* exchange_of(SoupServerMessage* message) {
    return static_cast<Exchange*>(g_object_get_data(G_OBJECT(message), "masthead-exchange"));
}

std::string header(SoupServerMessage* message, const char* name) {
    const char* value = soup_message_headers_get_one(soup_server_message_get_request_headers(message), name);
    return value ? value : "";
}

/// 0 where the client does not say.
goffset promised_bytes(SoupServerMessage* message) {
    return soup_message_headers_get_content_length(soup_server_message_get_request_headers(message));
}

bool is_https(SoupServerMessage* message) {
    return strcmp(g_uri_get_scheme(soup_server_message_get_uri(message)), "https") == 0;
}

void write_response(SoupServerMessage* message, const Response& response) {
    SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
    for (const auto& [name, value] : kSecurityHeaders) {
        soup_message_headers_replace(headers, name, value);
    }
    if (is_https(message)) {
        soup_message_headers_replace(headers, "Strict-Transport-Security", "max-age=31536000");
    }
    soup_message_headers_replace(headers, "Cache-Control", "no-store");
    if (const Exchange* exchange = exchange_of(message);
        exchange && exchange->route && exchange->route->cross_origin) {
        soup_message_headers_replace(headers, "Access-Control-Allow-Origin", "*");
        soup_message_headers_replace(headers, "Access-Control-Expose-Headers",
                                     "Location, ETag, Link, Accept-Patch, Retry-After");
    }
    for (const auto& [name, value] : response.headers) {
        soup_message_headers_replace(headers, name.c_str(), value.c_str());
    }
    soup_server_message_set_status(message, static_cast<guint>(response.status), nullptr);
    if (response.file) {
        soup_message_headers_set_content_type(headers, response.content_type.c_str(), nullptr);
        begin_file(message, *response.file);
    } else if (response.content_type.empty()) {
        soup_server_message_set_response(message, nullptr, SOUP_MEMORY_STATIC, nullptr, 0);
    } else {
        soup_server_message_set_response(message, response.content_type.c_str(), SOUP_MEMORY_COPY,
                                         response.body.data(), response.body.size());
    }
}

void refuse(SoupServerMessage* message, const Response& response) {
    exchange_of(message)->refused = true;
    write_response(message, response);
}

Error body_too_large(std::size_t most) {
    return {Code::too_large, "the body is larger than " + std::to_string(most / 1024) + " KiB"};
}

/// Keeps the body up to the limit; past it the answer is decided and the rest is thrown away as it comes.
void take_chunk(SoupServerMessage* message, GBytes* chunk) {
    Exchange& exchange = *exchange_of(message);
    if (exchange.receiver && !exchange.refused) {
        if (const auto taken = exchange.receiver->take(chunk); !taken) {
            refuse(message, error_response(taken.error()));
        }
        return;
    }
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(chunk, &size));
    exchange.body_bytes += size;
    if (exchange.body_bytes > kMaxDiscardBytes) {
        g_socket_shutdown(soup_server_message_get_socket(message), TRUE, FALSE, nullptr);
        return;
    }
    const std::size_t most = exchange.route ? exchange.route->max_body_bytes : kMaxBodyBytes;
    if (!exchange.refused && exchange.body_bytes > most) {
        exchange.request.body = std::string();
        refuse(message, error_response(body_too_large(most)));
    }
    if (!exchange.refused) {
        exchange.request.body.append(data, size);
    }
}

/// The reply of a paused message: sets the answer and lets libsoup go on, unless the client has gone.
Reply reply_to(SoupServerMessage* message) {
    struct Waiting {
        Ref<SoupServerMessage> message;
        bool gone = false;
    };
    auto waiting = std::make_shared<Waiting>();
    waiting->message = Ref<SoupServerMessage>::share(message);
    auto* borrowed = new std::weak_ptr<Waiting>(waiting);
    g_signal_connect_data(
        message, "finished", G_CALLBACK(+[](SoupServerMessage*, gpointer data) {
            if (const auto alive = static_cast<std::weak_ptr<Waiting>*>(data)->lock()) {
                alive->gone = true;
            }
        }),
        borrowed, [](gpointer data, GClosure*) { delete static_cast<std::weak_ptr<Waiting>*>(data); },
        G_CONNECT_DEFAULT);
    return Reply([waiting](const Response& response) {
        if (waiting->gone) {
            return;
        }
        write_response(waiting->message.get(), response);
        if (!response.file) { // whose first bytes let it go on
            soup_server_message_unpause(waiting->message.get());
        }
    });
}

} // namespace

struct Server::State {
    ServerSettings settings;
    std::vector<Route> routes;
    Gate gate;
    Witness witness;
    Ref<SoupServer> soup;
    std::vector<std::weak_ptr<WebSocket>> sockets;
    IntakeGuard intake_guard;

    void headers_arrived(SoupServerMessage* message);
    /// Empty when the request may go on.
    std::optional<Response> objection(SoupServerMessage* message, Exchange& exchange);
    std::optional<Response> route_objection(SoupServerMessage* message, Exchange& exchange);
    static std::optional<Response> begin_upload(SoupServerMessage* message, Exchange& exchange);
    void body_arrived(SoupServerMessage* message);
    void socket_opened(SoupServerMessage* message, SoupWebsocketConnection* connection);
    void over(SoupServerMessage* message) const;
    Result<void> listen();
};

void Server::State::headers_arrived(SoupServerMessage* message) {
    auto* exchange = new Exchange();
    g_object_set_data_full(G_OBJECT(message), "masthead-exchange", exchange,
                           [](gpointer data) { delete static_cast<Exchange*>(data); });
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    g_signal_connect(message, "got-chunk", G_CALLBACK(+[](SoupServerMessage* from, GBytes* chunk, gpointer) {
                         take_chunk(from, chunk);
                     }),
                     nullptr);
    if (const auto response = objection(message, *exchange)) {
        refuse(message, *response);
    }
}

std::optional<Response> Server::State::objection(SoupServerMessage* message, Exchange& exchange) {
    GUri* uri = soup_server_message_get_uri(message);
    Request& request = exchange.request;
    request.method = soup_server_message_get_method(message);
    const auto path = decode_path(g_uri_get_path(uri));
    if (!path) {
        return error_response(path.error());
    }
    request.path = *path;
    const char* query = g_uri_get_query(uri);
    request.query = parse_query(query ? query : "");
    request.cookie = header(message, "Cookie");
    request.authorization = header(message, "Authorization");
    request.if_match = header(message, "If-Match");
    request.origin = header(message, "Origin");
    const char* remote = soup_server_message_get_remote_host(message);
    request.remote = remote ? remote : "";
    request.if_none_match = header(message, "If-None-Match");
    request.if_range = header(message, "If-Range");
    request.range = header(message, "Range");
    const bool head = request.method == "HEAD";
    auto match = find_route(routes, head ? "GET" : request.method, request.path);
    const bool to_memory = !match.route || !match.route->upload;
    const std::size_t most = match.route ? match.route->max_body_bytes : kMaxBodyBytes;
    if (to_memory && promised_bytes(message) > static_cast<goffset>(most)) {
        return error_response(body_too_large(most));
    }
    if (!match.route && !match.allow.empty()) {
        Response response = error_response(405, "method_not_allowed", "this path takes " + match.allow);
        response.headers.emplace_back("Allow", match.allow);
        return response;
    }
    if (!match.route && (request.path == "/api" || request.path.starts_with("/api/"))) {
        return error_response({Code::not_found, "there is no such route"});
    }
    if (!match.route && !head && request.method != "GET") {
        return error_response(405, "method_not_allowed", "files can be read only");
    }
    exchange.route = match.route;
    request.slots = std::move(match.slots);
    auto refusal = match.route ? route_objection(message, exchange) : std::nullopt;
    return refusal || to_memory ? refusal : begin_upload(message, exchange);
}

std::optional<Response> Server::State::begin_upload(SoupServerMessage* message, Exchange& exchange) {
    const Upload& upload = *exchange.route->upload;
    const auto allowed = upload.check ? upload.check(exchange.request) : Result<void>();
    auto receiver =
        allowed.and_then([&] { return FileReceiver::create(message, upload, promised_bytes(message)); });
    if (!receiver) {
        return error_response(receiver.error());
    }
    exchange.receiver = *std::move(receiver);
    return std::nullopt;
}

std::optional<Response> Server::State::route_objection(SoupServerMessage* message, Exchange& exchange) {
    Request& request = exchange.request;
    const bool socket = std::holds_alternative<SocketHandler>(exchange.route->handler);
    const bool unsafe = is_unsafe(request);
    if (exchange.route->access != Access::everyone) {
        auto caller = gate(request);
        if (!caller) {
            return error_response(caller.error());
        }
        request.caller = *std::move(caller);
        request.caller->remote = request.remote;
    }
    // A browser adds cookies by itself, but never a token: who sends one means it.
    const bool by_token = request.caller && bearer_token(request.authorization);
    if ((unsafe || socket) && !by_token &&
        !origin_allowed(request.origin, is_https(message) ? "https" : "http", header(message, "Host"),
                        settings.origins)) {
        return error_response({Code::forbidden, "the Origin of this request is not this server's own"});
    }
    if (request.caller && request.caller->access < exchange.route->access) {
        return error_response({Code::forbidden, exchange.route->access == Access::admin
                                                    ? "this needs the role admin"
                                                    : "this needs the role operator"});
    }
    const bool upgrade = g_ascii_strcasecmp(header(message, "Upgrade").c_str(), "websocket") == 0;
    if (socket && !upgrade) {
        return error_response(426, "upgrade_required", "this path is a WebSocket");
    }
    if (socket &&
        std::ranges::count_if(sockets, [](const auto& one) { return !one.expired(); }) >= kMaxWebSockets) {
        return error_response({Code::unavailable, "too many WebSockets are open"});
    }
    if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
        const char* type =
            soup_message_headers_get_content_type(soup_server_message_get_request_headers(message), nullptr);
        if (!type || type != exchange.route->body_type) {
            return error_response(415, "unsupported_media_type",
                                  "the body must be " + exchange.route->body_type);
        }
    }
    return std::nullopt;
}

void Server::State::body_arrived(SoupServerMessage* message) {
    Exchange* exchange = exchange_of(message);
    if (!exchange) { // libsoup refused it before the headers reached us
        soup_server_message_set_status(message, SOUP_STATUS_BAD_REQUEST, nullptr);
        return;
    }
    if (!exchange->route) {
        write_response(message,
                       static_file(settings.web, exchange->request.path, exchange->request.if_none_match));
        return;
    }
    if (const auto* handler = std::get_if<Handler>(&exchange->route->handler)) {
        // A status of 0 would make libsoup try a WebSocket handshake when this returns.
        soup_server_message_set_status(message, SOUP_STATUS_INTERNAL_SERVER_ERROR, nullptr);
        soup_server_message_pause(message);
        if (!exchange->receiver) {
            return (*handler)(exchange->request, reply_to(message));
        }
        exchange->receiver->finish(
            [handler = *handler, request = exchange->request,
             reply = reply_to(message)](const Result<std::shared_ptr<UploadedFile>>& file) mutable {
                if (!file) {
                    return reply.fail(file.error());
                }
                request.upload = *file;
                handler(request, reply);
            });
    }
}

void Server::State::socket_opened(SoupServerMessage* message, SoupWebsocketConnection* connection) {
    Exchange* exchange = exchange_of(message);
    auto socket = std::make_shared<WebSocket>(connection, soup_server_message_get_socket(message),
                                              exchange->request.caller.value_or(Caller{}));
    std::erase_if(sockets, [](const auto& other) { return other.expired(); });
    sockets.push_back(socket);
    intake_guard.watch(socket->intake());
    std::get<SocketHandler>(exchange->route->handler)(exchange->request, std::move(socket));
}

void Server::State::over(SoupServerMessage* message) const {
    const Exchange* exchange = exchange_of(message);
    if (exchange && exchange->route && is_unsafe(exchange->request)) {
        witness(exchange->request, static_cast<int>(soup_server_message_get_status(message)));
    }
}

Result<void> Server::State::listen() {
    const std::string where = settings.host + ":" + std::to_string(settings.port);
    const auto address = Ref<GSocketAddress>::adopt(
        g_inet_socket_address_new_from_string(settings.host.c_str(), settings.port));
    if (!address) {
        return fail(Code::invalid_argument, "'" + settings.host + "' is no numeric address to listen on");
    }
    GError* error = nullptr;
    const bool tls = !settings.certificate.empty();
    if (tls) {
        const auto certificate = load_tls_files(settings.certificate, settings.key);
        if (!certificate) {
            return tl::unexpected(certificate.error());
        }
        soup_server_set_tls_certificate(soup.get(), certificate->get());
    }
    if (!soup_server_listen(soup.get(), address.get(),
                            tls ? SOUP_SERVER_LISTEN_HTTPS : static_cast<SoupServerListenOptions>(0),
                            &error)) {
        return fail_from(error, "listening on " + where);
    }
    return {};
}

Result<std::unique_ptr<Server>> Server::create(const ServerSettings& settings, std::vector<Route> routes,
                                               Gate gate, Witness witness) {
    auto state = std::make_unique<State>();
    state->settings = settings;
    state->routes = std::move(routes);
    state->gate = std::move(gate);
    state->witness = std::move(witness);
    state->soup = Ref<SoupServer>::adopt(soup_server_new("raw-paths", TRUE, nullptr));
    SoupServer* soup = state->soup.get();
    // Browsers offer permessage-deflate, and it costs twelve times the CPU of sending the messages plain.
    soup_server_remove_websocket_extension(soup, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
    g_signal_connect(soup, "request-started",
                     G_CALLBACK(+[](SoupServer*, SoupServerMessage* message, gpointer) {
                         if (GSocket* socket = soup_server_message_get_socket(message)) {
                             g_socket_set_timeout(socket, kIdleSeconds);
                         }
                     }),
                     nullptr);
    for (const char* end : {"request-finished", "request-aborted"}) {
        g_signal_connect(soup, end, G_CALLBACK(+[](SoupServer*, SoupServerMessage* message, gpointer self) {
                             static_cast<const State*>(self)->over(message);
                         }),
                         state.get());
    }
    soup_server_add_early_handler(
        soup, "/",
        [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
            static_cast<State*>(self)->headers_arrived(message);
        },
        state.get(), nullptr);
    soup_server_add_handler(
        soup, "/",
        [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
            static_cast<State*>(self)->body_arrived(message);
        },
        state.get(), nullptr);
    soup_server_add_websocket_handler(
        soup, "/", nullptr, nullptr,
        [](SoupServer*, SoupServerMessage* message, const char*, SoupWebsocketConnection* connection,
           gpointer self) { static_cast<State*>(self)->socket_opened(message, connection); },
        state.get(), nullptr);
    if (auto listening = state->listen(); !listening) {
        return tl::unexpected(listening.error());
    }
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { soup_server_disconnect(state_->soup.get()); }

std::string Server::address() const {
    GSList* uris = soup_server_get_uris(state_->soup.get());
    const std::string text =
        uris ? take_string(g_uri_to_string(static_cast<GUri*>(uris->data))) : std::string();
    g_slist_free_full(uris, [](gpointer uri) { const Owned<GUri> owned(static_cast<GUri*>(uri)); });
    return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

const std::vector<Route>& Server::routes() const noexcept { return state_->routes; }

void Server::close_sockets_of(const std::string& session, const std::string& reason) {
    for (const auto& weak : std::vector(state_->sockets)) {
        const auto socket = weak.lock();
        if (socket && socket->caller().session == session) {
            socket->close(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, reason);
        }
    }
}

} // namespace masthead::http

#include "server/http/file_sender.hpp"

#include "plugins/glib/log.hpp"
#include "plugins/glib/ref.hpp"

#include <algorithm>
#include <memory>

namespace masthead::http {

namespace {

constexpr std::uint64_t kPiece = 256 * 1024;

/// One file on its way to one client. Goes with the message, or when its last read has come back.
struct Sending : std::enable_shared_from_this<Sending> {
    SoupServerMessage* message = nullptr; // borrowed: gone once `finished`
    Ref<GFileInputStream> stream;
    std::uint64_t left = 0;
    bool finished = false;

    void read_on() {
        auto* self = new std::shared_ptr<Sending>(shared_from_this());
        g_input_stream_read_bytes_async(
            G_INPUT_STREAM(stream.get()), std::min(left, kPiece), G_PRIORITY_DEFAULT, nullptr,
            [](GObject* source, GAsyncResult* result, gpointer data) {
                const std::unique_ptr<std::shared_ptr<Sending>> owner(
                    static_cast<std::shared_ptr<Sending>*>(data));
                const auto piece = Ref<GBytes>::adopt(
                    g_input_stream_read_bytes_finish(G_INPUT_STREAM(source), result, nullptr));
                (*owner)->take(piece.get());
            },
            self);
    }

    void take(GBytes* piece) {
        if (finished) {
            return;
        }
        const gsize size = piece ? g_bytes_get_size(piece) : 0;
        if (size == 0) {
            log(LogLevel::warning, "a file ended before what was promised of it was sent");
            g_socket_shutdown(soup_server_message_get_socket(message), TRUE, TRUE, nullptr);
            return;
        }
        left -= size;
        SoupMessageBody* body = soup_server_message_get_response_body(message);
        soup_message_body_append_bytes(body, piece);
        if (left == 0) {
            soup_message_body_complete(body);
        }
        soup_server_message_unpause(message);
    }
};

void connect_sending(const std::shared_ptr<Sending>& sending, const char* signal, GCallback callback) {
    g_signal_connect_data(
        sending->message, signal, callback, new std::shared_ptr<Sending>(sending),
        [](gpointer data, GClosure*) { delete static_cast<std::shared_ptr<Sending>*>(data); },
        G_CONNECT_DEFAULT);
}

Sending& sending_of(gpointer data) { return **static_cast<std::shared_ptr<Sending>*>(data); }

} // namespace

void begin_file(SoupServerMessage* message, const FilePart& part) {
    SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
    soup_message_headers_set_content_length(headers, static_cast<goffset>(part.bytes));
    if (part.bytes == 0 || g_ascii_strcasecmp(soup_server_message_get_method(message), "HEAD") == 0) {
        soup_server_message_unpause(message);
        return;
    }
    const auto file = Ref<GFile>::adopt(g_file_new_for_path(part.path.c_str()));
    auto sending = std::make_shared<Sending>();
    sending->message = message;
    sending->left = part.bytes;
    sending->stream = Ref<GFileInputStream>::adopt(g_file_read(file.get(), nullptr, nullptr));
    if (!sending->stream ||
        !g_seekable_seek(G_SEEKABLE(sending->stream.get()), static_cast<goffset>(part.offset), G_SEEK_SET,
                         nullptr, nullptr)) {
        g_socket_shutdown(soup_server_message_get_socket(message), TRUE, TRUE,
                          nullptr); // it was there just now
        soup_server_message_unpause(message);
        return;
    }
    soup_message_body_set_accumulate(soup_server_message_get_response_body(message), FALSE);
    connect_sending(sending, "wrote-chunk", G_CALLBACK(+[](SoupServerMessage* from, gpointer data) {
                        Sending& self = sending_of(data);
                        if (self.left > 0) {
                            soup_server_message_pause(from);
                            self.read_on();
                        }
                    }));
    connect_sending(sending, "finished",
                    G_CALLBACK(+[](SoupServerMessage*, gpointer data) { sending_of(data).finished = true; }));
    sending->read_on();
}

} // namespace masthead::http

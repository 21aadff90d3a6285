// A test stream whose viewersink is reached over standard input and output, one JSON object a line: what a
// signaling server would do.
#include "plugins/glib/json.hpp"
#include "tests/integration/viewers/test_stream.hpp"

#include <cstdio>
#include <iostream>
#include <mutex>

using namespace masthead;

namespace {

void print(json::Writer& writer) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::cout << writer.release() << std::endl;
}

void on_offer(GstElement*, const gchar* session, const gchar* sdp, gpointer) {
    json::Writer out;
    print(out.begin_object()
              .member("type", "offer")
              .member("session", session)
              .member("sdp", sdp)
              .end_object());
}

void on_candidate(GstElement*, const gchar* session, guint mline, const gchar* candidate, gpointer) {
    json::Writer out;
    print(out.begin_object()
              .member("type", "candidate")
              .member("session", session)
              .member("mline", mline)
              .member("candidate", candidate)
              .end_object());
}

void on_state(GstElement*, const gchar* session, const gchar* state, const gchar* detail, gpointer) {
    json::Writer out;
    print(out.begin_object()
              .member("type", "state")
              .member("session", session)
              .member("state", state)
              .member("detail", detail)
              .end_object());
}

std::string do_line(GstElement* sink, const json::Value& line) {
    const std::string type = line.string("type").value_or("");
    const std::string session = line.string("session").value_or("");
    gchar* refused = nullptr;
    if (type == "add") {
        gboolean added = FALSE;
        g_signal_emit_by_name(sink, "add-viewer", session.c_str(), &added);
        return added ? "" : "not added";
    }
    if (type == "answer") {
        g_signal_emit_by_name(sink, "set-answer", session.c_str(), line.string("sdp").value_or("").c_str(),
                              &refused);
        return take_string(refused);
    }
    if (type == "candidate") {
        g_signal_emit_by_name(sink, "add-candidate", session.c_str(),
                              static_cast<guint>(line.integer("mline").value_or(0)),
                              line.string("candidate").value_or("").c_str(), &refused);
        return take_string(refused);
    }
    if (type == "remove") {
        g_signal_emit_by_name(sink, "remove-viewer", session.c_str());
        return "";
    }
    return "unknown type";
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    test::StreamOptions options;
    options.profile = argc > 1 ? argv[1] : options.profile;
    options.key_frame_interval = argc > 2 ? std::atoi(argv[2]) : options.key_frame_interval;
    options.key_frames_on_request = false; // so that the browser begins with kept frames, and catches up
    const test::TestStream stream(options);
    if (argc > 3) {
        g_object_set(stream.sink(), "ice-addresses", argv[3], nullptr);
    }
    g_signal_connect(stream.sink(), "offer", G_CALLBACK(on_offer), nullptr);
    g_signal_connect(stream.sink(), "candidate", G_CALLBACK(on_candidate), nullptr);
    g_signal_connect(stream.sink(), "viewer-state", G_CALLBACK(on_state), nullptr);
    std::string text;
    while (std::getline(std::cin, text)) {
        const auto line = json::Value::parse(text);
        const std::string refused = line ? do_line(stream.sink(), *line) : line.error().message;
        if (!refused.empty()) {
            json::Writer out;
            print(out.begin_object().member("type", "refused").member("detail", refused).end_object());
        }
    }
    return 0;
}

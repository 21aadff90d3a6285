// A real RTSP camera for tests: H.264 at /camera on a free port of 127.0.0.1, which it prints. Argument:
// x264enc's properties, or "( ... name=pay0 )": all of it. Ends with its parent (standard input closes).
#include "plugins/glib/ref.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <cstdio>
#include <string>

using namespace masthead;

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    const auto server = Ref<GstRTSPServer>::adopt(gst_rtsp_server_new());
    gst_rtsp_server_set_address(server.get(), "127.0.0.1");
    gst_rtsp_server_set_service(server.get(), "0");
    const std::string told = argc > 1 ? argv[1] : "";
    const std::string launch =
        told.starts_with('(')
            ? told
            : "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 ! x264enc "
              "key-int-max=25 " +
                  told + " ! h264parse ! rtph264pay name=pay0 pt=96 )";
    GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(factory, launch.c_str());
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    const auto mounts = Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(server.get()));
    gst_rtsp_mount_points_add_factory(mounts.get(), "/camera", factory);
    if (gst_rtsp_server_attach(server.get(), nullptr) == 0) {
        return 1;
    }
    std::printf("%d\n", gst_rtsp_server_get_bound_port(server.get()));
    std::fflush(stdout);
    const Owned<GMainLoop> loop(g_main_loop_new(nullptr, FALSE));
    const auto input = g_io_channel_unix_new(0);
    g_io_add_watch(
        input, G_IO_HUP,
        [](GIOChannel*, GIOCondition, gpointer quit) -> gboolean {
            g_main_loop_quit(static_cast<GMainLoop*>(quit));
            return G_SOURCE_REMOVE;
        },
        loop.get());
    g_main_loop_run(loop.get());
    g_io_channel_unref(input);
    return 0;
}

#include "tests/integration/viewers/misdeeds.hpp"

#include "plugins/glib/bin.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

namespace masthead::test {

namespace {

constexpr auto kBuffers =
    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);

void probe(TestViewer& viewer, const char* factory_name, const char* pad_name, GstPadProbeType what,
           GstPadProbeReturn verdict) {
    const auto found = made_by(factory_name, viewer.webrtc());
    EXPECT_FALSE(found.empty()) << factory_name;
    const auto judge = +[](GstPad*, GstPadProbeInfo*, gpointer said) {
        return static_cast<GstPadProbeReturn>(GPOINTER_TO_INT(said));
    };
    for (const auto& element : found) {
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element.get(), pad_name));
        gst_pad_add_probe(pad.get(), what, judge, GINT_TO_POINTER(verdict), nullptr);
    }
}

void lose_at(TestViewer& viewer, const char* factory_name, const char* pad_name) {
    probe(viewer, factory_name, pad_name, kBuffers, GST_PAD_PROBE_DROP);
}

/// libnice's loop stands still from construction to destruction.
class StandStill {
  public:
    explicit StandStill(TestViewer& viewer) {
        GObject* ice = nullptr;
        g_object_get(viewer.webrtc(), "ice-agent", &ice, nullptr);
        GObject* agent = nullptr;
        g_object_get(Ref<GObject>::adopt(ice).get(), "agent", &agent, nullptr);
        GMainContext* context = nullptr;
        g_object_get(Ref<GObject>::adopt(agent).get(), "main-context", &context, nullptr);
        const auto wait = +[](gpointer data) {
            auto& self = *static_cast<StandStill*>(data);
            std::unique_lock lock(self.mutex_);
            self.stands_ = true;
            self.changed_.notify_all();
            self.changed_.wait(lock, [&] { return self.over_; });
            self.stands_ = false;
            self.changed_.notify_all();
            return G_SOURCE_REMOVE;
        };
        g_main_context_invoke(context, wait, this);
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stands_; });
    }
    ~StandStill() {
        std::unique_lock lock(mutex_);
        over_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !stands_; });
    }
    StandStill(const StandStill&) = delete;
    StandStill& operator=(const StandStill&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stands_ = false;
    bool over_ = false;
};

/// Calls `burst` every 5 ms from a thread of its own until it is let go.
class Flood {
  public:
    explicit Flood(std::function<void()> burst)
        : thread_([this, burst = std::move(burst)] {
              std::unique_lock lock(mutex_);
              while (!changed_.wait_for(lock, std::chrono::milliseconds(5), [this] { return over_; })) {
                  burst();
              }
          }) {}
    ~Flood() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

using Bytes = std::vector<guint8>;

void append32(Bytes& bytes, std::uint32_t value) {
    for (const int shift : {24, 16, 8, 0}) {
        bytes.push_back(static_cast<guint8>(value >> shift));
    }
}

/// An RTCP feedback packet (RFC 4585 6.1) about the stream.
Bytes feedback(std::uint8_t type, std::uint8_t format, std::uint32_t media, const Bytes& details) {
    Bytes packet{static_cast<guint8>(0x80 | format), type, 0, static_cast<guint8>(2 + details.size() / 4)};
    append32(packet, 0x1234);
    append32(packet, media);
    packet.insert(packet.end(), details.begin(), details.end());
    return packet;
}

/// Past the session and its rules for how often a receiver may speak: straight into the encryption.
Grip flood_rtcp(TestViewer& viewer, const Bytes& packet, int count) {
    const auto senders = made_by("dtlssrtpenc", viewer.webrtc());
    EXPECT_FALSE(senders.empty());
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(senders.front().get(), "rtcp_sink_0"));
    EXPECT_TRUE(pad);
    return std::make_shared<Flood>([pad, packet, count] {
        for (int i = 0; i < count; ++i) {
            gst_pad_chain(pad.get(), gst_buffer_new_memdup(packet.data(), packet.size()));
        }
    });
}

std::string add_candidate(TestViewer& viewer, const std::string& text) {
    gchar* refused = nullptr;
    g_signal_emit_by_name(viewer.sink(), "add-candidate", viewer.session().c_str(), 0U, text.c_str(),
                          &refused);
    return take_string(refused);
}

guint16 port_of(const std::string& candidate) {
    const Owned<gchar*> words(g_strsplit(candidate.c_str(), " ", -1));
    return static_cast<guint16>(g_ascii_strtoull(words.get()[5], nullptr, 10));
}

} // namespace

Grip vanish(TestViewer& viewer) {
    lose_at(viewer, "nicesink", "sink");
    (void)stop_reading(viewer);
    return std::make_shared<StandStill>(viewer);
}

Grip stop_reading(TestViewer& viewer) {
    // nicesrc reads the socket, and libnice answers connectivity checks, only while its buffers are taken.
    probe(viewer, "nicesrc", "src", static_cast<GstPadProbeType>(kBuffers | GST_PAD_PROBE_TYPE_BLOCK),
          GST_PAD_PROBE_OK);
    return nullptr;
}

Grip lose_all_media(TestViewer& viewer) {
    lose_at(viewer, "nicesrc", "src");
    return nullptr;
}

Grip ignore_data_channel(TestViewer& viewer) {
    lose_at(viewer, "sctpdec", "sink");
    return nullptr;
}

Grip close_dtls(TestViewer& viewer) {
    for (const auto& sender : made_by("dtlsenc", viewer.webrtc())) {
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sender.get(), "sink"));
        gst_pad_send_event(pad.get(), gst_event_new_eos());
    }
    return nullptr;
}

Grip close_data_channel(TestViewer& viewer) {
    const auto channel = viewer.channel();
    EXPECT_TRUE(channel);
    gst_webrtc_data_channel_close(GST_WEBRTC_DATA_CHANNEL(channel.get()));
    return nullptr;
}

Grip open_a_hundred_channels(TestViewer& viewer) {
    auto channels = std::make_shared<std::vector<Ref<GObject>>>();
    for (int i = 0; i < 100; ++i) {
        GObject* channel = nullptr;
        g_signal_emit_by_name(viewer.webrtc(), "create-data-channel", std::to_string(i).c_str(), nullptr,
                              &channel);
        channels->push_back(Ref<GObject>::adopt(channel));
    }
    return channels;
}

Grip flood_with_key_frame_requests(TestViewer& viewer) {
    return flood_rtcp(viewer, feedback(206, 1, viewer.ssrc(), {}), 20);
}

Grip flood_with_resend_requests(TestViewer& viewer) {
    Bytes wanted;
    const auto latest = viewer.sequence_numbers().back();
    for (std::uint16_t back = 0; back < 40; ++back) {
        append32(wanted, static_cast<std::uint32_t>(static_cast<std::uint16_t>(latest - back)) << 16);
    }
    return flood_rtcp(viewer, feedback(205, 1, viewer.ssrc(), wanted), 4);
}

Grip flood_data_channel(TestViewer& viewer) {
    const auto channel = viewer.channel();
    EXPECT_TRUE(channel);
    const Bytes noise(1'000, 0xA5);
    const auto message = Ref<GBytes>::adopt(g_bytes_new(noise.data(), noise.size()));
    return std::make_shared<Flood>([channel, message] {
        for (int i = 0; i < 20; ++i) {
            gst_webrtc_data_channel_send_data_full(GST_WEBRTC_DATA_CHANNEL(channel.get()), message.get(),
                                                   nullptr);
        }
    });
}

Grip send_garbage_to_port(TestViewer& viewer) {
    const auto socket = Ref<GSocket>::adopt(
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, nullptr));
    const auto to = Ref<GSocketAddress>::adopt(
        g_inet_socket_address_new_from_string("127.0.0.1", port_of(viewer.waits_for_candidate())));
    return std::make_shared<Flood>([socket, to, random = std::mt19937(1)]() mutable {
        constexpr std::array<guint8, 4> kFirstBytes{0x00, 0x16, 0x80, 0xFF}; // STUN, DTLS, RTP, none
        for (const guint8 first : kFirstBytes) {
            std::array<gchar, 700> noise;
            std::generate(noise.begin(), noise.end(), [&] { return static_cast<gchar>(random()); });
            noise[0] = static_cast<gchar>(first);
            g_socket_send_to(socket.get(), to.get(), noise.data(), 1 + random() % noise.size(), nullptr,
                             nullptr);
        }
    });
}

Grip send_hostile_candidates(TestViewer& viewer) {
    const auto host = [](const std::string& address, const std::string& port) {
        return "candidate:1 1 udp 2113937151 " + address + ' ' + port + " typ host";
    };
    for (const std::string& text :
         {host("224.0.0.251", "5353"), host("ff02::1", "5353"), host("255.255.255.255", "9"),
          host("0.0.0.0", "9"), host("::", "9"), host("127.0.0.1", "0"), host("127.0.0.1", "65536"),
          host("metadata.internal", "80"), host("fe80::1%lo", "9"), host("127.1", "9"),
          std::string(5'000, 'c')}) {
        EXPECT_NE(add_candidate(viewer, text), "") << text;
    }
    // Well-formed, and of nobody who answers.
    for (const std::string& text :
         {host("192.0.2.1", "9"), host("127.0.0.1", "1"), host("nobody.local", "9")}) {
        EXPECT_EQ(add_candidate(viewer, text), "") << text;
    }
    return nullptr;
}

Grip send_thousands_of_candidates(TestViewer& viewer) {
    int refused = 0;
    for (int i = 0; i < 5'000; ++i) {
        refused +=
            add_candidate(viewer, "candidate:1 1 udp 1 127.0.0.1 " + std::to_string(i + 1) + " typ host")
                    .empty()
                ? 0
                : 1;
    }
    EXPECT_GT(refused, 4'900);
    return nullptr;
}

Grip answer_again(TestViewer& viewer) {
    gchar* refused = nullptr;
    g_signal_emit_by_name(viewer.sink(), "set-answer", viewer.session().c_str(), "v=0", &refused);
    EXPECT_NE(take_string(refused), "");
    return nullptr;
}

Grip nothing_more(TestViewer&) { return nullptr; }

} // namespace masthead::test

// Renditions by the real masthead-worker: encoded for those who want them, and for nobody else.
#include "tests/integration/worker/ts_camera.hpp"
#include "tests/integration/worker/workers.hpp"

#include <gmock/gmock.h>

using namespace masthead;
using namespace masthead::control;
using namespace masthead::test;
using testing::ElementsAre;

namespace {

std::string ladder(std::uint16_t port) {
    return R"({"title":"ladder","ingest":{"uri":"udp://127.0.0.1:)" + std::to_string(port) +
           R"("},"telemetry":{"source":"none"},"renditions":{"low":{"width":160,"height":90}},)"
           R"("outputs":{"webrtc":{"renditions":["source","low"]}}})";
}

class Renditions : public Workers {
  protected:
    /// Asks for the graph until it says so of what leads to that element.
    [[nodiscard]] bool graph_says(const std::string& element,
                                  const std::function<bool(const json::Value& link)>& what) {
        return saying(
            [&] {
                EXPECT_TRUE(fleet_.ask_graph({"graph", "kestrel", "nose"}));
            },
            [&] {
                const auto link = heard_.link_into(element, "sink");
                return link && what(*link);
            });
    }
    [[nodiscard]] bool flows_into(const std::string& element) {
        return graph_says(element, [](const json::Value& link) {
            const auto flow = link.object("flow");
            return flow && flow->number("buffers_per_s").value_or(0) > 0;
        });
    }
    [[nodiscard]] bool rests(const std::string& element) {
        return graph_says(element, [](const json::Value& link) { return !link.find("flow"); });
    }
};

} // namespace

TEST_F(Renditions, AreEncodedAnewOfWhatBrowsersCannotPlay) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port, {.b_frames = 2, .telemetry = ""});
    const std::string recipe =
        R"({"title":"encoded anew","ingest":{"uri":"udp://127.0.0.1:)" + std::to_string(port) +
        R"("},"telemetry":{"source":"none"},"renditions":{"small":{"width":160,)"
        R"("height":90,"bitrate_kbps":300}},"outputs":{"webrtc":{"renditions":["small"]}}})";
    fleet_.set_vehicles({vehicle("kestrel", {{"nose", recipe}})});
    ASSERT_TRUE(until([&] { return heard_.camera("nose") && heard_.camera("nose")->b_frames == false; }));
    EXPECT_EQ(heard_.camera("nose")->detail, "");
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); }));
}

TEST_F(Renditions, AreEachViewersOwnChoice) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port, {.telemetry = ""});
    fleet_.set_vehicles({vehicle("kestrel", {{"nose", ladder(port)}})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
    EXPECT_THAT(heard_.camera("nose")->renditions, ElementsAre("source", "low"));
    for (const char* rendition : {"source", "low"}) {
        ASSERT_TRUE(fleet_.add_viewer({.session = std::string("session_") + rendition,
                                       .vehicle = "kestrel",
                                       .camera = "nose",
                                       .rendition = rendition}));
    }
    ASSERT_TRUE(until([&] { return heard_.offers.size() == 2; })) << heard_.viewers_text();
    ASSERT_TRUE(fleet_.add_viewer(
        {.session = "session_other", .vehicle = "kestrel", .camera = "nose", .rendition = "lwo"}));
    ASSERT_TRUE(
        until([&] { return !heard_.viewers.empty() && heard_.viewers.back().state == ViewerPhase::failed; }));
    EXPECT_EQ(heard_.viewers.back().detail, "there is no rendition 'lwo'; there are: source, low");
}

TEST_F(Renditions, RestWhileNobodyWatchesAndComeAtOnceWhenSomebodyDoes) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port, {.telemetry = ""});
    fleet_.set_vehicles({vehicle("kestrel", {{"nose", ladder(port)}})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
    ASSERT_TRUE(rests("viewers-low"));
    ASSERT_TRUE(flows_into("viewers"));
    EXPECT_TRUE(rests("viewers-low")) << "still";
    ASSERT_TRUE(fleet_.add_viewer(
        {.session = "session_low", .vehicle = "kestrel", .camera = "nose", .rendition = "low"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); }));
    ASSERT_TRUE(flows_into("viewers-low"));
    fleet_.remove_viewer("session_low");
    ASSERT_TRUE(rests("viewers-low"));
    EXPECT_TRUE(heard_.camera_is("nose", CameraPhase::playing));
}

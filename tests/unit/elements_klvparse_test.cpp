#include "plugins/klv/access_unit.hpp"
#include "plugins/klv/local_set.hpp"
#include "tests/unit/elements_harness.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::test;

namespace {

Harness klvparse(const char* launch = "klvparse") {
    Harness harness = harness_of(launch);
    gst_harness_set_src_caps_str(harness.get(), "meta/x-klv");
    return harness;
}

Bytes spoiled(Bytes packet) {
    packet.back() ^= std::byte{1};
    return packet;
}

void push(GstHarness* harness, ByteSpan bytes, GstClockTime pts) {
    ASSERT_EQ(gst_harness_push(harness, buffer_at(bytes, pts).release()), GST_FLOW_OK);
}

Ref<GstBuffer> pull(GstHarness* harness) { return Ref<GstBuffer>::adopt(gst_harness_try_pull(harness)); }

} // namespace

TEST(KlvParse, CutsABufferIntoItsPackets) {
    const auto harness = klvparse();
    const Bytes first = packet_at(Utc{1'700'000'000'000'000});
    const Bytes second = packet_at(Utc{1'700'000'000'100'000});
    push(harness.get(), joined({first, second}), GST_SECOND);
    EXPECT_EQ(bytes_of(pull(harness.get()).get()), first);
    const auto last = pull(harness.get());
    EXPECT_EQ(bytes_of(last.get()), second);
    EXPECT_EQ(GST_BUFFER_PTS(last.get()), GST_SECOND);
    EXPECT_EQ(number_property(harness.get(), "packets"), 2U);
}

TEST(KlvParse, JoinsAPacketAndKeepsTheTimeAtWhichItBegan) {
    const auto harness = klvparse();
    const Bytes first = packet_at(Utc{1'700'000'000'000'000});
    const Bytes second = packet_at(Utc{1'700'000'000'100'000});
    const Bytes all = joined({first, second});
    const ByteSpan span(all);
    const std::size_t cut = first.size() + 7;
    push(harness.get(), span.first(10), 1 * GST_SECOND);
    push(harness.get(), span.subspan(10, cut - 10), 2 * GST_SECOND);
    push(harness.get(), span.subspan(cut), 3 * GST_SECOND);
    const auto one = pull(harness.get());
    const auto two = pull(harness.get());
    ASSERT_TRUE(two);
    EXPECT_EQ(bytes_of(one.get()), first);
    EXPECT_EQ(GST_BUFFER_PTS(one.get()), 1 * GST_SECOND);
    EXPECT_EQ(bytes_of(two.get()), second);
    EXPECT_EQ(GST_BUFFER_PTS(two.get()), 2 * GST_SECOND);
}

TEST(KlvParse, TakesOffAccessUnitCellHeaders) {
    const auto harness = klvparse();
    const Bytes packet = packet_at(Utc{1'700'000'000'000'000});
    push(harness.get(), joined({*klv::encode_au_cell_header(7, packet.size()), packet}), GST_SECOND);
    EXPECT_EQ(bytes_of(pull(harness.get()).get()), packet);
}

TEST(KlvParse, GetsBackInStepAfterRubbish) {
    const auto harness = klvparse();
    const Bytes rubbish = *from_hex("00112233060e2b99060e");
    const Bytes packet = packet_at(Utc{1'700'000'000'000'000});
    push(harness.get(), joined({rubbish, packet}), GST_SECOND);
    EXPECT_EQ(bytes_of(pull(harness.get()).get()), packet);
    EXPECT_GE(number_property(harness.get(), "resyncs"), 1U);
}

TEST(KlvParse, CountsABadChecksumAndPassesItOn) {
    const auto harness = klvparse();
    const Bytes bad = spoiled(packet_at(Utc{1'700'000'000'000'000}));
    push(harness.get(), bad, GST_SECOND);
    EXPECT_EQ(bytes_of(pull(harness.get()).get()), bad);
    EXPECT_EQ(number_property(harness.get(), "bad-packets"), 1U);
}

TEST(KlvParse, DropsABadChecksumWhenTold) {
    const auto harness = klvparse("klvparse drop-bad-checksum=true");
    const Bytes good = packet_at(Utc{1'700'000'000'000'000});
    push(harness.get(), joined({spoiled(good), good}), GST_SECOND);
    EXPECT_EQ(bytes_of(pull(harness.get()).get()), good);
    EXPECT_FALSE(pull(harness.get()));
    EXPECT_EQ(number_property(harness.get(), "bad-packets"), 1U);
    EXPECT_EQ(number_property(harness.get(), "packets"), 1U);
}

TEST(KlvParse, ForgetsHalfAPacketAtADiscontinuityAndAtAFlush) {
    const auto harness = klvparse();
    const Bytes packet = packet_at(Utc{1'700'000'000'000'000});
    push(harness.get(), ByteSpan(packet).first(20), GST_SECOND);
    auto next = buffer_at(packet, 2 * GST_SECOND);
    GST_BUFFER_FLAG_SET(next.get(), GST_BUFFER_FLAG_DISCONT);
    ASSERT_EQ(gst_harness_push(harness.get(), next.release()), GST_FLOW_OK);
    EXPECT_EQ(GST_BUFFER_PTS(pull(harness.get()).get()), 2 * GST_SECOND);

    push(harness.get(), ByteSpan(packet).first(20), 3 * GST_SECOND);
    gst_harness_push_event(harness.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(harness.get(), gst_event_new_segment(&segment));
    push(harness.get(), packet, 4 * GST_SECOND);
    const auto after = pull(harness.get());
    ASSERT_TRUE(after);
    EXPECT_EQ(GST_BUFFER_PTS(after.get()), 4 * GST_SECOND);
    EXPECT_TRUE(GST_BUFFER_IS_DISCONT(after.get()));
    EXPECT_FALSE(pull(harness.get()));
}

TEST(KlvParse, NamesItsOutputParsedAndKeepsTheMarkOfEmbeddedKlv) {
    const auto harness = klvparse();
    gst_harness_set_src_caps_str(harness.get(), "meta/x-klv, parsed=(boolean)false, embedded=(boolean)true");
    push(harness.get(), packet_at(Utc{1'700'000'000'000'000}), GST_SECOND);
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(harness->sinkpad));
    EXPECT_EQ(take_string(gst_caps_to_string(caps.get())),
              "meta/x-klv, parsed=(boolean)true, embedded=(boolean)true");
}

TEST(KlvParse, SurvivesEveryCutOfAHostileStream) {
    const auto harness = klvparse();
    Bytes hostile = joined({*from_hex("060e2b34020b01010e0103010100000088ffffffffffffffff"),
                            *from_hex("060e2b34020b01010e01030101000000830100000201"),
                            packet_at(Utc{1'700'000'000'000'000})});
    for (const std::byte b : hostile) {
        push(harness.get(), {&b, 1}, GST_SECOND);
    }
    EXPECT_EQ(bytes_of(pull(harness.get()).get()), packet_at(Utc{1'700'000'000'000'000}));
}

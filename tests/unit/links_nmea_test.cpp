// NMEA 0183 and AIS: sentences, own ship, clock, and the link over real sockets.
#include "plugins/links/nmea/ais.hpp"
#include "plugins/links/nmea/own_ship.hpp"
#include "tests/unit/links_loop.hpp"
#include "tests/unit/links_sockets.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::nmea;
using namespace masthead::test;

namespace {

using namespace std::chrono_literals;

// 2026-11-22T12:34:56Z
constexpr Utc kNoon{1'795'350'896'000'000};

class Ship : public testing::Test {
  protected:
    /// What the sentence with this body says.
    std::optional<Sample> hear(const std::string& body, Utc arrival = kNoon) {
        const std::string line = write_sentence(body);
        const auto sentence = parse_sentence(std::string_view(line).substr(0, line.size() - 2), counters_);
        return sentence ? ship_.receive(*sentence, arrival) : std::nullopt;
    }
    OwnShip ship_;
    LinkCounters counters_;
};

std::optional<AisReport> hear_ais(AisReceiver& receiver, std::string_view line, LinkCounters& counters,
                                  Utc arrival = kNoon) {
    const auto sentence = parse_sentence(line, counters);
    return sentence ? receiver.receive(*sentence, arrival, counters) : std::nullopt;
}

std::string ais(const std::string& body) {
    const std::string line = write_sentence(body, '!');
    return line.substr(0, line.size() - 2);
}

} // namespace

TEST(LineFramer, TakesCrLfAndLfAndPiecesOfLines) {
    LineFramer framer;
    LinkCounters counters;
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    framer.push(as_bytes("one\r\ntw"), counters, take);
    framer.push(as_bytes("o\nthree"), counters, take);
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
    framer.finish(take);
    EXPECT_EQ(lines.back(), "three");
}

TEST(LineFramer, DropsALineWithoutAnEndAndGoesOn) {
    LineFramer framer;
    LinkCounters counters;
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    for (int i = 0; i < 100; ++i) {
        framer.push(as_bytes(std::string(1000, 'x')), counters, take);
    }
    framer.push(as_bytes("\r\nafter\r\n"), counters, take);
    EXPECT_EQ(lines, std::vector<std::string>{"after"});
    EXPECT_EQ(counters.malformed, 1U);
}

TEST(Sentence, IsCheckedAndTakenApart) {
    LinkCounters counters;
    const auto sentence = parse_sentence("$GPGLL,6005.071,N,02332.346,E,095559,A,D*43", counters);
    ASSERT_TRUE(sentence);
    EXPECT_EQ(sentence->talker, "GP");
    EXPECT_EQ(sentence->type, "GLL");
    EXPECT_EQ(sentence->field(1), "N");
    EXPECT_EQ(sentence->field(99), "");
}

TEST(Sentence, IsCountedWhenItIsNone) {
    LinkCounters counters;
    EXPECT_FALSE(parse_sentence("$GPGLL,6005.071,N,02332.346,E,095559,A,D*44", counters));
    EXPECT_EQ(counters.bad_checksum, 1U);
    for (const char* line :
         {"$GPGLL,6005.071,N", "GPGLL*00", "$", "$*", "*00", "$GPGLL*0", "$GPGLL*zz", "\\", "\\g:1*00"}) {
        EXPECT_FALSE(parse_sentence(line, counters)) << line;
    }
    EXPECT_EQ(counters.malformed, 9U);
    EXPECT_FALSE(parse_sentence("$PGRME,15.0,M,45.0,M,25.0,M*1C", counters));
    EXPECT_EQ(counters.messages_unknown, 1U);
}

TEST(Sentence, MayHaveTagBlocksBeforeIt) {
    LinkCounters counters;
    const auto sentence = parse_sentence("\\s:r003669945,c:1241544035*30\\$GPHDT,90.0,T*0C", counters);
    ASSERT_TRUE(sentence) << counters.bad_checksum << counters.malformed;
    EXPECT_EQ(sentence->type, "HDT");
}

TEST_F(Ship, SaysPositionSpeedAndTimeInRmc) {
    const auto sample = hear("GPRMC,123455.5,A,6005.071,N,02332.346,W,10.0,224.4,221126,,,A");
    ASSERT_TRUE(sample);
    EXPECT_EQ(sample->time, kNoon - 500ms);
    EXPECT_EQ(sample->time_source, TimeSource::vehicle);
    EXPECT_NEAR(*sample->latitude_deg, 60.0845167, 1e-6);
    EXPECT_NEAR(*sample->longitude_deg, -23.5391, 1e-6);
    EXPECT_NEAR(*sample->ground_speed_mps, 5.14444, 1e-4);
    EXPECT_NEAR(*sample->course_deg, 224.4, 1e-9);
}

TEST_F(Ship, SaysNothingWhenTheReceiverHasNoFix) {
    for (const char* body :
         {"GPRMC,123455,V,6005.071,N,02332.346,E,1,2,221126,,,N", "GPGLL,6005.071,N,02332.346,E,123455,V",
          "GPGGA,123455,6005.071,N,02332.346,E,0,00,,,M,,M,,",
          "GPGNS,123455,6005.071,N,02332.346,E,NN,00,,,,,"}) {
        const auto sample = hear(body);
        ASSERT_TRUE(sample) << body;
        EXPECT_EQ(*sample, Sample{.time = kNoon}) << body;
    }
}

TEST_F(Ship, LeavesOutWhatIsEmptyOrImpossible) {
    const auto sample = hear("GPRMC,,A,9105.0,N,02332.346,E,,400.0,,,");
    ASSERT_TRUE(sample);
    EXPECT_FALSE(sample->latitude_deg);
    EXPECT_FALSE(sample->longitude_deg);
    EXPECT_FALSE(sample->ground_speed_mps);
    EXPECT_FALSE(sample->course_deg);
    EXPECT_FALSE(
        hear("GPGGA,123455,6060.0,N,02332.346,E,1,08,1.0,12.5,M,20.0,M,,")->latitude_deg); // 60 minutes
}

TEST_F(Ship, KnowsBothAltitudesAndTheSatellitesFromGga) {
    const auto sample = hear("GPGGA,123456,6005.071,N,02332.346,E,1,08,1.0,12.5,M,20.0,M,,");
    EXPECT_DOUBLE_EQ(*sample->altitude_msl_m, 12.5);
    EXPECT_DOUBLE_EQ(*sample->altitude_hae_m, 32.5);
    EXPECT_EQ(sample->satellites, 8);
}

TEST_F(Ship, ReadsEachInstrument) {
    EXPECT_DOUBLE_EQ(*hear("IIHDT,123.4,T")->heading_deg, 123.4);
    EXPECT_DOUBLE_EQ(*hear("HETHS,12.5,A")->heading_deg, 12.5);
    EXPECT_FALSE(hear("HETHS,12.5,V")->heading_deg);
    EXPECT_DOUBLE_EQ(*hear("IIDPT,7.5,0.4")->depth_m, 7.5);
    EXPECT_DOUBLE_EQ(*hear("IIDBT,24.6,f,7.5,M,4.1,F")->depth_m, 7.5);
    EXPECT_NEAR(*hear("IIDBT,10.0,f,,M,,F")->depth_m, 3.048, 1e-9);
    EXPECT_NEAR(*hear("IIVHW,,T,,M,06.00,N,11.11,K")->water_speed_mps, 3.0867, 1e-4);
    EXPECT_NEAR(*hear("IIVTG,224.44,T,224.44,M,5.81,N,,,D")->ground_speed_mps, 2.98892, 1e-4);
    EXPECT_NEAR(*hear("IIVTG,1.0,T,,M,,N,36.0,K,A")->ground_speed_mps, 10, 1e-9);
    EXPECT_FALSE(hear("IIVTG,1.0,T,,M,,N,36.0,K,N")->ground_speed_mps);
    const auto wind = hear("IIMWD,270.0,T,265.0,M,10.0,N,5.14,M");
    EXPECT_DOUBLE_EQ(*wind->wind_direction_deg, 270);
    EXPECT_DOUBLE_EQ(*wind->wind_speed_mps, 5.14);
    const auto attitude = hear("IIXDR,A,-2.5,D,PTCH,A,4.0,D,ROLL");
    EXPECT_DOUBLE_EQ(*attitude->pitch_deg, -2.5);
    EXPECT_DOUBLE_EQ(*attitude->roll_deg, 4);
    EXPECT_FALSE(hear("GPGSV,1,1,00"));
}

TEST_F(Ship, TurnsWindAgainstTheBowIntoWindAgainstNorth) {
    EXPECT_FALSE(hear("IIMWV,313,T,08.00,N,A")->wind_direction_deg);
    ASSERT_TRUE(hear("IIHDT,100.0,T"));
    const auto wind = hear("IIMWV,313,T,08.00,N,A");
    EXPECT_NEAR(*wind->wind_direction_deg, 53, 1e-9);
    EXPECT_NEAR(*wind->wind_speed_mps, 4.11556, 1e-4);
    EXPECT_FALSE(hear("IIMWV,338,R,13.41,N,A")->wind_speed_mps);
}

TEST_F(Ship, UsesAMagneticHeadingOnlyWithVariationAndWithoutATrueOne) {
    EXPECT_FALSE(hear("HCHDM,100.0,M")->heading_deg);
    EXPECT_NEAR(*hear("HCHDG,100.0,2.0,W,5.0,E")->heading_deg, 103, 1e-9);
    EXPECT_NEAR(*hear("HCHDM,100.0,M", kNoon + 5s)->heading_deg, 105, 1e-9);
    ASSERT_TRUE(hear("IIHDT,90.0,T", kNoon + 5s));
    EXPECT_FALSE(hear("HCHDG,100.0,2.0,W,5.0,E", kNoon + 6s)->heading_deg);
}

TEST_F(Ship, PassesMidnightWithSentencesThatHaveNoDate) {
    const Utc before{1'795'391'998'000'000}; // 23:59:58
    ASSERT_TRUE(hear("GPRMC,235958,A,6005.071,N,02332.346,E,1,2,221126,,,A", before));
    EXPECT_EQ(hear("GPGLL,6005.071,N,02332.346,E,000001,A", before + 3s)->time, before + 3s);
    EXPECT_EQ(hear("GPGLL,6005.071,N,02332.346,E,235959,A", before + 4s)->time, before + 1s);
}

TEST_F(Ship, TakesTheDateFromZda) {
    ASSERT_TRUE(hear("GPZDA,123456,22,11,2026,00,00"));
    EXPECT_EQ(hear("GPGLL,6005.071,N,02332.346,E,123456,A")->time, kNoon);
}

TEST_F(Ship, IsMappedByItsOffsetWhenItsClockIsWrong) {
    const auto first = hear("GPRMC,080000,A,6005.071,N,02332.346,E,1,2,010115,,,A");
    EXPECT_EQ(first->time, kNoon);
    EXPECT_EQ(first->time_source, TimeSource::mapped);
    EXPECT_TRUE(ship_.clock_error());
    const auto late = hear("GPRMC,080001,A,6005.071,N,02332.346,E,1,2,010115,,,A", kNoon + 1400ms);
    EXPECT_EQ(late->time, kNoon + 1s);
}

TEST(Ais, ReadsAClassAPosition) {
    AisReceiver receiver;
    LinkCounters counters;
    const auto report = hear_ais(receiver, "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C", counters);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->mmsi, 477553000U);
    EXPECT_NEAR(*report->sample.latitude_deg, 47.58283333, 1e-7);
    EXPECT_NEAR(*report->sample.longitude_deg, -122.34583333, 1e-7);
    EXPECT_EQ(report->sample.mode, "moored");
    EXPECT_DOUBLE_EQ(*report->sample.heading_deg, 181);
    EXPECT_DOUBLE_EQ(*report->sample.ground_speed_mps, 0);
}

TEST(Ais, PutsTwoPartsTogetherAndKeepsTheName) {
    AisReceiver receiver;
    LinkCounters counters;
    const char* first = "!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0*3E";
    const char* second = "!AIVDM,2,2,3,B,1@0000000000000,2*55";
    EXPECT_FALSE(hear_ais(receiver, first, counters));
    const auto report = hear_ais(receiver, second, counters);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->mmsi, 369190000U);
    EXPECT_EQ(report->sample.name, "MT.MITCHELL");
    EXPECT_EQ(counters.messages_in, 1U);
}

// The values are gpsdecode's.
TEST(Ais, ReadsAnExtendedClassBReport) {
    AisReceiver receiver;
    LinkCounters counters;
    const auto report = hear_ais(
        receiver, "!AIVDM,1,1,,B,C5N3SRgPEnJGEBT>NhWAwwo862PaLELTBJ:V00000000S0D:R220,0*0B", counters);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->mmsi, 367059850U);
    EXPECT_NEAR(*report->sample.longitude_deg, -88.810392, 1e-6);
    EXPECT_NEAR(*report->sample.latitude_deg, 29.543695, 1e-6);
    EXPECT_NEAR(*report->sample.course_deg, 335.9, 1e-9);
    EXPECT_NEAR(*report->sample.ground_speed_mps, 8.7 * 1852 / 3600, 1e-9);
    EXPECT_FALSE(report->sample.heading_deg); // 511: not available
    EXPECT_EQ(report->sample.name, "CAPT.J.RIMES");
}

TEST(Ais, ReadsTheNameOfAStaticReport) {
    AisReceiver receiver;
    LinkCounters counters;
    const auto report = hear_ais(receiver, "!AIVDM,1,1,,A,H42O55i18tMET00000000000000,2*6D", counters);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->mmsi, 271041815U);
    EXPECT_EQ(report->sample.name, "PROGUY");
}

TEST(Ais, DropsPartsThatNeverBecomeWhole) {
    AisReceiver receiver;
    LinkCounters counters;
    for (int i = 0; i < 1000; ++i) {
        const std::string part =
            ais("AIVDM,2,1," + std::to_string(i) + ",A,55P5TL01VIaAL@7WKO@mBplU@<PDhh0,0");
        EXPECT_FALSE(hear_ais(receiver, part, counters));
    }
    EXPECT_EQ(counters.malformed, 1000U - 16U);
    EXPECT_FALSE(hear_ais(receiver, ais("AIVDM,2,2,7,B,1@0000000000000,2"), counters));    // no first part
    EXPECT_FALSE(hear_ais(receiver, ais("AIVDM,2,2,999,A,1@0,2"), counters, kNoon + 11s)); // too late
}

TEST(Ais, RefusesBrokenPayloads) {
    AisReceiver receiver;
    LinkCounters counters;
    for (const char* body :
         {"AIVDM,1,1,,A,,0", "AIVDM,1,1,,A,1,0", "AIVDM,1,1,,A,15?????,0", "AIVDM,1,1,,A,1\x7F,0",
          "AIVDM,1,1,,A,177KQJ5000,9", "AIVDM,0,0,,A,1,0", "AIVDM,1,2,,A,1,0", "AIVDM",
          "AIVDM,1,1,,A,177KQJ5000,x", "AIVDM,1,1,,A,177KQJ5000G,0"}) {
        EXPECT_FALSE(hear_ais(receiver, ais(body), counters)) << body;
    }
    EXPECT_EQ(counters.malformed + counters.messages_unknown, 10U);
    EXPECT_EQ(counters.messages_in, 0U);
}

TEST(NmeaLink, ReadsOwnShipAndTargetsFromATcpServer) {
    Loop loop;
    Heard heard;
    TcpServer server;
    auto link =
        open_link("nmea+tcp://127.0.0.1:" + std::to_string(server.port()), heard.events(), loop.context());
    ASSERT_TRUE(link && (*link)->start());
    ASSERT_TRUE(loop.until([&] { return server.accept(); }));
    server.send(as_bytes("34.5,T*00\r\n" + write_sentence("IIHDT,123.4,T")));
    server.send(as_bytes("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n"));
    ASSERT_TRUE(loop.until([&] { return heard.samples.size() == 2; }));
    EXPECT_EQ(heard.samples[0].first, "own");
    EXPECT_EQ(heard.samples[1].first, "477553000");
    EXPECT_EQ((*link)->counters().malformed, 1U);
    EXPECT_EQ((*link)->send({"c", "own", "hold", utc_now() + 5s}).error().code, Code::unsupported);
}

TEST(NmeaLink, TakesTheEndOfADatagramForTheEndOfALine) {
    Loop loop;
    Heard heard;
    const UdpPeer ship;
    const std::uint16_t port = free_udp_port();
    const std::string heading = write_sentence("IIHDT,123.4,T");
    auto link = open_link("nmea+udp://127.0.0.1:" + std::to_string(port), heard.events(), loop.context());
    ASSERT_TRUE(link && (*link)->start());
    ship.send(as_bytes(heading.substr(0, heading.size() - 2)), port);
    ship.send(as_bytes(heading.substr(0, heading.size() - 2)), port);
    EXPECT_TRUE(loop.until([&] { return heard.samples.size() == 2; }));
}

TEST(NmeaLink, SaysOnceThatNobodyAnswersAndConnectsLater) {
    Loop loop;
    Heard heard;
    const std::uint16_t port = TcpServer().port();
    auto link = open_link("nmea+tcp://127.0.0.1:" + std::to_string(port), heard.events(), loop.context());
    ASSERT_TRUE(link && (*link)->start());
    ASSERT_TRUE(loop.until([&] { return heard.said(LinkState::down); }));
    TcpServer server(port);
    ASSERT_TRUE(loop.until([&] { return server.accept(); }));
    ASSERT_TRUE(loop.until([&] { return heard.said(LinkState::connecting); }));
    EXPECT_EQ(heard.states.size(), 2U);
}

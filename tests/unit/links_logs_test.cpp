// Telemetry logs: each kind by the samples that come out of it, and what is said of what is wrong in them.
#include "plugins/links/logs/telemetry_log.hpp"
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/nmea/sentence.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::logs;

namespace {

// 2026-11-22T12:34:56Z
constexpr Utc kNoon{1'795'350'896'000'000};

struct Read {
    Result<LogFacts> facts;
    std::vector<Sample> samples;
};

Read read(ByteSpan log) {
    Read result{.facts = fail(Code::internal, ""), .samples = {}};
    result.facts = read_log(log, [&](const Sample& sample) { result.samples.push_back(sample); });
    return result;
}

Read read(std::string_view text) { return read(as_bytes(text)); }

Utc at_ms(std::int64_t ms) { return Utc{kNoon.us + ms * 1000}; }

// --- tlog ---

struct Tlog {
    Bytes bytes;

    Tlog& add(Utc time, mavlink::Message message, std::uint8_t system = 1) {
        message.system = system;
        message.component = 1;
        ByteWriter out;
        out.uint_be(static_cast<std::uint64_t>(time.us), 8);
        out.append(mavlink::write_packet(message));
        bytes.insert(bytes.end(), out.view().begin(), out.view().end());
        return *this;
    }
    Tlog& heartbeat(Utc time, std::uint8_t system = 1) {
        mavlink::Message message{.id = mavlink::heartbeat::kId};
        message.set(mavlink::heartbeat::autopilot, 3);
        message.set(mavlink::heartbeat::type, 2);
        return add(time, message, system);
    }
    Tlog& position(Utc time, double latitude, std::uint8_t system = 1) {
        using namespace mavlink::global_position_int;
        mavlink::Message message{.id = kId};
        message.set(lat, static_cast<std::int32_t>(latitude * 1e7));
        message.set(lon, 100'000'000);
        message.set(alt, 450'000);
        return add(time, message, system);
    }
};

} // namespace

TEST(TelemetryLog, ReadsATlogByTheTimesBeforeItsPackets) {
    Tlog log;
    log.heartbeat(kNoon).position(at_ms(100), 47).position(at_ms(300), 47.5);
    const Read got = read(log.bytes);
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.facts->kind, Kind::tlog);
    EXPECT_TRUE(got.facts->warnings.empty());
    ASSERT_EQ(got.samples.size(), 3U); // with the heartbeat's mode
    EXPECT_EQ(got.samples[1].time, at_ms(100));
    EXPECT_DOUBLE_EQ(*got.samples[2].latitude_deg, 47.5);
    EXPECT_DOUBLE_EQ(*got.samples[2].altitude_msl_m, 450);
}

TEST(TelemetryLog, GoesOverDamageInATlogAndSaysSo) {
    Tlog log;
    log.heartbeat(kNoon).position(at_ms(100), 47);
    for (int i = 0; i < 70; ++i) {
        log.bytes.push_back(std::byte{0xFD});
    }
    log.position(at_ms(300), 47.5).position(at_ms(400), 48);
    log.bytes.erase(log.bytes.end() - 3, log.bytes.end()); // the last one is cut off
    const Read got = read(log.bytes);
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.samples.size(), 3U);
    EXPECT_EQ(got.facts->warnings, std::vector<std::string>{"2 damaged places were gone over"});
}

TEST(TelemetryLog, TakesTheVehicleThatSaysMostOfATlog) {
    Tlog log;
    log.heartbeat(kNoon, 7).heartbeat(kNoon, 9).position(at_ms(100), 47, 9).position(at_ms(200), 48, 9);
    log.position(at_ms(100), 12, 7);
    const Read got = read(log.bytes);
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    ASSERT_EQ(got.samples.size(), 3U);
    EXPECT_DOUBLE_EQ(*got.samples[1].latitude_deg, 47);
    EXPECT_EQ(got.facts->warnings,
              std::vector<std::string>{"system 7 (2 messages) is in it too and is left out"});
}

// --- NMEA ---

TEST(TelemetryLog, ReadsNmeaByTheTimesThatSentencesSay) {
    const Read got =
        read(nmea::write_sentence("IIHDT,80.0,T") + // before any date
             nmea::write_sentence("GPRMC,123456.00,A,6005.071,N,01000.000,E,5.0,80.0,221126,,,A") +
             nmea::write_sentence("IIHDT,81.0,T") + nmea::write_sentence("IIHDT,82.0,T") +
             nmea::write_sentence("GPGGA,123457.00,6005.072,N,01000.000,E,1,09,1.0,4.0,M,40.0,M,,"));
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.facts->kind, Kind::nmea);
    ASSERT_EQ(got.samples.size(), 4U);
    EXPECT_EQ(got.samples[0].time, kNoon);
    EXPECT_NEAR(*got.samples[0].latitude_deg, 60.084517, 1e-6);
    // Between the two times, one after the other.
    EXPECT_EQ(got.samples[1].time, kNoon);
    EXPECT_EQ(got.samples[2].time, at_ms(500));
    EXPECT_EQ(got.samples[3].time, at_ms(1000));
    EXPECT_DOUBLE_EQ(*got.samples[3].altitude_msl_m, 4);
    EXPECT_EQ(got.facts->warnings,
              std::vector<std::string>{"1 sentences before the first date were left out"});
}

TEST(TelemetryLog, ReadsNmeaAcrossAPauseAndMidnight) {
    const Read got =
        read(nmea::write_sentence("GPRMC,235900.00,A,6005.071,N,01000.000,E,5.0,80.0,221126,,,A") +
             nmea::write_sentence("GPGGA,000100.00,6005.072,N,01000.000,E,1,09,1.0,4.0,M,40.0,M,,"));
    ASSERT_EQ(got.samples.size(), 2U);
    EXPECT_EQ(to_iso8601(got.samples[1].time), "2026-11-23T00:01:00.000000Z");
}

TEST(TelemetryLog, ReadsNmeaByTheTimesOfReceiptInTagBlocks) {
    const Read got = read("\\s:r1,c:1795350896*12\\" + nmea::write_sentence("IIHDT,80.0,T") +
                          "\\c:1795350897250,s:r1*12\\" + nmea::write_sentence("IIHDT,81.0,T"));
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    ASSERT_EQ(got.samples.size(), 2U);
    EXPECT_EQ(got.samples[0].time, kNoon);
    EXPECT_EQ(got.samples[1].time, at_ms(1250));
}

TEST(TelemetryLog, SaysWhichLinesOfNmeaAreWrongAndWhatALogWithoutDatesLacks) {
    const std::string rmc =
        nmea::write_sentence("GPRMC,123456.00,A,6005.071,N,01000.000,E,5.0,80.0,221126,,,A");
    const Read got = read(rmc + "$GPRMC,12345\r\n$IIHDT,80.0,T*00\r\n");
    ASSERT_TRUE(got.facts);
    EXPECT_EQ(got.facts->warnings, (std::vector<std::string>{"line 2 is no whole sentence with a checksum",
                                                             "line 3: its checksum is wrong"}));
    const Read dateless = read(nmea::write_sentence("IIHDT,80.0,T"));
    ASSERT_FALSE(dateless.facts);
    EXPECT_NE(dateless.facts.error().message.find("has no date"), std::string::npos);
}

// --- CSV ---

TEST(TelemetryLog, ReadsATableByTheNamesAndUnitsOfItsColumns) {
    const Read got = read("Time,Latitude,Longitude,Alt (ft),yaw_deg,Pitch [rad],speed(km/h),remark\r\n"
                          "2026-11-22T12:34:56.5Z,47.5,8.25,1000,-90,0.1,36,\"a, b\"\r\n"
                          "\r\n"
                          "2026-11-22T14:34:57+02:00,47.6,8.25,,,,,\r\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.facts->kind, Kind::csv);
    EXPECT_FALSE(got.facts->from_first_frame);
    ASSERT_EQ(got.samples.size(), 2U);
    EXPECT_EQ(got.samples[0].time, at_ms(500));
    EXPECT_DOUBLE_EQ(*got.samples[0].altitude_msl_m, 304.8);
    EXPECT_DOUBLE_EQ(*got.samples[0].heading_deg, 270);
    EXPECT_NEAR(*got.samples[0].pitch_deg, 5.72958, 1e-5);
    EXPECT_DOUBLE_EQ(*got.samples[0].ground_speed_mps, 10);
    EXPECT_EQ(got.samples[1].time, at_ms(1000));
    EXPECT_FALSE(got.samples[1].altitude_msl_m);
}

TEST(TelemetryLog, TakesEpochTimesOfAnyUnit) {
    for (const char* time : {"1795350896.25", "1795350896250", "1795350896250000", "1795350896250000000"}) {
        const Read got = read("timestamp;lat;lon\n" + std::string(time) + ";47,5;8,25\n");
        ASSERT_TRUE(got.facts) << got.facts.error().message;
        ASSERT_EQ(got.samples.size(), 1U) << time;
        EXPECT_NEAR(static_cast<double>(got.samples[0].time.us), static_cast<double>(at_ms(250).us), 1)
            << time;
        EXPECT_DOUBLE_EQ(*got.samples[0].latitude_deg, 47.5); // a decimal comma
    }
}

TEST(TelemetryLog, JoinsWholeSecondsOfUtcWithFinerCountedTimes) {
    const Read got = read("time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet)\n"
                          "0,2026-11-22 12:34:56,47,8,10\n"
                          "400,2026-11-22 12:34:56,47,8,10\n"
                          "700,2026-11-22 12:34:57,47,8,10\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    ASSERT_EQ(got.samples.size(), 3U);
    EXPECT_EQ(got.samples[0].time, at_ms(300)); // the second changed 0.7 s later
    EXPECT_EQ(got.samples[1].time, at_ms(700));
    EXPECT_DOUBLE_EQ(*got.samples[0].altitude_agl_m, 3.048);
}

TEST(TelemetryLog, CountsTimesOfATableFromTheFirstFrameWhereItHasNoDate) {
    const Read got = read("t_s,lat,lon\n0.5,47,8\n1,47,8\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_TRUE(got.facts->from_first_frame);
    EXPECT_EQ(got.samples[0].time, Utc{500'000});
}

TEST(TelemetryLog, JoinsADateColumnWithATimeColumn) {
    const Read got = read("date,time,lat,lon\n2026-11-22,12:34:56.250,47,8\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.samples[0].time, at_ms(250));
}

TEST(TelemetryLog, TurnsAGimbalsAnglesToThePlatform) {
    const Read got = read("utc,lat,lon,heading,pitch,roll,gimbal_heading(degrees),gimbal_pitch(degrees)\n"
                          "1795350896,47,8,350,0,0,20,-30\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_NEAR(*got.samples[0].camera_azimuth_deg, 30, 1e-9);
    EXPECT_NEAR(*got.samples[0].camera_elevation_deg, -30, 1e-9);
}

TEST(TelemetryLog, ReadsTheNamesOfItemsAsWeExportThem) {
    const Read got = read("precision_time_stamp,sensor_latitude,sensor_longitude,platform_pitch_angle_full\n"
                          "1795350896250000,47,8,-12.5\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.samples[0].time, at_ms(250));
    EXPECT_DOUBLE_EQ(*got.samples[0].pitch_deg, -12.5);
}

TEST(TelemetryLog, SaysWhichLinesOfATableAreWrong) {
    const Read got = read("time,lat,lon\nyesterday,47,8\n1795350896,north,8\n1795350897,47\n1795350898,95,8\n"
                          "1795350899,47,8\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.samples.size(), 1U);
    EXPECT_EQ(got.facts->warnings,
              (std::vector<std::string>{"line 2: its time cannot be read",
                                        "line 3: 'north' in the column lat is no number",
                                        "line 4: 2 columns, where the line of names has 3",
                                        "line 5: a value that cannot be was left out"}));
}

TEST(TelemetryLog, SaysWhatATableLacks) {
    const Read got = read("time,lat,altitude\n1795350896,47,3\n");
    ASSERT_FALSE(got.facts);
    EXPECT_EQ(got.facts.error().message, "no column of this table has a name that means a longitude");
}

TEST(TelemetryLog, BoundsItsWarnings) {
    std::string text = "time,lat,lon\n1795350899,47,8\n";
    for (int i = 0; i < 30; ++i) {
        text += "x,47,8\n";
    }
    const Read got = read(text);
    ASSERT_TRUE(got.facts);
    ASSERT_EQ(got.facts->warnings.size(), 21U);
    EXPECT_EQ(got.facts->warnings.back(), "and 10 more like these");
}

// --- SRT ---

TEST(TelemetryLog, ReadsSubtitlesWithBrackets) {
    const Read got =
        read("\xEF\xBB\xBF"
             "1\r\n00:00:00,000 --> 00:00:00,033\r\n"
             "<font size=\"28\">FrameCnt: 1, DiffTime: 33ms\r\n2026-11-22 14:34:56.250\r\n"
             "[iso: 100] [latitude: 47.5] [longitude: 8.25] [rel_alt: 1.200 abs_alt: 450.5] </font>\r\n"
             "\r\n2\r\n00:00:00,033 --> 00:00:00,066\r\n"
             "<font size=\"28\">SrtCnt : 2, DiffTime : 33ms\r\n2026-11-22 14:34:56,283,500\r\n"
             "[latitude : 47.6] [longtitude : 8.25] [altitude: 451.0] </font>\r\n\r\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    EXPECT_EQ(got.facts->kind, Kind::srt);
    EXPECT_TRUE(got.facts->from_first_frame);
    EXPECT_EQ(to_iso8601(*got.facts->local_begin), "2026-11-22T14:34:56.250000Z");
    ASSERT_EQ(got.samples.size(), 2U);
    EXPECT_EQ(got.samples[1].time, Utc{33'000});
    EXPECT_DOUBLE_EQ(*got.samples[0].altitude_agl_m, 1.2);
    EXPECT_DOUBLE_EQ(*got.samples[0].altitude_msl_m, 450.5);
    EXPECT_DOUBLE_EQ(*got.samples[1].longitude_deg, 8.25);
    EXPECT_DOUBLE_EQ(*got.samples[1].altitude_msl_m, 451);
}

TEST(TelemetryLog, ReadsSubtitlesWithGps) {
    const Read got =
        read("1\n00:00:01,000 --> 00:00:02,000\nHOME(8.2,47.1) 2026.11.22 14:34:57\n"
             "GPS(8.25,47.5,16) BAROMETER:1.9\nISO:100 Shutter:60\n\n"
             "2\n00:00:02,000 --> 00:00:03,000\nF/2.8, SS 320, GPS (8.25, 47.6, 450.5M), D 12.3m, H 2.5m, "
             "H.S 3.00m/s, V.S -1.00m/s\n");
    ASSERT_TRUE(got.facts) << got.facts.error().message;
    ASSERT_EQ(got.samples.size(), 2U);
    EXPECT_EQ(got.samples[0].time, Utc{1'000'000});
    EXPECT_EQ(to_iso8601(*got.facts->local_begin), "2026-11-22T14:34:56.000000Z");
    EXPECT_DOUBLE_EQ(*got.samples[0].latitude_deg, 47.5);
    EXPECT_DOUBLE_EQ(*got.samples[0].altitude_agl_m, 1.9);
    EXPECT_FALSE(got.samples[0].altitude_msl_m); // 16 satellites
    EXPECT_DOUBLE_EQ(*got.samples[1].altitude_msl_m, 450.5);
    EXPECT_DOUBLE_EQ(*got.samples[1].altitude_agl_m, 2.5);
    EXPECT_DOUBLE_EQ(*got.samples[1].ground_speed_mps, 3);
    EXPECT_DOUBLE_EQ(*got.samples[1].climb_mps, -1);
}

TEST(TelemetryLog, SaysOfSubtitlesThatHaveNoPositions) {
    const Read got = read("1\n00:00:01,000 --> 00:00:02,000\nHello!\n");
    ASSERT_FALSE(got.facts);
    EXPECT_EQ(got.facts.error().message,
              "there is nothing of use in it, read as DJI subtitles (.SRT): line 2: this "
              "cue says no position");
}

TEST(TelemetryLog, RefusesWhatIsNoLog) {
    for (const std::string_view text : {"", "hello", "hello, world\n", "\0\x01\x02"}) {
        const Read got = read(text);
        ASSERT_FALSE(got.facts);
        EXPECT_EQ(got.facts.error().code, Code::unsupported);
    }
}

// One function a sentence, by NMEA 0183 version 4.
#include "simulator/nmea_sentences.hpp"

#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <ctime>

namespace masthead::sim {

namespace {

constexpr double kKnot = 1852.0 / 3600;

[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...) {
    std::array<char, 200> text;
    va_list arguments;
    va_start(arguments, format);
    const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    return {text.data(), static_cast<std::size_t>(std::min(size, static_cast<int>(text.size()) - 1))};
}

std::tm calendar(Utc t) {
    const std::time_t seconds = t.us / 1'000'000;
    std::tm out{};
    gmtime_r(&seconds, &out);
    return out;
}
/// "hhmmss.ss"
std::string clock_text(Utc t) {
    const std::tm c = calendar(t);
    return print("%02d%02d%02d.%02d", c.tm_hour, c.tm_min, c.tm_sec,
                 static_cast<int>(t.us % 1'000'000 / 10'000));
}

/// "5926.400000,N": degrees and minutes, rounded as a whole so that 60 minutes cannot appear.
std::string angle_text(double deg, int degree_digits, char positive, char negative) {
    const std::int64_t micro_minutes = std::llround(std::abs(deg) * 60e6);
    return print("%0*d%02d.%06d,%c", degree_digits, static_cast<int>(micro_minutes / 60'000'000),
                 static_cast<int>(micro_minutes / 1'000'000 % 60),
                 static_cast<int>(micro_minutes % 1'000'000), deg < 0 ? negative : positive);
}
std::string position_text(const Sample& s) {
    return angle_text(*s.latitude_deg, 2, 'N', 'S') + "," + angle_text(*s.longitude_deg, 3, 'E', 'W');
}

/// Degrees in [0, 360) at two digits.
std::string course_text(double deg) {
    const std::int64_t hundredths = std::llround(deg * 100) % 36'000;
    return print("%d.%02d", static_cast<int>(hundredths / 100), static_cast<int>(hundredths % 100));
}

std::string rmc(const Truth& truth, const Place&) {
    const Sample& s = truth.sample;
    const std::tm c = calendar(s.time);
    return "GPRMC," + clock_text(s.time) + ",A," + position_text(s) +
           print(",%.3f,", *s.ground_speed_mps / kKnot) + course_text(*s.course_deg) +
           print(",%02d%02d%02d,,,A", c.tm_mday, c.tm_mon + 1, c.tm_year % 100);
}
std::string gga(const Truth& truth, const Place& place) {
    const Sample& s = truth.sample;
    return "GPGGA," + clock_text(s.time) + "," + position_text(s) +
           print(",1,%02d,0.8,%.2f,M,%.1f,M,,", s.satellites.value_or(0), *s.altitude_msl_m, place.geoid_m);
}
std::string hdt(const Truth& truth, const Place&) {
    return "HEHDT," + course_text(*truth.sample.heading_deg) + ",T";
}
std::string vtg(const Truth& truth, const Place&) {
    const Sample& s = truth.sample;
    return "GPVTG," + course_text(*s.course_deg) +
           print(",T,,M,%.3f,N,%.3f,K,A", *s.ground_speed_mps / kKnot, *s.ground_speed_mps * 3.6);
}
std::string dpt(const Truth& truth, const Place&) { return print("SDDPT,%.1f,0.0,", *truth.sample.depth_m); }
/// Theoretical (true) wind; its angle counts from the bow.
std::string mwv(const Truth& truth, const Place& place) {
    const double from_bow = place.wind_from_deg - *truth.sample.heading_deg;
    return "WIMWV," + course_text(from_bow < 0 ? from_bow + 360 : from_bow) +
           print(",T,%.2f,M,A", place.wind_mps);
}
std::string xdr(const Truth& truth, const Place&) {
    return print("IIXDR,A,%.2f,D,PITCH,A,%.2f,D,ROLL", *truth.sample.pitch_deg, *truth.sample.roll_deg);
}
std::string zda(const Truth& truth, const Place&) {
    const std::tm c = calendar(truth.sample.time);
    return "GPZDA," + clock_text(truth.sample.time) +
           print(",%02d,%02d,%04d,00,00", c.tm_mday, c.tm_mon + 1, c.tm_year + 1900);
}

constexpr NmeaRow kRows[] = {{1, rmc}, {2, gga}, {1, hdt}, {2, vtg}, {5, dpt}, {5, mwv}, {1, xdr}, {10, zda}};

} // namespace

std::string nmea_sentence(std::string_view body, char start) {
    unsigned sum = 0;
    for (const char c : body) {
        sum ^= static_cast<unsigned char>(c);
    }
    return start + std::string(body) + print("*%02X\r\n", sum);
}

std::span<const NmeaRow> nmea_rows() { return kRows; }

} // namespace masthead::sim

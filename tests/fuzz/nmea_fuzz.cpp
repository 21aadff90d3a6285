// Any bytes through lines, sentences, own ship and AIS. Sentences also with their checksum mended, so that
// mutations get past it.
#include "plugins/links/nmea/ais.hpp"
#include "plugins/links/nmea/own_ship.hpp"

#include <cmath>
#include <cstdlib>

using namespace masthead;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct Feed {
    nmea::OwnShip ship;
    nmea::AisReceiver ais;
    LinkCounters counters;
    Utc now{1'795'350'896'000'000};

    void take(std::string_view line) {
        const auto sentence = nmea::parse_sentence(line, counters);
        if (!sentence) {
            return;
        }
        now.us += 100'000;
        if (sentence->type == "VDM" || sentence->type == "VDO") {
            if (const auto report = ais.receive(*sentence, now, counters)) {
                require(report->mmsi > 0 && report->mmsi <= 999'999'999);
                check(report->sample);
            }
        } else if (const auto sample = ship.receive(*sentence, now)) {
            check(*sample);
        }
    }

    static void check(const Sample& sample) {
        require(sample.latitude_deg.has_value() == sample.longitude_deg.has_value());
        require(!sample.longitude_deg || std::abs(*sample.longitude_deg) <= 180);
        require(!sample.heading_deg || (*sample.heading_deg >= 0 && *sample.heading_deg <= 360));
        require(!to_json(sample).empty());
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Feed feed;
    nmea::LineFramer lines;
    const auto take = [&](std::string_view line) {
        require(line.size() <= 1024);
        feed.take(line);
        if (line.size() > 1) {
            const std::string mended = nmea::write_sentence(line.substr(1, line.rfind('*') - 1), line[0]);
            feed.take(std::string_view(mended).substr(0, mended.size() - 2));
        }
    };
    lines.push(std::as_bytes(std::span(data, size)), feed.counters, take);
    lines.finish(take);
    return 0;
}

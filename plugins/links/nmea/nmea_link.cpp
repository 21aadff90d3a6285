// The NMEA link: transport, lines, own ship and AIS targets.
#include "plugins/links/nmea/nmea_link.hpp"

#include "plugins/links/limits.hpp"
#include "plugins/links/nmea/ais.hpp"
#include "plugins/links/nmea/own_ship.hpp"
#include "plugins/links/pulse.hpp"
#include "plugins/links/transport.hpp"

#include <algorithm>

namespace masthead::nmea {

namespace {

constexpr const char* kOwn = "own";

class NmeaLink : public Link {
  public:
    NmeaLink(const LinkUri& uri, LinkEvents events, GMainContext* context)
        : events_(std::move(events)), pulse_(context, events_.state), datagrams_(uri.scheme == "nmea+udp") {
        TransportEvents transport{
            .received = [this](ByteSpan bytes, const Peer&) { received(bytes); },
            .opened = [this](const std::string& detail) { pulse_.opened(detail); },
            .closed = [this](const std::string& detail) { closed(detail); },
        };
        transport_ = (datagrams_ ? listen_udp : connect_tcp)(uri, std::move(transport), context);
    }

    Result<void> start() override { return transport_->start(); }

    Result<void> send(const LinkCommand&) override {
        return fail(Code::unsupported, "NMEA 0183 has no commands for a vessel");
    }

    [[nodiscard]] LinkCounters counters() const override { return counters_; }

  private:
    void closed(const std::string& detail) {
        lines_ = LineFramer(); // what comes next begins a new line
        pulse_.closed(detail);
    }

    void received(ByteSpan bytes) {
        counters_.bytes_in += bytes.size();
        const auto take = [this](std::string_view line) { take_line(line); };
        lines_.push(bytes, counters_, take);
        if (datagrams_) {
            lines_.finish(take);
        }
    }

    void take_line(std::string_view line) {
        const auto sentence = parse_sentence(line, counters_);
        if (!sentence) {
            return;
        }
        const Utc now = utc_now();
        if (sentence->type == "VDM" || sentence->type == "VDO") {
            take_ais(*sentence, now);
            return;
        }
        const auto sample = own_ship_.receive(*sentence, now);
        ++(sample ? counters_.messages_in : counters_.messages_unknown);
        if (!sample) {
            return;
        }
        pulse_.beat();
        update_remark();
        report(kOwn, *sample);
    }

    void take_ais(const Sentence& sentence, Utc now) {
        auto report_of_ship = ais_.receive(sentence, now, counters_);
        if (!report_of_ship) {
            return;
        }
        pulse_.beat();
        Sample& sample = report_of_ship->sample;
        const auto& ship = own_ship_;
        if (report_of_ship->own &&
            (ship.fresh("RMC", now) || ship.fresh("GGA", now) || ship.fresh("GLL", now))) {
            // Our own transponder says late and rounded what the receiver beside it said better.
            sample = {.time = sample.time, .mode = sample.mode, .name = sample.name};
        }
        report(report_of_ship->own ? kOwn : std::to_string(report_of_ship->mmsi), sample);
    }

    void report(const LinkAddress& who, const Sample& sample) {
        if (events_.sample && !says_nothing(sample)) {
            events_.sample(who, sample);
        }
    }

    void update_remark() {
        const auto error = own_ship_.clock_error();
        if (error.has_value() == clock_error_) {
            return;
        }
        clock_error_ = error.has_value();
        pulse_.remark(kOwn, clock_remark("the ship", error));
    }

    LinkEvents events_;
    LinkCounters counters_;
    Pulse pulse_;
    bool datagrams_;
    bool clock_error_ = false;
    LineFramer lines_;
    OwnShip own_ship_;
    AisReceiver ais_;
    std::unique_ptr<Transport> transport_;
};

} // namespace

Result<std::unique_ptr<Link>> open_nmea(const LinkUri& uri, LinkEvents events, GMainContext* context) {
    return std::make_unique<NmeaLink>(uri, std::move(events), context);
}

} // namespace masthead::nmea

// links_dump: what our codecs read, as JSON lines, for comparison with other decoders and to watch a link.
//   links_dump rows                      the MAVLink message table
//   links_dump mavlink FILE [--tlog]     every known packet with all its fields
//   links_dump reencode FILE [--tlog]    the same packets written again by us, as bytes
//   links_dump nmea FILE                 samples by address, with the line they come from
//   links_dump link URI                  a link's samples, states and command updates until killed; each line
//   of
//                                        standard input is a command to send, as read_command() takes it
#include "plugins/glib/json.hpp"
#include "plugins/links/link.hpp"
#include "plugins/links/mavlink/framer.hpp"
#include "plugins/links/nmea/ais.hpp"
#include "plugins/links/nmea/own_ship.hpp"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>

using namespace masthead;

namespace {

void print(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

std::string read_file(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string_view name_of(mavlink::FieldType type) {
    constexpr std::string_view kNames[] = {"uint8_t",  "int8_t",  "uint16_t", "int16_t",
                                           "uint32_t", "int32_t", "uint64_t", "int64_t",
                                           "float",    "double",  "char"};
    return kNames[static_cast<std::size_t>(type)];
}

void dump_rows() {
    for (const mavlink::MessageRow& row : mavlink::message_rows()) {
        json::Writer writer;
        writer.begin_object()
            .member("id", static_cast<std::int64_t>(row.id))
            .member("name", row.name)
            .member("crc_extra", int{row.crc_extra})
            .member("length", int{row.max_length})
            .key("fields")
            .begin_array();
        for (const mavlink::FieldRow& field : row.fields) {
            writer.begin_object()
                .member("name", field.name)
                .member("type", name_of(field.type))
                .member("count", int{field.count})
                .member("offset", int{field.offset})
                .member("extension", field.extension)
                .end_object();
        }
        print(writer.end_array().end_object().release());
    }
}

template <typename T>
void write_numbers(json::Writer& writer, const mavlink::Message& message, const mavlink::FieldRow& row) {
    const mavlink::Field<T> field{message.id, row.offset, row.count};
    for (std::size_t i = 0; i < row.count; ++i) {
        const T value = message.get(field, i);
        if constexpr (std::is_floating_point_v<T>) {
            // As text, with every digit: JSON has no NaN, and the numbers are to be equal, not near.
            char text[40];
            std::snprintf(text, sizeof text, "%.*g", std::numeric_limits<T>::max_digits10,
                          static_cast<double>(value));
            writer.value(std::string_view(std::isnan(value) ? "NaN" : text));
        } else {
            writer.value(std::string_view(std::to_string(value))); // 64 bits are too many for a JSON number
        }
    }
}

void write_field(json::Writer& writer, const mavlink::Message& message, const mavlink::FieldRow& row) {
    using mavlink::FieldType;
    writer.key(row.name).begin_array();
    switch (row.type) {
    case FieldType::u8: write_numbers<std::uint8_t>(writer, message, row); break;
    case FieldType::i8: write_numbers<std::int8_t>(writer, message, row); break;
    case FieldType::u16: write_numbers<std::uint16_t>(writer, message, row); break;
    case FieldType::i16: write_numbers<std::int16_t>(writer, message, row); break;
    case FieldType::u32: write_numbers<std::uint32_t>(writer, message, row); break;
    case FieldType::i32: write_numbers<std::int32_t>(writer, message, row); break;
    case FieldType::u64: write_numbers<std::uint64_t>(writer, message, row); break;
    case FieldType::i64: write_numbers<std::int64_t>(writer, message, row); break;
    case FieldType::f32: write_numbers<float>(writer, message, row); break;
    case FieldType::f64: write_numbers<double>(writer, message, row); break;
    case FieldType::text:
        writer.value(mavlink::text_of(message, mavlink::Field<char>{message.id, row.offset, row.count}));
        break;
    }
    writer.end_array();
}

void dump_message(const mavlink::Message& message) {
    json::Writer writer;
    writer.begin_object()
        .member("id", static_cast<std::int64_t>(message.id))
        .member("system", int{message.system})
        .member("component", int{message.component})
        .member("sequence", int{message.sequence})
        .key("fields")
        .begin_object();
    for (const mavlink::FieldRow& row : mavlink::message_row(message.id)->fields) {
        write_field(writer, message, row);
    }
    print(writer.end_object().end_object().release());
}

/// A telemetry log has eight bytes of time before each packet.
void each_message(const std::string& text, bool tlog, const mavlink::Framer::Take& take) {
    LinkCounters counters;
    ByteSpan bytes = as_bytes(text);
    mavlink::Framer framer;
    if (!tlog) {
        framer.push(bytes, counters, take);
        return;
    }
    while (bytes.size() > 8) {
        bytes = bytes.subspan(8);
        const mavlink::ReadPacket packet = mavlink::read_packet(bytes);
        if (packet.size == 0) {
            break;
        }
        framer.push_datagram(bytes.first(packet.size), counters, take);
        bytes = bytes.subspan(packet.size);
    }
}

void dump_nmea(const std::string& text) {
    nmea::LineFramer lines;
    nmea::OwnShip ship;
    nmea::AisReceiver ais;
    LinkCounters counters;
    std::int64_t number = 0;
    const Utc arrival = utc_now();
    lines.push(as_bytes(text), counters, [&](std::string_view line) {
        ++number;
        const auto sentence = nmea::parse_sentence(line, counters);
        if (!sentence) {
            return;
        }
        std::string address = "own";
        std::optional<Sample> sample;
        if (sentence->type == "VDM" || sentence->type == "VDO") {
            const auto report = ais.receive(*sentence, arrival, counters);
            if (report) {
                address = std::to_string(report->mmsi);
                sample = report->sample;
            }
        } else {
            sample = ship.receive(*sentence, arrival);
        }
        if (sample) {
            json::Writer writer;
            writer.begin_object()
                .member("line", number)
                .member("address", address)
                .member("type", sentence->type);
            print(writer.key("sample").raw(to_json(*sample)).end_object().release());
        }
    });
}

/// {"id", "target", "command", "parameters", "deadline_ms", "kind", "items"}, the last four optional.
Result<LinkCommand> read_command(const std::string& line) {
    const auto value = json::Value::parse(line);
    if (!value) {
        return tl::unexpected(value.error());
    }
    LinkCommand command{value->string("id").value_or(""), value->string("target").value_or(""),
                        value->string("command").value_or(""),
                        utc_now() +
                            std::chrono::milliseconds(value->integer("deadline_ms").value_or(10'000))};
    if (const commands::Row* row = commands::row(command.command)) {
        command.kind = value->string("kind") == "vessel" ? commands::kVessel : commands::kDrone;
        auto arguments = commands::read_arguments(*row, command.kind, value->find("parameters"));
        if (!arguments) {
            return tl::unexpected(arguments.error());
        }
        command.arguments = *std::move(arguments);
        const auto list = value->find("items");
        auto items =
            list ? commands::read_items(*list, command.kind) : Result<std::vector<commands::MissionItem>>();
        if (!items) {
            return tl::unexpected(items.error());
        }
        command.items = *std::move(items);
    }
    return command;
}

gboolean take_line(GIOChannel* input, GIOCondition, gpointer data) {
    gchar* text = nullptr;
    if (g_io_channel_read_line(input, &text, nullptr, nullptr, nullptr) != G_IO_STATUS_NORMAL) {
        return G_SOURCE_REMOVE;
    }
    const std::string line = take_string(text);
    const auto command = read_command(line);
    auto& link = *static_cast<Link*>(data);
    const auto sent = command ? link.send(*command) : Result<void>(tl::unexpected(command.error()));
    print(json::Writer()
              .begin_object()
              .member("send", json::Value::parse(line)
                                  .and_then([](const json::Value& value) { return value.string("id"); })
                                  .value_or(""))
              .member("result", sent ? "ok" : to_string(sent.error().code))
              .member("detail", sent ? "" : sent.error().message)
              .end_object()
              .release());
    return G_SOURCE_CONTINUE;
}

/// Runs until it is killed.
int watch_link(const std::string& uri) {
    std::unique_ptr<Link> link;
    LinkEvents events;
    events.sample = [](const LinkAddress& who, const Sample& sample) {
        json::Writer writer;
        print(writer.begin_object()
                  .member("address", who)
                  .key("sample")
                  .raw(to_json(sample))
                  .end_object()
                  .release());
    };
    events.state = [](LinkState state, const std::string& detail) {
        constexpr const char* kStates[] = {"connecting", "up", "silent", "down"};
        print(json::Writer()
                  .begin_object()
                  .member("state", kStates[static_cast<std::size_t>(state)])
                  .member("detail", detail)
                  .end_object()
                  .release());
    };
    events.command = [](const CommandUpdate& update) {
        constexpr const char* kStates[] = {"sent",   "accepted", "in_progress", "completed",
                                           "denied", "failed",   "expired",     "cancelled"};
        print(json::Writer()
                  .begin_object()
                  .member("id", update.id)
                  .member("command", kStates[static_cast<std::size_t>(update.state)])
                  .member("detail", update.detail)
                  .member("target", update.target)
                  .member("resends", update.resends)
                  .member("late", update.late)
                  .end_object()
                  .release());
    };
    events.mission = [](const LinkAddress& who, const std::string& command,
                        const std::vector<commands::MissionItem>& items) {
        json::Writer writer;
        writer.begin_object().member("address", who).member("for", command).key("held");
        print(writer.raw(commands::to_json(items)).end_object().release());
    };
    events.mission_progress = [](const LinkAddress& who, const MissionProgress& progress) {
        json::Writer writer;
        writer.begin_object().member("address", who).key("progress").begin_object();
        writer.member("current", progress.current).member("reached", progress.reached);
        print(writer.member("count", progress.count).end_object().end_object().release());
    };
    auto opened = open_link(uri, std::move(events));
    if (!opened) {
        std::fprintf(stderr, "%s\n", opened.error().message.c_str());
        return 1;
    }
    link = std::move(*opened);
    if (const auto started = link->start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().message.c_str());
        return 1;
    }
    GIOChannel* const input = g_io_channel_unix_new(STDIN_FILENO);
    g_io_add_watch(input, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP), take_line, link.get());
    const Owned<GMainLoop> loop(g_main_loop_new(nullptr, FALSE));
    g_main_loop_run(loop.get());
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    const bool tlog = argc > 3 && std::string_view(argv[3]) == "--tlog";
    if (what == "rows") {
        dump_rows();
    } else if (what == "mavlink" && argc > 2) {
        each_message(read_file(argv[2]), tlog, dump_message);
    } else if (what == "reencode" && argc > 2) {
        each_message(read_file(argv[2]), tlog, [](const mavlink::Message& message) {
            const Bytes packet = mavlink::write_packet(message);
            std::fwrite(packet.data(), 1, packet.size(), stdout);
        });
    } else if (what == "nmea" && argc > 2) {
        dump_nmea(read_file(argv[2]));
    } else if (what == "link" && argc > 2) {
        return watch_link(argv[2]);
    } else {
        std::fprintf(
            stderr,
            "links_dump rows | mavlink FILE [--tlog] | reencode FILE [--tlog] | nmea FILE | link URI\n");
        return 2;
    }
    return 0;
}

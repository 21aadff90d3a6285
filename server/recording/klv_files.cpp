#include "server/recording/klv_files.hpp"

#include "plugins/bytes/csv.hpp"
#include "plugins/glib/json.hpp"

namespace masthead::recording_tool {
namespace {

std::string field(const ItemValue& value) { return value.is_number ? value.text : csv_field(value.text); }

} // namespace

std::string frame_json(const ClipFrame& frame, std::string_view more) {
    json::Writer out;
    out.begin_object().member("time", frame.time.us).member("pts", frame.frame.pts);
    out.member("file", frame.piece.file).key("items").raw(items_json(local_set_of(frame.frame.klv)));
    std::string text = out.end_object().release();
    return text.insert(1, more);
}

Result<void> KlvJsonFile::take(const ClipFrame& frame) {
    return file_.write(frame_json(frame, "\"frame\":" + std::to_string(frame.number) +
                                             ",\"utc\":" + json::quote(to_iso8601(frame.time)) + ",") +
                       "\n");
}

Result<void> ItemSurvey::take(const ClipFrame& frame) {
    const klv::LocalSet set = local_set_of(frame.frame.klv);
    for (const klv::Item& item : set.items()) {
        tags_.insert(item.tag);
    }
    return {};
}

Result<void> KlvCsvFile::write_header() {
    begun_ = true;
    std::string line = "frame,utc,time_us,pts,file";
    for (const klv::Tag tag : tags_) {
        line += "," + field({title_of(tag)});
    }
    return file_.write(line + "\r\n");
}

Result<void> KlvCsvFile::take(const ClipFrame& frame) {
    if (!begun_) {
        if (auto written = write_header(); !written) {
            return written;
        }
    }
    std::string line = std::to_string(frame.number) + "," + to_iso8601(frame.time) + "," +
                       std::to_string(frame.time.us) + "," + std::to_string(frame.frame.pts) + "," +
                       frame.piece.file;
    const klv::LocalSet set = local_set_of(frame.frame.klv);
    for (const klv::Tag tag : tags_) {
        ItemValue all;
        bool first = true;
        for (const klv::Item& item : set.items()) {
            if (item.tag == tag) {
                const ItemValue value = value_of(item);
                all = first ? value : ItemValue{all.text + ";" + value.text};
                first = false;
            }
        }
        line += "," + field(all);
    }
    return file_.write(line + "\r\n");
}

Result<void> KlvCsvFile::finish() {
    auto written = begun_ ? Result<void>() : write_header();
    return written ? file_.close() : written;
}

} // namespace masthead::recording_tool

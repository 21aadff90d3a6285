// export: files of what a camera recorded in a time.
#include "plugins/glib/json.hpp"
#include "server/recording/commands.hpp"
#include "server/recording/klv_files.hpp"
#include "server/recording/mp4_files.hpp"
#include "server/recording/package.hpp"
#include "server/recording/progress.hpp"
#include "server/recording/track_files.hpp"
#include "version.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <set>

namespace masthead::recording_tool {
namespace {

constexpr const char* kContents[] = {"ts", "mp4", "klv_json", "klv_csv", "kml", "gpx", "geojson", "events"};
constexpr std::size_t kMaxAbout = 64u << 20;

struct Job {
    std::filesystem::path camera;
    std::filesystem::path out;
    std::set<std::string> contents;
    bool package = false;
    Utc from;
    Utc to;
    json::Value about;

    [[nodiscard]] bool wants(const char* content) const { return contents.contains(content); }
};

Result<std::set<std::string>> contents_of(std::string list) {
    std::set<std::string> contents;
    list += list.empty() ? "ts," : ",";
    for (std::size_t at = 0, end = 0; (end = list.find(',', at)) != std::string::npos; at = end + 1) {
        const std::string word = list.substr(at, end - at);
        if (std::ranges::find(kContents, word) == std::end(kContents)) {
            return fail(Code::invalid_argument, "--contents: there is no '" + word + "'");
        }
        contents.insert(word);
    }
    return contents;
}

Result<json::Value> about_of(const std::string& file) {
    if (file.empty()) {
        return json::Value::parse("{}");
    }
    std::ifstream stream(file, std::ios::binary);
    std::istream& from = file == "-" ? std::cin : stream;
    const std::string text{std::istreambuf_iterator<char>(from), {}};
    auto about = json::Value::parse(text, kMaxAbout);
    if (!about || !about->is_object()) {
        return fail(Code::invalid_argument,
                    "--about: " + (about ? "an object is wanted" : about.error().message));
    }
    return about;
}

Result<Job> job_of(const Arguments& arguments) {
    auto contents = contents_of(arguments.value("contents"));
    const auto from = arguments.time("from");
    const auto to = arguments.time("to");
    if (!contents || !from || !to) {
        return tl::unexpected(!contents ? contents.error() : !from ? from.error() : to.error());
    }
    if (*to <= *from || arguments.value("out").empty()) {
        return fail(Code::invalid_argument,
                    *to <= *from ? "--from must be before --to" : "export wants --out FOLDER");
    }
    auto about = about_of(arguments.value("about"));
    if (!about) {
        return tl::unexpected(about.error());
    }
    return Job{.camera = arguments.paths.front(),
               .out = arguments.value("out"),
               .contents = *std::move(contents),
               .package = arguments.has("package"),
               .from = *from,
               .to = *to,
               .about = *std::move(about)};
}

/// One export while it is made. What it made goes if it fails.
class Export {
  public:
    Export(Job job, Clip clip, Progress& progress)
        : job_(std::move(job)), clip_(std::move(clip)), progress_(progress),
          name_(clip_.vehicle + "-" + clip_.camera), stem_(name_ + "-" + file_time(clip_.from)) {}

    Result<std::vector<FileFacts>> run() {
        auto facts =
            read().and_then([this] { return write_rest(); }).and_then([this] { return hash(0.7, 0.85); });
        if (facts && job_.package) {
            facts = pack(*facts);
        }
        return facts;
    }

  private:
    std::filesystem::path path_of(const std::string& ending) const { return job_.out / (stem_ + ending); }

    void advance(std::uint64_t bytes) {
        progress_.step(static_cast<double>(bytes) / static_cast<double>(clip_.bytes));
    }

    Result<void> read() {
        ClipReaders readers{
            .bytes = {}, .frames = {}, .progress = [this](std::uint64_t done) { advance(done); }};
        ItemSurvey survey;
        if (job_.wants("klv_csv")) {
            progress_.stage("looking for items", 0, 0.2);
            readers.frames = {&survey};
            if (auto looked = read_clip(clip_, readers); !looked) {
                return looked;
            }
            readers.frames.clear();
        }
        progress_.stage("reading the recording", job_.wants("klv_csv") ? 0.2 : 0, 0.7);
        std::optional<OutputFile> ts;
        std::optional<Mp4Files> mp4;
        std::optional<KlvJsonFile> klv_json;
        std::optional<KlvCsvFile> klv_csv;
        if (job_.wants("ts")) {
            readers.bytes = [file = &ts.emplace(path_of(".ts"))](ByteSpan bytes) {
                return file->write(bytes);
            };
            files_.push_back(ts->path());
        }
        if (job_.wants("mp4")) {
            readers.frames.push_back(&mp4.emplace(job_.out, name_));
        }
        if (job_.wants("klv_json")) {
            files_.push_back(path_of(".klv.jsonl"));
            readers.frames.push_back(&klv_json.emplace(files_.back()));
        }
        if (job_.wants("klv_csv")) {
            files_.push_back(path_of(".klv.csv"));
            readers.frames.push_back(&klv_csv.emplace(files_.back(), survey.tags()));
        }
        if (job_.wants("kml") || job_.wants("gpx") || job_.wants("geojson")) {
            readers.frames.push_back(&track_);
        }
        auto done = read_clip(clip_, readers);
        if (done && ts) {
            done = ts->close();
        }
        if (mp4) {
            files_.insert(files_.end(), mp4->files().begin(), mp4->files().end());
        }
        return done;
    }

    Result<void> write_text(const char* content, const std::string& ending,
                            std::string (*text_of)(const std::string&, const std::vector<Sample>&)) {
        if (!job_.wants(content)) {
            return {};
        }
        files_.push_back(path_of(ending));
        return write_file(files_.back(), text_of(clip_.vehicle + "/" + clip_.camera, track_.points()));
    }

    Result<void> write_events() {
        if (!job_.wants("events")) {
            return {};
        }
        json::Writer out;
        out.begin_object();
        for (const char* kind : {"events", "commands", "bookmarks"}) {
            const auto rows = job_.about.array(kind);
            out.key(kind).raw(rows ? rows->text() : "[]");
        }
        files_.push_back(path_of(".events.json"));
        return write_file(files_.back(), out.end_object().text() + "\n");
    }

    Result<void> write_rest() {
        return write_text("kml", ".kml", kml_of)
            .and_then([this] { return write_text("gpx", ".gpx", gpx_of); })
            .and_then([this] { return write_text("geojson", ".geojson", geojson_of); })
            .and_then([this] { return write_events(); });
    }

    Result<std::vector<FileFacts>> hash(double from, double to) {
        progress_.stage("reckoning checksums", from, to);
        std::uint64_t all = 1;
        std::error_code error;
        for (const auto& file : files_) {
            all += std::filesystem::file_size(file, error);
        }
        std::vector<FileFacts> facts;
        std::uint64_t done = 0;
        for (const auto& file : files_) {
            auto one = facts_of(file, [&](std::uint64_t bytes) {
                progress_.step(static_cast<double>(done + bytes) / static_cast<double>(all));
            });
            if (!one) {
                return tl::unexpected(one.error());
            }
            done += one->bytes;
            facts.push_back(*std::move(one));
        }
        return facts;
    }

    std::string manifest(const std::vector<FileFacts>& facts) const {
        json::Writer out;
        const auto times = [&out](const char* name, Utc from, Utc to) {
            out.key(name).begin_object().member("from", from.us).member("to", to.us);
            out.member("from_utc", to_iso8601(from)).member("to_utc", to_iso8601(to)).end_object();
        };
        out.begin_object().member("format", "masthead-export").member("version", 1);
        out.member("software", "Masthead " MASTHEAD_VERSION).member("created_utc", to_iso8601(utc_now()));
        out.member("user", job_.about.string("user").value_or(""));
        out.member("note", job_.about.string("note").value_or(""));
        out.member("vehicle", clip_.vehicle).member("camera", clip_.camera);
        times("asked_for", job_.from, job_.to);
        times("holds", clip_.from, clip_.to);
        out.member("frames", clip_.frames).key("recorded_files").begin_array();
        for (const Piece& piece : clip_.pieces) {
            out.begin_object().member("file", piece.file).member("offset", piece.offset());
            out.member("bytes", piece.bytes()).member("goes_on", piece.goes_on).end_object();
        }
        out.end_array().key("files").begin_array();
        for (const FileFacts& file : facts) {
            out.begin_object().member("name", file.name).member("bytes", file.bytes);
            out.member("sha256", file.sha256).end_object();
        }
        return out.end_array().end_object().release() + "\n";
    }

    /// The files, with their papers, in one; what is left is that alone.
    Result<std::vector<FileFacts>> pack(std::vector<FileFacts> facts) {
        progress_.stage("packing", 0.85, 0.95);
        const auto nothing = [](std::uint64_t) {};
        files_.push_back(job_.out / "manifest.json");
        auto written = write_file(files_.back(), manifest(facts));
        const auto own = written.and_then([&] { return facts_of(files_.back(), nothing); });
        if (!own) {
            return tl::unexpected(own.error());
        }
        facts.push_back(*own);
        files_.push_back(job_.out / "SHA256SUMS");
        written = write_file(files_.back(), sha256sums_of(facts)).and_then([this] {
            return write_zip(path_of(".zip"), files_, [this](double done) { progress_.step(done); });
        });
        if (!written) {
            return tl::unexpected(written.error());
        }
        std::error_code error;
        for (const auto& file : files_) {
            std::filesystem::remove(file, error);
        }
        files_ = {path_of(".zip")};
        return hash(0.95, 1);
    }

    Job job_;
    Clip clip_;
    Progress& progress_;
    std::string name_;
    std::string stem_;
    TrackTally track_;
    std::vector<std::filesystem::path> files_;
};

/// The folder must be new, or empty: so all in it is ours.
Result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error && !std::filesystem::is_empty(folder, error) && !error) {
        return fail(Code::already_exists, folder.string() + " is not empty: nothing is written over");
    }
    return error ? fail(Code::unavailable, folder.string() + " cannot be written: " + error.message())
                 : Result<void>();
}

void clear(const std::filesystem::path& folder) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        std::filesystem::remove(entry.path(), error);
    }
}

void print(const Job& job, const Clip& clip, const std::vector<FileFacts>& files, bool as_json) {
    json::Writer out;
    out.begin_object().member("progress", 1).member("from", clip.from.us).member("to", clip.to.us);
    out.key("files").begin_array();
    for (const FileFacts& file : files) {
        out.begin_object().member("name", file.name).member("bytes", file.bytes);
        out.member("sha256", file.sha256).end_object();
        if (!as_json) {
            std::printf("%s\n", (job.out / file.name).c_str());
        }
    }
    out.end_array().end_object();
    if (as_json) {
        std::puts(out.text().c_str());
    }
}

} // namespace

int export_range(const Arguments& arguments) {
    Progress progress(arguments.has("json"));
    auto job = job_of(arguments);
    if (!job) {
        return progress.failed(job.error());
    }
    auto clip = find_clip(job->camera, job->from, job->to);
    if (!clip) {
        return progress.failed(clip.error());
    }
    if (auto made = make_folder(job->out); !made) {
        return progress.failed(made.error());
    }
    if (job->wants("mp4")) {
        gst_init(nullptr, nullptr);
    }
    const auto files = Export(*job, *clip, progress).run();
    if (!files) {
        clear(job->out);
        return progress.failed(files.error());
    }
    print(*job, *clip, *files, arguments.has("json"));
    return kGood;
}

} // namespace masthead::recording_tool

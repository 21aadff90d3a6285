#include "server/api/recording_tool.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/main_loop.hpp"
#include "plugins/glib/timer.hpp"

#include <csignal>

namespace masthead::api {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::size_t kMaxLine = 16u << 20;
constexpr int kNothingThere = 3; // its exit code
constexpr std::string_view kName = "masthead-recording: ";

Result<Ref<GSubprocess>> spawn(const std::filesystem::path& program,
                               const std::vector<std::string>& arguments, int flags) {
    std::vector<const char*> words{program.c_str()};
    for (const std::string& argument : arguments) {
        words.push_back(argument.c_str());
    }
    words.push_back(nullptr);
    GError* error = nullptr;
    auto process = Ref<GSubprocess>::adopt(
        g_subprocess_newv(words.data(), static_cast<GSubprocessFlags>(flags), &error));
    if (!process) {
        return fail(Code::unavailable,
                    fail_from(error, program.string() + " cannot be started").value().message);
    }
    return process;
}

std::string how_it_ended(GSubprocess* process) {
    return g_subprocess_get_if_signaled(process) ? "masthead-recording was ended by signal " +
                                                       std::to_string(g_subprocess_get_term_sig(process))
                                                 : "masthead-recording ended without a result, with code " +
                                                       std::to_string(g_subprocess_get_exit_status(process));
}

} // namespace

struct RecordingRun::State : std::enable_shared_from_this<State> {
    Events events; // empty once nobody listens
    Ref<GSubprocess> process;
    Ref<GDataInputStream> lines;
    Result<json::Value> last = fail(Code::unavailable, "");

    void read() {
        g_data_input_stream_read_line_async(
            lines.get(), G_PRIORITY_DEFAULT, nullptr,
            [](GObject*, GAsyncResult* result, gpointer data) {
                const std::unique_ptr<std::shared_ptr<State>> self(
                    static_cast<std::shared_ptr<State>*>(data));
                (*self)->heard(result);
            },
            new std::shared_ptr<State>(shared_from_this()));
    }

    void heard(GAsyncResult* result) {
        gsize length = 0;
        GError* error = nullptr;
        const Owned<gchar> line(g_data_input_stream_read_line_finish(lines.get(), result, &length, &error));
        const Owned<GError> broken(error);
        if (!line) {
            return wait();
        }
        last = json::Value::parse({line.get(), length}, kMaxLine);
        const auto progress = last ? last->number("progress") : fail(Code::malformed, "");
        if (progress && last->find("detail") && events.progress) {
            events.progress(*progress, last->string("detail").value_or(""));
        }
        read();
    }

    void wait() {
        g_subprocess_wait_async(
            process.get(), nullptr,
            [](GObject*, GAsyncResult* result, gpointer data) {
                const std::unique_ptr<std::shared_ptr<State>> self(
                    static_cast<std::shared_ptr<State>*>(data));
                (void)g_subprocess_wait_finish((*self)->process.get(), result, nullptr);
                (*self)->over();
            },
            new std::shared_ptr<State>(shared_from_this()));
    }

    void over() {
        const auto ended = std::exchange(events, {}).ended;
        if (!ended) {
            return;
        }
        if (last && last->find("message")) {
            return ended(fail(Code::unavailable, last->string("message").value_or("")));
        }
        const bool good = g_subprocess_get_successful(process.get()) && last && last->find("files");
        ended(good ? last : fail(Code::unavailable, how_it_ended(process.get())));
    }
};

Result<std::unique_ptr<RecordingRun>> RecordingRun::start(const std::filesystem::path& program,
                                                          const std::vector<std::string>& arguments,
                                                          Events events) {
    auto process = spawn(program, arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    if (!process) {
        return tl::unexpected(process.error());
    }
    auto state = std::make_shared<State>();
    state->events = std::move(events);
    state->process = *std::move(process);
    state->lines = Ref<GDataInputStream>::adopt(
        g_data_input_stream_new(g_subprocess_get_stdout_pipe(state->process.get())));
    state->read();
    return std::unique_ptr<RecordingRun>(new RecordingRun(std::move(state)));
}

RecordingRun::RecordingRun(std::shared_ptr<State> state) : state_(std::move(state)) {}

RecordingRun::~RecordingRun() {
    state_->events = {};
    g_subprocess_force_exit(state_->process.get());
}

void RecordingRun::end() { g_subprocess_force_exit(state_->process.get()); }

namespace {

struct Question {
    Ref<GSubprocess> process;
    Ref<GCancellable> cancellable;
    std::function<void(Result<std::string>)> done;
    Timer patience{nullptr, [this] { g_subprocess_force_exit(process.get()); }};

    void answered(GAsyncResult* result) {
        GBytes* out = nullptr;
        GBytes* said = nullptr;
        GError* error = nullptr;
        const bool read = g_subprocess_communicate_finish(process.get(), result, &out, &said, &error);
        const Owned<GError> broken(error);
        const auto answer = Ref<GBytes>::adopt(out);
        const auto complaint = Ref<GBytes>::adopt(said);
        if (g_cancellable_is_cancelled(cancellable.get())) {
            return g_subprocess_force_exit(process.get());
        }
        if (!read) {
            return done(fail(Code::unavailable, "masthead-recording gave no answer"));
        }
        if (g_subprocess_get_successful(process.get())) {
            return done(text_of(answer.get()));
        }
        const bool ended = g_subprocess_get_if_exited(process.get());
        const bool nothing = ended && g_subprocess_get_exit_status(process.get()) == kNothingThere;
        std::string why = text_of(complaint.get());
        const std::size_t at = why.rfind(kName);
        why = at == std::string::npos ? how_it_ended(process.get())
                                      : why.substr(at + kName.size(), why.find('\n', at) - at - kName.size());
        done(fail(nothing ? Code::not_found : Code::unavailable, why));
    }

    static std::string text_of(GBytes* bytes) {
        gsize size = 0;
        const auto* data = bytes ? static_cast<const char*>(g_bytes_get_data(bytes, &size)) : nullptr;
        return {data, size};
    }
};

} // namespace

void ask_recording_tool(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                        const Ref<GCancellable>& cancellable, std::function<void(Result<std::string>)> done) {
    auto process = spawn(program, arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    if (!process) {
        return on_main_loop([cancellable, done, why = process.error()] {
            if (!g_cancellable_is_cancelled(cancellable.get())) {
                done(tl::unexpected(why));
            }
        });
    }
    auto question = std::make_unique<Question>();
    question->process = *std::move(process);
    question->cancellable = cancellable;
    question->done = std::move(done);
    question->patience.arm(kPatience);
    GSubprocess* asked = question->process.get();
    g_subprocess_communicate_async(
        asked, nullptr, cancellable.get(),
        [](GObject*, GAsyncResult* result, gpointer data) {
            const std::unique_ptr<Question> owned(static_cast<Question*>(data));
            owned->answered(result);
        },
        question.release());
}

} // namespace masthead::api

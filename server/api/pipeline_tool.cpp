#include "server/api/pipeline_tool.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/json.hpp"
#include "plugins/glib/main_loop.hpp"
#include "plugins/glib/timer.hpp"

namespace masthead::api {
namespace {

using Done = std::function<void(Result<std::vector<CheckVerdict>>)>;

constexpr std::chrono::minutes kPatience{2}; // a busy machine takes long to look at all elements
constexpr std::size_t kMaxAnswerBytes = 16u << 20;

std::string request_text(const std::vector<CheckRequest>& requests) {
    json::Writer out;
    out.begin_array();
    for (const CheckRequest& request : requests) {
        out.begin_object().member("name", request.name).member("text", request.text);
        out.key("uses").begin_array();
        for (const CameraUse& use : request.uses) {
            out.begin_object().member("vehicle", use.vehicle).member("camera", use.camera);
            out.key("parameters").begin_object();
            for (const auto& [name, value] : use.parameters) {
                out.key(name);
                std::visit([&](const auto& plain) { out.value(plain); }, value);
            }
            out.end_object().end_object();
        }
        out.end_array().end_object();
    }
    return out.end_array().release();
}

CheckVerdict verdict_of(const json::Value& value) {
    CheckVerdict verdict{.problem = std::nullopt, .launch = value.string("launch").value_or("")};
    const auto problems = value.array("problems");
    for (const json::Value& problem : problems ? problems->items() : std::vector<json::Value>()) {
        verdict.problem = RecipeProblem{{static_cast<int>(problem.integer("line").value_or(0)),
                                         static_cast<int>(problem.integer("column").value_or(0))},
                                        problem.string("message").value_or("")};
        break;
    }
    return verdict;
}

Result<std::vector<CheckVerdict>> verdicts_of(std::string_view text, std::size_t wanted) {
    const auto parsed = json::Value::parse(text, kMaxAnswerBytes);
    std::vector<CheckVerdict> verdicts;
    for (const json::Value& value : parsed ? parsed->items() : std::vector<json::Value>()) {
        verdicts.push_back(verdict_of(value));
    }
    if (verdicts.size() != wanted) {
        return fail(Code::unavailable,
                    "masthead-pipeline, which checks pipeline files, crashed or gave no answer");
    }
    return verdicts;
}

/// One run of the program, from its start to its answer.
struct Run {
    std::size_t wanted = 0;
    Done done;
    Ref<GSubprocess> process;
    Ref<GCancellable> cancellable;
    Timer patience{nullptr, [this] { g_subprocess_force_exit(process.get()); }};

    void answered(GAsyncResult* result) {
        GBytes* bytes = nullptr;
        GError* error = nullptr;
        const bool read = g_subprocess_communicate_finish(process.get(), result, &bytes, nullptr, &error);
        const Ref<GBytes> out = Ref<GBytes>::adopt(bytes);
        if (g_cancellable_is_cancelled(cancellable.get())) {
            g_subprocess_force_exit(process.get());
            g_clear_error(&error);
            return;
        }
        if (!read) {
            return done(fail_from(error, "masthead-pipeline"));
        }
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(out.get(), &size));
        done(verdicts_of({data, size}, wanted));
    }
};

} // namespace

PipelineTool::PipelineTool(std::filesystem::path program)
    : program_(std::move(program)), cancellable_(Ref<GCancellable>::adopt(g_cancellable_new())) {}

PipelineTool::~PipelineTool() { g_cancellable_cancel(cancellable_.get()); }

void PipelineTool::check(const std::vector<CheckRequest>& requests, Done done) {
    auto run = std::make_unique<Run>();
    run->wanted = requests.size();
    run->done = std::move(done);
    run->cancellable = cancellable_;
    const char* arguments[] = {program_.c_str(), "check", "--json", nullptr};
    GError* error = nullptr;
    run->process = Ref<GSubprocess>::adopt(g_subprocess_newv(
        arguments,
        static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE),
        &error));
    if (!run->process) {
        const Error why = fail_from(error, "pipeline files cannot be checked: " + program_.string()).value();
        on_main_loop([run = std::shared_ptr<Run>(std::move(run)), why] {
            if (!g_cancellable_is_cancelled(run->cancellable.get())) {
                run->done(fail(Code::unavailable, why.message));
            }
        });
        return;
    }
    const std::string text = request_text(requests);
    const auto input = Ref<GBytes>::adopt(g_bytes_new(text.data(), text.size()));
    run->patience.arm(kPatience);
    GSubprocess* process = run->process.get();
    g_subprocess_communicate_async(
        process, input.get(), cancellable_.get(),
        [](GObject*, GAsyncResult* result, gpointer data) {
            const std::unique_ptr<Run> owned(static_cast<Run*>(data));
            owned->answered(result);
        },
        run.release());
}

} // namespace masthead::api

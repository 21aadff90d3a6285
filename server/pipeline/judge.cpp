// check --json: texts of pipeline files, judged for another program with all that GStreamer knows.
#include "plugins/glib/json.hpp"
#include "server/pipeline/commands.hpp"

#include <iostream>
#include <iterator>

namespace masthead::pipeline {

namespace {

constexpr std::size_t kMaxRequestBytes = 64u << 20;

struct Request {
    std::string name; // of the file, with .yaml
    std::string text;
    std::vector<json::Value> uses; // {"vehicle", "camera", "parameters"}
};

Result<Request> request_of(const json::Value& value) {
    const auto name = value.string("name");
    const auto text = value.string("text");
    const auto uses = value.array("uses");
    if (!name || !text || !uses) {
        return tl::unexpected(!name ? name.error() : !text ? text.error() : uses.error());
    }
    return Request{*name + ".yaml", *text, uses->items()};
}

ParameterValues values_of(const json::Value& use) {
    ParameterValues values;
    const auto parameters = use.find("parameters");
    for (const std::string& name : parameters ? parameters->names() : std::vector<std::string>()) {
        const json::Value value = *parameters->find(name);
        if (const auto flag = value.as_boolean()) {
            values[name] = *flag;
        } else if (const auto whole = value.as_integer()) {
            values[name] = *whole;
        } else if (const auto number = value.as_number()) {
            values[name] = *number;
        } else {
            values[name] = value.as_string().value_or("");
        }
    }
    return values;
}

Result<std::vector<MadeCamera>> cameras_of(const Request& request, const ParameterValues& values) {
    return checked_cameras(parse_recipes(request.text, request.name, values));
}

/// The gst-launch text, or the first fault: of the file by itself, else with a camera's own parameters.
Result<std::string> judged(const Request& request) {
    const auto info = describe_recipe_text(request.text, request.name);
    if (!info) {
        return tl::unexpected(info.error());
    }
    const auto alone = cameras_of(request, sample_values(*info));
    if (!alone) {
        return tl::unexpected(alone.error());
    }
    for (const json::Value& use : request.uses) {
        if (const auto used = cameras_of(request, values_of(use)); !used) {
            RecipeProblem problem = problem_of(used.error().message, request.name);
            const std::string place =
                problem.place.line == 0
                    ? ""
                    : ":" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
            return fail(used.error().code, request.name + place + ": with the parameters of camera '" +
                                               use.string("camera").value_or("") + "' of '" +
                                               use.string("vehicle").value_or("") + "': " + problem.message);
        }
    }
    return launch_text(*alone);
}

void write_verdict(json::Writer& out, const Request& request) {
    const auto launch = judged(request);
    out.begin_object().key("problems").begin_array();
    if (!launch) {
        const RecipeProblem problem = problem_of(launch.error().message, request.name);
        out.begin_object();
        if (problem.place.line > 0) {
            out.member("line", problem.place.line).member("column", problem.place.column);
        }
        out.member("message", problem.message).end_object();
    }
    out.end_array();
    if (launch) {
        out.member("launch", *launch);
    }
    out.end_object();
}

} // namespace

int check_json() {
    const std::string input(std::istreambuf_iterator<char>(std::cin), {});
    const auto requests = json::Value::parse(input, kMaxRequestBytes);
    if (!requests || !requests->is_array()) {
        std::cerr << "standard input: "
                  << (requests ? "an array of check requests is wanted" : requests.error().message) << "\n";
        return kWrongUsage;
    }
    json::Writer out;
    out.begin_array();
    for (const json::Value& value : requests->items()) {
        const auto request = request_of(value);
        if (!request) {
            std::cerr << "standard input: " << request.error().message << "\n";
            return kWrongUsage;
        }
        write_verdict(out, *request);
    }
    std::cout << out.end_array().text() << "\n";
    return kGood;
}

} // namespace masthead::pipeline

#include "server/api/pipelines.hpp"

#include "server/control/protocol.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

using http::Reply;
using http::Request;

constexpr int kListedVersions = 100;

void write_problem(json::Writer& out, const RecipeProblem& problem) {
    out.begin_object();
    if (problem.place.line > 0) {
        out.member("line", problem.place.line).member("column", problem.place.column);
    }
    out.member("message", problem.message).end_object();
}

void write_parameters(json::Writer& out, const std::vector<RecipeParameter>& parameters) {
    out.key("parameters").begin_array();
    for (const RecipeParameter& parameter : parameters) {
        out.begin_object().member("name", parameter.name).member("type", parameter.type);
        if (!parameter.description.empty()) {
            out.member("description", parameter.description);
        }
        if (!parameter.unit.empty()) {
            out.member("unit", parameter.unit);
        }
        if (parameter.fallback) {
            out.key("default");
            std::visit([&](const auto& value) { out.value(value); }, *parameter.fallback);
        }
        if (parameter.secret) {
            out.member("secret", true);
        }
        out.end_object();
    }
    out.end_array();
}

std::string version_json(const store::PipelineVersionRow& row) {
    json::Writer out;
    out.begin_object().member("version", row.version).member("applied", row.applied.us);
    out.member("user", row.user).member("restores", row.restores).member("text", row.text);
    return out.end_object().release();
}

/// The member "text" of a request's body.
Result<std::string> text_of(const json::Value& body) {
    auto text = body.string("text");
    if (text && text->size() > kMaxPipelineBytes) {
        return fail(Code::too_large, "'text' is longer than " + std::to_string(kMaxPipelineBytes) + " bytes");
    }
    return text;
}

/// The answer 400 with the problem's place.
http::Response refusal(const RecipeProblem& problem) {
    std::string message = problem.message;
    if (problem.place.line > 0) {
        message = "line " + std::to_string(problem.place.line) + ", column " +
                  std::to_string(problem.place.column) + ": " + message;
    }
    json::Writer out;
    out.begin_object().member("error", to_string(Code::invalid_argument)).member("message", message);
    out.key("problems").begin_array();
    write_problem(out, problem);
    return http::json_response(400, out.end_array().end_object().release());
}

} // namespace

Pipelines::Pipelines(PipelineShelf& shelf, store::Database& database,
                     std::function<std::vector<CameraUse>(const std::string&)> uses)
    : shelf_(shelf), database_(database), uses_(std::move(uses)) {}

std::vector<http::Route> Pipelines::routes() {
    using http::Access;
    const auto call = [this](void (Pipelines::*method)(const Request&, const Reply&)) -> http::Handler {
        return
            [this, method](const Request& request, const Reply& reply) { (this->*method)(request, reply); };
    };
    const std::string one = "/api/pipelines/{name}";
    return {
        {"GET", "/api/pipelines", Access::viewer,
         http::Handler([this](const Request&, const Reply& reply) { list(reply); })},
        {"GET", one, Access::admin,
         http::Handler([this](const Request& request, const Reply& reply) { get(request, reply); })},
        {"PUT", one, Access::admin, call(&Pipelines::put)},
        {"POST", one + "/check", Access::admin, call(&Pipelines::check)},
        {"GET", one + "/versions", Access::admin, call(&Pipelines::versions)},
        {"POST", one + "/rollback", Access::admin, call(&Pipelines::roll_back)},
    };
}

void Pipelines::write_uses(json::Writer& out, const std::string& name) const {
    out.key("used_by").begin_array();
    for (const CameraUse& use : uses_(name)) {
        out.begin_object().member("vehicle", use.vehicle).member("camera", use.camera).end_object();
    }
    out.end_array();
}

void Pipelines::list(const Reply& reply) const {
    json::Writer out;
    out.begin_array();
    for (const auto& [name, pipeline] : shelf_.all()) {
        const auto info = describe_recipe_text(pipeline.applied.value_or(""), name + ".yaml");
        out.begin_object().member("name", name).member("title", info ? info->title : "");
        out.member("version", pipeline.version);
        if (pipeline.problem) {
            write_problem(out.key("problem"), *pipeline.problem);
        }
        write_uses(out, name);
        write_parameters(out, info ? info->parameters : std::vector<RecipeParameter>());
        out.end_object();
    }
    reply.send(http::json_response(200, out.end_array().release()));
}

std::string Pipelines::pipeline_json(const std::string& name) const {
    const ShelfPipeline& pipeline = shelf_.all().at(name);
    json::Writer out;
    out.begin_object().member("name", name).member("version", pipeline.version).member("text", pipeline.text);
    if (pipeline.problem) {
        write_problem(out.key("problem"), *pipeline.problem);
    }
    write_uses(out, name);
    return out.end_object().release();
}

void Pipelines::get(const Request& request, const Reply& reply) const {
    const std::string& name = request.slots.at("name");
    if (!shelf_.all().contains(name)) {
        return reply.fail({Code::not_found, "there is no pipeline file '" + name + ".yaml'"});
    }
    reply.send(http::json_response(200, pipeline_json(name)));
}

void Pipelines::put(const Request& request, const Reply& reply) {
    const std::string& name = request.slots.at("name");
    if (!control::is_id(name)) {
        return reply.fail({Code::invalid_argument,
                           "a pipeline file's name has lower-case letters, digits and hyphens, 63 at most"});
    }
    const auto body = json::Value::parse(request.body);
    const auto text = body ? text_of(*body) : tl::unexpected(body.error());
    const auto base = body ? body->integer("base") : tl::unexpected(body.error());
    if (!text || !base) {
        return reply.fail(!text ? text.error() : base.error());
    }
    apply({.name = name,
           .text = *text,
           .base = static_cast<int>(std::clamp<std::int64_t>(*base, -1, G_MAXINT - 1)),
           .user = request.caller->user,
           .restores = std::nullopt},
          reply);
}

void Pipelines::check(const Request& request, const Reply& reply) {
    const auto body = json::Value::parse(request.body);
    const auto text = body ? text_of(*body) : tl::unexpected(body.error());
    if (!text) {
        return reply.fail(text.error());
    }
    shelf_.check(request.slots.at("name"), *text, [reply](const Result<CheckVerdict>& verdict) {
        if (!verdict) {
            return reply.fail(verdict.error());
        }
        json::Writer out;
        out.begin_object().key("problems").begin_array();
        if (verdict->problem) {
            write_problem(out, *verdict->problem);
        }
        out.end_array();
        if (!verdict->problem) {
            out.member("launch", verdict->launch);
        }
        reply.send(http::json_response(200, out.end_object().release()));
    });
}

void Pipelines::versions(const Request& request, const Reply& reply) {
    const std::string& name = request.slots.at("name");
    database_.run<std::vector<store::PipelineVersionRow>>(
        [name](store::Connection& connection) {
            return store::list_pipeline_versions(connection, name, kListedVersions);
        },
        [reply](const Result<std::vector<store::PipelineVersionRow>>& versions) {
            if (!versions) {
                return reply.fail(versions.error());
            }
            std::string body = "[";
            for (const store::PipelineVersionRow& row : *versions) {
                body += (body.size() > 1 ? "," : "") + version_json(row);
            }
            reply.send(http::json_response(200, body + "]"));
        });
}

void Pipelines::roll_back(const Request& request, const Reply& reply) {
    const std::string& name = request.slots.at("name");
    const auto body = json::Value::parse(request.body);
    const auto base = body ? body->integer("base") : tl::unexpected(body.error());
    const auto version = body ? body->integer("version") : tl::unexpected(body.error());
    if (!base || !version) {
        return reply.fail(!base ? base.error() : version.error());
    }
    const int to = static_cast<int>(std::clamp<std::int64_t>(*version, 0, G_MAXINT - 1));
    database_.run<store::PipelineVersionRow>(
        [name, to](store::Connection& connection) {
            return store::get_pipeline_version(connection, name, to);
        },
        [this, reply, base = static_cast<int>(std::clamp<std::int64_t>(*base, -1, G_MAXINT - 1)),
         user = request.caller->user](const Result<store::PipelineVersionRow>& row) {
            if (!row) {
                return reply.fail(row.error());
            }
            apply(
                {.name = row->name, .text = row->text, .base = base, .user = user, .restores = row->version},
                reply);
        });
}

void Pipelines::apply(PipelineEdit edit, const Reply& reply) {
    const std::string name = edit.name;
    shelf_.apply(std::move(edit), [this, name, reply](const Result<std::optional<RecipeProblem>>& applied) {
        if (!applied) {
            return reply.fail(applied.error());
        }
        reply.send(*applied ? refusal(**applied) : http::json_response(200, pipeline_json(name)));
    });
}

} // namespace masthead::api

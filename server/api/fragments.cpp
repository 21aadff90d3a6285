#include "server/api/fragments.hpp"

#include "plugins/recording/fragment.hpp"
#include "plugins/recording/frame_reader.hpp"
#include "plugins/recording/index_repair.hpp"
#include "server/api/queries.hpp"
#include "server/api/recorded_files.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

constexpr const char* kMp4Type = "video/mp4";
constexpr std::int64_t kLargestGop = 64LL << 20; // bytes
constexpr std::int64_t kLongestGop = 3600LL * 90'000;

Result<Bytes> init_of(const std::filesystem::path& path) {
    const auto index = recording::load_index(path, recording::Read::gops);
    if (!index || index->gops.empty()) {
        return fail(Code::not_found, path.filename().string() + " has no index that can be read");
    }
    const recording::Gop& first = index->gops.front();
    return read_bytes(path, first.offset, std::min<std::uint64_t>(first.bytes, kLargestGop))
        .and_then([&](const Bytes& bytes) -> Result<Bytes> {
            const auto frames = recording::frames_in(bytes);
            if (frames.empty()) {
                return fail(Code::malformed, path.filename().string() + " is damaged at its begin");
            }
            return recording::stream_format(frames.front().access_unit, index->codec)
                .map([&](const auto& format) { return recording::init_segment(format, index->codec); });
        });
}

Result<Bytes> gop_of(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t bytes,
                     ts::Ticks ticks) {
    return read_bytes(path, offset, bytes).and_then([&](const Bytes& read) -> Result<Bytes> {
        recording::FrameReader reader;
        reader.feed(read, [](const recording::FrameFacts&) {});
        const auto frames = recording::frames_in(read);
        if (!reader.codec() || frames.empty() || !frames.front().key) {
            return fail(Code::not_found, path.filename().string() + " has no whole GOP there");
        }
        return recording::media_segment(frames, *reader.codec(), ticks);
    });
}

} // namespace

std::vector<http::Route> Fragments::routes() {
    const std::string file = "/api/recordings/{id}/{camera}/{day}/{file}";
    return {{"GET", file + "/init.mp4", http::Access::viewer,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { init(request, reply); })},
            {"GET", file + "/gop.m4s", http::Access::viewer,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { gop(request, reply); })}};
}

void Fragments::answer(const http::Request& request, const http::Reply& reply, Make make) {
    const auto path = recorded_path(folder_, request);
    if (!path) {
        return reply.fail({Code::not_found, "there is no such recorded file"});
    }
    auto made = std::make_shared<Result<Bytes>>(fail(Code::internal, "nothing was made"));
    const bool posted = database_.post(
        [made, make = std::move(make), path = *path](store::Connection*) { *made = make(path); },
        [made, reply] {
            if (!*made) {
                return reply.fail(made->error());
            }
            http::Response response;
            response.content_type = kMp4Type;
            response.body = as_text(**made);
            reply.send(std::move(response));
        });
    if (!posted) {
        reply.fail({Code::unavailable, "too many recordings are asked for; try again"});
    }
}

void Fragments::init(const http::Request& request, const http::Reply& reply) {
    answer(request, reply, init_of);
}

void Fragments::gop(const http::Request& request, const http::Reply& reply) {
    const auto offset = query_integer(request, "at");
    const auto bytes = query_integer(request, "bytes");
    const auto ticks = query_integer(request, "ticks");
    for (const auto* number : {&offset, &bytes, &ticks}) {
        if (!*number) {
            return reply.fail(number->error());
        }
    }
    if (*offset < 0 || *bytes < 0 || *bytes > kLargestGop || *ticks < 0 || *ticks > kLongestGop) {
        return reply.fail(
            {Code::invalid_argument, "'at', 'bytes' and 'ticks' must be as the playlist has them"});
    }
    answer(request, reply,
           [at = static_cast<std::uint64_t>(*offset), size = static_cast<std::uint64_t>(*bytes),
            lasts = static_cast<ts::Ticks>(*ticks)](const std::filesystem::path& path) {
               return gop_of(path, at, size, lasts);
           });
}

} // namespace masthead::api

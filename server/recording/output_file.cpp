#include "server/recording/output_file.hpp"

#include "plugins/glib/checksum.hpp"

#include <cerrno>
#include <cstring>

namespace masthead::recording_tool {
namespace {

constexpr std::size_t kChunk = 1 << 20;

} // namespace

OutputFile::OutputFile(std::filesystem::path path)
    : path_(std::move(path)), stream_(path_, std::ios::binary | std::ios::trunc) {}

tl::unexpected<Error> OutputFile::broken() const {
    return fail(Code::unavailable, path_.filename().string() + " cannot be written: " + std::strerror(errno));
}

Result<void> OutputFile::write(std::string_view text) {
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
    return stream_ ? Result<void>() : broken();
}

Result<void> OutputFile::close() {
    stream_.close();
    return stream_ ? Result<void>() : broken();
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
    OutputFile file(path);
    return file.write(text).and_then([&] { return file.close(); });
}

Result<FileFacts> facts_of(const std::filesystem::path& path,
                           const std::function<void(std::uint64_t)>& progress) {
    std::ifstream file(path, std::ios::binary);
    Sha256 sum;
    FileFacts facts{.name = path.filename(), .bytes = 0, .sha256 = {}};
    Bytes chunk(kChunk);
    while (file) {
        file.read(reinterpret_cast<char*>(chunk.data()), static_cast<std::streamsize>(chunk.size()));
        const auto size = static_cast<std::size_t>(file.gcount());
        sum.add(ByteSpan(chunk).first(size));
        facts.bytes += size;
        progress(facts.bytes);
    }
    if (!file.eof()) {
        return fail(Code::unavailable, path.filename().string() + " cannot be read: " + std::strerror(errno));
    }
    facts.sha256 = sum.hex();
    return facts;
}

} // namespace masthead::recording_tool

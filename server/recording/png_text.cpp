#include "server/recording/png_text.hpp"

#include <zlib.h>

#include <array>

namespace masthead::recording_tool {
namespace {

constexpr std::array kSignature{std::byte{0x89}, std::byte{'P'},  std::byte{'N'},  std::byte{'G'},
                                std::byte{'\r'}, std::byte{'\n'}, std::byte{0x1A}, std::byte{'\n'}};
/// Signature and IHDR, which always comes first: length, type, 13 bytes, CRC.
constexpr std::size_t kHead = kSignature.size() + 4 + 4 + 13 + 4;

void write_chunk(ByteWriter& out, const std::string& keyword, const std::string& text) {
    ByteWriter chunk;
    chunk.append(as_bytes("iTXt" + keyword));
    chunk.uint_be(0, 5); // the keyword's end, not compressed, no language, no translated keyword
    chunk.append(as_bytes(text));
    out.uint_be(chunk.size() - 4, 4);
    out.append(chunk.view());
    out.uint_be(
        crc32(0, reinterpret_cast<const Bytef*>(chunk.view().data()), static_cast<uInt>(chunk.size())), 4);
}

} // namespace

Result<Bytes> with_text(ByteSpan png, const std::vector<std::pair<std::string, std::string>>& texts) {
    if (png.size() < kHead || !std::equal(kSignature.begin(), kSignature.end(), png.begin())) {
        return fail(Code::malformed, "the picture's encoder gave no PNG");
    }
    ByteWriter out;
    out.append(png.first(kHead));
    for (const auto& [keyword, text] : texts) {
        write_chunk(out, keyword, text);
    }
    out.append(png.subspan(kHead));
    return out.release();
}

} // namespace masthead::recording_tool

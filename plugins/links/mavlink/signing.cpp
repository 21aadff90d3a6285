// Writes and judges MAVLink 2 signatures.
#include "plugins/links/mavlink/signing.hpp"

#include "plugins/glib/checksum.hpp"
#include "plugins/links/link_secret.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>

namespace masthead::mavlink {

namespace {

constexpr std::int64_t kEpochUs = 1'420'070'400'000'000; // 2015-01-01T00:00:00Z
constexpr std::int64_t kUnitUs = 10;
constexpr std::uint64_t kMinute = 60'000'000 / kUnitUs;
constexpr std::size_t kTimeSize = 6;
constexpr std::size_t kHashSize = 6;
constexpr std::size_t kMaxSpeakers = 512;

std::uint64_t time_of(Utc now) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, now.us - kEpochUs) / kUnitUs);
}

/// `signed_bytes`: the packet up to and with the signature's time.
Bytes hash_of(const SigningKey& key, ByteSpan signed_bytes) {
    Sha256 hash;
    hash.add(key);
    hash.add(signed_bytes);
    auto bytes = from_hex(hash.hex().substr(0, 2 * kHashSize));
    return *std::move(bytes);
}

Result<std::uint8_t> link_id_of(const LinkUri& uri) {
    const auto option = uri.options.find("signing-link-id");
    if (option == uri.options.end()) {
        return 0;
    }
    const std::string& text = option->second;
    std::uint8_t id = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || stop != text.data() + text.size()) {
        return fail(Code::invalid_argument, "signing-link-id is '" + text + "': wanted is 0 to 255");
    }
    return id;
}

Result<void> check_private(const LinkUri& uri) {
    const auto file = uri.options.find("signing-key-file");
    struct stat status {};
    if (file != uri.options.end() && stat(file->second.c_str(), &status) == 0 &&
        (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(Code::invalid_argument, "the signing-key-file '" + file->second +
                                                "' is open to others than its owner: chmod 600 it");
    }
    return {};
}

} // namespace

Result<std::optional<SigningSettings>> signing_settings(const LinkUri& uri) {
    if (!uri.options.contains("signing-key-file") && !uri.options.contains("signing-key-env")) {
        if (uri.options.contains("signing-link-id")) {
            return fail(Code::invalid_argument, "signing-link-id is of no use without a signing-key-file or "
                                                "signing-key-env");
        }
        return std::nullopt;
    }
    const auto link_id = link_id_of(uri);
    if (!link_id) {
        return tl::unexpected(link_id.error());
    }
    const auto text = check_private(uri).and_then([&] { return link_secret(uri, "signing-key"); });
    if (!text) {
        return tl::unexpected(text.error());
    }
    const auto bytes = from_hex(*text);
    SigningSettings settings{.link_id = *link_id};
    if (!bytes || bytes->size() != settings.key.size()) {
        return fail(Code::invalid_argument, "the signing key is not 64 hexadecimal digits (32 bytes)");
    }
    std::ranges::copy(*bytes, settings.key.begin());
    return settings;
}

Bytes Signing::sign(const Message& message, Utc now) {
    newest_ = std::max(newest_ + 1, time_of(now));
    ByteWriter writer;
    writer.append(write_packet_to_be_signed(message));
    writer.u8(settings_.link_id);
    writer.uint_le(newest_, kTimeSize);
    writer.append(hash_of(settings_.key, writer.view()));
    return writer.release();
}

/// Who is forgotten must not be heard again with what they said before: only one that is too old to be taken
/// for new makes room.
bool Signing::room_for_another() {
    if (last_.size() < kMaxSpeakers) {
        return true;
    }
    return std::erase_if(last_, [this](const auto& each) { return each.second + kMinute < newest_; }) > 0;
}

Verdict Signing::judge(const Message& message, ByteSpan packet, Utc now) {
    if (!announces_signature(packet)) {
        return Verdict::not_signed;
    }
    const ByteSpan hash = packet.last(kHashSize);
    const ByteSpan signed_bytes = packet.first(packet.size() - kHashSize);
    if (!std::ranges::equal(hash_of(settings_.key, signed_bytes), hash)) {
        return Verdict::wrong_signature;
    }
    ByteReader signature(packet.last(kSignatureSize));
    const std::uint8_t link_id = *signature.u8();
    const std::uint64_t time = *signature.uint_le(kTimeSize);
    newest_ = std::max(newest_, time_of(now));
    const Speaker speaker{message.system, message.component, link_id};
    const auto known = last_.find(speaker);
    if (known != last_.end() && time <= known->second) {
        return Verdict::replayed;
    }
    if (known == last_.end() && (time + kMinute < newest_ || !room_for_another())) {
        return Verdict::outdated;
    }
    last_[speaker] = time;
    newest_ = std::max(newest_, time);
    return Verdict::good;
}

} // namespace masthead::mavlink

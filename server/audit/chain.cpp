#include "server/audit/chain.hpp"

#include "plugins/glib/checksum.hpp"

#include <algorithm>
#include <charconv>

namespace masthead::audit {

namespace {

constexpr std::size_t kHashLength = kNoHash.size();

bool is_hash(std::string_view text) {
    return text.size() == kHashLength && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

tl::unexpected<Error> broken(const std::string& sentence) { return fail(Code::malformed, sentence); }

} // namespace

std::string hash_of(const Entry& entry, std::string_view before) {
    Sha256 sum;
    const auto add = [&sum](std::string_view member) {
        const std::string length = std::to_string(member.size()) + ":";
        sum.add(std::as_bytes(std::span(length)));
        sum.add(std::as_bytes(std::span(member)));
    };
    add(before);
    add(std::to_string(entry.number));
    add(std::to_string(entry.time.us));
    for (const std::string* member :
         {&entry.user, &entry.address, &entry.action, &entry.subject, &entry.detail, &entry.result}) {
        add(*member);
    }
    return sum.hex();
}

std::string line_of(const Head& head) { return std::to_string(head.number) + " " + head.hash + "\n"; }

Result<std::vector<Head>> parse_heads(std::string_view text) {
    std::vector<Head> heads;
    for (std::size_t line_number = 1;; ++line_number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) {
            return heads;
        }
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        Head head;
        const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), head.number);
        const std::size_t digits = static_cast<std::size_t>(rest - line.data());
        head.hash = line.substr(std::min(digits + 1, line.size()));
        if (error != std::errc() || digits >= line.size() || line[digits] != ' ' || !is_hash(head.hash) ||
            (!heads.empty() && head.number <= heads.back().number)) {
            return broken("line " + std::to_string(line_number) +
                          ": this is no head of the audit, or out of order");
        }
        heads.push_back(std::move(head));
    }
}

Result<void> Verifier::next(const Entry& entry, const std::string& hash) {
    const std::string name = "entry " + std::to_string(entry.number);
    if (entry.number != last_.number + 1) {
        return broken("entry " + std::to_string(last_.number + 1) + " is missing: " + name +
                      " follows the one before it");
    }
    if (hash_of(entry, last_.hash) != hash) {
        return broken(name + ", or its place in the chain, was changed after it was written");
    }
    last_ = {entry.number, hash};
    if (next_head_ < heads_.size() && heads_[next_head_].number == entry.number) {
        if (heads_[next_head_].hash != hash) {
            return broken("the chain up to " + name +
                          " is not the one that was written: its head file has another hash");
        }
        ++next_head_;
    }
    return {};
}

Result<Head> Verifier::end() const {
    if (next_head_ < heads_.size()) {
        return broken("entries after " + std::to_string(last_.number) +
                      " are missing: the head file knows entry " + std::to_string(heads_.back().number));
    }
    return last_;
}

} // namespace masthead::audit

// The audit's chain: whatever is changed, taken out, put in, swapped or cut off is found, and named.
#include "server/audit/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::audit;
using testing::HasSubstr;

namespace {

struct Written {
    Entry entry;
    std::string hash;
};

std::vector<Written> chain(int count) {
    std::vector<Written> all;
    std::string before(kNoHash);
    for (int i = 1; i <= count; ++i) {
        Entry entry{.number = i,
                    .time = {1'764'500'000'000'000 + i},
                    .user = "olga",
                    .address = "127.0.0.1",
                    .action = "POST",
                    .subject = "/api/commands",
                    .detail = "hold " + std::to_string(i),
                    .result = "202"};
        before = hash_of(entry, before);
        all.push_back({std::move(entry), before});
    }
    return all;
}

Result<Head> verified(const std::vector<Written>& all, std::vector<Head> heads = {}) {
    Verifier verifier(std::move(heads));
    for (const Written& one : all) {
        if (auto taken = verifier.next(one.entry, one.hash); !taken) {
            return tl::unexpected(taken.error());
        }
    }
    return verifier.end();
}

std::string complaint(const std::vector<Written>& all, std::vector<Head> heads = {}) {
    const auto seen = verified(all, std::move(heads));
    return seen ? "" : seen.error().message;
}

} // namespace

TEST(AuditChain, IsWholeAsItWasWritten) {
    const auto all = chain(50);
    const auto last = verified(all, {{10, all[9].hash}, {50, all[49].hash}});
    ASSERT_TRUE(last) << last.error().message;
    EXPECT_EQ(*last, (Head{50, all[49].hash}));
    EXPECT_EQ(verified({})->number, 0);
}

TEST(AuditChain, HashesAreThoseOfSha256) {
    const auto one = chain(1).front();
    EXPECT_EQ(one.hash.size(), kNoHash.size());
    Entry shifted = one.entry; // what ends one member must not begin the next
    shifted.user = "olga1";
    shifted.address = "27.0.0.1";
    EXPECT_NE(hash_of(shifted, kNoHash), one.hash);
}

TEST(AuditChain, FindsAChangeOfAnyMember) {
    const auto change = [](auto Entry::*member, auto value) {
        auto all = chain(9);
        all[4].entry.*member = value;
        return complaint(all);
    };
    EXPECT_THAT(change(&Entry::time, Utc{5}), HasSubstr("entry 5"));
    for (auto member :
         {&Entry::user, &Entry::address, &Entry::action, &Entry::subject, &Entry::detail, &Entry::result}) {
        EXPECT_THAT(change(member, std::string("another")), HasSubstr("entry 5"));
    }
}

TEST(AuditChain, FindsWhatIsMissingSwappedOrPutIn) {
    auto missing = chain(9);
    missing.erase(missing.begin() + 4);
    EXPECT_THAT(complaint(missing), HasSubstr("entry 5 is missing"));
    auto renumbered = missing; // and its numbers closed up
    for (std::size_t i = 4; i < renumbered.size(); ++i) {
        renumbered[i].entry.number = static_cast<std::int64_t>(i) + 1;
    }
    EXPECT_THAT(complaint(renumbered), HasSubstr("entry 5"));
    auto swapped = chain(9);
    std::swap(swapped[4].entry.detail, swapped[5].entry.detail);
    EXPECT_THAT(complaint(swapped), HasSubstr("entry 5"));
    auto doubled = chain(9);
    doubled.insert(doubled.begin() + 4, doubled[4]);
    EXPECT_THAT(complaint(doubled), HasSubstr("entry 6 is missing"));
}

TEST(AuditChain, HeadsShowWhatWasCutOffOrWrittenAnew) {
    const auto all = chain(9);
    const std::vector<Head> heads{{4, all[3].hash}, {9, all[8].hash}};
    auto cut = all;
    cut.resize(7);
    EXPECT_EQ(complaint(cut, heads), "entries after 7 are missing: the head file knows entry 9");
    auto anew = all; // one entry changed, and all hashes from there on made again
    anew[2].entry.user = "nobody";
    std::string before = anew[1].hash;
    for (std::size_t i = 2; i < anew.size(); ++i) {
        before = anew[i].hash = hash_of(anew[i].entry, before);
    }
    EXPECT_EQ(complaint(anew), "");
    EXPECT_THAT(complaint(anew, heads), HasSubstr("up to entry 4 is not the one that was written"));
}

TEST(AuditHeads, AreReadAsTheyWereWrittenAndAnUnfinishedLineIsLeftOut) {
    const auto all = chain(3);
    const Head first{1, all[0].hash};
    const Head third{3, all[2].hash};
    const std::string text = line_of(first) + line_of(third);
    EXPECT_EQ(*parse_heads(text), (std::vector{first, third}));
    EXPECT_EQ(*parse_heads(text + "4 0123"), (std::vector{first, third}));
    EXPECT_EQ(parse_heads("")->size(), 0U);
    for (const std::string bad : {"x\n", "\n", "1\n", "1 abc\n", "-\n"}) {
        EXPECT_THAT(parse_heads(line_of(first) + bad).error().message, HasSubstr("line 2"));
    }
    EXPECT_THAT(parse_heads(line_of(third) + line_of(first)).error().message, HasSubstr("line 2"));
}

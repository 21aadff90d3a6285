// Which recordings are kept and which go.
#include "server/archive/retention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::archive;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr std::uint64_t kGb = 1'000'000'000;
constexpr Utc kNow{1'795'000'000'000'000};
constexpr Disk kRoom{.free = 1000 * kGb, .total = 2000 * kGb};

/// Ten minutes that ended `age` ago.
KeptFile file_of(const std::string& name, hours age, std::uint64_t bytes = kGb,
                 const std::string& camera = "nose") {
    const Utc ended = kNow - age;
    return {.file = name,
            .camera = {"kestrel", camera},
            .began = ended - std::chrono::minutes(10),
            .ended = ended,
            .bytes = bytes};
}

} // namespace

TEST(Retention, RemovesWhatIsOlderThanItsCamerasRule) {
    const Retention retention{.rules = {{{"kestrel", "nose"}, {.days = 2}}}, .otherwise = {.days = 10}};
    const std::vector<KeptFile> files{file_of("new", hours(1)), file_of("old", hours(50)),
                                      file_of("other", hours(50), kGb, "tail"),
                                      file_of("ancient", hours(300), kGb, "gone-camera")};
    EXPECT_THAT(removals(files, retention, kRoom, kNow),
                ElementsAre(Removal{"ancient", Reason::age}, Removal{"old", Reason::age}));
}

TEST(Retention, KeepsForEverWhereTheRuleSaysSo) {
    EXPECT_THAT(
        removals({file_of("old", hours(90'000))}, {.rules = {}, .otherwise = {.days = 0}}, kRoom, kNow),
        IsEmpty());
}

TEST(Retention, RemovesTheOldestOfACameraThatIsTooLarge) {
    const Retention retention{.rules = {{{"kestrel", "nose"}, {.days = 0, .gigabytes = 2}}}, .otherwise = {}};
    const std::vector<KeptFile> files{file_of("c", hours(1)), file_of("a", hours(3)), file_of("b", hours(2)),
                                      file_of("other", hours(9), 50 * kGb, "tail")};
    EXPECT_THAT(removals(files, retention, kRoom, kNow), ElementsAre(Removal{"a", Reason::size}));
}

TEST(Retention, RemovesTheOldestOfAllWhenTheDiskIsFull) {
    const Retention retention{.rules = {}, .otherwise = {.days = 0}, .keep_free = 10 * kGb};
    const std::vector<KeptFile> files{file_of("c", hours(1)), file_of("a", hours(3), kGb, "tail"),
                                      file_of("b", hours(2))};
    EXPECT_THAT(removals(files, retention, {.free = 8 * kGb + 1, .total = 100 * kGb}, kNow),
                ElementsAre(Removal{"a", Reason::disk}, Removal{"b", Reason::disk}));
    EXPECT_THAT(removals(files, retention, {.free = 10 * kGb, .total = 100 * kGb}, kNow), IsEmpty());
}

TEST(Retention, CountsWhatGoesForItsAgeBeforeTheDiskAsksForMore) {
    const Retention retention{.rules = {}, .otherwise = {.days = 1}, .keep_free = 10 * kGb};
    const std::vector<KeptFile> files{file_of("old", hours(48)), file_of("b", hours(2))};
    EXPECT_THAT(removals(files, retention, {.free = 9 * kGb, .total = 100 * kGb}, kNow),
                ElementsAre(Removal{"old", Reason::age}));
}

TEST(Retention, NeverRemovesWhatIsProtectedOrBeingWritten) {
    auto starred = file_of("starred", hours(1000));
    starred.is_protected = true;
    auto open = file_of("open", hours(1000));
    open.is_open = true;
    const Retention retention{.rules = {}, .otherwise = {.days = 1, .gigabytes = 1}, .keep_free = 10 * kGb};
    EXPECT_THAT(removals({starred, open}, retention, {.free = 0, .total = kGb}, kNow), IsEmpty());
}

TEST(Retention, SaysWhenTheDiskWillBeFull) {
    const std::vector<KeptFile> files{file_of("a", hours(12), 5 * kGb), file_of("b", hours(0), 5 * kGb),
                                      file_of("yesterday", hours(30), 500 * kGb)};
    // 10 GB in twelve hours and ten minutes.
    const auto days = days_until_full(files, {.free = 110 * kGb, .total = 1000 * kGb}, 10 * kGb, kNow);
    ASSERT_TRUE(days);
    EXPECT_NEAR(*days, 5.07, 0.01);
    EXPECT_EQ(days_until_full({}, kRoom, 0, kNow), std::nullopt);
    EXPECT_EQ(*days_until_full(files, {.free = kGb, .total = kGb}, 10 * kGb, kNow), 0);
}

TEST(Retention, KnowsWhatAProtectedRangeTouches) {
    const std::vector<Range> ranges{{{100}, {200}}, {{300}, {400}}};
    EXPECT_TRUE(touches(ranges, {150}, {160}));
    EXPECT_TRUE(touches(ranges, {0}, {101}));
    EXPECT_FALSE(touches(ranges, {200}, {300}));
}

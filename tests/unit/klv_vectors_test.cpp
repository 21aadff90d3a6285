// The vectors of tests/data/klv, which the page's TypeScript reader is tested with as well.
#include "plugins/glib/json.hpp"
#include "plugins/klv/local_set.hpp"
#include "plugins/klv/st0601_rows.hpp"
#include "plugins/klv/values.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

using namespace masthead;
using namespace masthead::klv;

namespace {

std::vector<json::Value> vectors(const std::string& name) {
    std::ifstream file(std::string(MASTHEAD_SOURCE) + "/tests/data/klv/" + name, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto value = json::Value::parse(text);
    EXPECT_TRUE(value) << name << ": " << (value ? "" : value.error().message);
    return value ? value->items() : std::vector<json::Value>();
}

std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return text;
}

std::string row_name(const testing::TestParamInfo<Tag>& info) {
    return std::to_string(info.param) + "_" + printable(std::string(row(info.param)->key));
}

std::set<std::string> raised(const Flaws& flaws) {
    std::set<std::string> names;
    const auto add = [&](bool flag, const char* name) {
        if (flag) {
            names.insert(name);
        }
    };
    add(flaws.checksum_missing, "checksum_missing");
    add(flaws.checksum_wrong, "checksum_wrong");
    add(flaws.time_not_first, "time_not_first");
    add(flaws.checksum_not_last, "checksum_not_last");
    add(flaws.repeated_item, "repeated_item");
    add(flaws.cut_short, "cut_short");
    return names;
}

class EveryRow : public testing::TestWithParam<Tag> {
  protected:
    std::vector<json::Value> of_this_row() const {
        static const std::vector<json::Value> all = vectors("values.json");
        std::vector<json::Value> mine;
        for (const json::Value& vector : all) {
            if (vector.integer("tag").value_or(0) == GetParam()) {
                mine.push_back(vector);
            }
        }
        return mine;
    }
};

std::vector<Tag> tags_where(bool numeric) {
    std::vector<Tag> tags;
    for (const Row& each : kSt0601Rows) {
        if ((each.wire != Wire::utf8 && each.wire != Wire::raw) == numeric && each.tag != 1) {
            tags.push_back(each.tag);
        }
    }
    return tags;
}

using NumericRow = EveryRow;
using OtherRow = EveryRow;

} // namespace

TEST_P(NumericRow, DecodesItsVectors) {
    const auto mine = of_this_row();
    ASSERT_GE(mine.size(), 4U);
    for (const json::Value& vector : mine) {
        const std::string hex = *vector.string("hex");
        LocalSet set;
        set.set_raw(GetParam(), *from_hex(hex));
        const auto number = set.number(GetParam());
        if (vector.find("special")) {
            EXPECT_FALSE(number) << hex;
            continue;
        }
        ASSERT_TRUE(number) << hex;
        EXPECT_NEAR(*number, *vector.number("value"), *vector.number("tolerance")) << hex;
    }
}

TEST_P(NumericRow, EncodesItsVectors) {
    int encoded = 0;
    for (const json::Value& vector : of_this_row()) {
        if (!vector.find("encodes")) {
            continue;
        }
        LocalSet set;
        const double value = *vector.number("encodes");
        const auto done = set.set_number(GetParam(), value);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(to_hex(set.find(GetParam())->value), *vector.string("hex")) << value;
        ++encoded;
    }
    EXPECT_TRUE(encoded >= 4 || row(GetParam())->write_length >= 7);
}

TEST_P(NumericRow, RefusesWhatItCannotHoldOrSaysSo) {
    const Row& mine = *row(GetParam());
    LocalSet set;
    EXPECT_FALSE(set.set_number(mine.tag, std::numeric_limits<double>::quiet_NaN()));
    EXPECT_FALSE(set.set_number(mine.tag, std::numeric_limits<double>::infinity()));
    for (const double value : {mine.min - (mine.max - mine.min), mine.max + (mine.max - mine.min)}) {
        const auto done = set.set_number(mine.tag, value);
        const bool has_code = mine.special == Special::out_of_range || mine.wire == Wire::imapb;
        EXPECT_EQ(done.has_value(), has_code) << value;
        EXPECT_FALSE(set.number(mine.tag)) << value;
    }
}

TEST_P(NumericRow, TakesNoOtherLengthForANumber) {
    const Row& mine = *row(GetParam());
    for (std::size_t length = 0; length <= 9; ++length) {
        LocalSet set;
        set.set_raw(mine.tag, Bytes(length, std::byte{1}));
        const bool fits = length >= mine.min_length && length <= mine.max_length;
        EXPECT_EQ(set.number(mine.tag).has_value(), fits) << length;
    }
}

TEST_P(OtherRow, IsKeptAsBytesAndTakesNoNumber) {
    LocalSet set;
    EXPECT_FALSE(set.set_number(GetParam(), 1));
    EXPECT_FALSE(set.set_integer(GetParam(), 1));
    set.set_raw(GetParam(), *from_hex("41ff"));
    EXPECT_FALSE(set.number(GetParam()));
    EXPECT_EQ(to_hex(set.find(GetParam())->value), "41ff");
    EXPECT_EQ(set.text(GetParam()).has_value(), row(GetParam())->wire == Wire::utf8);
}

TEST_P(OtherRow, TakesTextOnlyAsLongAsTheStandardAllows) {
    const Row& mine = *row(GetParam());
    LocalSet set;
    const bool text = mine.wire == Wire::utf8;
    EXPECT_EQ(set.set_text(mine.tag, std::string(text ? mine.max_length : 4, 'a')).has_value(), text);
    EXPECT_FALSE(set.set_text(mine.tag, std::string(std::size_t{mine.max_length} + 1, 'a')));
    EXPECT_FALSE(set.set_text(mine.tag, "\xff"));
}

INSTANTIATE_TEST_SUITE_P(St0601, NumericRow, testing::ValuesIn(tags_where(true)), row_name);
INSTANTIATE_TEST_SUITE_P(St0601, OtherRow, testing::ValuesIn(tags_where(false)), row_name);

TEST(KlvVectors, PacketsAreReadAsListed) {
    const auto all = vectors("packets.json");
    ASSERT_GT(all.size(), 20U);
    for (const json::Value& vector : all) {
        const std::string name = *vector.string("name");
        const auto packet = parse(*from_hex(*vector.string("hex")));
        if (vector.find("problem")) {
            ASSERT_FALSE(packet) << name;
            EXPECT_EQ(to_string(packet.error().code), *vector.string("problem")) << name;
            continue;
        }
        ASSERT_TRUE(packet) << name << ": " << packet.error().message;
        EXPECT_EQ(static_cast<std::int64_t>(packet->size), *vector.integer("size")) << name;
        std::set<std::string> flaws;
        for (const json::Value& flaw : vector.array("flaws")->items()) {
            flaws.insert(*flaw.as_string());
        }
        EXPECT_EQ(raised(packet->flaws), flaws) << name;
        const auto items = vector.array("items")->items();
        ASSERT_EQ(packet->set.items().size(), items.size()) << name;
        for (std::size_t i = 0; i < items.size(); ++i) {
            EXPECT_EQ(packet->set.items()[i].tag, *items[i].integer("tag")) << name;
            EXPECT_EQ(to_hex(packet->set.items()[i].value), *items[i].string("hex")) << name;
        }
    }
}

TEST(KlvVectors, SoundPacketsComeOutOfTheEncoderAsTheyWentIn) {
    int compared = 0;
    for (const json::Value& vector : vectors("packets.json")) {
        const Bytes bytes = *from_hex(*vector.string("hex"));
        const auto packet = parse(bytes);
        // The encoder adds item 65 where it is missing; only a packet that has it, in minimal form, can be
        // the same.
        if (packet && packet->set.has(65) && !packet->flaws.any()) {
            EXPECT_EQ(to_hex(*encode(packet->set)), to_hex(bytes));
            ++compared;
        }
    }
    EXPECT_GT(compared, 0);
}

TEST(KlvVectors, TextIsAlwaysValidUtf8) {
    for (const json::Value& vector : vectors("texts.json")) {
        LocalSet set;
        set.set_raw(59, *from_hex(*vector.string("hex")));
        const auto text = set.text(59);
        EXPECT_EQ(text.has_value(), vector.find("text").has_value());
        if (text) {
            EXPECT_EQ(*text, *vector.string("text")) << *vector.string("name");
        }
    }
}

#include "engine/block/summary.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/block/block.h"

namespace nmstore::block {
namespace {

constexpr std::uint8_t kNumberKind = 0;  // the kind of a column on disk; of texts it is their classes

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (std::size_t c = 0; c < 256; ++c) {
        if (c >= 0x80) {
            classes[c] = kBeyondAscii;
        } else if (c >= '0' && c <= '9') {
            classes[c] = kDigits;
        } else if (c >= 'a' && c <= 'f') {
            classes[c] = kHexLetters;
        } else if (c >= 'g' && c <= 'z') {
            classes[c] = kLowerLetters;
        } else if (c >= 'A' && c <= 'Z') {
            classes[c] = kUpperLetters;
        } else {
            classes[c] = kOtherBytes;
        }
    }
    return classes;
}
constexpr auto kClasses = make_classes();
constexpr std::uint8_t kAllClasses = 63;

// The least numbers of one digit more than the place says; of one digit, 0 is too.
constexpr std::array<std::uint64_t, 20> make_powers() {
    std::array<std::uint64_t, 20> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}
constexpr auto kPowers = make_powers();

// More than kMaxNumberDigits are told as one more.
std::size_t digits_of(std::uint64_t number) {
    // The bits times log10(2): the digits, or one less.
    const auto about = static_cast<std::size_t>(std::bit_width(number | 1)) * 1233 >> 12;
    return std::min(about + (number >= kPowers[about] ? 1 : 0) + (number == 0 ? 1 : 0), kMaxNumberDigits + 1);
}

void set_sizes(ColumnSummary& summary) {
    const NumberRange& range = summary.range;
    summary.shortest = range.width != 0 ? range.width : digits_of(range.least);
    summary.longest = range.width != 0 ? range.width : digits_of(range.greatest);
    summary.classes = kDigits;
}

}  // namespace

std::uint8_t classes_of(std::string_view text) {
    std::uint8_t classes = 0;
    for (const char c : text) classes |= kClasses[static_cast<unsigned char>(c)];
    return classes;
}

bool parse_digits(std::string_view text, std::uint64_t& number) {
    if (text.empty() || text.size() > kMaxNumberDigits) return false;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    number = value;
    return true;
}

void put_summary(const ColumnSummary& summary, std::string& out) {
    if (summary.number) {
        out.push_back(static_cast<char>(kNumberKind));
        put_varint(out, summary.range.width);
        put_varint(out, summary.range.least);
        put_varint(out, summary.range.greatest - summary.range.least);
    } else {
        // Values are not empty all of them, or they were one and the same: there is a class.
        out.push_back(static_cast<char>(summary.classes));
        put_varint(out, summary.shortest);
        put_varint(out, summary.longest - summary.shortest);
    }
}

ColumnSummary read_summary(Reader& reader) {
    ColumnSummary summary;
    const std::uint8_t kind = reader.byte();
    if (kind > kAllClasses) reader.fail();
    if (kind == kNumberKind) {
        summary.number = true;
        summary.range.width = static_cast<std::uint32_t>(reader.size(kMaxNumberDigits));
        summary.range.least = reader.varint();
        summary.range.greatest = summary.range.least + reader.varint();
        if (summary.range.greatest < summary.range.least) reader.fail();
        set_sizes(summary);
        return summary;
    }
    summary.classes = kind;
    summary.shortest = reader.size(kMaxSectionBytes);
    summary.longest = summary.shortest + reader.size(kMaxSectionBytes);
    return summary;
}

bool ColumnSummary::may_hold(const SoughtWord& word) const {
    if (number) return range.has(word);
    if ((classes & kOtherBytes) != 0) return longest >= 1;
    // Letters beyond ASCII may have another size, and be ASCII, in lower case.
    if ((classes & kBeyondAscii) != 0) return true;
    if (word.bytes < shortest || word.bytes > longest) return false;
    const unsigned lowered = (classes & kUpperLetters) != 0 ? classes | kHexLetters | kLowerLetters : classes;
    return (word.classes & ~lowered) == 0;
}

}  // namespace nmstore::block

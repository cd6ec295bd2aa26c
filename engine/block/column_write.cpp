#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "engine/block/column.h"
#include "engine/block/summary.h"

namespace nmstore::block {
namespace {

using Values = std::vector<std::string_view>;

// A candidate: the bytes of an encoding, and what they are expected to come to when compressed.
struct Candidate {
    std::string bytes;
    std::size_t cost = SIZE_MAX;

    void offer(std::string other) {
        const std::size_t other_cost = estimate_bytes(other);
        if (other_cost >= cost) return;
        bytes = std::move(other);
        cost = other_cost;
    }
};

std::string start(Encoding encoding) {
    return std::string(1, static_cast<char>(encoding));
}

bool is_clock(const Values& values, int part, const ColumnContext& context) {
    constexpr std::array<std::size_t, kClockParts> kSizes{2, 2, 2, 6, 3, 5, 3, 4};
    if (values[0].size() != kSizes[static_cast<std::size_t>(part)]) return false;
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
        set_clock_text(part, (*context.times_ms)[i], context.zone_minutes, text);
        if (values[i] != text) return false;
    }
    return true;
}

// Moments are looked for where a number is as near as this to the time of its line.
constexpr std::int64_t kMaxFromMomentMs = 25 * 3600 * 1000;

std::optional<std::string> encode_moments(const std::vector<std::uint64_t>& numbers,
                                          const ColumnContext& context, MomentUnit unit) {
    const auto from_time = [&](std::size_t i) {
        return static_cast<std::int64_t>(numbers[i] - moment_of((*context.times_ms)[i], unit));
    };
    const std::uint64_t near = moment_of(kMaxFromMomentMs, unit);
    if (static_cast<std::uint64_t>(from_time(0)) + near > 2 * near) return std::nullopt;
    std::vector<std::int64_t> from(numbers.size());
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = from_time(i);
    const std::int64_t least = *std::min_element(from.begin(), from.end());
    std::vector<std::uint64_t> above(from.size());
    for (std::size_t i = 0; i < from.size(); ++i)
        above[i] = static_cast<std::uint64_t>(from[i]) - static_cast<std::uint64_t>(least);
    std::string bytes = start(Encoding::moment);
    bytes.push_back(static_cast<char>(unit));
    put_varint(bytes, zigzag(least));
    put_planes(bytes, above);
    return bytes;
}

std::string encode_numbers(std::vector<std::uint64_t> numbers, std::size_t width) {
    const std::uint64_t least = *std::min_element(numbers.begin(), numbers.end());
    for (std::uint64_t& number : numbers) number -= least;
    std::string bytes = start(Encoding::number);
    put_varint(bytes, width);
    put_varint(bytes, least);
    put_planes(bytes, numbers);
    return bytes;
}

std::string encode_deltas(const std::vector<std::uint64_t>& numbers, std::size_t width) {
    std::vector<std::uint64_t> deltas(numbers.size());
    for (std::size_t i = 1; i < numbers.size(); ++i)
        deltas[i] = zigzag(static_cast<std::int64_t>(numbers[i] - numbers[i - 1]));
    std::string bytes = start(Encoding::delta);
    put_varint(bytes, width);
    put_varint(bytes, numbers[0]);
    put_planes(bytes, deltas);
    return bytes;
}

std::optional<std::string> encode_number_dictionary(const std::vector<std::uint64_t>& numbers,
                                                    std::size_t width) {
    std::vector<std::uint64_t> distinct = numbers;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    if (distinct.size() > numbers.size() / 4 * 3) return std::nullopt;
    std::vector<std::uint64_t> places(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        places[i] = static_cast<std::uint64_t>(
            std::lower_bound(distinct.begin(), distinct.end(), numbers[i]) - distinct.begin());
    }
    std::vector<std::uint64_t> steps(distinct.size());
    std::adjacent_difference(distinct.begin(), distinct.end(), steps.begin());
    std::string bytes = start(Encoding::number_dictionary);
    put_varint(bytes, width);
    put_varint(bytes, steps.size());
    put_planes(bytes, steps);
    put_planes(bytes, places);
    return bytes;
}

// Gives up as soon as there are more distinct values than pay.
std::optional<std::string> encode_text_dictionary(const Values& values) {
    const std::size_t limit = values.size() / 4 * 3;
    std::unordered_map<std::string_view, std::uint64_t> known;
    Values distinct;
    std::vector<std::uint64_t> places(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto [at, added] = known.try_emplace(values[i], distinct.size());
        if (added) distinct.push_back(values[i]);
        if (distinct.size() > limit) return std::nullopt;
        places[i] = at->second;
    }
    std::string bytes = start(Encoding::text_dictionary);
    put_varint(bytes, distinct.size());
    for (const auto text : distinct) put_varint(bytes, text.size());
    for (const auto text : distinct) bytes.append(text);
    put_planes(bytes, places);
    return bytes;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::optional<std::string> encode_hex(const Values& values) {
    std::string bytes = start(Encoding::hex);
    put_varint(bytes, values[0].size());
    unsigned pending = 0;
    bool half = false;
    for (const auto value : values) {
        for (const char c : value) {
            const int digit = hex_digit(c);
            if (digit < 0) return std::nullopt;
            if (half)
                bytes.push_back(static_cast<char>(
                    static_cast<unsigned char>(pending << 4 | static_cast<unsigned>(digit))));
            pending = static_cast<unsigned>(digit);
            half = !half;
        }
    }
    if (half) bytes.push_back(static_cast<char>(static_cast<unsigned char>(pending << 4)));
    return bytes;
}

std::string encode_text(const Values& values) {
    const bool fixed = std::all_of(values.begin(), values.end(),
                                   [&](auto value) { return value.size() == values[0].size(); });
    std::string bytes = start(fixed ? Encoding::fixed_text : Encoding::text);
    if (fixed) {
        put_varint(bytes, values[0].size());
    } else {
        for (const auto value : values) put_varint(bytes, value.size());
    }
    for (const auto value : values) bytes.append(value);
    return bytes;
}

// The best of the encodings that need nothing but the values.
Candidate encode_alone(const Values& values, const std::vector<std::uint64_t>& numbers, std::uint32_t width) {
    Candidate best;
    if (!numbers.empty()) {
        best.offer(encode_numbers(numbers, width));
        best.offer(encode_deltas(numbers, width));
        if (auto bytes = encode_number_dictionary(numbers, width)) best.offer(std::move(*bytes));
        return best;
    }
    best.offer(encode_text(values));
    if (auto bytes = encode_text_dictionary(values)) best.offer(std::move(*bytes));
    if (best.bytes[0] == static_cast<char>(Encoding::fixed_text)) {
        if (auto bytes = encode_hex(values)) best.offer(std::move(*bytes));
    }
    return best;
}

std::optional<std::string> encode_shared(const Values& values, const SharedDictionary& shared) {
    std::vector<std::uint64_t> places(values.size());
    Values rest;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto at = shared.places.find(values[i]);
        if (at == shared.places.end()) {
            rest.push_back(values[i]);
        } else {
            places[i] = at->second + std::uint64_t{1};
        }
    }
    if (rest.size() == values.size()) return std::nullopt;
    std::string bytes = start(Encoding::shared);
    put_planes(bytes, places);
    if (rest.empty()) return bytes;
    std::vector<std::uint64_t> numbers;
    const ColumnSummary summary = summarise(rest, numbers);
    return bytes + encode_alone(rest, numbers, summary.range.width).bytes;
}

}  // namespace

void encode_column(const Values& values, const std::vector<std::uint64_t>& numbers, std::uint32_t width,
                   const ColumnContext& context, std::string& out) {
    for (int part = 0; part < kClockParts; ++part) {
        if (is_clock(values, part, context)) {
            out += start(Encoding::clock);
            out.push_back(static_cast<char>(part));
            return;
        }
    }
    Candidate best = encode_alone(values, numbers, width);
    for (int unit = 0; unit < kMomentUnits && !numbers.empty() && width == 0; ++unit) {
        if (auto bytes = encode_moments(numbers, context, static_cast<MomentUnit>(unit)))
            best.offer(std::move(*bytes));
    }
    if (!context.shared->places.empty()) {
        if (auto bytes = encode_shared(values, *context.shared)) best.offer(std::move(*bytes));
    }
    out += best.bytes;
}

}  // namespace nmstore::block

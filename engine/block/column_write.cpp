#include "engine/block/column_write.h"

#include <algorithm>
#include <cstring>

#include "engine/block/summary.h"

namespace nmstore::block {
namespace {

// Dictionaries are tried where at most three of four values are distinct.
bool may_be_dictionary(const WrittenColumn& column) {
    return column.distinct.size() <= column.places.size() / 4 * 3;
}

unsigned hex_digit(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

// Moments are looked for where a number is as near as this to the time of its line.
constexpr std::int64_t kMaxFromMomentMs = 25 * 3600 * 1000;

}  // namespace

void ColumnEncoder::start(Encoding encoding) {
    other_.assign(1, static_cast<char>(encoding));
}

void ColumnEncoder::offer() {
    const std::size_t cost = estimate_bytes(other_);
    if (cost >= best_cost_) return;
    best_.swap(other_);
    best_cost_ = cost;
}

void ColumnEncoder::encode(const WrittenColumn& column, const std::vector<std::int64_t>& times_ms,
                           std::string& out) {
    offer_alone(column);
    if (column.summary.number && column.summary.range.width == 0) {
        for (int unit = 0; unit < kMomentUnits; ++unit)
            offer_moments(times_ms, static_cast<MomentUnit>(unit));
    }
    if (!shared_.empty()) offer_shared(column);
    out += best_;
}

// The encodings that need nothing but the values; instead of what was offered before.
void ColumnEncoder::offer_alone(const WrittenColumn& column) {
    best_cost_ = SIZE_MAX;
    if (column.summary.number) {
        offer_numbers(column);
        offer_number_dictionary(column);
        return;
    }
    offer_texts(column);
    offer_text_dictionary(column);
    offer_hex(column);
}

// As they are, and as differences.
void ColumnEncoder::offer_numbers(const WrittenColumn& column) {
    const NumberRange& range = column.summary.range;
    by_place_.resize(column.distinct.size());
    for (std::size_t i = 0; i < by_place_.size(); ++i) by_place_[i] = table_[column.distinct[i]].number;
    numbers_.resize(column.places.size());
    written_.resize(numbers_.size());
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
        numbers_[i] = by_place_[column.places[i]];
        written_[i] = numbers_[i] - range.least;
    }
    start(Encoding::number);
    put_varint(other_, range.width);
    put_varint(other_, range.least);
    put_planes(other_, written_);
    offer();

    written_[0] = 0;
    for (std::size_t i = 1; i < numbers_.size(); ++i)
        written_[i] = zigzag(static_cast<std::int64_t>(numbers_[i] - numbers_[i - 1]));
    start(Encoding::delta);
    put_varint(other_, range.width);
    put_varint(other_, numbers_[0]);
    put_planes(other_, written_);
    offer();
}

void ColumnEncoder::offer_number_dictionary(const WrittenColumn& column) {
    if (!may_be_dictionary(column)) return;
    sorted_.resize(by_place_.size());
    for (std::size_t i = 0; i < sorted_.size(); ++i) sorted_[i] = {by_place_[i], i};
    std::sort(sorted_.begin(), sorted_.end());
    steps_.resize(sorted_.size());
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
        steps_[i] = sorted_[i].first - before;
        before = sorted_[i].first;
        by_place_[sorted_[i].second] = i;
    }
    for (std::size_t i = 0; i < written_.size(); ++i) written_[i] = by_place_[column.places[i]];
    start(Encoding::number_dictionary);
    put_varint(other_, column.summary.range.width);
    put_varint(other_, steps_.size());
    put_planes(other_, steps_);
    put_planes(other_, written_);
    offer();
}

void ColumnEncoder::offer_moments(const std::vector<std::int64_t>& times_ms, MomentUnit unit) {
    const auto from_time = [&](std::size_t i) {
        return static_cast<std::int64_t>(numbers_[i] - moment_of(times_ms[i], unit));
    };
    const std::uint64_t near = moment_of(kMaxFromMomentMs, unit);
    if (static_cast<std::uint64_t>(from_time(0)) + near > 2 * near) return;
    std::int64_t least = INT64_MAX;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
        const std::int64_t from = from_time(i);
        least = std::min(least, from);
        written_[i] = static_cast<std::uint64_t>(from);
    }
    for (std::uint64_t& from : written_) from -= static_cast<std::uint64_t>(least);
    start(Encoding::moment);
    other_.push_back(static_cast<char>(unit));
    put_varint(other_, zigzag(least));
    put_planes(other_, written_);
    offer();
}

void ColumnEncoder::offer_texts(const WrittenColumn& column) {
    const bool fixed = column.summary.shortest == column.summary.longest;
    start(fixed ? Encoding::fixed_text : Encoding::text);
    if (fixed) {
        put_varint(other_, column.summary.shortest);
    } else {
        for (const std::uint32_t place : column.places)
            put_varint(other_, table_[column.distinct[place]].text.size());
    }
    for (const std::uint32_t place : column.places) other_.append(table_[column.distinct[place]].text);
    offer();
}

void ColumnEncoder::offer_text_dictionary(const WrittenColumn& column) {
    if (!may_be_dictionary(column)) return;
    start(Encoding::text_dictionary);
    put_varint(other_, column.distinct.size());
    for (const std::uint32_t value : column.distinct) put_varint(other_, table_[value].text.size());
    for (const std::uint32_t value : column.distinct) other_.append(table_[value].text);
    written_.assign(column.places.begin(), column.places.end());
    put_planes(other_, written_);
    offer();
}

void ColumnEncoder::offer_hex(const WrittenColumn& column) {
    const ColumnSummary& summary = column.summary;
    if (summary.shortest != summary.longest || (summary.classes & ~(kDigits | kHexLetters)) != 0) return;
    start(Encoding::hex);
    put_varint(other_, summary.shortest);
    unsigned pending = 0;
    bool half = false;
    for (const std::uint32_t place : column.places) {
        for (const char c : table_[column.distinct[place]].text) {
            pending = pending << 4 | hex_digit(c);
            if (half) other_.push_back(static_cast<char>(static_cast<unsigned char>(pending)));
            half = !half;
        }
    }
    if (half) other_.push_back(static_cast<char>(static_cast<unsigned char>(pending << 4)));
    offer();
}

void ColumnEncoder::offer_shared(const WrittenColumn& column) {
    std::vector<std::uint32_t> distinct;  // of the rest
    std::vector<std::uint32_t> counts;
    std::vector<std::uint32_t> rest_place(column.distinct.size());
    for (std::size_t i = 0; i < column.distinct.size(); ++i) {
        if (shared_[column.distinct[i]] != 0) continue;
        rest_place[i] = static_cast<std::uint32_t>(distinct.size());
        distinct.push_back(column.distinct[i]);
        counts.push_back(column.counts[i]);
    }
    if (distinct.size() == column.distinct.size()) return;
    std::vector<std::uint32_t> places;
    std::vector<std::uint64_t> named(column.places.size());
    for (std::size_t i = 0; i < named.size(); ++i) {
        const std::uint32_t place = column.places[i];
        named[i] = shared_[column.distinct[place]];
        if (named[i] == 0) places.push_back(rest_place[place]);
    }
    std::string alone;
    alone.swap(best_);
    const std::size_t alone_cost = best_cost_;
    if (!distinct.empty()) offer_alone({places, distinct, counts, summarise(table_, distinct)});
    start(Encoding::shared);
    put_planes(other_, named);
    if (!distinct.empty()) other_ += best_;
    best_.swap(alone);
    best_cost_ = alone_cost;
    offer();
}

}  // namespace nmstore::block

#include "engine/block/value_table.h"

#include <algorithm>
#include <cstring>

#include "engine/block/summary.h"
#include "engine/block/text_hash.h"

namespace nmstore::block {
namespace {

constexpr int kFirstSlotBits = 12;
constexpr std::uint64_t kHashBits = 0xffffffff00000000ULL;

}  // namespace

ValueTable::ValueTable()
    : slots_(std::size_t{1} << kFirstSlotBits), shift_(64 - kFirstSlotBits), seed_(text_hash_seed()) {}

void ValueTable::add_all(std::span<const std::string_view> texts, std::vector<std::uint32_t>& numbers) {
    hashes_.resize(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        hashes_[i] = text_hash(texts[i], seed_);
        __builtin_prefetch(&slots_[place_of(hashes_[i])]);
    }
    for (const std::uint64_t hash : hashes_) {
        const auto known = static_cast<std::uint32_t>(slots_[place_of(hash)]);
        if (known != 0) __builtin_prefetch(&values_[known - 1]);
    }
    for (std::size_t i = 0; i < texts.size(); ++i) numbers.push_back(add(texts[i], hashes_[i]));
}

std::uint32_t ValueTable::add(std::string_view text, std::uint64_t hash) {
    const bool is_short = text.size() <= kMaxEnds;
    const TextEnds ends = is_short ? ends_of(text.data(), text.size()) : TextEnds{};
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = place_of(hash);
    for (; slots_[at] != 0; at = (at + 1) & mask) {
        if (((slots_[at] ^ hash) & kHashBits) != 0) continue;
        const auto known = static_cast<std::uint32_t>(slots_[at]) - 1;
        const Value& value = values_[known];
        if (value.text.size() != text.size() || value.ends != ends) continue;
        if (is_short || std::memcmp(value.text.data(), text.data(), text.size()) == 0) return known;
    }
    const auto number = static_cast<std::uint32_t>(values_.size());
    slots_[at] = (hash & kHashBits) | (number + std::uint64_t{1});
    Value& value = values_.emplace_back();
    value.text = text;
    value.ends = ends;
    value.is_number = parse_digits(text, value.number);
    value.classes = value.is_number ? static_cast<std::uint8_t>(kDigits) : classes_of(text);
    if (values_.size() * 2 > slots_.size()) grow();
    return number;
}

void ValueTable::grow() {
    std::vector<Slot> old(slots_.size() * 4);
    old.swap(slots_);
    shift_ -= 2;
    const std::size_t mask = slots_.size() - 1;
    for (const Slot slot : old) {
        if (slot == 0) continue;
        std::size_t at = place_of(slot);
        while (slots_[at] != 0) at = (at + 1) & mask;
        slots_[at] = slot;
    }
}

ColumnSummary summarise(const ValueTable& table, std::span<const std::uint32_t> distinct) {
    ColumnSummary summary;
    NumberRange& range = summary.range;
    range.least = UINT64_MAX;
    summary.shortest = SIZE_MAX;
    bool numbers = true;
    bool plain = true;
    for (const std::uint32_t number : distinct) {
        const ValueTable::Value& value = table[number];
        summary.shortest = std::min(summary.shortest, value.text.size());
        summary.longest = std::max(summary.longest, value.text.size());
        summary.classes |= value.classes;
        numbers = numbers && value.is_number;
        plain = plain && value.is_plain_number();
        range.least = std::min(range.least, value.number);
        range.greatest = std::max(range.greatest, value.number);
    }
    // Other texts of numbers would not come back from the numbers.
    summary.number = numbers && (plain || summary.shortest == summary.longest);
    if (!summary.number) {
        range = {};
    } else if (!plain) {
        range.width = static_cast<std::uint32_t>(summary.longest);
    }
    return summary;
}

}  // namespace nmstore::block

// The distinct values of a block that is being made: each is hashed, parsed and looked at once, and from then
// on is a number.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/block/text_hash.h"
#include "nmstore/block_column.h"

namespace nmstore::block {

class ValueTable {
  public:
    struct Value {
        std::string_view text;
        TextEnds ends;             // of a text of up to kMaxEnds bytes
        std::uint64_t number = 0;  // where it is one
        std::uint8_t classes = 0;
        bool is_number = false;  // digits only, at most kMaxNumberDigits
        bool is_plain_number() const { return is_number && (text.size() == 1 || text[0] != '0'); }
    };

    ValueTable();
    // The number of this value; numbers count up from 0 in the order in which values first come. The text
    // must outlive the table.
    std::uint32_t add(std::string_view text) { return add(text, text_hash(text, seed_)); }
    // The same of all of these; appends their numbers. The memory that each needs is asked for before the
    // last has come: that is what most of the time goes into.
    void add_all(std::span<const std::string_view> texts, std::vector<std::uint32_t>& numbers);
    std::size_t size() const { return values_.size(); }
    const Value& operator[](std::uint32_t number) const { return values_[number]; }

  private:
    // High half: high bits of the hash; low half: 0 is free, else 1 + the number.
    using Slot = std::uint64_t;
    std::uint32_t add(std::string_view text, std::uint64_t hash);
    std::size_t place_of(std::uint64_t hash) const { return static_cast<std::size_t>(hash >> shift_); }
    void grow();

    std::vector<Slot> slots_;
    int shift_ = 0;  // leaves as many high bits as there are slots
    std::uint64_t seed_ = 0;
    std::vector<Value> values_;
    std::vector<std::uint64_t> hashes_;  // of the texts that are being added
};

// What a value of a column that has these distinct values is like.
ColumnSummary summarise(const ValueTable& table, std::span<const std::uint32_t> distinct);

}  // namespace nmstore::block

// Numbers and byte strings of the block format, one behind the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/block_column.h"
#include "nmstore/result.h"

namespace nmstore::block {

inline std::uint64_t zigzag(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
inline std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
}

void put_varint(std::string& out, std::uint64_t number);
// Byte planes: see docs/block-format.md.
void put_planes(std::string& out, const std::vector<std::uint64_t>& numbers);

// Takes what the put_… functions wrote. Never reads outside its view: at the first byte that is missing or
// wrong it fails, and from then on gives zeros and empty strings. Check failed() before using what came out
// as a size.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t varint() {
        if (rest_.empty() || static_cast<unsigned char>(rest_.front()) >= 0x80) return long_varint();
        const auto byte = static_cast<unsigned char>(rest_.front());  // most numbers are small
        rest_.remove_prefix(1);
        return byte;
    }
    // A varint that must not be greater than `limit`.
    std::size_t size(std::uint64_t limit) {
        const std::uint64_t number = varint();
        if (number <= limit) return static_cast<std::size_t>(number);
        fail();
        return 0;
    }
    std::string_view bytes(std::size_t count) {
        if (count > rest_.size()) {
            fail();
            return {};
        }
        const std::string_view taken(rest_.data(), count);
        rest_.remove_prefix(count);
        return taken;
    }
    std::uint8_t byte() {
        const std::string_view taken = bytes(1);
        return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
    }
    void planes(std::size_t count, std::vector<std::uint64_t>& numbers);
    // Of numbers that have no more than 32 bits; as they are stored.
    PackedNumbers packed_planes(std::size_t count);
    // As many texts as `ends` has places: their sizes, then their bytes, `max_bytes` of them at most. Sets
    // the places where each ends in what it gives back.
    std::string_view texts(std::vector<std::uint32_t>& ends, std::size_t max_bytes);

    bool failed() const { return failed_; }
    bool at_end() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }
    void fail() {
        failed_ = true;
        rest_ = {};
    }

  private:
    std::uint64_t long_varint();

    std::string_view rest_;
    bool failed_ = false;
};

// About how many bytes an entropy coder of order 0 would make of these: what encodings are compared by.
std::size_t estimate_bytes(std::string_view bytes);

inline Error corrupt(const char* what) {
    return Error{Code::corruption, std::string("cannot read a block: ") + what};
}

}  // namespace nmstore::block

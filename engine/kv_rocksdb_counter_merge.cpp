// Counters: 64 bits, little-endian, added up by RocksDB whenever it finds several steps of one key.
#include <rocksdb/merge_operator.h>

#include <algorithm>

#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

constexpr std::size_t kCounterBytes = 8;

std::uint64_t decode_bits(std::string_view value) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < std::min(value.size(), kCounterBytes); ++i) {
        bits |= std::uint64_t{static_cast<unsigned char>(value[i])} << (8 * i);
    }
    return bits;
}

void encode_bits(std::uint64_t bits, std::string& out) {
    char bytes[kCounterBytes];
    for (std::size_t i = 0; i < kCounterBytes; ++i) bytes[i] = static_cast<char>((bits >> (8 * i)) & 0xff);
    out.assign(bytes, kCounterBytes);
}

// Called inside compactions: must not throw, and takes damaged values for what they may be rather than
// stopping the whole database.
class CounterMerge final : public rocksdb::AssociativeMergeOperator {
  public:
    const char* Name() const override { return "nmstore.counter.1"; }

    bool Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* existing, const rocksdb::Slice& step,
               std::string* sum, rocksdb::Logger* /*logger*/) const override {
        const std::uint64_t before = existing == nullptr ? 0 : decode_bits(to_view(*existing));
        encode_bits(before + decode_bits(to_view(step)), *sum);  // unsigned: wraps around
        return true;
    }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> make_counter_merge() {
    return std::make_shared<CounterMerge>();
}

std::int64_t decode_counter(std::string_view value) {
    return static_cast<std::int64_t>(decode_bits(value));
}

std::string encode_counter(std::int64_t value) {
    std::string out;
    encode_bits(static_cast<std::uint64_t>(value), out);
    return out;
}

}  // namespace nmstore::kv

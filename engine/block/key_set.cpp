#include "engine/block/key_set.h"

#include <bit>

namespace nmstore::block {
namespace {

constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15ULL;  // 2^64 / golden ratio

}  // namespace

void KeySet::add(std::uint64_t key) {
    if (key == 0) {
        has_zero_ = true;
        return;
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>((key * kSpread) >> 20) & mask;
    while (slots_[at] != 0) {
        if (slots_[at] == key) return;
        at = (at + 1) & mask;
    }
    slots_[at] = key;
    if (++used_ * 2 > slots_.size()) grow();
}

void KeySet::expect(std::size_t keys) {
    if (used_ == 0 && keys * 2 > slots_.size()) slots_.assign(std::bit_ceil(keys * 2), 0);
}

void KeySet::grow() {
    std::vector<std::uint64_t> old(slots_.size() * 4);
    old.swap(slots_);
    used_ = 0;
    for (const std::uint64_t key : old) {
        if (key != 0) add(key);
    }
}

std::vector<std::uint64_t> KeySet::take() {
    std::vector<std::uint64_t> keys;
    keys.reserve(used_ + 1);
    if (has_zero_) keys.push_back(0);
    for (const std::uint64_t key : slots_) {
        if (key != 0) keys.push_back(key);
    }
    *this = KeySet();
    return keys;
}

}  // namespace nmstore::block

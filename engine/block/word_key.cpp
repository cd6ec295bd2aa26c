#include "engine/block/word_key.h"

#include <string>

#include "nmstore/words.h"

namespace nmstore::block {
namespace {

// FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo): words are short.
constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325ULL;
constexpr std::uint64_t kFnvPrime = 0x100000001b3ULL;
constexpr std::uint64_t kPlaceStep = 0x9e3779b97f4a7c15ULL;  // 2^64 / golden ratio

bool hash_ascii(std::string_view word, std::uint64_t& hash) {
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80) return false;
        const auto lower = byte >= 'A' && byte <= 'Z' ? static_cast<unsigned char>(byte + ('a' - 'A')) : byte;
        hash = (hash ^ lower) * kFnvPrime;
    }
    return true;
}

}  // namespace

std::uint64_t word_key(std::string_view word, std::size_t place) {
    std::uint64_t hash = kFnvStart;
    if (!hash_ascii(word, hash)) {
        hash = kFnvStart;
        for (const char c : to_lower(word)) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
    }
    return hash + place * kPlaceStep;
}

void KeySet::add(std::uint64_t key) {
    if (key == 0) {
        has_zero_ = true;
        return;
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>((key * kPlaceStep) >> 20) & mask;
    while (slots_[at] != 0) {
        if (slots_[at] == key) return;
        at = (at + 1) & mask;
    }
    slots_[at] = key;
    if (++used_ * 2 > slots_.size()) grow();
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

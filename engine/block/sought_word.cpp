#include <string>

#include "engine/block/summary.h"
#include "engine/block/word_hash.h"
#include "nmstore/words.h"

namespace nmstore::block {
namespace {

// FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo): words are short.
constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325ULL;
constexpr std::uint64_t kFnvPrime = 0x100000001b3ULL;

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

std::uint64_t word_hash(std::string_view word) {
    std::uint64_t hash = kFnvStart;
    if (hash_ascii(word, hash)) return hash;
    hash = kFnvStart;
    for (const char c : to_lower(word)) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
    return hash;
}

SoughtWord::SoughtWord(std::string_view word) : hash(word_hash(word)) {
    const std::string lowered = to_lower(word);
    bytes = lowered.size();
    classes = classes_of(lowered);
    is_number = parse_digits(lowered, number);
    padded = is_number && bytes > 1 && lowered[0] == '0';
}

}  // namespace nmstore::block

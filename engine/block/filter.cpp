#include "engine/block/filter.h"

#include <algorithm>
#include <cmath>

#include "engine/block/stream.h"

namespace nmstore::block {
namespace {

constexpr std::size_t kMaxSegmentBytes = std::size_t{1} << 18;
// An attempt at a size fails rarely, but a few numbers of keys come out with so little room that nearly all
// do (11,500 of them is one). So a filter that does not succeed is made as if for more keys.
constexpr std::size_t kAttemptsAtSize = 4;
constexpr std::size_t kMaxAttempts = 400;

// The finisher of MurmurHash3 (A. Appleby): every bit of the key moves every bit of the result.
std::uint64_t mix(std::uint64_t key) {
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdULL;
    key ^= key >> 33;
    key *= 0xc4ceb9fe1a85ec53ULL;
    key ^= key >> 33;
    return key;
}

unsigned char fingerprint(std::uint64_t hash) {
    return static_cast<unsigned char>(hash ^ (hash >> 32));
}

}  // namespace

// Sizes for three places, as the paper found them by trying.
bool Filter::set_size(std::size_t keys) {
    const double count = static_cast<double>(std::max<std::size_t>(keys, 2));
    segment_bytes_ = std::size_t{1} << static_cast<int>(std::floor(std::log(count) / std::log(3.33) + 2.25));
    segment_bytes_ = std::min(segment_bytes_, kMaxSegmentBytes);
    const double factor = std::max(1.125, 0.875 + 0.25 * std::log(1'000'000.0) / std::log(count));
    const auto capacity = static_cast<std::size_t>(std::round(count * factor));
    const std::size_t all = (capacity + segment_bytes_ - 1) / segment_bytes_;
    segments_ = all > 2 ? all - 2 : 1;
    return keys <= kMaxFilterKeys;
}

Filter::Places Filter::places_of(std::uint64_t hash) const {
    const auto high = static_cast<std::uint64_t>(
        (static_cast<unsigned __int128>(hash) * (segments_ * segment_bytes_)) >> 64);
    const std::size_t mask = segment_bytes_ - 1;
    Places places{};
    places.at[0] = static_cast<std::size_t>(high);
    places.at[1] = places.at[0] + segment_bytes_;
    places.at[2] = places.at[1] + segment_bytes_;
    places.at[1] ^= static_cast<std::size_t>(hash >> 18) & mask;
    places.at[2] ^= static_cast<std::size_t>(hash) & mask;
    return places;
}

bool Filter::may_have(std::uint64_t key) const {
    if (fingerprints_.empty()) return false;
    const std::uint64_t hash = mix(key + seed_);
    const Places places = places_of(hash);
    unsigned char found = fingerprint(hash);
    for (const std::size_t place : places.at) found ^= static_cast<unsigned char>(fingerprints_[place]);
    return found == 0;
}

std::string make_filter(std::vector<std::uint64_t> keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return make_filter_of_distinct(keys);
}

std::string make_filter_of_distinct(const std::vector<std::uint64_t>& keys) {
    NM_CHECK(keys.size() <= kMaxFilterKeys);
    std::string out;
    if (keys.empty()) {
        put_varint(out, 0);
        return out;
    }

    Filter filter;
    std::size_t room = keys.size();  // that many keys decide the size
    std::size_t size = 0;
    // For each place: how many keys are there, and the xor of their hashes; a place of one key tells which it
    // is.
    std::vector<std::uint8_t> counts;
    std::vector<std::uint64_t> sums;
    std::vector<std::pair<std::uint64_t, std::size_t>> peeled;  // hash, and the place that is its own
    std::vector<std::size_t> alone;
    for (std::size_t attempt = 0; attempt < kMaxAttempts; ++attempt) {
        if (attempt != 0 && attempt % kAttemptsAtSize == 0)
            room = std::min(room + room / 32 + 1, kMaxFilterKeys);
        NM_CHECK(filter.set_size(room));
        size = (filter.segments_ + 2) * filter.segment_bytes_;
        filter.seed_ = mix(attempt + 1);
        counts.assign(size, 0);
        sums.assign(size, 0);
        peeled.clear();
        alone.clear();
        bool crowded = false;
        for (const std::uint64_t key : keys) {
            const std::uint64_t hash = mix(key + filter.seed_);
            for (const std::size_t place : filter.places_of(hash).at) {
                crowded = crowded || counts[place] == UINT8_MAX;
                ++counts[place];
                sums[place] ^= hash;
            }
        }
        if (crowded) continue;
        for (std::size_t place = 0; place < size; ++place) {
            if (counts[place] == 1) alone.push_back(place);
        }
        while (!alone.empty()) {
            const std::size_t own = alone.back();
            alone.pop_back();
            if (counts[own] != 1) continue;
            const std::uint64_t hash = sums[own];
            peeled.emplace_back(hash, own);
            for (const std::size_t place : filter.places_of(hash).at) {
                sums[place] ^= hash;
                if (--counts[place] == 1) alone.push_back(place);
            }
        }
        if (peeled.size() == keys.size()) break;
    }
    NM_CHECK(peeled.size() == keys.size());

    std::string fingerprints(size, '\0');
    for (auto at = peeled.rbegin(); at != peeled.rend(); ++at) {
        unsigned char left = fingerprint(at->first);
        for (const std::size_t place : filter.places_of(at->first).at) {
            if (place != at->second) left ^= static_cast<unsigned char>(fingerprints[place]);
        }
        fingerprints[at->second] = static_cast<char>(left);
    }
    put_varint(out, room);
    put_varint(out, filter.seed_);
    return out + fingerprints;
}

Result<Filter> Filter::open(std::string_view bytes) {
    Reader reader(bytes);
    const std::size_t keys = reader.size(kMaxFilterKeys);
    Filter filter;
    if (!reader.failed() && keys != 0) {
        filter.room_ = keys;
        filter.set_size(keys);
        filter.seed_ = reader.varint();
        filter.fingerprints_ = reader.bytes((filter.segments_ + 2) * filter.segment_bytes_);
    }
    if (reader.failed() || !reader.at_end()) return corrupt("its filter does not add up");
    return filter;
}

}  // namespace nmstore::block

#include "engine/block/stream.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/block/packed_numbers.h"

namespace nmstore::block {

void put_varint(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(static_cast<unsigned char>(number | 0x80)));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

void put_planes(std::string& out, const std::vector<std::uint64_t>& numbers) {
    std::uint64_t bits = 0;
    for (const std::uint64_t number : numbers) bits |= number;
    int width = 0;
    while (width < 8 && (bits >> (8 * width)) != 0) ++width;
    out.push_back(static_cast<char>(width));
    const std::size_t begin = out.size();
    out.resize(begin + numbers.size() * static_cast<std::size_t>(width));
    char* to = out.data() + begin;
    for (int plane = 0; plane < width; ++plane) {
        for (const std::uint64_t number : numbers)
            *to++ = static_cast<char>(static_cast<unsigned char>(number >> (8 * plane)));
    }
}

std::uint64_t Reader::long_varint() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (rest_.empty()) break;
        const auto byte = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        if (shift == 63 && byte > 1) break;  // more than 64 bits
        number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return number;
    }
    fail();
    return 0;
}

void Reader::planes(std::size_t count, std::vector<std::uint64_t>& numbers) {
    const std::size_t width = byte();
    if (width > sizeof(std::uint64_t)) fail();
    const std::string_view taken = failed_ ? std::string_view() : bytes(count * width);
    numbers.resize(count);
    if (failed_) {
        std::fill(numbers.begin(), numbers.end(), 0);
        return;
    }
    unpack({taken, count, width}, numbers);
}

PackedNumbers Reader::packed_planes(std::size_t count) {
    const std::size_t width = byte();
    if (width > sizeof(std::uint32_t)) fail();
    const std::string_view taken = failed_ ? std::string_view() : bytes(count * width);
    if (failed_) return {};
    return {taken, count, width};
}

std::string_view Reader::texts(std::vector<std::uint32_t>& ends, std::size_t max_bytes) {
    std::size_t end = 0;
    for (std::uint32_t& one : ends) {
        end += size(max_bytes);
        one = static_cast<std::uint32_t>(end);
        if (end > max_bytes) fail();
    }
    return bytes(end);
}

namespace {

// More bytes than these are judged by samples, taken evenly: what is compared differs by more than samples
// do.
constexpr std::size_t kMaxSampled = 2048;
constexpr std::size_t kSampleBytes = 64;

// n times log2(n).
float times_log2(std::size_t number) {
    static const std::vector<float> table = [] {
        std::vector<float> made(kMaxSampled + 1);
        for (std::size_t n = 1; n < made.size(); ++n) {
            const auto value = static_cast<double>(n);
            made[n] = static_cast<float>(value * std::log2(value));
        }
        return made;
    }();
    return table[number];
}

}  // namespace

std::size_t estimate_bytes(std::string_view bytes) {
    if (bytes.empty()) return 0;
    // All zero between calls: most columns are small, and touch few of them. Two counters for each byte, as
    // the same byte often comes twice in a row.
    thread_local std::array<std::array<std::uint32_t, 256>, 2> counts{};
    const auto take_in = [](std::string_view some) {
        std::size_t i = 0;
        for (; i + 1 < some.size(); i += 2) {
            ++counts[0][static_cast<unsigned char>(some[i])];
            ++counts[1][static_cast<unsigned char>(some[i + 1])];
        }
        if (i < some.size()) ++counts[0][static_cast<unsigned char>(some[i])];
    };
    std::size_t sampled = bytes.size();
    if (bytes.size() <= kMaxSampled) {
        take_in(bytes);
    } else {
        sampled = kMaxSampled;
        constexpr std::size_t kSamples = kMaxSampled / kSampleBytes;
        for (std::size_t i = 0; i < kSamples; ++i)
            take_in(bytes.substr((bytes.size() - kSampleBytes) * i / (kSamples - 1), kSampleBytes));
    }
    float bits = times_log2(sampled);
    std::size_t kinds = 0;
    const auto take = [&](std::size_t byte) {
        const std::uint32_t count = counts[0][byte] + counts[1][byte];
        counts[0][byte] = counts[1][byte] = 0;
        kinds += count != 0 ? 1 : 0;
        bits -= times_log2(count);
    };
    if (bytes.size() < counts[0].size()) {
        for (const char c : bytes) take(static_cast<unsigned char>(c));
    } else {
        for (std::size_t byte = 0; byte < counts[0].size(); ++byte) take(byte);
    }
    double size = std::max(static_cast<double>(bits), 0.0) / 8;
    if (sampled != bytes.size()) {
        // A sample looks more regular than what it is of, by about half a natural bit for each kind of byte.
        constexpr double kBytesOfKind = 0.5 / 0.6931 / 8;
        size = (size + kBytesOfKind * static_cast<double>(kinds - 1)) * static_cast<double>(bytes.size()) /
               static_cast<double>(sampled);
    }
    return static_cast<std::size_t>(size) + 1;
}

}  // namespace nmstore::block

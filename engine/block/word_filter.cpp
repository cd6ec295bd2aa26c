#include "engine/block/word_filter.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/block/stream.h"
#include "engine/block/summary.h"
#include "engine/block/word_hash.h"
#include "nmstore/words.h"

namespace nmstore::block {
namespace {

constexpr std::size_t kMaxRanges = std::size_t{1} << 20;
// A range is better than keys if at least one number in so many of it is there …
constexpr std::uint64_t kDenseShare = 4;
// … or if so many numbers rise, but for one in so many.
constexpr std::size_t kMinRises = 64;
constexpr std::size_t kFallsShare = 16;

// Whether it has a chance to be dense.
bool is_narrow(std::size_t numbers, const NumberRange& range) {
    return (range.greatest - range.least) / kDenseShare < numbers;
}

bool is_rising(const std::vector<std::uint64_t>& numbers) {
    std::size_t rises = 0;
    std::size_t falls = 0;
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        rises += numbers[i] > numbers[i - 1] ? 1U : 0U;
        falls += numbers[i] < numbers[i - 1] ? 1U : 0U;
    }
    return rises >= kMinRises && falls * kFallsShare <= rises;
}

}  // namespace

bool better_as_range(const std::vector<std::uint64_t>& numbers, std::size_t distinct,
                     const NumberRange& range) {
    const std::uint64_t span = range.greatest - range.least;
    return (is_narrow(numbers.size(), range) && distinct * kDenseShare > span) || is_rising(numbers);
}

bool better_as_range(const std::vector<std::uint64_t>& numbers, const NumberRange& range) {
    std::size_t distinct = 0;
    if (is_narrow(numbers.size(), range)) {
        std::vector<bool> seen(range.greatest - range.least + 1);
        for (const std::uint64_t number : numbers) {
            distinct += seen[number - range.least] ? 0 : 1;
            seen[number - range.least] = true;
        }
    }
    return better_as_range(numbers, distinct, range);
}

void WordGatherer::close_ranges() {
    std::sort(ranges_.begin(), ranges_.end(), [](const NumberRange& a, const NumberRange& b) {
        return std::tie(a.width, a.least, a.greatest) < std::tie(b.width, b.least, b.greatest);
    });
    std::vector<NumberRange> apart;
    for (const NumberRange& range : ranges_) {
        if (!apart.empty() && apart.back().width == range.width && range.least <= apart.back().greatest + 1) {
            apart.back().greatest = std::max(apart.back().greatest, range.greatest);
        } else {
            apart.push_back(range);
        }
    }
    ranges_ = std::move(apart);
}

bool WordGatherer::covers(const NumberRange& range) const {
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const NumberRange& one) {
        return one.width == range.width && one.least <= range.least && range.greatest <= one.greatest;
    });
}

bool WordGatherer::in_range(std::uint64_t number, std::uint32_t width) const {
    const auto behind = std::upper_bound(ranges_.begin(), ranges_.end(), std::tie(width, number),
                                         [](const auto& sought, const NumberRange& range) {
                                             return sought < std::tie(range.width, range.least);
                                         });
    if (behind == ranges_.begin()) return false;
    const NumberRange& range = *(behind - 1);
    return range.width == width && number <= range.greatest;
}

void WordGatherer::add_word(std::string_view word) {
    std::uint64_t number = 0;
    const bool is_number = !ranges_.empty() && word[0] >= '0' && word[0] <= '9' && parse_digits(word, number);
    add_word(word, is_number, number);
}

void WordGatherer::add_word(std::string_view word, bool is_number, std::uint64_t number) {
    if (is_number && !ranges_.empty()) {
        // As NumberRange::has() tells it.
        const bool padded = word.size() > 1 && word[0] == '0';
        if ((!padded && in_range(number, 0)) || in_range(number, static_cast<std::uint32_t>(word.size())))
            return;
    }
    keys_.add(word_hash(word));
}

void WordGatherer::add_words_of(std::string_view text) {
    WordScanner scanner(text);
    for (WordAt word; scanner.next(word);) add_word(text.substr(word.begin, word.end - word.begin));
}

WordKeys WordGatherer::take_keys() {
    return {std::exchange(ranges_, {}), keys_.take()};
}

std::string WordGatherer::take() {
    const WordKeys words = take_keys();
    std::string out;
    put_varint(out, words.ranges.size());
    for (const NumberRange& range : words.ranges) {
        put_varint(out, range.width);
        put_varint(out, range.least);
        put_varint(out, range.greatest - range.least);
    }
    out += make_filter_of_distinct(words.hashes);
    return out;
}

Result<WordFilter> WordFilter::open(std::string_view bytes) {
    Reader reader(bytes);
    WordFilter words;
    std::size_t ranges = reader.size(kMaxRanges);
    for (; ranges > 0 && !reader.failed(); --ranges) {
        NumberRange& range = words.ranges_.emplace_back();
        range.width = static_cast<std::uint32_t>(reader.size(kMaxNumberDigits));
        range.least = reader.varint();
        range.greatest = range.least + reader.varint();
        if (range.greatest < range.least) reader.fail();
    }
    if (reader.failed()) return corrupt("the ranges of its filter do not add up");
    NM_ASSIGN(words.filter_, Filter::open(reader.rest()));
    return words;
}

bool WordFilter::may_have(const SoughtWord& word) const {
    if (word.is_number) {
        for (const NumberRange& range : ranges_) {
            if (range.has(word)) return true;
        }
    }
    return filter_.may_have(word.hash);
}

}  // namespace nmstore::block

// The scanner of words, the borders of words and lower case agree with each other.
#include "nmstore/words.h"

#include <cstdint>
#include <string>

#include "nmstore/result.h"

namespace {

std::size_t count_words(std::string_view text) {
    nmstore::WordScanner scanner(text);
    nmstore::WordAt word;
    std::size_t count = 0;
    while (scanner.next(word)) ++count;
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    nmstore::WordScanner scanner(text);
    nmstore::WordAt word;
    std::size_t behind = 0;  // the former word's end
    while (scanner.next(word)) {
        NM_CHECK(behind <= word.begin && word.begin < word.end && word.end <= text.size());
        for (std::size_t i = behind; i < word.begin; ++i) NM_CHECK(!nmstore::is_word_at(text, i));
        NM_CHECK(nmstore::is_word_at(text, word.begin) && !nmstore::is_word_before(text, word.begin));
        NM_CHECK(nmstore::is_word_before(text, word.end) && !nmstore::is_word_at(text, word.end));
        behind = word.end;
    }
    for (std::size_t i = behind; i < text.size(); ++i) NM_CHECK(!nmstore::is_word_at(text, i));

    const std::string lower = nmstore::to_lower(text);
    NM_CHECK(nmstore::to_lower(lower) == lower);
    NM_CHECK(count_words(lower) == count_words(text));
    for (const char c : lower) NM_CHECK(c < 'A' || c > 'Z');
    return 0;
}

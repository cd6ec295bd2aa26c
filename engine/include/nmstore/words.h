// What a word is, for the index, the query language and the tests alike: a maximal run of letters and
// digits (Unicode categories L* and N*), lower-cased code point by code point (simple mapping).
// Everything else separates, '_' and invalid UTF-8 included.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nmstore {

struct WordAt {
    std::size_t begin = 0;  // byte offsets into the text
    std::size_t end = 0;
};

// Walks the words of a text in order. Holds a view: the text must outlive it.
class WordScanner {
  public:
    explicit WordScanner(std::string_view text) : text_(text) {}
    // Finds the next word; false when there is none.
    bool next(WordAt& word);

  private:
    std::string_view text_;
    std::size_t position_ = 0;
};

// The lower-cased form of `text`, appended to `out`. Invalid bytes are kept as they are.
void append_lower(std::string_view text, std::string& out);
std::string to_lower(std::string_view text);

// Whether the code point that starts at text[i] (or, for ends_…, ends before text[i]) belongs to a word.
bool is_word_at(std::string_view text, std::size_t i);
bool is_word_before(std::string_view text, std::size_t i);

}  // namespace nmstore

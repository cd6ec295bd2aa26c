// One column of a sealed block as a searcher sees it: what is known of its values without reading them, and
// the values. And the word that columns and blocks are asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nmstore::block {

// Which bytes stand in a text.
enum ByteClass : std::uint8_t {
    kDigits = 1,
    kHexLetters = 2,    // a to f
    kLowerLetters = 4,  // g to z
    kUpperLetters = 8,  // A to Z
    kBeyondAscii = 16,  // 80 to ff
    kOtherBytes = 32,   // what separates words: only in columns of whole lines
};

// A word that blocks are asked for: hashed and taken apart once, for any number of blocks.
struct SoughtWord {
    // `word`: one word, in any case.
    explicit SoughtWord(std::string_view word);
    SoughtWord() = default;

    std::uint64_t hash = 0;    // of its lower-cased bytes
    std::uint64_t number = 0;  // where it is one
    std::size_t bytes = 0;     // lower-cased
    std::uint8_t classes = 0;  // lower-cased
    bool is_number = false;    // digits only, at most 18 of them
    bool padded = false;       // a number that begins with 0 and has more digits
};

// Numbers whose texts are all of one kind.
struct NumberRange {
    std::uint64_t least = 0;
    std::uint64_t greatest = 0;
    std::uint32_t width = 0;  // 0: no leading zeros; else all have so many digits

    bool has(const SoughtWord& word) const {
        if (!word.is_number || word.number < least || word.number > greatest) return false;
        return width == 0 ? !word.padded : word.bytes == width;
    }
};

// What the directory says of a column.
struct ColumnSummary {
    bool number = false;  // all values are numbers, as `range` says; else they are texts
    NumberRange range;
    std::size_t shortest = 0;  // sizes of the texts, in bytes; of numbers too
    std::size_t longest = 0;
    std::uint8_t classes = 0;  // of all bytes of all values

    // Whether a value may be this word, or (in a column of whole lines) have it. false is certain.
    bool may_hold(const SoughtWord& word) const;
};

// Values side by side in one string, of less than 4 GiB.
class ColumnValues {
  public:
    ColumnValues() = default;
    // `ends`: where each value ends in `bytes`.
    ColumnValues(std::string bytes, std::vector<std::uint32_t> ends)
        : bytes_(std::move(bytes)), ends_(std::move(ends)) {}

    std::size_t size() const { return ends_.size(); }
    std::string_view operator[](std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(bytes_).substr(begin, ends_[i] - begin);
    }
    // Where value i ends in all().
    std::size_t end_of(std::size_t i) const { return ends_[i]; }
    // All values, one behind the other: a value that has a text is found by looking here first.
    std::string_view all() const { return bytes_; }
    void add(std::string_view value) {
        bytes_.append(value);
        ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    }
    void add_number(std::uint64_t number, std::size_t width);
    std::size_t bytes() const { return bytes_.size(); }
    std::size_t memory_bytes() const { return bytes_.capacity() + ends_.capacity() * sizeof(ends_[0]); }
    void reserve(std::size_t count) { ends_.reserve(count); }

  private:
    std::string bytes_;
    std::vector<std::uint32_t> ends_;
};

// Values as they are stored: numbers of one width (see NumberRange), or texts side by side.
struct StoredValues {
    bool number = false;
    std::uint32_t width = 0;
    std::vector<std::uint64_t> numbers;
    std::string_view bytes;           // of all texts
    std::vector<std::uint32_t> ends;  // where each of them ends there

    std::size_t size() const { return number ? numbers.size() : ends.size(); }
    std::string_view text(std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ends[i - 1];
        return bytes.substr(begin, ends[i] - begin);
    }
};

// Numbers as they are stored: the lowest byte of each of them, then the next one of each, and so on.
struct PackedNumbers {
    std::string_view bytes;  // width * count
    std::size_t count = 0;
    std::size_t width = 0;  // so many bytes
};

// A column as it is stored, for those who ask every value the same: each value of a dictionary once, numbers
// as numbers. Looks into what the reader has read, and keeps its memory from one column to the next.
struct ColumnForm {
    enum class Lines : std::uint8_t {
        in_order,  // line i has value i
        by_place,  // line i has value places[i]
        shared,    // line i has the next value where places[i] is 0, else shared value places[i] - 1
    };
    StoredValues values;
    Lines lines = Lines::in_order;
    PackedNumbers packed_places;        // unless in_order
    std::vector<std::uint32_t> places;  // after unpack_places(): where no value is wanted, nobody asks for them
    std::string made;                   // texts that are not stored as such

    void unpack_places();
    // Whether a line has this place; without unpacking.
    bool has_place(std::uint32_t place) const;
};

// The values that columns of a block share: first all numbers, which have no leading zeros, then all texts.
struct SharedValues {
    StoredValues numbers;
    StoredValues texts;
    std::size_t size() const { return numbers.size() + texts.size(); }
};

}  // namespace nmstore::block

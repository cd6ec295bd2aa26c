// The templates of a sealed block, and their variables. A block may have thousands of variables, so they are
// kept in little room, and a Variable is made of it when it is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

namespace nmstore::block {

// The variables of all templates of a block, one behind the other.
class Variables {
  public:
    struct Variable {
        bool single = false;  // all its values are `value`
        std::string_view value;
        std::size_t column = 0;  // else its place among the columns
    };

    std::size_t size() const { return places_.size(); }
    Variable operator[](std::size_t i) const {
        const std::uint32_t place = places_[i];
        if ((place & kSingle) == 0) return {false, {}, place};
        const std::size_t single = place & ~kSingle;
        const std::size_t begin = single == 0 ? 0 : single_ends_[single - 1];
        return {true, single_values_.substr(begin, single_ends_[single] - begin), 0};
    }

    // ---- For who reads a directory. Columns are numbered as they come; single values stand one behind the
    // other in a text of less than 2 GiB, which must outlive this.
    void add_column() { places_.push_back(columns_++); }
    void add_single(std::size_t bytes) {
        places_.push_back(kSingle | static_cast<std::uint32_t>(single_ends_.size()));
        single_ends_.push_back(static_cast<std::uint32_t>(single_bytes() + bytes));
    }
    std::size_t single_bytes() const { return single_ends_.empty() ? 0 : single_ends_.back(); }
    std::size_t columns() const { return columns_; }
    void set_single_values(std::string_view values) { single_values_ = values; }
    void shrink() {
        places_.shrink_to_fit();
        single_ends_.shrink_to_fit();
    }
    std::size_t memory_bytes() const {
        return (places_.capacity() + single_ends_.capacity()) * sizeof(std::uint32_t);
    }

  private:
    static constexpr std::uint32_t kSingle = std::uint32_t{1} << 31;
    std::vector<std::uint32_t> places_;  // a column, or kSingle and the place among the single values
    std::vector<std::uint32_t> single_ends_;
    std::string_view single_values_;
    std::uint32_t columns_ = 0;
};

// Those of one template; looks into those of all.
class VariableRange {
  public:
    VariableRange() = default;
    VariableRange(const Variables& all, std::size_t first, std::size_t count)
        : all_(&all), first_(first), count_(count) {}

    std::size_t size() const { return count_; }
    Variables::Variable operator[](std::size_t i) const { return (*all_)[first_ + i]; }
    Variables::Variable front() const { return (*this)[0]; }

    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Variables::Variable;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = value_type;

        Iterator(const Variables* all, std::size_t at) : all_(all), at_(at) {}
        value_type operator*() const { return (*all_)[at_]; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        Iterator operator++(int) { return {all_, at_++}; }
        bool operator==(const Iterator&) const = default;

      private:
        const Variables* all_;
        std::size_t at_;
    };
    Iterator begin() const { return {all_, first_}; }
    Iterator end() const { return {all_, first_ + count_}; }

  private:
    const Variables* all_ = nullptr;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

// Lines that differ only in their variables. A line is constant 0, its first variable, constant 1, … (see
// BlockReader::constants) and where `fields` is set, what stands behind the last '\n' of that are its fields.
// A word stands whole in one constant, or is one variable.
struct Template {
    // The constants with byte 01 for each variable; 01 and 02 in the text are 02 01 and 02 02.
    std::string_view pattern;
    std::size_t lines = 0;
    bool fields = false;  // its lines have fields, behind the last '\n'
    bool plain = false;   // its one variable is the whole line
    using Variable = Variables::Variable;
    VariableRange variables;
};

}  // namespace nmstore::block

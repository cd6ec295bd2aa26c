// The lines of a block that is being made, split into templates and columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/block/pattern.h"
#include "engine/block/value_table.h"

namespace nmstore::block {

// One variable of one template. Of what SplitLines holds.
struct WrittenColumn {
    std::span<const std::uint32_t> places;  // of each line's value, among the distinct ones
    std::span<const std::uint32_t>
        distinct;  // their numbers in the table, in the order in which they first come
    std::span<const std::uint32_t> counts;  // of lines, for each of them
    ColumnSummary summary;                  // not of a single value
    bool is_single() const { return distinct.size() == 1; }
};

struct WrittenTemplate {
    std::string pattern;
    std::uint64_t hash = 0;
    bool fields = false;
    bool plain = false;
    std::vector<std::int64_t> times_ms;  // of its lines
    std::vector<WrittenColumn> columns;
    std::size_t number = 0;  // in the block
    std::size_t lines() const { return times_ms.size(); }

    std::vector<std::uint32_t> values;  // of line after line at first, then of column after column
};

class SplitLines {
  public:
    SplitLines();

    // `text` (the line, and where `fields` is set its fields behind a newline) must outlive this.
    void add(std::string_view text, bool fields, std::int64_t time_ms);
    // Makes the columns, and numbers the templates. All that follows is valid after it.
    void close();

    const ValueTable& table() const { return table_; }
    const std::vector<WrittenTemplate>& templates() const { return templates_; }  // in order of appearance
    const std::vector<std::size_t>& order() const { return order_; }              // places in it, by number
    // The number of the template of each line.
    std::vector<std::uint64_t> numbers() const;

  private:
    static constexpr std::size_t kFirstSlots = 1024;
    std::uint32_t template_of(std::string_view pattern, bool fields, bool plain, std::size_t variables);
    std::size_t find_slot(std::string_view pattern, bool fields, std::uint64_t hash) const;
    void grow();
    void number_templates();
    void make_columns(WrittenTemplate& made);
    void find_distinct(std::span<std::uint32_t> values, WrittenColumn& column);

    Splitter splitter_;
    ValueTable table_;
    std::vector<WrittenTemplate> templates_;
    std::vector<std::uint32_t> slots_;  // of templates by hash: 0 is free, else 1 + the place
    std::uint64_t seed_;
    std::vector<std::uint32_t> of_line_;  // the place in templates_ of each line's
    std::vector<std::size_t> order_;
    std::size_t values_ = 0;  // in all columns

    // Of all columns, one behind the other; columns look into them.
    std::vector<std::uint32_t> distinct_;
    std::vector<std::uint32_t> counts_;
    struct Seen {
        std::uint32_t column = 0;  // the last that had the value, from 1
        std::uint32_t place = 0;   // there
    };
    std::vector<Seen> seen_;  // by number in the table
    std::uint32_t columns_ = 0;
    std::vector<std::uint32_t> turned_;
};

}  // namespace nmstore::block

// Many filters that are asked about the same lines, as they come: the tails and the alert rules of a server.
// A line that matches none of a thousand must cost about as much as one that is looked at once. So each
// filter is known by words (or levels) of which every line that matches it must have one, where it has such;
// the words of a line are looked up once for all filters, and only those that are found are asked. Filters
// without such words are asked about every line of the rows that they may match.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "nmstore/store.h"
#include "query/block_plan.h"
#include "query/filter.h"
#include "query/matcher.h"

namespace nmstore::query {

// Used by one thread at a time.
class StandingQueries {
  public:
    using Id = std::uint64_t;

    // invalid_argument: as compile(); conflict: the id is there.
    Result<void> add(Id id, const Filter& filter, ClientNames names = {});
    void remove(Id id);
    bool empty() const { return queries_.empty(); }
    std::size_t size() const { return queries_.size(); }
    // To be called when names of clients have changed.
    void forget_rows() { rows_.clear(); }

    // Calls each(id) for every filter that the line matches, in no order. line.row must be set.
    using EachMatch = std::function<void(Id)>;
    void match(const Line& line, const EachMatch& each);

    // Calls each(id, line) for the lines of a change's row that match, filter by filter or line by line, in
    // no order. What stands in blocks that were made by the commit, and are still there, is asked as a block.
    // Lines that are gone are not told.
    using EachLine = std::function<void(Id, const Line&)>;
    Result<void> match_changed(const Store& store, const Change& change, const ChangedRow& changed,
                               const LogRow& row, const EachLine& each);

  private:
    struct Query {
        Id id = 0;
        std::unique_ptr<Matcher> matcher;
        std::unique_ptr<BlockPlan> plan;
        std::vector<std::string> words;   // every line that matches has one of these; empty: not known
        std::vector<std::string> levels;  // likewise
    };
    // Places in queries_ that may match lines of one row.
    struct OfRow {
        std::vector<bool> may_match;
        std::vector<std::size_t> always;  // of these, those that are not known by words or levels
    };

    const OfRow& of_row(const LogRow& row);
    void index();
    void look_up(std::string_view word, const OfRow& row, const Line& line, const EachMatch& each);
    void ask(std::size_t query, const OfRow& row, const Line& line, const EachMatch& each);
    Result<void> match_block(const Store& store, const LogRow& row, const BlockInfo& block,
                             const SnapshotPtr& snapshot, const EachLine& each);

    std::vector<Query> queries_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_word_;  // places in queries_
    std::unordered_map<std::string, std::vector<std::size_t>> by_level_;
    std::vector<block::SoughtWord> sought_;  // the words of by_word_, for blocks
    std::vector<const std::vector<std::size_t>*> sought_queries_;
    std::vector<std::uint64_t> seen_words_;  // bits by hash: a word whose bit is not set is in no filter
    std::unordered_map<RowId, OfRow> rows_;
    std::vector<std::uint64_t> asked_;  // by query: number of the line for which it was asked last
    std::uint64_t lines_ = 0;
    std::string word_;  // memory
};

}  // namespace nmstore::query

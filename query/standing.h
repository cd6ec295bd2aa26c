// Many filters that are asked about the same lines, as they come: the tails and the alert rules of a server.
//
// A line that matches none of a thousand must cost about as much as one that is looked at once. So each
// filter is known by words (or levels) of which every line that matches it must have one, where it has such:
// the words of a line are looked up once for all filters, and only those that are found are asked. Filters
// without such words are asked about every line of the rows that they may match.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "nmstore/store.h"
#include "query/block_plan.h"
#include "query/changed_lines.h"
#include "query/filter.h"
#include "query/matcher.h"

namespace nmstore::query {

// Used by one thread at a time.
class StandingQueries {
  public:
    using Id = std::uint64_t;

    // A filter that is ready to be asked. Making it may take long, adding it does not.
    class Prepared;
    // invalid_argument: as compile(). Any thread, and beside any other call.
    static Result<Prepared> prepare(const Filter& filter, const ClientNames& names = {},
                                    const IsGone& gone = {});
    // conflict: the id is there.
    Result<void> add(Id id, Prepared prepared);
    // Both in one.
    Result<void> add(Id id, const Filter& filter, const ClientNames& names = {});
    void remove(Id id);
    bool empty() const { return queries_.empty(); }
    std::size_t size() const { return queries_.size(); }
    // To be called when names of clients have changed.
    void forget_rows();

    // Calls each(id) for every filter that the line matches, in no order. line.row must be set.
    using EachMatch = std::function<void(Id)>;
    void match(const Line& line, const EachMatch& each);

    // Calls each(id, line) for the lines of a change's row that match, filter by filter or line by line, in
    // no order. What stands in blocks that were made by the commit, and are still there, is asked as a block.
    // Lines that are gone are not told, nor those that are not in the window.
    using EachLine = std::function<void(Id, const Line&)>;
    Result<void> match_changed(const Store& store, const Change& change, const ChangedRow& changed,
                               const LogRow& row, const EachLine& each, const LineWindow& window = {});

  private:
    struct Query {
        Id id = 0;
        std::unique_ptr<Matcher> matcher;
        std::unique_ptr<BlockPlan> plan;
        // Of what RequiredWords tells; nothing in either: it is asked always.
        std::vector<std::string> words;
        std::vector<std::string> levels;
        bool always() const { return words.empty() && levels.empty(); }
    };
    using Places = std::vector<std::size_t>;  // in queries_
    // What is known of the lines of one row.
    struct OfRow {
        std::vector<bool> may_match;  // by place
        Places always;
        bool any = false;
    };
    struct Sought {
        block::SoughtWord word;
        Places places;
    };

    const OfRow& of_row(const LogRow& row);
    void index();
    void look_up_words(std::string_view text, const OfRow& row, const Line& line, const EachMatch& each);
    void look_up(std::string_view word, const OfRow& row, const Line& line, const EachMatch& each);
    void ask(const Places& places, const OfRow& row, const Line& line, const EachMatch& each);
    Result<bool> match_blocks(const Store& store, const ChangedRow& changed, const LogRow& row,
                              const EachLine& each, const LineWindow& window);
    Result<void> match_block(const Store& store, const LogRow& row, const BlockInfo& block,
                             const SnapshotPtr& snapshot, const EachLine& each, const LineWindow& window);

    std::vector<Query> queries_;
    bool indexed_ = true;  // what follows is of all of them
    std::unordered_map<std::string, Places> by_word_;
    std::unordered_map<std::string, Places> by_level_;
    std::vector<Sought> sought_;            // the words of by_word_, for blocks
    std::vector<std::uint64_t> hash_bits_;  // a word whose bit is not set is in no filter
    std::unordered_map<RowId, OfRow> rows_;
    std::vector<std::uint64_t> asked_at_;  // by place: the line for which it was asked last
    std::uint64_t line_ = 0;
    std::string word_;  // memory
};

class StandingQueries::Prepared {
    friend class StandingQueries;
    Query query_;
};

}  // namespace nmstore::query

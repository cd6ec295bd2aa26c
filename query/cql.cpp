// Runs a CQL SELECT: which rows, then which columns of each.
#include "query/cql.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "query/cql_statement.h"
#include "query/stop.h"

namespace nmstore::query {

namespace {

constexpr std::size_t kKeysPerPage = 1000;
constexpr std::size_t kMaxIndexMatches = 1'000'000;

Error at_column(const Token& token, Error error) {
    error.message = "column " + std::to_string(token.column) + ": " + error.message;
    return error;
}

// A value as bytes that compare as its type does. Texts are their own: a stored value need not be valid.
Result<std::string> comparable(ValueType type, const std::string& text) {
    if (type == ValueType::utf8 || type == ValueType::ascii) return text;
    return encode_sortable(type, text);
}

bool holds(CqlOperator op, std::string_view left, std::string_view right) {
    switch (op) {
        case CqlOperator::equal:
            return left == right;
        case CqlOperator::less:
            return left < right;
        case CqlOperator::less_equal:
            return left <= right;
        case CqlOperator::greater:
            return left > right;
        case CqlOperator::greater_equal:
            return left >= right;
    }
    return false;
}

// A predicate on a column, checked against what the family says of the column.
struct ColumnTest {
    std::string column;
    CqlOperator op = CqlOperator::equal;
    ValueType type = ValueType::utf8;
    std::string literal;  // as written
    std::string operand;  // comparable
    bool by_index = false;
};

class Selection {
  public:
    Selection(const Store& store, FamilyInfo family, CqlStatement statement, Execution& execution)
        : store_(store),
          family_(std::move(family)),
          statement_(std::move(statement)),
          execution_(execution) {}

    Result<CqlAnswer> run() {
        NM_TRY(bind_family());
        NM_TRY(bind_columns());
        NM_TRY(bind_predicates());
        answer_.counted = statement_.what == CqlWhat::count;
        // A count is of all rows: cutting it off at a default would be a wrong number.
        const std::uint64_t no_limit =
            answer_.counted ? std::numeric_limits<std::uint64_t>::max() : kDefaultCqlRows;
        limit_ = statement_.limit.value_or(no_limit);
        if (statement_.keys) {
            NM_TRY(select_keys());
        } else if (!tests_.empty()) {
            NM_TRY(select_by_index());
        } else {
            NM_TRY(select_all());
        }
        return std::move(answer_);
    }

  private:
    Result<void> bind_family() const {
        if (!statement_.family || statement_.family->text == family_.name) return {};
        return expected_at(*statement_.family, "the family that is asked, \"" + family_.name + "\"");
    }

    Result<void> bind_columns() {
        for (const Token& name : statement_.names) {
            auto key = encode_sortable(family_.comparator, name.text);
            if (!key.ok()) return at_column(name, std::move(key).error());
            names_.emplace(std::move(key).value(), name.text);
        }
        range_.limit = statement_.first.value_or(kDefaultPage);
        range_.reversed = statement_.reversed;
        NM_ASSIGN(const std::optional<std::string> from, bind_end(statement_.from));
        NM_ASSIGN(const std::optional<std::string> to, bind_end(statement_.to));
        std::optional<Token> begin = statement_.from, end = statement_.to;
        // As in a slice the first end is where the reading begins; a reversed range is also taken the other
        // way round.
        if (from && to && statement_.reversed && *from < *to) std::swap(begin, end);
        if (from && to && !statement_.reversed && *from > *to)
            return expected_at(*statement_.to, "a column that is not before the range's beginning");
        if (begin) range_.from = begin->text;
        if (end) range_.to = end->text;
        return {};
    }

    Result<std::optional<std::string>> bind_end(const std::optional<Token>& end) const {
        if (!end) return std::optional<std::string>();
        auto key = encode_sortable(family_.comparator, end->text);
        if (!key.ok()) return at_column(*end, std::move(key).error());
        return std::optional<std::string>(std::move(key).value());
    }

    Result<void> bind_predicates() {
        for (const CqlPredicate& predicate : statement_.predicates) {
            ColumnTest test{predicate.column.text, predicate.op, ValueType::utf8,
                            predicate.value.text,  {},           false};
            auto name = encode_sortable(family_.comparator, test.column);
            if (!name.ok()) return at_column(predicate.column, std::move(name).error());
            NM_ASSIGN(test.column, decode_sortable(family_.comparator, name.value()));
            for (const ColumnInfo& column : family_.columns) {
                if (column.name != test.column) continue;
                test.type = column.type;
                test.by_index = column.indexed && test.op == CqlOperator::equal;
            }
            auto operand = comparable(test.type, test.literal);
            if (!operand.ok()) return at_column(predicate.value, std::move(operand).error());
            test.operand = std::move(operand).value();
            tests_.push_back(std::move(test));
        }
        const bool indexed =
            std::any_of(tests_.begin(), tests_.end(), [](const ColumnTest& test) { return test.by_index; });
        if (tests_.empty() || statement_.keys || indexed) return {};
        return at_column(statement_.predicates.front().column,
                         {Code::conflict,
                          "a predicate on columns needs KEY = or KEY IN, or at least one '=' on a column "
                          "with an index; \"" +
                              printable(tests_.front().column) + "\" has none or is not asked for equality"});
    }

    Result<void> select_keys() {
        std::set<std::string> keys;
        for (const Token& key : *statement_.keys) keys.insert(key.text);
        return take_all({keys.begin(), keys.end()});
    }

    Result<void> select_by_index() {
        const auto test =
            std::find_if(tests_.begin(), tests_.end(), [](const ColumnTest& each) { return each.by_index; });
        NM_ASSIGN(std::vector<std::string> keys,
                  store_.find_rows(family_.name, test->column, test->literal, kMaxIndexMatches + 1));
        if (keys.size() > kMaxIndexMatches)
            return Error{Code::limit_exceeded, "more than " + std::to_string(kMaxIndexMatches) +
                                                   " rows have \"" + printable(test->column) + "\" = \"" +
                                                   printable(test->literal) + "\""};
        for (const std::string& key : keys) NM_TRY(hold_memory(execution_, sizeof(key) + key.size()));
        std::sort(keys.begin(), keys.end());
        return take_all(keys);
    }

    Result<void> select_all() {
        std::string from;
        for (const CqlPredicate& bound : statement_.key_bounds)
            if (bound.op == CqlOperator::greater || bound.op == CqlOperator::greater_equal)
                from = std::max(from, bound.value.text);
        std::optional<std::string> last;  // a page begins with the row that ended the one before
        while (true) {
            NM_ASSIGN(const std::vector<std::string> keys,
                      store_.rows(family_.name, last.value_or(from), "", kKeysPerPage));
            for (const std::string& key : keys) {
                if (key == last) continue;
                if (full() || is_past_bounds(key)) return {};
                NM_TRY(take(key, true));
            }
            if (keys.size() < kKeysPerPage) return {};
            last = keys.back();
        }
    }

    bool is_past_bounds(const std::string& key) const {
        return std::any_of(
            statement_.key_bounds.begin(), statement_.key_bounds.end(), [&key](const CqlPredicate& bound) {
                const bool upper = bound.op == CqlOperator::less || bound.op == CqlOperator::less_equal;
                return upper && !holds(bound.op, key, bound.value.text);
            });
    }

    Result<void> take_all(const std::vector<std::string>& keys) {
        for (const std::string& key : keys) {
            if (full()) return {};
            NM_TRY(take(key, false));
        }
        return {};
    }

    bool full() const { return answer_.count >= limit_; }

    // Puts the row into the answer if it is one of those asked for. `live`: it is known to have cells.
    Result<void> take(const std::string& key, bool live) {
        NM_TRY(keep_going(execution_));
        ++execution_.stats.lines_scanned;
        for (const CqlPredicate& bound : statement_.key_bounds)
            if (!holds(bound.op, key, bound.value.text)) return {};
        NM_ASSIGN(const bool passes, passes_tests(key));
        if (!passes) return {};
        CqlRow row{key, {}};
        NM_TRY(read_cells(row));
        if (row.cells.empty() && !live && tests_.empty()) {
            NM_ASSIGN(const Slice any,
                      store_.slice(family_.name, key, {std::nullopt, std::nullopt, false, 1}));
            if (any.cells.empty()) return {};
        }
        ++answer_.count;
        if (answer_.counted) return {};
        NM_TRY(hold_memory(execution_, sizeof(row) + key.size()));
        answer_.rows.push_back(std::move(row));
        return {};
    }

    Result<bool> passes_tests(const std::string& key) {
        for (const ColumnTest& test : tests_) {
            NM_ASSIGN(const std::optional<Cell> cell, store_.get(family_.name, key, test.column));
            ++execution_.stats.lines_scanned;
            if (!cell) return false;
            const auto value = comparable(test.type, cell->value);
            // A value from before its type was declared compares with nothing.
            if (!value.ok() || !holds(test.op, value.value(), test.operand)) return false;
        }
        return true;
    }

    Result<void> read_cells(CqlRow& row) {
        if (statement_.what == CqlWhat::keys || statement_.what == CqlWhat::count) return {};
        if (statement_.what == CqlWhat::names) return read_named(row);
        SliceRange page = range_;
        // Read in pages, so that the limits are asked on the way through a long row.
        for (std::size_t left = range_.limit; left > 0;) {
            const bool again = !row.cells.empty();
            page.limit = std::min(left, kDefaultPage) + (again ? 1 : 0);
            if (again) page.from = row.cells.back().column;
            NM_ASSIGN(Slice slice, store_.slice(family_.name, row.key, page));
            for (Cell& cell : slice.cells) {
                if (again && cell.column == *page.from) continue;
                if (left == 0) break;
                NM_TRY(add(row, std::move(cell)));
                --left;
            }
            if (!slice.more) break;
            NM_TRY(keep_going(execution_));
        }
        return {};
    }

    Result<void> read_named(CqlRow& row) {
        std::vector<std::string> names;
        for (const auto& [key, name] : names_) names.push_back(name);
        if (statement_.reversed) std::reverse(names.begin(), names.end());
        for (const std::string& name : names) {
            if (row.cells.size() == range_.limit) break;
            NM_ASSIGN(std::optional<Cell> cell, store_.get(family_.name, row.key, name));
            if (cell) NM_TRY(add(row, std::move(*cell)));
        }
        return {};
    }

    Result<void> add(CqlRow& row, Cell cell) {
        ++execution_.stats.lines_scanned;
        execution_.stats.bytes_scanned += cell.value.size();
        NM_TRY(hold_memory(execution_, sizeof(cell) + cell.column.size() + cell.value.size()));
        row.cells.push_back(std::move(cell));
        return {};
    }

    const Store& store_;
    const FamilyInfo family_;
    const CqlStatement statement_;
    Execution& execution_;
    std::map<std::string, std::string> names_;  // comparable -> as written
    SliceRange range_;
    std::vector<ColumnTest> tests_;
    std::uint64_t limit_ = 0;
    CqlAnswer answer_;
};

}  // namespace

Result<CqlAnswer> select(const Store& store, std::string_view family, std::string_view text,
                         Execution& execution) {
    NM_ASSIGN(FamilyInfo info, store.family(family));
    NM_ASSIGN(CqlStatement statement, parse_cql(text));
    NM_ASSIGN(CqlAnswer answer, Selection(store, std::move(info), std::move(statement), execution).run());
    execution.finish();
    return answer;
}

}  // namespace nmstore::query

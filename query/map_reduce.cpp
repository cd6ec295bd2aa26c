// Runs a job: a scan of one table's cells into one batch, which also removes what the other table held; so a
// reader sees the old content or the new one, and a job that fails has changed nothing.
#include "query/map_reduce.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "query/map_reduce_select.h"
#include "query/map_reduce_tables.h"
#include "query/map_reduce_where.h"
#include "query/stop.h"

namespace nmstore::query {

namespace {

constexpr std::size_t kRowsPerPage = 1000;
constexpr std::uint64_t kCellsPerCheck = 64;
constexpr std::string_view kCountColumn = "count";

// The table to read: as declared, or a family that nobody declared.
Result<TableInfo> source_table(const Store& store, const std::string& name) {
    if (name.empty()) return Error{Code::invalid_argument, "a job needs fromTable, the table that it reads"};
    NM_ASSIGN(std::optional<TableInfo> declared, find_table(store, name));
    if (declared && !declared->external) return std::move(*declared);
    const auto family = store.family(name);
    if (!family.ok() && family.error().code == Code::not_found)
        return Error{Code::not_found,
                     "there is no table and no family \"" + printable(name) + "\" to read from"};
    NM_TRY(family);
    if (declared) return std::move(*declared);
    TableInfo undeclared;
    undeclared.name = name;
    undeclared.external = true;
    return undeclared;
}

Result<bool> has_rows(const Store& store, const std::string& family) {
    const auto rows = store.rows(family, "", "", 1);
    if (!rows.ok() && rows.error().code == Code::not_found) return false;
    NM_TRY(rows);
    return !rows->empty();
}

// The table to write, declared if it was not. A family that holds somebody's data is not overwritten by a
// slip of the pen.
Result<TableInfo> target_table(Store& store, const std::string& name) {
    if (name.empty())
        return Error{Code::invalid_argument, "a job needs overwriteTable, the table that it writes"};
    if (name == kIndexFamily || name == kTimeFamily || name == kTableFamily)
        return Error{Code::invalid_argument, "the family \"" + name + "\" cannot be overwritten by a job"};
    NM_ASSIGN(std::optional<TableInfo> declared, find_table(store, name));
    if (declared && declared->external)
        return Error{Code::conflict, "\"" + name + "\" is an external table: a job cannot overwrite it"};
    if (!declared) {
        NM_ASSIGN(const bool used, has_rows(store, name));
        if (used)
            return Error{Code::conflict,
                         "\"" + printable(name) +
                             "\" is a family with data of its own: declare it as a standard table first"};
        declared = TableInfo{};
        declared->name = name;
        NM_TRY(declare_table(store, *declared));
    }
    const auto family = store.family(name);
    if (!family.ok() && family.error().code == Code::not_found) {
        NM_TRY(store.create_family(name, ValueType::utf8));
    } else {
        NM_TRY(family);
    }
    return std::move(*declared);
}

// Which expression becomes the row key, the column name and the value of what is written.
struct Places {
    const SelectItem* row = nullptr;     // null: the table's name
    const SelectItem* column = nullptr;  // null: a running number
    const SelectItem* value = nullptr;
};

Places places_of(const SelectList& list, const TableInfo& target) {
    const std::vector<SelectItem>& items = list.items;
    if (items.size() == 1) return {nullptr, nullptr, &items[0]};
    if (items.size() == 2) return {nullptr, &items[0], &items[1]};
    // Names given with AS decide if they name all three, else the order does.
    std::array<const SelectItem*, 3> named{};
    for (const SelectItem& item : items)
        if (const auto part = cell_part(target, item.alias)) named[static_cast<std::size_t>(*part)] = &item;
    if (std::all_of(named.begin(), named.end(), [](const SelectItem* item) { return item != nullptr; }))
        return {named[0], named[1], named[2]};
    return {&items[0], &items[1], &items[2]};
}

class JobRun {
  public:
    JobRun(Store& store, const SelectList& list, const Where& where, TableInfo source, TableInfo target,
           Execution& execution)
        : store_(store),
          list_(list),
          where_(where),
          source_(std::move(source)),
          target_(std::move(target)),
          places_(places_of(list, target_)),
          execution_(execution) {}

    Result<JobResult> run() {
        NM_ASSIGN(batch_, store_.begin_cells(target_.name));
        NM_TRY(remove_old());
        NM_TRY(scan());
        if (list_.counts) NM_TRY(write({}));
        NM_TRY(batch_->commit());
        return result_;
    }

  private:
    Result<void> each_row(const std::string& family,
                          const std::function<Result<void>(const std::string&)>& each) {
        std::optional<std::string> last;
        while (true) {
            NM_ASSIGN(const std::vector<std::string> rows,
                      store_.rows(family, last.value_or(""), "", kRowsPerPage));
            for (const std::string& row : rows) {
                if (row == last) continue;
                NM_TRY(keep_going(execution_));
                NM_TRY(each(row));
            }
            if (rows.size() < kRowsPerPage) return {};
            last = rows.back();
        }
    }

    Result<void> remove_old() {
        return each_row(target_.name, [this](const std::string& row) -> Result<void> {
            NM_TRY(batch_->remove_row(row));
            return count_memory();
        });
    }

    Result<void> scan() {
        // A standard table that no job has written yet is empty.
        const auto family = store_.family(source_.name);
        if (!family.ok() && family.error().code == Code::not_found) return {};
        NM_TRY(family);
        if (const auto row = where_.only_row()) return scan_row(*row);
        return each_row(source_.name, [this](const std::string& row) { return scan_row(row); });
    }

    Result<void> scan_row(const std::string& row) {
        SliceRange range;
        while (true) {
            NM_ASSIGN(const Slice slice, store_.slice(source_.name, row, range));
            for (const Cell& cell : slice.cells) {
                if (range.from && cell.column == *range.from) continue;  // ended the page before
                NM_TRY(look_at({row, cell.column, cell.value}));
            }
            if (!slice.more || slice.cells.empty()) return {};
            range.from = slice.cells.back().column;
        }
    }

    Result<void> look_at(const TableCell& cell) {
        ++result_.scanned;
        ++execution_.stats.lines_scanned;
        execution_.stats.bytes_scanned += cell.value.size();
        if (result_.scanned % kCellsPerCheck == 0) NM_TRY(keep_going(execution_));
        if (!where_.selects(cell)) return {};
        ++matched_;
        ++execution_.stats.lines_matched;
        if (list_.counts) return {};
        return write(cell);
    }

    Result<void> write(const TableCell& cell) {
        ++result_.selected;
        const std::string row = places_.row != nullptr ? text_of(*places_.row, cell) : target_.name;
        const std::string column = places_.column != nullptr ? text_of(*places_.column, cell) : own_column();
        const Result<void> put = batch_->put(row, column, text_of(*places_.value, cell));
        if (!put.ok())
            return Error{put.error().code,
                         "cannot write to table \"" + target_.name + "\": " + put.error().message};
        return count_memory();
    }

    std::string own_column() const {
        if (list_.counts) return std::string(kCountColumn);
        char number[24];
        std::snprintf(number, sizeof number, "%012llu", static_cast<unsigned long long>(result_.selected));
        return number;
    }

    std::string text_of(const SelectItem& item, const TableCell& cell) const {
        switch (item.kind) {
            case SelectItem::Kind::part:
                return std::string(cell.part(item.part));
            case SelectItem::Kind::constant:
                return item.constant;
            case SelectItem::Kind::count:
                return std::to_string(matched_);
        }
        return {};
    }

    Result<void> count_memory() {
        const std::size_t bytes = batch_->bytes();
        const std::size_t more = bytes > held_ ? bytes - held_ : 0;
        held_ += more;
        return hold_memory(execution_, more);
    }

    Store& store_;
    const SelectList& list_;
    const Where& where_;
    const TableInfo source_;
    const TableInfo target_;
    const Places places_;
    Execution& execution_;
    std::unique_ptr<CellBatch> batch_;
    std::size_t held_ = 0;
    std::uint64_t matched_ = 0;
    JobResult result_;
};

}  // namespace

Result<JobResult> run_job(Store& store, const Job& job, Execution& execution) {
    NM_ASSIGN(TableInfo source, source_table(store, job.from_table));
    NM_ASSIGN(const SelectList list, SelectList::parse(job.select, source));
    NM_ASSIGN(const Where where, Where::parse(job.where, source));
    NM_ASSIGN(TableInfo target, target_table(store, job.overwrite_table));
    NM_ASSIGN(const JobResult result,
              JobRun(store, list, where, std::move(source), std::move(target), execution).run());
    execution.finish();
    return result;
}

}  // namespace nmstore::query

#include "tools/puller.h"

#include <algorithm>

namespace nmstore::tools {
namespace {

constexpr std::chrono::seconds kFlushInterval{1};
constexpr std::chrono::seconds kSaveInterval{1};
constexpr std::uint64_t kToldRefusals = 10;
// Agents count connections in a row of counters that no family has.
constexpr const char* kCountersOfConnections = "connections";

constexpr std::size_t kMostLeftOut = 20;  // one after the other

// Rather than of the way to the source.
bool is_of_row(const Error& error) {
    return error.code == Code::not_found || error.code == Code::invalid_argument ||
           error.code == Code::too_large || error.code == Code::limit_exceeded;
}

bool is_dots(const std::string& name) {
    return name.find_first_not_of('.') == std::string::npos;
}

}  // namespace

Puller::Puller(PullSource& source, const PullState& state, Remark remark, Told told)
    : source_(source),
      state_(state),
      task_(state.task()),
      remark_(std::move(remark)),
      told_(std::move(told)) {}

Refuse Puller::refuse() {
    return [this](const std::string& what, const std::string& why) {
        ++place_.counts.refused;
        if (++told_refusals_ <= kToldRefusals) remark_(what + " is left out: " + why);
        if (told_refusals_ == kToldRefusals) remark_("what else is left out is only counted");
    };
}

bool Puller::wanted(const std::string& family) const {
    return task_.families.empty() || task_.families.contains(family);
}

Result<void> Puller::run(PullTarget& target) {
    target_ = &target;
    NM_TRY(find_place());
    auto copied = copy_all();
    if (copied.ok()) copied = flush();
    if (copied.ok()) copied = target.close();
    if (copied.ok()) return state_.remove();
    // What has been flushed is there, whatever came then.
    if (const auto kept = save(); !kept.ok()) remark_(kept.error().message);
    return copied;
}

Result<void> Puller::find_place() {
    NM_ASSIGN(const std::optional<KeptPlace> kept, state_.load());
    if (!kept) return {};
    if (kept->store != target_->store()) {
        remark_("beginning anew: what " + state_.path() + " says was copied into another store than is at " +
                task_.to + " now");
        return {};
    }
    place_ = flushed_ = kept->place;
    saved_ = kept->place;
    remark_("going on behind " + std::to_string(place_.counts.rows) + " rows and " +
            std::to_string(place_.counts.cells) + " cells, as " + state_.path() + " says");
    return {};
}

Result<void> Puller::copy_all() {
    NM_ASSIGN(const std::vector<PulledFamily> families, source_.families());
    for (const std::string& name : task_.families) {
        const bool there =
            std::any_of(families.begin(), families.end(), [&](const auto& one) { return one.name == name; });
        if (!there) return Error{Code::not_found, source_.url() + " has no family " + name};
    }
    if (task_.counters) {
        NM_ASSIGN(const bool lists, source_.lists_counter_rows());
        rows_counters_ = !lists;
    }
    if (!place_.counters) {
        for (const PulledFamily& family : families) {
            if (family.name >= place_.family && wanted(family.name)) NM_TRY(copy_family(family));
        }
        NM_TRY(flush());
        PullPlace next;
        next.counters = true;
        next.counts = place_.counts;
        NM_TRY(reach(std::move(next)));
    }
    if (!task_.counters) return {};
    if (!rows_counters_) return copy_counter_rows();
    NM_TRY(copy_counters_of(kCountersOfConnections));
    return {};
}

Result<void> Puller::copy_family(const PulledFamily& family) {
    if (!family.comparator) {
        refuse()("family " + family.name,
                 "its comparator is " + family.comparator_name + ", which nm-store does not have");
        return {};
    }
    NM_TRY(target_->create_family(family.name, *family.comparator));
    NM_TRY(copy_rows(family.name));
    NM_TRY(flush());
    // Last: what was stored before a column was declared need not be of its type. Nor is it to be put again
    // then.
    if (!family.columns.empty()) NM_TRY(save());
    NM_TRY(declare_columns(family));
    // Of the family that comes next, by name, nothing is copied yet.
    PullPlace next;
    next.family = family.name + '\0';
    next.counts = place_.counts;
    ++next.counts.families;
    return reach(std::move(next));
}

Result<void> Puller::copy_rows(const std::string& family) {
    const bool resumed = place_.family == family && !place_.row.empty();
    std::string from = resumed ? place_.row : "";
    bool passed = !resumed || place_.row_done;  // the row `from` is copied
    const std::string column = resumed ? place_.column : "";
    while (true) {
        NM_ASSIGN(const std::vector<std::string> page, source_.rows(family, from));
        for (const std::string& row : page) {
            if (row == from && passed && !from.empty()) continue;
            NM_TRY(copy_row(family, row, row == from ? column : ""));
        }
        const bool is_end = page.empty() || page.back() == from;
        if (is_end && page.size() < kPullPage) return {};
        if (is_end)
            return Error{Code::corruption, source_.url() + " lists no rows of " + family + " behind " + from};
        from = page.back();
        passed = true;
    }
}

Result<void> Puller::copy_row(const std::string& family, const std::string& row, const std::string& from) {
    std::string last = from;
    PullPlace place;
    place.family = family;
    place.row = row;
    while (true) {
        auto read = source_.cells(family, row, last);
        if (!read.ok() && is_of_row(read.error()))
            return leave_out("row " + row + " of " + family, row, read.error());
        NM_ASSIGN(PullSource::Page page, std::move(read));
        Members& cells = page.cells;
        if (!cells.empty() && !last.empty() && cells.front().first == last) cells.erase(cells.begin());
        if (!cells.empty()) NM_TRY(target_->put(family, row, cells));
        place.counts = place_.counts;
        place.counts.cells += cells.size();
        if (page.last || cells.empty()) break;
        last = cells.back().first;
        place.column = last;
        NM_TRY(reach(place));
    }
    place_.counts = place.counts;
    if (task_.counters && rows_counters_) {
        NM_ASSIGN(const bool have_come, copy_counters_of(row));
        if (!have_come) {
            ++place_.counts.rows;
            return {};
        }
    }
    left_out_ = 0;
    place.counts = place_.counts;
    ++place.counts.rows;
    place.column.clear();
    place.row_done = true;
    return reach(std::move(place));
}

// One row that the source does not give is not to keep back all that is behind it; if it gives none any more,
// that is not the rows' fault. The place stays where it is until a row has come, so that these are asked for
// again.
Result<void> Puller::leave_out(const std::string& what, const std::string& row, const Error& why) {
    if (++left_out_ > kMostLeftOut) return Error{why.code, what + ": " + why.message};
    refuse()(what, is_dots(row)
                       ? "the source, or what is before it, takes its name for a part of the path (" +
                             why.message + ")"
                       : "the source does not give it (" + why.message + ")");
    return {};
}

Result<void> Puller::declare_columns(const PulledFamily& family) {
    for (const auto& column : family.columns) {
        if (!column.type) {
            refuse()("column " + column.name + " of " + family.name, "nm-store does not have its type");
            continue;
        }
        NM_TRY(target_->declare_column(family.name, column.name, *column.type, column.indexed));
    }
    return {};
}

Result<bool> Puller::copy_counters_of(const std::string& row) {
    std::string last;
    while (true) {
        auto read = source_.counters(row, last);
        if (!read.ok() && is_of_row(read.error())) {
            NM_TRY(leave_out("counters of row " + row, row, read.error()));
            return false;
        }
        NM_ASSIGN(PullSource::Page page, std::move(read));
        Members& counters = page.cells;
        if (!counters.empty() && !last.empty() && counters.front().first == last)
            counters.erase(counters.begin());
        if (!counters.empty()) NM_TRY(target_->set_counters(row, counters));
        place_.counts.counters += counters.size();
        if (page.last || counters.empty()) return true;
        last = counters.back().first;
    }
}

Result<void> Puller::copy_counter_rows() {
    std::string from = place_.row;
    while (true) {
        NM_ASSIGN(const PullSource::CounterRows page, source_.counter_rows(from));
        for (const std::string& row : page.rows) {
            if (row == place_.row && place_.row_done) continue;
            NM_ASSIGN(const bool have_come, copy_counters_of(row));
            if (!have_come) continue;
            left_out_ = 0;
            PullPlace place;
            place.counters = true;
            place.row = row;
            place.row_done = true;
            place.counts = place_.counts;
            NM_TRY(reach(std::move(place)));
        }
        if (page.next.empty()) return {};
        from = page.next;
    }
}

Result<void> Puller::reach(PullPlace place) {
    const std::string family = place.counters ? "counters" : place.family.substr(0, place.family.find('\0'));
    place_ = std::move(place);
    if (!told_(family, place_.counts)) return Error{Code::cancelled, "interrupted"};
    if (!target_->is_full() && std::chrono::steady_clock::now() - last_flush_ < kFlushInterval) return {};
    return flush();
}

Result<void> Puller::flush() {
    NM_TRY(target_->flush());
    flushed_ = place_;
    last_flush_ = std::chrono::steady_clock::now();
    if (last_flush_ - last_save_ < kSaveInterval) return {};
    return save();
}

Result<void> Puller::save() {
    if (saved_ == flushed_ || flushed_ == PullPlace{}) return {};
    NM_TRY(state_.save({target_->store(), flushed_}));
    saved_ = flushed_;
    last_save_ = std::chrono::steady_clock::now();
    return {};
}

}  // namespace nmstore::tools

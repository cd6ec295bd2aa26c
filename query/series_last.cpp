#include "query/series_last.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "query/reading_fields.h"
#include "query/stop.h"

namespace nmstore::query {
namespace {

// The series of one client's plugin, and its rows.
struct OfPlugin {
    std::map<std::string_view, Series*> fields;
    std::vector<const LogRow*> rows;
};

class LastReadings {
  public:
    LastReadings(const Store& store, const SeriesRequest& request, const SnapshotPtr& snapshot,
                 Execution& execution)
        : store_(store),
          range_{request.from_ms, request.to_ms, Order::descending, {}},
          snapshot_(snapshot),
          execution_(execution) {}

    Result<void> find(OfPlugin& of) {
        std::sort(of.rows.begin(), of.rows.end(),
                  [](const LogRow* a, const LogRow* b) { return a->max_time_ms > b->max_time_ms; });
        left_ = kFieldReadings;
        for (const LogRow* row : of.rows) {
            // Rows may overlap, but what none of a row's values can be newer than is found.
            if (left_ == 0 || !wants(of, row->max_time_ms)) break;
            NM_TRY(read(*row, of));
        }
        return {};
    }

  private:
    // Whether a value of this time may be the last of some field.
    static bool wants(const OfPlugin& of, std::int64_t time_ms) {
        return std::any_of(of.fields.begin(), of.fields.end(), [time_ms](const auto& field) {
            const auto& last = field.second->last;
            return !last || last->time_ms < time_ms;
        });
    }

    Result<void> read(const LogRow& row, OfPlugin& of) {
        ++execution_.stats.rows_opened;
        NM_ASSIGN(const auto cursor, store_.lines(row, range_, snapshot_));
        for (; left_ > 0; --left_) {
            NM_ASSIGN(const bool found, cursor->next());
            if (!found || !wants(of, cursor->line().id.time_ms)) break;
            take(cursor->line().id.time_ms, cursor->line().text, of);
            NM_TRY(keep_going(execution_));
        }
        return {};
    }

    void take(std::int64_t time_ms, std::string_view text, OfPlugin& of) {
        ++execution_.stats.lines_scanned;
        execution_.stats.bytes_scanned += text.size();
        scanner_.scan(text);
        for (const ReadingField& each : scanner_.fields()) {
            const auto field = of.fields.find(each.name);
            if (field == of.fields.end()) continue;
            auto& last = field->second->last;
            if (last && last->time_ms >= time_ms) continue;
            if (const auto reading = reading_of(each.number.of(text), each.quoted))
                last = LastReading{time_ms, reading->value()};
        }
    }

    const Store& store_;
    const LineRange range_;
    const SnapshotPtr& snapshot_;
    Execution& execution_;
    ReadingFields scanner_;
    std::size_t left_ = 0;
};

}  // namespace

Result<void> find_last_readings(const Store& store, const std::vector<LogRow>& rows,
                                const SeriesRequest& request, const SnapshotPtr& snapshot,
                                std::vector<Series>& series, Execution& execution) {
    std::map<std::pair<std::string_view, std::string_view>, OfPlugin> plugins;
    for (Series& each : series) plugins[{each.client, each.plugin}].fields.emplace(each.field, &each);
    for (const LogRow& row : rows) {
        const auto of = plugins.find({row.client, row.log});
        if (of != plugins.end()) of->second.rows.push_back(&row);
    }
    LastReadings last(store, request, snapshot, execution);
    for (auto& [key, of] : plugins) NM_TRY(last.find(of));
    return {};
}

}  // namespace nmstore::query

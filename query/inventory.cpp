#include "query/inventory.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

#include "query/index_row.h"
#include "query/search.h"

namespace nmstore::query {

namespace {

constexpr std::string_view kClientsRow = "clients";
constexpr std::string_view kTagsRow = "client-tags";
constexpr std::string_view kExternalRow = "client-external";

// The time of a row's newest line. The row's own bounds only tell that there is none behind them.
Result<std::int64_t> newest_line(const Store& store, const LogRow& row) {
    NM_ASSIGN(const auto cursor, store.lines(row, {INT64_MIN, INT64_MAX, Order::descending, {}}));
    NM_ASSIGN(const bool found, cursor->next());
    return found ? cursor->line().id.time_ms : std::int64_t{0};
}

// When something was seen last: as an index row says, or by its day rows.
class LastSeen {
  public:
    void indexed(std::int64_t time_ms) { indexed_ms_ = std::max(indexed_ms_, time_ms); }
    void in_catalogue(const LogRow& row) {
        if (!newest_.empty() && row.max_time_ms < newest_.front().max_time_ms) return;
        if (!newest_.empty() && row.max_time_ms > newest_.front().max_time_ms) newest_.clear();
        newest_.push_back(row);
    }
    std::int64_t indexed_ms() const { return indexed_ms_; }
    // Reads the newest rows where they may know better than the index.
    Result<std::int64_t> find(const Store& store) const {
        std::int64_t seen_ms = indexed_ms_;
        for (const LogRow& row : newest_) {
            if (row.max_time_ms <= seen_ms) continue;
            NM_ASSIGN(const std::int64_t time_ms, newest_line(store, row));
            seen_ms = std::max(seen_ms, time_ms);
        }
        return seen_ms;
    }

    // The name of the log as its newest lines gave it; `name` if they gave none but that of their row.
    const std::string& display(const std::string& name) const {
        const bool gave = !newest_.empty() && newest_.front().log != log_key_name(newest_.front().log);
        return gave ? newest_.front().log : name;
    }

  private:
    std::int64_t indexed_ms_ = 0;
    std::vector<LogRow> newest_;  // those with the latest bound
};

// Goes through the catalogue without keeping it: a store may have millions of day rows.
Result<void> each_log_row(const Store& store, const std::function<void(const LogRow&)>& each) {
    RowSelection selection;
    selection.accept = [&each](const LogRow& row) {
        if (!row.client.empty()) each(row);
        return false;
    };
    NM_TRY(store.log_rows(selection));
    return {};
}

// The clients that anything knows of.
Result<std::map<std::string, LastSeen>> known_clients(const Store& store) {
    std::map<std::string, LastSeen> known;
    NM_TRY(each_index_cell(store, kClientsRow, [&known](const Cell& cell) {
        known[cell.column].indexed(index_time(cell.value));
    }));
    NM_TRY(each_log_row(store, [&known](const LogRow& row) { known[row.client].in_catalogue(row); }));
    return known;
}

// The logs (or plugins) of one client. Index rows may know a log by its path and the day rows by the name
// made of it: these are one, under the name that the index has.
class LogNames {
  public:
    void indexed(const std::string& name, std::int64_t time_ms) {
        logs_[name].indexed(time_ms);
        by_key_name_[log_key_name(name)].push_back(name);
    }
    void in_catalogue(const LogRow& row) {
        const auto same = by_key_name_.find(log_key_name(row.log));
        if (same == by_key_name_.end()) {
            logs_[row.log].in_catalogue(row);
        } else {
            for (const std::string& indexed_name : same->second) logs_[indexed_name].in_catalogue(row);
        }
    }
    Result<void> append_to(const Store& store, const std::string& client, std::vector<LogInfo>& all) const {
        for (const auto& [name, seen] : logs_) {
            NM_ASSIGN(const std::int64_t seen_ms, seen.find(store));
            all.push_back({client, name, seen.display(name), seen_ms});
        }
        return {};
    }

  private:
    std::map<std::string, LastSeen> logs_;
    std::unordered_map<std::string, std::vector<std::string>> by_key_name_;
};

}  // namespace

Result<std::vector<ClientInfo>> clients(const Store& store, std::int64_t now_ms) {
    NM_ASSIGN(const auto known, known_clients(store));
    NM_ASSIGN(auto tags, index_texts(store, kTagsRow));
    NM_ASSIGN(auto external, index_texts(store, kExternalRow));
    std::vector<ClientInfo> all;
    all.reserve(known.size());
    for (const auto& [client, seen] : known) {
        ClientInfo info;
        info.client = client;
        info.tag = tags[client];
        info.external = external[client];
        // Who is up by the index is so: the rows of all that report need not be read each time.
        std::int64_t seen_ms = seen.indexed_ms();
        if (seen_ms < now_ms - kDownAfterMs) {
            NM_ASSIGN(seen_ms, seen.find(store));
        }
        info.last_seen_ms = std::min(seen_ms, now_ms);
        info.down = info.last_seen_ms < now_ms - kDownAfterMs;
        all.push_back(std::move(info));
    }
    return all;
}

Result<std::vector<LogInfo>> logs(const Store& store, std::string_view client, RowKind kind) {
    if (kind != RowKind::logs && kind != RowKind::plugins)
        return Error{Code::invalid_argument, "an inventory is of logs or of plugins"};
    std::map<std::string, LogNames> by_client;
    if (client.empty()) {
        NM_ASSIGN(const auto known, known_clients(store));
        for (const auto& [name, seen] : known) by_client[name];
    } else {
        by_client[std::string(client)];
    }
    for (auto& [name, names] : by_client) {
        const std::string row = name + ':' + std::string(row_kind_name(kind));
        NM_TRY(each_index_cell(store, row, [&names = names](const Cell& cell) {
            names.indexed(cell.column, index_time(cell.value));
        }));
    }
    NM_TRY(each_log_row(store, [&](const LogRow& row) {
        if (row.kind != kind) return;
        const auto at = by_client.find(row.client);
        if (at != by_client.end()) at->second.in_catalogue(row);
    }));
    std::vector<LogInfo> all;
    for (const auto& [name, names] : by_client) NM_TRY(names.append_to(store, name, all));
    return all;
}

ClientNames client_names(const Store& store) {
    struct Tags {
        std::once_flag once;
        std::unordered_map<std::string, std::string> by_client;
    };
    return [&store, tags = std::make_shared<Tags>()](std::string_view client) -> std::vector<std::string> {
        std::call_once(tags->once, [&] {
            // Without its tags a client still has its own name.
            if (auto read = index_texts(store, kTagsRow); read.ok())
                tags->by_client = std::move(read).value();
        });
        const auto at = tags->by_client.find(std::string(client));
        if (at == tags->by_client.end() || at->second.empty()) return {};
        return {at->second};
    };
}

}  // namespace nmstore::query

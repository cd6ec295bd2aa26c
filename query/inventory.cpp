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

struct LastSeen {
    std::int64_t indexed_ms = 0;    // as an index row says
    std::int64_t catalogue_ms = 0;  // of the newest entry in a day row
    std::int64_t get() const { return std::max(indexed_ms, catalogue_ms); }
};

void keep_later(std::int64_t& time_ms, std::int64_t other_ms) {
    time_ms = std::max(time_ms, other_ms);
}

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
        keep_later(known[cell.column].indexed_ms, index_time(cell.value));
    }));
    NM_TRY(each_log_row(
        store, [&known](const LogRow& row) { keep_later(known[row.client].catalogue_ms, row.max_time_ms); }));
    return known;
}

// The logs (or plugins) of one client. Index rows may know a log by its path and the day rows by the name
// made of it: these are one, under the name that the index has.
class LogNames {
  public:
    void indexed(const std::string& name, std::int64_t time_ms) {
        keep_later(logs_[name].indexed_ms, time_ms);
        by_key_name_[log_key_name(name)].push_back(name);
    }
    void in_catalogue(const std::string& name, std::int64_t time_ms) {
        const auto same = by_key_name_.find(log_key_name(name));
        if (same == by_key_name_.end()) {
            keep_later(logs_[name].catalogue_ms, time_ms);
        } else {
            for (const std::string& indexed_name : same->second)
                keep_later(logs_[indexed_name].catalogue_ms, time_ms);
        }
    }
    void append_to(const std::string& client, std::vector<LogInfo>& all) const {
        for (const auto& [name, seen] : logs_) all.push_back({client, name, seen.get()});
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
        info.last_seen_ms = std::min(seen.get(), now_ms);
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
        if (at != by_client.end()) at->second.in_catalogue(row.log, row.max_time_ms);
    }));
    std::vector<LogInfo> all;
    for (const auto& [name, names] : by_client) names.append_to(name, all);
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

#include "query/series_selection.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>

#include "query/index_row.h"
#include "query/line_scan.h"
#include "query/matcher.h"

namespace nmstore::query {
namespace {

constexpr std::string_view kTagsRow = "client-tags";
// From here on the whole catalogue is looked at once instead of many parts of it.
constexpr std::size_t kMaxPrefixes = 1000;

bool is_glob(const std::string& pattern) {
    return pattern.find_first_of("*?") != std::string::npos;
}

bool any_glob(const std::vector<std::string>& patterns) {
    return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), is_glob);
}

bool fits(const std::vector<std::string>& patterns, std::string_view name) {
    return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [name](const auto& pattern) {
               return glob_matches(pattern, name);
           });
}

using Tags = std::unordered_map<std::string, std::string>;  // by client

// What the keys of the rows begin with; "" alone: nothing is known.
std::set<std::string> key_prefixes(const SeriesRequest& request, const Tags& tags) {
    if (any_glob(request.clients)) return {""};
    std::set<std::string> clients(request.clients.begin(), request.clients.end());
    for (const auto& [client, tag] : tags)
        if (fits(request.clients, tag)) clients.insert(client);
    std::set<std::string> prefixes;
    for (const std::string& client : clients) {
        const std::string of_client = client + ":plugins:";
        if (any_glob(request.plugins)) prefixes.insert(of_client);
        for (const std::string& plugin : request.plugins)
            if (!any_glob(request.plugins)) prefixes.insert(of_client + log_key_name(plugin) + ":");
        if (prefixes.size() > kMaxPrefixes) return {""};
    }
    return prefixes;
}

}  // namespace

Result<void> check_series_request(const SeriesRequest& request) {
    for (const auto* patterns : {&request.clients, &request.plugins, &request.fields}) {
        if (patterns->size() > kMaxSeriesPatterns) {
            return Error{Code::invalid_argument, "more than " + std::to_string(kMaxSeriesPatterns) +
                                                     " clients, plugins or fields are asked for at once"};
        }
    }
    if (request.step_ms < 0) return Error{Code::invalid_argument, "a step is longer than nothing"};
    if (request.from_ms > request.to_ms)
        return Error{Code::invalid_argument, "the time asked for ends before it begins"};
    return {};
}

Result<std::vector<LogRow>> series_rows(const Store& store, const SeriesRequest& request,
                                        const SnapshotPtr& snapshot, Execution& execution) {
    NM_ASSIGN(const Tags tags, request.clients.empty() ? Result<Tags>(Tags()) : index_texts(store, kTagsRow));
    std::vector<std::string> plugins;  // as keys have them
    for (const std::string& plugin : request.plugins) plugins.push_back(log_key_name(plugin));
    const auto accept = [&](const LogRow& row) {
        if (row.kind != RowKind::plugins || !fits(plugins, log_key_name(row.log))) return false;
        if (fits(request.clients, row.client)) return true;
        const auto tag = tags.find(row.client);
        return tag != tags.end() && !tag->second.empty() && fits(request.clients, tag->second);
    };
    std::vector<LogRow> all;
    for (const std::string& prefix : key_prefixes(request, tags)) {
        RowSelection selection{std::string(kTimeFamily), request.from_ms, request.to_ms, accept, prefix};
        NM_ASSIGN(std::vector<LogRow> rows,
                  candidate_rows(store, std::move(selection), nullptr, snapshot, execution));
        std::move(rows.begin(), rows.end(), std::back_inserter(all));
    }
    // A plugin's name may be the beginning of another's: `a` and `a:b`.
    std::sort(all.begin(), all.end(), [](const LogRow& a, const LogRow& b) { return a.id < b.id; });
    all.erase(
        std::unique(all.begin(), all.end(), [](const LogRow& a, const LogRow& b) { return a.id == b.id; }),
        all.end());
    return all;
}

}  // namespace nmstore::query

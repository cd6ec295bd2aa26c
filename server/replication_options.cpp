#include "server/replication_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "query/matcher.h"
#include "query/opaque_text.h"
#include "server/replication_http.h"

namespace nmstore::server {
namespace {

constexpr std::string_view kCounters = "counters";
constexpr std::string_view kAllRows = "*";  // as a JournalFilter is asked for them

bool is_every_row(std::string_view glob) {
    return glob.find_first_not_of('*') == std::string_view::npos;
}

Error wrong(std::string message) {
    return Error{Code::invalid_argument, std::move(message)};
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; });
}

// The part behind "http://", or an error that does not repeat what may be a secret.
Result<std::string> place_of(const std::string& url) {
    const std::size_t at = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
    if (at == 0) return wrong("expected a URL as http://HOST:PORT or https://HOST:PORT/BASE");
    const std::string place = url.substr(at);
    const std::string host = place.substr(0, place.find('/'));
    if (host.find('@') != std::string::npos)
        return wrong("the URL must not hold credentials: give them with --replicate-auth");
    if (host.empty() || host.starts_with(':') || !is_plain(place))
        return wrong("'" + url + "' is no URL as http://HOST:PORT or https://HOST:PORT/BASE");
    if (!is_replication_url(url))
        return wrong("'" + url + "' is no URL as http://HOST:PORT or https://HOST:PORT/BASE");
    return place;
}

}  // namespace

Result<ReplicationPatterns::Pattern> ReplicationPatterns::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size())
        return wrong("'" + std::string(text) +
                     "' is no pattern: expected FAMILY/ROW with globs, as CFLongType/10.0.*");
    return Pattern{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

Result<void> ReplicationPatterns::add_only(std::string_view pattern) {
    NM_ASSIGN(Pattern parsed, parse(pattern));
    only_.push_back(std::move(parsed));
    return {};
}

Result<void> ReplicationPatterns::add_skip(std::string_view pattern) {
    NM_ASSIGN(Pattern parsed, parse(pattern));
    skip_.push_back(std::move(parsed));
    return {};
}

bool ReplicationPatterns::wants(std::string_view family, std::string_view row) const {
    const std::string_view shown = family.empty() ? kCounters : family;
    const bool any_row = row.empty(), all_rows = row == kAllRows;
    const auto takes = [&](const Pattern& p) {
        if (!query::glob_matches(p.family, shown)) return false;
        if (all_rows) return is_every_row(p.row);
        return any_row || query::glob_matches(p.row, row);
    };
    const auto leaves_out = [&](const Pattern& p) {
        if (!query::glob_matches(p.family, shown)) return false;
        if (any_row) return is_every_row(p.row);
        return all_rows || query::glob_matches(p.row, row);  // there is no pattern that matches no row
    };
    return (only_.empty() || std::any_of(only_.begin(), only_.end(), takes)) &&
           std::none_of(skip_.begin(), skip_.end(), leaves_out);
}

std::string ReplicationPatterns::stream() const {
    if (empty()) return "";
    // Of what does not depend on the order in which they were given.
    std::string all;
    const auto add = [&all](std::string_view text) {
        all.append(text).append(1, '\xff');
    };  // no byte of UTF-8
    for (const auto& [word, patterns] : {std::pair{"only", only_}, {"skip", skip_}}) {
        for (const Pattern& p : std::set<Pattern>(patterns.begin(), patterns.end())) {
            add(word);
            add(p.family);
            add(p.row);
        }
    }
    return fmt::format("{:016x}", query::fingerprint(all));
}

Result<ReplicationTargetOptions> parse_replication_target(const ReplicationTargetText& text) {
    ReplicationTargetOptions target;
    target.url = text.url;
    while (target.url.ends_with('/')) target.url.pop_back();
    NM_ASSIGN(target.name, place_of(target.url));
    if (!text.name.empty()) target.name = text.name;
    if (target.name.size() > kMaxReplicationNameBytes || !is_plain(target.name))
        return wrong("'" + text.name + "' is no name for a target: expected up to " +
                     std::to_string(kMaxReplicationNameBytes) + " letters, digits and signs but '?' and '#'");
    if (!text.auth.empty() && (text.auth.find(':') == std::string::npos || text.auth.front() == ':'))
        return wrong("the credentials of " + target.name + " must look like TOKEN:ACCOUNT");
    target.credential = text.auth;
    target.ca_file = text.ca;
    for (const std::string& pattern : text.only) NM_TRY(target.patterns.add_only(pattern));
    for (const std::string& pattern : text.skip) NM_TRY(target.patterns.add_skip(pattern));
    return target;
}

Result<void> check_replication_targets(const std::vector<ReplicationTargetOptions>& targets) {
    if (targets.size() > kMaxReplicationTargets)
        return Error{Code::limit_exceeded, "there are more than " + std::to_string(kMaxReplicationTargets) +
                                               " targets of replication"};
    std::set<std::string> names;
    for (const ReplicationTargetOptions& target : targets) {
        if (!names.insert(target.name).second)
            return Error{Code::conflict, "two targets of replication are called " + target.name};
    }
    return {};
}

}  // namespace nmstore::server

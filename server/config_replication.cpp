#include "server/config_replication.h"

#include <algorithm>

#include "server/config_values.h"

namespace nmstore::server {
namespace {

constexpr std::size_t kLeastJournalBytes = kMiB;

constexpr std::string_view kReplication = "Replication";
using Kind = OptionKind;
using Value = std::string_view;

Result<void> add_text(std::vector<std::string>& to, Value value) {
    if (value.empty()) return Error{Code::invalid_argument, "the value is empty"};
    to.emplace_back(value);
    return {};
}

const std::vector<Option> kOptions = {
    {"replicate-to", kReplication, Kind::list, "URL", "",
     "Send all that is written there too: to another nm-stored, or a server of CloudSandra's v0.3; may be "
     "repeated",
     [](Config& c, Value v) { return add_text(c.replicate.to, v); }},
    {"replicate-auth", kReplication, Kind::list, "TOKEN:ACCOUNT", "",
     "The credentials there: one for all targets, or one for each in their order (others of the machine see "
     "a command "
     "line: prefer NM_REPLICATE_AUTH or the file)",
     [](Config& c, Value v) { return add_text(c.replicate.auth, v); }},
    {"replicate-only", kReplication, Kind::list, "PATTERN", "",
     "Only rows that match one of these: FAMILY/ROW with globs, counters/ROW for counters; may be repeated",
     [](Config& c, Value v) { return add_text(c.replicate.only, v); }},
    {"replicate-skip", kReplication, Kind::list, "PATTERN", "",
     "And none that match one of these; may be repeated",
     [](Config& c, Value v) { return add_text(c.replicate.skip, v); }},
    {"replicate-ca", kReplication, Kind::text, "FILE", "",
     "Certificates (PEM) by which those of https targets are checked, in place of the system's",
     [](Config& c, Value v) -> Result<void> {
         if (v.empty()) return Error{Code::invalid_argument, "the value is empty"};
         c.replicate.ca = v;
         return {};
     }},
    {"replicate-keep", kReplication, Kind::size, "SIZE", "8GiB",
     "So much is kept for targets that are away; who misses more needs a full copy",
     [](Config& c, Value v) -> Result<void> {
         NM_ASSIGN(const std::size_t bytes, parse_size(v));
         if (bytes < kLeastJournalBytes)
             return Error{Code::invalid_argument, "'" + std::string(v) + "' is below the least, 1MiB"};
         c.replication.keep_bytes = bytes;
         return {};
     }},
    {"journal", kReplication, Kind::flag, "", "",
     "Keep what targets need although there is none yet, so that a later one misses nothing",
     [](Config& c, Value v) { return set_flag(c.replication.journal, v); }},
    {"standby", kReplication, Kind::flag, "", "",
     "Refuse writes other than those of replication, until nm-tool replication open",
     [](Config& c, Value v) { return set_flag(c.replication.standby, v); }},
};

Error named(std::string_view option, const Error& error) {
    return Error{error.code, std::string(option) + ": " + error.message};
}

Result<std::vector<ReplicationTargetText>> listed(const ReplicationGiven& given) {
    if (given.auth.size() > 1 && given.auth.size() != given.to.size()) {
        return Error{Code::invalid_argument,
                     "replicate-auth: there are " + std::to_string(given.auth.size()) + " credentials for " +
                         std::to_string(given.to.size()) + " targets: give one for all, or one for each"};
    }
    std::vector<ReplicationTargetText> texts;
    for (std::size_t i = 0; i < given.to.size(); ++i) {
        ReplicationTargetText text;
        text.url = given.to[i];
        if (!given.auth.empty()) text.auth = given.auth.size() == 1 ? given.auth.front() : given.auth[i];
        texts.push_back(std::move(text));
    }
    return texts;
}

}  // namespace

std::vector<Option> with_replication_options(std::vector<Option> options) {
    const auto log =
        std::find_if(options.begin(), options.end(), [](const Option& o) { return o.group == "Log"; });
    options.insert(log, kOptions.begin(), kOptions.end());
    return options;
}

Result<void> complete_replication(Config& config) {
    const ReplicationGiven& given = config.replicate;
    if (given.to.empty() && given.tables.empty()) {
        for (const auto& [option, is_given] : {std::pair{"replicate-auth", !given.auth.empty()},
                                               {"replicate-only", !given.only.empty()},
                                               {"replicate-skip", !given.skip.empty()},
                                               {"replicate-ca", !given.ca.empty()}}) {
            if (is_given)
                return Error{Code::invalid_argument,
                             std::string(option) + ": there is no target, see --replicate-to"};
        }
    }
    std::vector<ReplicationTargetText> texts = given.tables;
    const bool from_tables = given.to.empty();
    if (!from_tables) {
        NM_ASSIGN(texts, listed(given));
    }
    for (ReplicationTargetText& text : texts) {
        if (text.auth.empty() && from_tables && given.auth.size() == 1) text.auth = given.auth.front();
        if (text.ca.empty()) text.ca = given.ca;
        text.only.insert(text.only.end(), given.only.begin(), given.only.end());
        text.skip.insert(text.skip.end(), given.skip.begin(), given.skip.end());
        auto target = parse_replication_target(text);
        if (!target.ok()) return named(from_tables ? "replicate" : "replicate-to", target.error());
        config.replication.targets.push_back(std::move(*target));
    }
    const auto checked = check_replication_targets(config.replication.targets);
    if (!checked.ok()) return named("replicate-to", checked.error());
    return {};
}

}  // namespace nmstore::server

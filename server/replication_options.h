// Where to replicate to, and what of it: as the options name it, checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/journal.h"
#include "nmstore/result.h"

namespace nmstore::server {

// Which families and rows a target gets. A pattern is FAMILY/ROW, both globs; rows of counters are those of
// the family `counters`. Immutable once filled.
class ReplicationPatterns {
  public:
    // invalid_argument: there is no '/' in it, or nothing before or behind it.
    Result<void> add_only(std::string_view pattern);
    Result<void> add_skip(std::string_view pattern);
    bool empty() const { return only_.empty() && skip_.empty(); }
    // As a JournalFilter: counters are of family "". Row "": the family itself, which is wanted if any row
    // may be. Row "*": all rows of the family, also those that are not there yet; so one that is called that
    // is wanted only with all others.
    bool wants(std::string_view family, std::string_view row) const;
    // Of the journal's link: "" where everything is wanted, else the same for the same patterns.
    std::string stream() const;

  private:
    struct Pattern {
        std::string family, row;
        auto operator<=>(const Pattern&) const = default;
    };
    static Result<Pattern> parse(std::string_view text);
    std::vector<Pattern> only_, skip_;
};

struct ReplicationTargetOptions {
    std::string
        name;         // "hub.example:8001/base", unless it was given; without '?', '#' and control characters
    std::string url;  // "https://hub.example:8001/base", without a '/' behind and without user info
    std::string credential;  // "TOKEN:ACCOUNT"; "": none
    std::string ca_file;     // PEM; "": what the system trusts
    ReplicationPatterns patterns;
};

inline constexpr std::size_t kMaxReplicationTargets = 16;
inline constexpr std::size_t kMaxReplicationNameBytes = 200;

struct ReplicationOptions {
    std::vector<ReplicationTargetOptions> targets;
    std::uint64_t keep_bytes = std::uint64_t{8} << 30;  // of the journal
    bool journal = false;                               // keep one although there is no target
    bool standby = false;
    bool keeps_journal() const { return journal || !targets.empty(); }
};

// A target as it is written down, to be checked.
struct ReplicationTargetText {
    std::string url, auth, name, ca;
    std::vector<std::string> only, skip;
};
// invalid_argument says what is wrong, without the credential.
Result<ReplicationTargetOptions> parse_replication_target(const ReplicationTargetText& text);
// conflict: two of the same name. limit_exceeded: too many.
Result<void> check_replication_targets(const std::vector<ReplicationTargetOptions>& targets);

}  // namespace nmstore::server

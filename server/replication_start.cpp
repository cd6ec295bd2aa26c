#include "server/replication_start.h"

#include <algorithm>

namespace nmstore::server {

ReplicationStart replication_start(std::optional<ChangeNumber> position, const JournalRange& journal,
                                   bool behind_a_record, bool whole) {
    using Kind = ReplicationStart::Kind;
    if (!position) return {Kind::begin, whole ? journal.first : journal.end, whole, ""};
    // Also where later writes stand behind those that are lost: numbers alone do not tell.
    if (*position > journal.first && !behind_a_record)
        return {
            Kind::needs_copy, 0, true,
            "the target knows of writes that this hub does not have: it lost the end of its log, or was put "
            "back from an older copy"};
    if (*position < journal.first)
        return {Kind::needs_copy, 0, true,
                gone_from_journal("what the target has not read is no longer in the journal", journal)};
    return {Kind::go_on, *position, true, ""};
}

std::string gone_from_journal(const std::string& what, const JournalRange& journal) {
    if (journal.let_go_bytes == 0) return what + " (--replicate-keep, or a start without a journal)";
    return what + " (the disk was nearly full: " + std::to_string(journal.let_go_bytes) +
           " bytes of the journal were let go)";
}

ReplicationBackoff::ReplicationBackoff(std::function<double()> chance) : chance_(std::move(chance)) {}

std::chrono::milliseconds ReplicationBackoff::next(bool refused,
                                                   std::optional<std::chrono::milliseconds> asked) {
    pause_ = std::clamp(2 * pause_, refused ? kFirstRefusedPause : kFirstReplicationPause,
                        kLongestReplicationPause);
    const auto shorter = std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(pause_.count()) * chance_() / 2));
    return std::max(pause_ - shorter, asked.value_or(std::chrono::milliseconds(0)));
}

}  // namespace nmstore::server

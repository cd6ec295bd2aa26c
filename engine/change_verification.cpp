#include "engine/change_verification.h"

#include "engine/change_record.h"
#include "engine/key.h"
#include "engine/partition_walk.h"
#include "engine/write_stamps.h"
#include "nmstore/journal.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

constexpr std::uint64_t kRecordsPerReport = 4096;
constexpr std::string_view kAdvice =
    "; those who follow the store miss it, and targets of replication: \"nm-tool replication resync\"";

Result<void> check_journal_record(std::string_view value) {
    NM_ASSIGN(JournalReader reader, JournalReader::open(value));
    JournalStep step;
    for (;;) {
        NM_ASSIGN(const bool more, reader.next(step));
        if (!more) return {};
    }
}

Result<void> check(std::string_view partition, std::string_view value) {
    if (partition == key::kChangeRecords) {
        NM_TRY(parse_change(value));
        return {};
    }
    if (partition == key::kJournalRecords) return check_journal_record(value);
    if (partition == key::kWriteStamps) return write_stamps::check(value);
    return Error{Code::corruption, "there is an unknown part beside the changes"};
}

}  // namespace

Result<void> verify_changes(const Core& core, const SnapshotPtr& snapshot, const Progress& progress,
                            const std::function<void(std::string what)>& problem) {
    std::uint64_t done = 0;
    PartitionWalk walk;
    walk.each = [&](auto partition, auto key, auto value) -> Result<void> {
        const Result<void> checked = check(partition, value);
        if (!checked.ok())
            problem(checked.error().message + " (" + printable(key) + ")" + std::string(kAdvice));
        if (++done % kRecordsPerReport != 0 || !progress || progress({"verify", done, 0, "changes"}))
            return {};
        return Error{Code::cancelled, "the verification was stopped"};
    };
    walk.known = [] {
        return std::vector<std::string>{std::string(key::kChangeRecords), std::string(key::kJournalRecords),
                                        std::string(key::kWriteStamps)};
    };
    walk.unreadable = [&](const std::string&, const Error& error) {
        problem("what is told of commits cannot be read whole: " + error.message + std::string(kAdvice));
    };
    NM_TRY(walk_partitions(*core.database, kv::Space::changes, snapshot, walk));
    return {};
}

}  // namespace nmstore

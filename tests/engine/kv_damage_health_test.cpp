// Which errors in the background end the writes, and which do not.
#include "engine/kv_rocksdb_health.h"

#include "tests/catch.h"

using namespace nmstore;
using rocksdb::BackgroundErrorReason;

namespace {

const std::string kDirectory = "/store/db";
const std::string kDamaged =
    "block checksum mismatch: stored = 1, computed = 2 in " + kDirectory + "/000012.sst offset 4096 size 100";

class Listener {
  public:
    // Whether writes go on after a failure of the space's compaction, or another failure.
    bool goes_on_after_compaction(const std::string& space, const std::string& message = kDamaged) {
        rocksdb::CompactionJobInfo job;
        job.cf_name = space;
        job.status = rocksdb::Status::Corruption(message);
        health.OnCompactionCompleted(nullptr, job);
        return goes_on_after(BackgroundErrorReason::kCompaction, message);
    }
    bool goes_on_after(BackgroundErrorReason reason, const std::string& message) {
        rocksdb::Status error(rocksdb::Status::Corruption(message), rocksdb::Status::kUnrecoverableError);
        health.OnBackgroundError(reason, &error);
        CHECK(error.ok() == health.works());
        return error.ok();
    }
    void hold_up(const std::string& space, bool on) {
        rocksdb::WriteStallInfo stall;
        stall.cf_name = space;
        stall.condition.cur =
            on ? rocksdb::WriteStallCondition::kDelayed : rocksdb::WriteStallCondition::kNormal;
        health.OnStallConditionsChanged(stall);
    }
    std::uint64_t damage_seen() const {
        kv::DatabaseStats stats;
        damage->tell(stats);
        return stats.damage_seen;
    }

    std::shared_ptr<kv::DamageSeen> damage = std::make_shared<kv::DamageSeen>(kDirectory);
    kv::Health health{std::make_shared<std::atomic<std::uint64_t>>(0), damage};
};

}  // namespace

TEST_CASE("a compaction whose input is damaged does not end the writes, and is counted") {
    Listener listener;
    for (int i = 0; i < 3; ++i) CHECK(listener.goes_on_after_compaction("entries"));
    CHECK(listener.damage_seen() == 3);
    CHECK(listener.health.writable());
}

TEST_CASE("a corruption that is no damaged file's, or not of a compaction, ends the writes") {
    Listener listener;
    SECTION("no file") {
        CHECK_FALSE(listener.goes_on_after_compaction("entries", "files overlap at level 5"));
    }
    SECTION("a flush") {
        CHECK_FALSE(listener.goes_on_after(BackgroundErrorReason::kFlush, kDamaged));
    }
    SECTION("the manifest") {
        CHECK_FALSE(listener.goes_on_after(BackgroundErrorReason::kManifestWrite, kDamaged));
    }
    CHECK_FALSE(listener.health.writable());
    CHECK(listener.health.why_not().find("Corruption: ") != std::string::npos);
    CHECK(listener.damage_seen() == 1);
}

TEST_CASE("writes that the damaged space holds up end; those that another holds up do not") {
    Listener listener;
    listener.hold_up("blocks", true);
    for (int i = 0; i < 3; ++i) CHECK(listener.goes_on_after_compaction("entries"));
    listener.hold_up("entries", true);
    CHECK(listener.goes_on_after_compaction("entries"));  // it has only just begun
    listener.hold_up("entries", false);
    listener.hold_up("entries", true);
    CHECK(listener.goes_on_after_compaction("entries"));  // it was free in between
    CHECK_FALSE(listener.goes_on_after_compaction("entries"));
    CHECK_FALSE(listener.health.writable());
}

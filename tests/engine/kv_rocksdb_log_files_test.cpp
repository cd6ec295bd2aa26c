#include "engine/kv_rocksdb_log_files.h"

#include <atomic>
#include <string>

#include "tests/catch.h"

using namespace nmstore;
using kv::OpenLog;

namespace {

// A disk with room for so many bytes: a write that does not fit is done in part, and fails.
class SmallFile final : public rocksdb::FSWritableFile {
  public:
    using FSWritableFile::Append;
    using FSWritableFile::PositionedAppend;

    rocksdb::IOStatus Append(const rocksdb::Slice&, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override {
        return rocksdb::IOStatus::NotSupported("appended without a position");
    }
    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, uint64_t offset, const rocksdb::IOOptions&,
                                       rocksdb::IODebugContext*) override {
        const std::string written = data.ToString().substr(0, room > offset ? room - offset : 0);
        content.resize(offset);
        content += written;
        if (written.size() == data.size()) return rocksdb::IOStatus::OK();
        return rocksdb::IOStatus::NoSpace("no room");
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
        ++syncs;
        return sync_fails ? rocksdb::IOStatus::IOError("no disk") : rocksdb::IOStatus::OK();
    }
    rocksdb::IOStatus Flush(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
        return rocksdb::IOStatus::OK();
    }
    rocksdb::IOStatus Close(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
        return rocksdb::IOStatus::OK();
    }

    std::string content;
    std::size_t room = 1000;
    int syncs = 0;
    bool sync_fails = false;
};

}  // namespace

TEST_CASE("log files: a write that fails is held, and written when there is room") {
    SmallFile file;
    std::atomic<int> held{0};
    OpenLog log(&file, held);
    log.append("abc", {});
    CHECK(file.content == "abc");
    CHECK(log.sync().ok());

    file.room = 5;
    log.append("defg", {});  // two bytes get to the disk
    CHECK(held == 1);
    log.append("hi", {});  // not written behind the gap
    CHECK(file.content == "abcde");
    CHECK(held == 1);
    CHECK(log.sync().IsNoSpace());
    CHECK(held == 1);

    file.room = 100;
    CHECK(log.sync().ok());
    CHECK(file.content == "abcdefghi");
    CHECK(held == 0);
    log.append("j", {});
    CHECK(file.content == "abcdefghij");
}

TEST_CASE("log files: only what is new is synced, and a failed sync is done again") {
    SmallFile file;
    std::atomic<int> held{0};
    OpenLog log(&file, held);
    CHECK(log.sync().ok());
    CHECK(file.syncs == 0);
    log.append("a", {});
    file.sync_fails = true;
    CHECK_FALSE(log.sync().ok());
    file.sync_fails = false;
    CHECK(log.sync().ok());
    CHECK(log.sync().ok());
    CHECK(file.syncs == 2);
}

TEST_CASE("log files: a closed log holds nothing and needs no sync") {
    SmallFile file;
    std::atomic<int> held{0};
    OpenLog log(&file, held);
    file.room = 0;
    log.append("a", {});
    CHECK(held == 1);
    CHECK(log.is_open());
    log.forget();
    CHECK(held == 0);
    CHECK_FALSE(log.is_open());
    CHECK(log.sync().ok());
    CHECK(file.syncs == 0);
}

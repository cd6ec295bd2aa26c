#include "benchmarks/raw_rocksdb.h"

#include <rocksdb/db.h>

#include <cstdio>
#include <cstdlib>

namespace nmstore::benchmarks {

namespace {

void check(const rocksdb::Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "benchmark: %s\n", status.ToString().c_str());
    std::exit(1);
}

rocksdb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}

rocksdb::WriteOptions write_options(bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    return options;
}

}  // namespace

struct RawRocksDb::Rep {
    std::unique_ptr<rocksdb::DB> db;
    rocksdb::WriteBatch batch;
};

RawRocksDb::RawRocksDb(const std::string& directory) : rep_(std::make_unique<Rep>()) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    check(rocksdb::DB::Open(options, directory, &db));
    rep_->db.reset(db);
}

RawRocksDb::~RawRocksDb() = default;

void RawRocksDb::put(std::string_view key, std::string_view value, bool sync) {
    check(rep_->db->Put(write_options(sync), slice(key), slice(value)));
}

void RawRocksDb::collect(std::string_view key, std::string_view value) {
    check(rep_->batch.Put(slice(key), slice(value)));
}

void RawRocksDb::write(bool sync) {
    check(rep_->db->Write(write_options(sync), &rep_->batch));
    rep_->batch.Clear();
}

std::size_t RawRocksDb::read(std::string_view from, std::size_t limit) const {
    const std::unique_ptr<rocksdb::Iterator> iterator(rep_->db->NewIterator(rocksdb::ReadOptions()));
    std::size_t bytes = 0;
    for (iterator->Seek(slice(from)); iterator->Valid() && limit > 0; iterator->Next(), --limit) {
        bytes += iterator->value().ToString().size();  // copied, as the store must
    }
    check(iterator->status());
    return bytes;
}

}  // namespace nmstore::benchmarks

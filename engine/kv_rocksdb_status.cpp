// The one place that turns RocksDB's status into our error.
#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

Code code_of(const rocksdb::Status& status) {
    if (status.IsNoSpace()) return Code::unavailable;
    if (status.IsMemoryLimit()) return Code::limit_exceeded;
    switch (status.code()) {
        case rocksdb::Status::kNotFound:
            return Code::not_found;
        case rocksdb::Status::kCorruption:
            return Code::corruption;
        case rocksdb::Status::kNotSupported:
            return Code::unsupported;
        case rocksdb::Status::kInvalidArgument:
            return Code::invalid_argument;
        case rocksdb::Status::kBusy:
            return Code::busy;
        case rocksdb::Status::kTimedOut:
            return Code::deadline_exceeded;
        case rocksdb::Status::kAborted:
        case rocksdb::Status::kIncomplete:
            return Code::cancelled;
        case rocksdb::Status::kShutdownInProgress:
        case rocksdb::Status::kTryAgain:
            return Code::unavailable;
        default:
            return Code::io;
    }
}

}  // namespace

Error to_error(const rocksdb::Status& status, std::string_view what) {
    NM_CHECK(!status.ok());
    return Error{code_of(status), "cannot " + std::string(what) + ": " + status.ToString()};
}

Error read_error(const OpenDatabase& open, const rocksdb::Status& status, std::string_view what) {
    Error error = to_error(status, what);
    if (error.code == Code::corruption) open.shared.damage->note(error.message);
    return error;
}

}  // namespace nmstore::kv

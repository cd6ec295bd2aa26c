#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

std::string space_name(Space space) {
    switch (space) {
        case Space::meta:
            return rocksdb::kDefaultColumnFamilyName;  // RocksDB always has this one
        case Space::catalogue:
            return "catalogue";
        case Space::cells:
            return "cells";
        case Space::entries:
            return "entries";
        case Space::index:
            return "index";
        case Space::blocks:
            return "blocks";
        case Space::counters:
            return "counters";
        case Space::words:
            return "words";
        case Space::changes:
            return "changes";
    }
    check_failed("a space without a name", __FILE__, __LINE__);
}

std::string partition_prefix(std::string_view partition) {
    return stored_key(partition, {});
}

std::string stored_key(std::string_view partition, std::string_view key) {
    NM_CHECK(partition.size() <= kMaxPartitionBytes);
    std::string stored;
    stored.reserve(1 + partition.size() + key.size());
    stored += static_cast<char>(static_cast<unsigned char>(partition.size()));
    stored += partition;
    stored += key;
    return stored;
}

std::string partition_end(std::string_view partition) {
    std::string end = partition_prefix(partition);
    // The first byte is below 0xff, so there is always one to count up.
    while (static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
    end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

bool split_stored_key(std::string_view stored, std::string_view& partition, std::string_view& key) {
    if (stored.empty()) return false;
    const std::size_t size = static_cast<unsigned char>(stored.front());
    if (size > kMaxPartitionBytes || stored.size() < 1 + size) return false;
    partition = stored.substr(1, size);
    key = stored.substr(1 + size);
    return true;
}

}  // namespace nmstore::kv

// What the tests of the key-value store share: opening, one write, and reading back a partition.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kv.h"
#include "tests/catch.h"

namespace nmstore::testing {

using Keys = std::vector<std::string>;

inline std::unique_ptr<kv::Database> open_database(const std::string& directory, kv::Options options = {}) {
    options.directory = directory;
    auto database = kv::Database::open(options);
    if (!database.ok()) FAIL(database.error().message);
    return std::move(database).value();
}

inline Error open_fails(const std::string& directory, kv::Options options = {}) {
    options.directory = directory;
    const auto database = kv::Database::open(options);
    REQUIRE_FALSE(database.ok());
    return database.error();
}

inline void write(kv::Database& database, const std::function<void(kv::Batch&)>& fill) {
    auto batch = database.new_batch();
    fill(*batch);
    const auto ticket = database.apply(*batch);
    REQUIRE(ticket.ok());
    REQUIRE(database.wait_durable(*ticket).ok());
}

inline std::optional<std::string> get(const kv::Database& database, kv::Space space,
                                      std::string_view partition, std::string_view key,
                                      const SnapshotPtr& snapshot = nullptr) {
    const auto value = database.get(space, partition, key, snapshot);
    REQUIRE(value.ok());
    return *value;
}

inline Keys keys(const kv::Database& database, kv::Space space, std::string_view partition,
                 bool backwards = false, const SnapshotPtr& snapshot = nullptr) {
    Keys found;
    const auto cursor = database.cursor(space, partition, snapshot, backwards);
    for (backwards ? cursor->seek_last() : cursor->seek_first(); cursor->valid();
         backwards ? cursor->prev() : cursor->next()) {
        found.emplace_back(cursor->key());
    }
    REQUIRE(cursor->status().ok());
    return found;
}

// Counters are 8 bytes, little-endian.
inline std::int64_t counter(const kv::Database& database, std::string_view partition, std::string_view key) {
    const auto value = get(database, kv::Space::counters, partition, key);
    if (!value) return 0;
    REQUIRE(value->size() == 8);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i)
        bits |= std::uint64_t{static_cast<unsigned char>((*value)[i])} << (8 * i);
    return static_cast<std::int64_t>(bits);
}

// Bytes that do not compress, the same for the same seed.
inline std::string noise(std::size_t size, std::uint64_t seed) {
    std::string out(size, '\0');
    std::uint64_t state = seed * 2 + 1;
    for (char& byte : out) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        byte = static_cast<char>(state >> 56);
    }
    return out;
}

}  // namespace nmstore::testing

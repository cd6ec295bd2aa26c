// Families while the store is open: what is declared of each, and the lock that keeps writers out while a
// family is dropped or an index is built.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kv.h"
#include "nmstore/column_family.h"
#include "nmstore/result.h"

namespace nmstore {

// What is declared of a family at one moment; never changes, replaced as a whole.
struct Schema {
    struct Column {
        std::string name;  // as text
        ValueType type = ValueType::utf8;
        bool indexed = false;
    };
    FamilyInfo info;
    std::map<std::string, Column, std::less<>> columns;  // by sortable name
    // Grows with every index that is declared: a batch begun before does not know what it would have to
    // index.
    std::uint64_t index_generation = 0;

    bool has_index() const;
    kv::Space space() const { return info.is_time_family() ? kv::Space::entries : kv::Space::cells; }
};
using SchemaPtr = std::shared_ptr<const Schema>;

// corruption: a column's name that does not fit the comparator.
Result<SchemaPtr> make_schema(FamilyInfo info, std::uint64_t index_generation);

class Family {
  public:
    explicit Family(SchemaPtr schema) : id_(schema->info.id), schema_(std::move(schema)) {}

    std::uint32_t id() const { return id_; }
    SchemaPtr schema() const;
    void set_schema(SchemaPtr schema);

    // Held while a batch is completed and applied. Families are entered in the order of their ids.
    [[nodiscard]] std::shared_lock<std::shared_mutex> enter() const {
        { const std::lock_guard queue(turnstile_); }
        return std::shared_lock(guard_);
    }
    // Held by who drops the family or builds an index: waits for those who are in, and lets nobody else in,
    // however many come.
    struct Closed {
        std::unique_lock<std::mutex> turnstile;
        std::unique_lock<std::shared_mutex> guard;
    };
    [[nodiscard]] Closed close_off() const {
        std::unique_lock turnstile(turnstile_);
        return {std::move(turnstile), std::unique_lock(guard_)};
    }
    // Set while closed off, for ever.
    bool dropped() const { return dropped_.load(std::memory_order_acquire); }
    void set_dropped() { dropped_.store(true, std::memory_order_release); }

  private:
    const std::uint32_t id_;
    mutable std::mutex turnstile_;
    mutable std::shared_mutex guard_;
    mutable std::mutex schema_mutex_;
    SchemaPtr schema_;  // guarded by schema_mutex_
    std::atomic<bool> dropped_{false};
};
using FamilyPtr = std::shared_ptr<Family>;

// All families by name. Any thread.
class Families {
  public:
    Result<void> load(const kv::Database& database);  // when opening
    // nullptr: no such family.
    FamilyPtr find(std::string_view name) const;
    Result<FamilyPtr> get(std::string_view name) const;  // not_found
    FamilyPtr find_id(std::uint32_t id) const;           // nullptr as well
    std::vector<FamilyPtr> all() const;                  // by name
    void add(const FamilyPtr& family);
    void remove(std::string_view name);

    // One at a time creates, drops or declares.
    std::mutex& changes() { return changes_; }

  private:
    std::mutex changes_;
    mutable std::shared_mutex mutex_;
    std::map<std::string, FamilyPtr, std::less<>> by_name_;  // guarded by mutex_
};

}  // namespace nmstore

// Readings as they are added up: of one client's plugin, by field, then by step.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "query/reading_fields.h"
#include "query/reading_total.h"

namespace nmstore::query {

// Which fields are asked for: names or globs; none is all. Immutable.
class FieldChoice {
  public:
    explicit FieldChoice(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}
    bool has(std::string_view field) const;

  private:
    std::vector<std::string> patterns_;
};

// What one query adds up, however many threads are at it.
struct SeriesWork {
    FieldChoice fields;
    std::int64_t from_ms = INT64_MIN;
    std::int64_t to_ms = INT64_MAX;
    std::int64_t step_ms = 1;
    std::atomic<std::size_t> points{0};      // in all totals, those that are still to be put together too
    std::atomic<std::uint64_t> readings{0};  // cells looked at
    std::atomic<std::uint64_t> bytes{0};     // of their texts
    std::atomic<bool> stop{false};           // somebody has failed: the others may end, too
};

// The steps of one field.
class FieldTotals {
  public:
    explicit FieldTotals(std::string_view name) : name_(name), last_(steps_.end()) {}
    FieldTotals(const FieldTotals&) = delete;
    FieldTotals& operator=(const FieldTotals&) = delete;

    const std::string& name() const { return name_; }
    // The one that begins at `start_ms`; cheap where it is asked for again, or the next one is. `fresh` is
    // set where it was not there.
    ReadingTotal& step(std::int64_t start_ms, bool& fresh);
    const std::map<std::int64_t, ReadingTotal>& steps() const { return steps_; }

  private:
    std::string name_;
    std::map<std::int64_t, ReadingTotal> steps_;
    std::map<std::int64_t, ReadingTotal>::iterator last_;
};

// Used by one thread. The work must outlive it.
class SeriesTotals {
  public:
    explicit SeriesTotals(SeriesWork& work) : work_(work) {}
    ~SeriesTotals() { work_.points.fetch_sub(points_, std::memory_order_relaxed); }
    SeriesTotals(const SeriesTotals&) = delete;
    SeriesTotals& operator=(const SeriesTotals&) = delete;

    // Null: the field is not asked for. Lives as long as the totals.
    FieldTotals* field(std::string_view name);
    ReadingTotal& step(FieldTotals& field, std::int64_t start_ms);
    // The readings of one value.
    void add_value(std::int64_t time_ms, std::string_view text);
    void add(const SeriesTotals& other);

    SeriesWork& work() { return work_; }
    const std::map<std::string, FieldTotals, std::less<>>& fields() const { return fields_; }
    std::size_t points() const { return points_; }

  private:
    SeriesWork& work_;
    std::size_t points_ = 0;
    std::map<std::string, FieldTotals, std::less<>> fields_;
    ReadingFields scanner_;
};

}  // namespace nmstore::query

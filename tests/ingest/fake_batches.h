// Batches that only remember what a decoder put into them, and refuse a few names as a store would.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::testing {

inline constexpr std::string_view kRefused = "refused";  // a row, column, client or log of this name

inline Result<void> refuse(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return Error{Code::invalid_argument, "a name is empty"};
    if (a == kRefused || b == kRefused) return Error{Code::invalid_argument, "a name is refused"};
    return {};
}

class FakeCellBatch final : public CellBatch {
  public:
    struct Put {
        std::string row, column, value;
        std::int64_t ttl = 0;
        bool operator==(const Put&) const = default;
    };

    Result<void> put(std::string_view row, std::string_view column, std::string_view value,
                     std::int64_t ttl_seconds) override {
        if (broken) return *broken;
        NM_TRY(refuse(row, column));
        if (ttl_seconds < 0) return Error{Code::invalid_argument, "the ttl is negative"};
        puts.push_back({std::string(row), std::string(column), std::string(value), ttl_seconds});
        return {};
    }
    Result<void> remove_row(std::string_view) override { return {}; }
    void tell_values(bool) override {}
    std::size_t bytes() const override { return size; }
    Result<CommitResult> commit() override { return CommitResult{puts.size(), false}; }

    std::vector<Put> puts;
    std::size_t size = 0;
    std::optional<Error> broken;
};

class FakeLineBatch final : public LineBatch {
  public:
    struct Appended {
        std::string client, log;
        std::int64_t time_ms = 0;
        std::string text, fields;
        bool operator==(const Appended&) const = default;
    };

    Result<void> append(const NewLine& line) override {
        if (broken) return *broken;
        NM_TRY(refuse(line.client, line.log));
        lines.push_back({std::string(line.client), std::string(line.log), line.time_ms,
                         std::string(line.text), std::string(line.fields)});
        return {};
    }
    std::size_t bytes() const override { return lines.size() >= full_after ? SIZE_MAX : 0; }
    void set_origin(std::string_view, std::uint64_t) override {}
    Result<CommitResult> commit() override { return CommitResult{lines.size(), false}; }

    std::vector<Appended> lines;
    std::size_t full_after = SIZE_MAX;
    std::optional<Error> broken;
};

class FakeCounterBatch final : public CounterBatch {
  public:
    struct Step {
        std::string row, column;
        std::int64_t delta = 0;
        bool operator==(const Step&) const = default;
    };

    Result<void> add(std::string_view row, std::string_view column, std::int64_t delta) override {
        NM_TRY(refuse(row, column));
        steps.push_back({std::string(row), std::string(column), delta});
        return {};
    }
    Result<CommitResult> commit() override { return CommitResult{steps.size(), false}; }

    std::vector<Step> steps;
};

}  // namespace nmstore::testing

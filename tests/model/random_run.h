// One run of random operations on a store and on its model, from one seed.
#pragma once

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/engine/open_store.h"
#include "tests/model/store_model.h"

namespace nmstore::testing {

class RandomRun {
  public:
    RandomRun(std::uint64_t seed, const SealingOptions& sealing);
    void steps(int count);
    // Everything that can be asked, asked of both.
    void compare_all();

  private:
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
    bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
    template <class T>
    const T& one_of(const std::vector<T>& values) {
        return values[below(values.size())];
    }
    std::int64_t now() const { return store_.clock.now_ms(); }
    std::int64_t some_time();
    std::int64_t some_ttl();
    std::string some_value();
    std::string some_log_value();

    void put_cells();
    void put_times();
    void append_lines();
    void step_counters();
    void remove_something();
    void change_families();
    void restart();

    void compare_cells(const std::string& family, const std::string& row);
    void compare_times(const std::string& family, const std::string& row);
    void compare_lines(const LogRow& row, const ModelTimeRow& model);
    void compare_rows();
    void compare_index();
    void compare_counters();

    std::mt19937_64 random_;
    OpenedStore store_;
    StoreModel model_;
    std::uint64_t origin_ = 0;
};

}  // namespace nmstore::testing

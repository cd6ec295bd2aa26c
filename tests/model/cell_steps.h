// The steps of a run that posts cells as agents do and worse, made before the run begins: so a run that goes
// wrong can be shortened by leaving steps out.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace nmstore::testing {

struct CellRowName {
    std::string family;
    std::string key;
};
const std::vector<CellRowName>& cell_rows();
inline constexpr std::int64_t kCellsDayMs = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC

struct CellPut {
    std::size_t row = 0;  // of cell_rows()
    std::int64_t time_ms = 0;
    std::string value;
    std::int64_t ttl_s = 0;
};

struct CellStep {
    enum class What : std::uint8_t {
        write,        // `puts`, in one batch for each family
        remove_cell,  // of `puts[0]`
        remove_row,
        append,  // the value as a line, at the time of the cell
        wait,    // `ms`
        seal,
        compact,
        reopen,
        crash,
    };
    What what = What::wait;
    std::vector<CellPut> puts;
    bool counted = false;
    std::int64_t ms = 0;
    std::uint64_t salt = 0;  // of what is asked after it
};
std::string describe(const CellStep& step);

// What agents of one kind post.
enum class AgentKind : std::uint8_t { lines, tails, endless, numbers, hostile };

class CellSteps {
  public:
    CellSteps(std::uint64_t seed, AgentKind agent, bool expiring)
        : random_(seed), agent_(agent), expiring_(expiring), next_ms_(cell_rows().size(), kCellsDayMs) {}

    std::vector<CellStep> make(std::size_t count);
    // A value of the agent; `big`: now and then one of more than a line may have.
    std::string value(std::int64_t time_ms, bool big = true);

  private:
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
    bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
    template <class T>
    const T& one_of(const std::vector<T>& values) {
        return values[below(values.size())];
    }
    CellStep step();
    CellPut put();
    std::string line();
    std::string returned();
    std::string in_object(const std::string& text, std::int64_t time_ms);
    std::int64_t some_time(std::size_t row);

    std::mt19937_64 random_;
    const AgentKind agent_;
    const bool expiring_;
    std::vector<std::int64_t> next_ms_;
};

}  // namespace nmstore::testing

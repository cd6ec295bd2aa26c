// The fields of the matching lines, with their most frequent values.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "query/line_scan.h"

namespace nmstore::query {
namespace {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

constexpr std::size_t kBytesPerEntry = sizeof(std::string) + 6 * sizeof(void*);
constexpr std::array<std::string_view, 3> kSources = {"client", "log", "level"};

struct Tally {
    std::uint64_t lines = 0;
    std::uint64_t last_line = 0;  // so that of several of one name in a line the first counts
    bool complete = true;
    TextMap<std::uint64_t> values;
};

class FieldTable {
  public:
    explicit FieldTable(std::size_t memory_bytes) : memory_bytes_(memory_bytes) {}

    void count_line(const Line& line) {
        ++line_;
        count("client", line.row->client);
        count("log", line.row->log);
        if (const std::string_view level = level_of(line); !level.empty()) count("level", level);
        for_each_field(line, [this](std::string_view name, std::string_view value) {
            if (name.size() <= kMaxFieldValueBytes) count(name, value);
            return true;
        });
    }

    std::vector<FieldCount> most_frequent(std::size_t values) const {
        std::vector<FieldCount> out;
        for (const auto& [name, tally] : tallies_) {
            FieldCount& field = out.emplace_back();
            field.name = name;
            field.lines = tally.lines;
            field.distinct = tally.values.size();
            field.complete = tally.complete;
            field.values.assign(tally.values.begin(), tally.values.end());
            const std::size_t shown = std::min(values, field.values.size());
            std::partial_sort(field.values.begin(), field.values.begin() + static_cast<std::ptrdiff_t>(shown),
                              field.values.end(), [](const auto& a, const auto& b) {
                                  return a.second != b.second ? a.second > b.second : a.first < b.first;
                              });
            field.values.resize(shown);
        }
        std::sort(out.begin(), out.end(), [](const FieldCount& a, const FieldCount& b) {
            const auto rank = [](const FieldCount& field) {
                return std::find(kSources.begin(), kSources.end(), field.name) - kSources.begin();
            };
            if (rank(a) != rank(b)) return rank(a) < rank(b);
            return a.lines != b.lines ? a.lines > b.lines : a.name < b.name;
        });
        return out;
    }

  private:
    void count(std::string_view name, std::string_view value) {
        auto at = tallies_.find(name);
        if (at == tallies_.end()) {
            if (tallies_.size() >= kMaxFields || !hold(sizeof(Tally) + name.size())) return;
            at = tallies_.emplace(std::string(name), Tally()).first;
        }
        Tally& tally = at->second;
        if (tally.last_line == line_) return;
        tally.last_line = line_;
        ++tally.lines;
        if (const auto known = tally.values.find(value); known != tally.values.end()) {
            ++known->second;
        } else if (value.size() <= kMaxFieldValueBytes && tally.values.size() < kMaxFieldValues &&
                   hold(value.size())) {
            tally.values.emplace(std::string(value), 1);
        } else {
            tally.complete = false;
        }
    }

    bool hold(std::size_t bytes) {
        bytes += kBytesPerEntry;
        if (bytes > memory_bytes_ - held_) return false;
        held_ += bytes;
        return true;
    }

    TextMap<Tally> tallies_;
    std::size_t memory_bytes_;
    std::size_t held_ = 0;
    std::uint64_t line_ = 0;
};

}  // namespace

Result<std::vector<FieldCount>> count_fields(const Store& store, const Scope& scope, std::size_t values,
                                             Execution& execution) {
    if (values < 1 || values > kMaxFieldValues) {
        return Error{Code::invalid_argument,
                     "the number of values must be 1 to " + std::to_string(kMaxFieldValues)};
    }
    // Half for the table, half for its copy in order of count.
    FieldTable table(execution.limits().memory_bytes / 2);
    NM_ASSIGN(auto scan, LineScan::open(store, scope, Order::descending, std::nullopt, execution));
    while (true) {
        NM_ASSIGN(const bool found, scan->next());
        if (!found) break;
        table.count_line(scan->line());
    }
    execution.finish();
    return table.most_frequent(values);
}

}  // namespace nmstore::query

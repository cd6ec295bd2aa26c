// The most frequent words of the matching lines, with the number of lines that have each.
//
// Memory is bounded: when the words fill their share of it, those in the fewest lines are forgotten (lossy
// counting, Manku and Motwani 2002). A word that is met again later may then have been in as many more lines
// as the greatest count that has been forgotten: `may_miss` says so. A word that was never forgotten is
// exact.
#include <algorithm>
#include <unordered_map>

#include "nmstore/words.h"
#include "query/block_word_count.h"
#include "query/line_scan.h"
#include "query/stop.h"

namespace nmstore::query {

namespace {

struct Tally {
    std::uint64_t count = 0;
    std::uint64_t last_line = 0;  // so that a word counts once a line
    std::uint64_t may_miss = 0;
};

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

constexpr std::size_t kBytesPerWord = sizeof(std::string) + sizeof(Tally) + 4 * sizeof(void*);

class WordTable {
  public:
    WordTable(std::size_t memory_bytes, std::string_view prefix)
        : memory_bytes_(memory_bytes), prefix_(prefix) {}

    void count_line(std::string_view text) {
        ++line_;
        lower_.clear();
        append_lower(text, lower_);
        WordScanner scanner(lower_);
        for (WordAt at; scanner.next(at);)
            count_word(std::string_view(lower_).substr(at.begin, at.end - at.begin));
    }

    // Of so many lines that have it.
    void add(std::string_view word, std::uint64_t lines) {
        if (word.starts_with(prefix_)) tally_of(word).count += lines;
    }

    std::vector<WordCount> most_frequent(std::size_t limit) const {
        std::vector<WordCount> words;
        words.reserve(tallies_.size());
        for (const auto& [word, tally] : tallies_) words.push_back({word, tally.count, tally.may_miss});
        const auto end = words.begin() + static_cast<std::ptrdiff_t>(std::min(limit, words.size()));
        std::partial_sort(words.begin(), end, words.end(), [](const WordCount& a, const WordCount& b) {
            return a.count != b.count ? a.count > b.count : a.word < b.word;
        });
        words.erase(end, words.end());
        return words;
    }

  private:
    void count_word(std::string_view word) {
        if (!word.starts_with(prefix_)) return;
        Tally& tally = tally_of(word);
        if (tally.last_line == line_) return;
        tally.last_line = line_;
        ++tally.count;
    }

    Tally& tally_of(std::string_view word) {
        auto at = tallies_.find(word);
        if (at == tallies_.end()) {
            held_ += kBytesPerWord + word.size();
            if (held_ > memory_bytes_) forget_rare();
            at = tallies_.emplace(std::string(word), Tally{0, 0, forgotten_}).first;
        }
        return at->second;
    }

    // Forgets the rarer half of the words, and all that are as frequent as the least frequent of the other
    // half; all of them where they are all equal.
    void forget_rare() {
        std::vector<std::uint64_t> counts;
        counts.reserve(tallies_.size());
        for (const auto& [word, tally] : tallies_) counts.push_back(tally.count + tally.may_miss);
        if (counts.empty()) return;
        const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
        std::nth_element(counts.begin(), middle, counts.end());
        forgotten_ = std::max(forgotten_, *middle);
        for (auto at = tallies_.begin(); at != tallies_.end();) {
            if (at->second.count + at->second.may_miss > forgotten_) {
                ++at;
                continue;
            }
            held_ -= kBytesPerWord + at->first.size();
            at = tallies_.erase(at);
        }
    }

    std::unordered_map<std::string, Tally, TextHash, std::equal_to<>> tallies_;
    std::string lower_;
    std::size_t memory_bytes_;
    std::string_view prefix_;
    std::size_t held_ = 0;
    std::uint64_t line_ = 0;
    std::uint64_t forgotten_ = 0;  // no word that is not in the table has been in more lines than this
};

struct WordsTally final : BlockTally {
    BlockWordCount words;
};

// Counts the words of whole blocks by their templates and columns.
class BlockCounter final : public BlockTaker {
  public:
    BlockCounter(WordTable& table, Execution& execution) : table_(table), execution_(execution) {}

    Result<std::unique_ptr<BlockTally>> tally(const LogRow&, const BlockInfo&,
                                              BlockCursor& lines) const override {
        auto tally = std::make_unique<WordsTally>();
        NM_ASSIGN(const BlockLines in_range, lines.lines_in_range());
        NM_TRY(tally->words.add(lines.block(), in_range));
        return std::unique_ptr<BlockTally>(std::move(tally));
    }
    Result<void> take(const LogRow&, BlockTally& tally) override {
        const BlockWordCount& words = static_cast<const WordsTally&>(tally).words;
        execution_.stats.lines_matched += words.lines();
        words.for_each([&](std::string_view word, std::uint64_t lines) { table_.add(word, lines); });
        return {};
    }

  private:
    WordTable& table_;
    Execution& execution_;
};

}  // namespace

Result<std::vector<WordCount>> count_words(const Store& store, const Scope& scope, std::size_t limit,
                                           Execution& execution, std::string_view prefix) {
    if (limit < 1 || limit > kMaxWords)
        return Error{Code::invalid_argument, "the number of words must be 1 to " + std::to_string(kMaxWords)};
    // Half for the table, half for its copy in order of count.
    WordTable table(execution.limits().memory_bytes / 2, prefix);
    BlockCounter blocks(table, execution);
    NM_ASSIGN(auto scan, LineScan::open(store, scope, Order::descending, std::nullopt, execution, &blocks));
    while (true) {
        NM_ASSIGN(const bool found, scan->next());
        if (!found) break;
        table.count_line(scan->line().text);
    }
    execution.finish();
    return table.most_frequent(limit);
}

}  // namespace nmstore::query

// Every kind of question asked of a store, and answered from its model by going through all lines: the
// matcher says which ones match, the documents say what is to be made of them.
#pragma once

#include <optional>
#include <set>

#include "nmstore/words.h"
#include "query/search.h"
#include "tests/query/oracle_writes.h"

namespace nmstore::testing {

struct OracleLine {
    const LogRow* row = nullptr;
    std::int64_t time_ms = 0;
    std::string text, fields;

    Line line() const {
        Line line;
        line.row = row;
        line.text = text;
        line.fields = fields;
        return line;
    }
    std::string shown() const {
        return std::to_string(time_ms) + " " + row->client + " " + row->log + " [" + text.substr(0, 200) +
               "]" + fields;
    }
};

// A question: a query and what is done with what it finds.
struct OracleQuestion {
    enum Kind { pages, stream, histogram, words, context } kind = pages;
    Order order = Order::descending;
    std::int64_t from_ms = INT64_MIN, to_ms = INT64_MAX;
    std::size_t limit = 10;    // of a page
    std::int64_t step_ms = 0;  // histogram
    std::string by;
    std::size_t line = 0;    // context: around which of the lines found
    std::size_t memory = 0;  // pages: bytes that each may use; 0: as always

    std::string shown() const {
        static constexpr const char* kNames[] = {"pages", "stream", "histogram", "words", "context"};
        return std::string(kNames[kind]) + (order == Order::ascending ? " ascending" : " descending") +
               " from " + std::to_string(from_ms) + " to " + std::to_string(to_ms) + " limit " +
               std::to_string(limit) + " step " + std::to_string(step_ms) + " by [" + by + "] line " +
               std::to_string(line) + " memory " + std::to_string(memory);
    }
};

class OracleAnswers {
  public:
    // The store must not be written to while these live.
    explicit OracleAnswers(OracleStore& world) : world_(world) {
        rows_ = must(world.store->log_rows({}));
        for (const auto& [key, model] : world.rows) {
            const auto row =
                std::find_if(rows_.begin(), rows_.end(), [&](const LogRow& r) { return r.key == key; });
            const RowKind kind = row == rows_.end() ? RowKind::other : row->kind;
            const auto lines = model.lines(kind, world.store.clock.now_ms());
            if (row == rows_.end()) {
                if (!lines.empty()) missing_ = "the row " + key + " is not there";
                continue;
            }
            for (const ModelLine& line : lines) {
                OracleLine one{&*row, line.time_ms, line.text, ""};
                if (line.appended) {
                    const std::size_t end = one.text.rfind(kFieldsBehind);
                    one.fields = one.text.substr(end + 1);
                    one.text.resize(end);
                }
                all_.push_back(std::move(one));
            }
        }
        std::stable_sort(all_.begin(), all_.end(), [](const OracleLine& a, const OracleLine& b) {
            return std::pair(a.time_ms, a.row->id) < std::pair(b.time_ms, b.row->id);
        });
    }

    const std::vector<OracleLine>& lines() const { return all_; }
    // Pages that have been cut short for want of memory.
    std::size_t cut_pages() const { return cut_pages_; }

    // What is wrong with the store's answer; nullopt: nothing.
    std::optional<std::string> difference(const query::Filter& filter, const OracleQuestion& question) {
        if (missing_) return missing_;
        const auto matcher = query::compile(filter);
        if (!matcher.ok()) return std::nullopt;  // a regular expression that is none
        std::vector<OracleLine> found;
        for (const OracleLine& line : all_) {
            const bool inside = line.time_ms >= question.from_ms && line.time_ms < question.to_ms;
            if (inside && (*matcher)->matches(line.line())) found.push_back(line);
        }
        const query::Scope scope{&filter, question.from_ms, question.to_ms, ""};
        switch (question.kind) {
            case OracleQuestion::pages:
                return question.memory == 0 ? of_pages(scope, question, found)
                                            : of_small_pages(scope, question, found);
            case OracleQuestion::stream:
                return of_stream(scope, question, found);
            case OracleQuestion::histogram:
                return of_histogram(scope, question, found);
            case OracleQuestion::words:
                return of_words(scope, found);
            case OracleQuestion::context:
                return of_context(scope, question, found);
        }
        return std::nullopt;
    }

  private:
    using Difference = std::optional<std::string>;
    static constexpr std::size_t kMostMemory = std::size_t{64} << 20;

    static std::string shown(const query::Entry& entry) {
        return std::to_string(entry.id.time_ms) + " " + entry.client + " " + entry.log + " [" +
               entry.line.substr(0, 200) + "]" + entry.fields;
    }
    static bool same(const query::Entry& entry, const OracleLine& line) {
        return entry.id.time_ms == line.time_ms && entry.id.row == line.row->id &&
               entry.client == line.row->client && entry.log == line.row->log && entry.line == line.text &&
               entry.fields == line.fields;
    }
    static Difference compare(const std::vector<query::Entry>& entries, const std::vector<OracleLine>& wanted,
                              const std::string& where) {
        for (std::size_t i = 0; i < std::max(entries.size(), wanted.size()); ++i) {
            if (i < entries.size() && i < wanted.size() && same(entries[i], wanted[i])) continue;
            return where + ", place " + std::to_string(i) + " of " + std::to_string(wanted.size()) + ": is " +
                   (i < entries.size() ? shown(entries[i]) : "not there") + ", must be " +
                   (i < wanted.size() ? wanted[i].shown() : "not there");
        }
        return std::nullopt;
    }
    template <class T>
    static Difference failed(const Result<T>& result) {
        return "failed: " + result.error().message;
    }
    static std::vector<OracleLine> ordered(std::vector<OracleLine> lines, Order order) {
        if (order == Order::descending) std::reverse(lines.begin(), lines.end());
        return lines;
    }

    // Page by page to the end, and from each page one back.
    Difference of_pages(const query::Scope& scope, const OracleQuestion& question,
                        const std::vector<OracleLine>& found) {
        const std::vector<OracleLine> wanted = ordered(found, question.order);
        query::SearchRequest request{scope, question.order, question.limit, ""};
        std::set<LineId> seen;
        for (std::size_t begin = 0;; begin += question.limit) {
            query::Execution execution;
            const auto page = query::search(*world_.store, request, execution);
            if (!page.ok()) return failed(page);
            const auto part = [&](std::size_t from, std::size_t to) {
                const auto at = [&](std::size_t i) {
                    return wanted.begin() + static_cast<std::ptrdiff_t>(std::min(i, wanted.size()));
                };
                return std::vector<OracleLine>(at(from), at(to));
            };
            if (auto wrong = compare(page->entries, part(begin, begin + question.limit),
                                     "page at " + std::to_string(begin)))
                return wrong;
            for (const query::Entry& entry : page->entries)
                if (!seen.insert(entry.id).second) return "an id twice: " + shown(entry);
            if (begin > 0 && !page->entries.empty()) {
                query::Execution back;
                query::SearchRequest before = request;
                before.cursor = page->prev;
                const auto previous = query::search(*world_.store, before, back);
                if (!previous.ok()) return failed(previous);
                if (auto wrong = compare(previous->entries, part(begin - question.limit, begin),
                                         "page before " + std::to_string(begin)))
                    return wrong;
            }
            if (page->next.empty() != (begin + question.limit >= wanted.size()))
                return "next of the page at " + std::to_string(begin) + " of " +
                       std::to_string(wanted.size());
            if (page->next.empty()) return std::nullopt;
            request.cursor = page->next;
        }
    }

    // Page by page to the end, where some are cut short. What is too little to come on at all is doubled.
    Difference of_small_pages(const query::Scope& scope, const OracleQuestion& question,
                              const std::vector<OracleLine>& found) {
        query::SearchRequest request{scope, question.order, question.limit, ""};
        std::vector<query::Entry> entries;
        query::Limits limits;
        limits.memory_bytes = question.memory;
        for (;;) {
            query::Execution execution(limits);
            const auto page = query::search(*world_.store, request, execution);
            if (!page.ok() && page.error().code == Code::limit_exceeded &&
                limits.memory_bytes < kMostMemory) {
                limits.memory_bytes *= 2;
                continue;
            }
            if (!page.ok()) return failed(page);
            const bool cut = !execution.stats.stopped_by.empty();
            cut_pages_ += cut ? 1 : 0;
            entries.insert(entries.end(), page->entries.begin(), page->entries.end());
            if (page->next.empty()) return compare(entries, ordered(found, question.order), "small pages");
            if (page->next == request.cursor) return "a page that leads to itself";
            if (!cut && page->entries.size() != question.limit) return "a page that is neither full nor cut";
            request.cursor = page->next;
        }
    }

    Difference of_stream(const query::Scope& scope, const OracleQuestion& question,
                         const std::vector<OracleLine>& found) {
        std::vector<OracleLine> wanted = ordered(found, question.order);
        query::SearchRequest request{scope, question.order, question.limit % 3 == 0 ? question.limit : 0, ""};
        if (request.limit != 0) wanted.resize(std::min(wanted.size(), request.limit));
        query::Execution execution;
        std::vector<query::Entry> entries;
        const auto done =
            query::search_stream(*world_.store, request, execution, [&](const query::Entry& entry) {
                entries.push_back(entry);
                return true;
            });
        if (!done.ok()) return "failed: " + done.error().message;
        return compare(entries, wanted, "stream");
    }

    static std::string value_of(const OracleLine& line, const std::string& by) {
        if (by.empty()) return "";
        if (by == "client") return line.row->client;
        if (by == "log") return line.row->log;
        if (by == "kind") return std::string(kind_name(line.row->kind));
        if (by == "level") return std::string(query::level_of(line.line()));
        return query::field_of(line.line(), by).value_or("");
    }
    static std::string_view kind_name(RowKind kind) {
        switch (kind) {
            case RowKind::logs:
                return "logs";
            case RowKind::plugins:
                return "plugins";
            case RowKind::alerts:
                return "alerts";
            default:
                return "other";
        }
    }

    Difference of_histogram(const query::Scope& scope, const OracleQuestion& question,
                            const std::vector<OracleLine>& found) {
        query::Execution execution;
        const auto histogram =
            query::histogram(*world_.store, scope, question.step_ms, question.by, execution);
        if (!histogram.ok()) return failed(histogram);
        if (histogram->total != found.size())
            return "total " + std::to_string(histogram->total) + ", must be " + std::to_string(found.size());
        using Counts = std::map<std::pair<std::string, std::int64_t>, std::uint64_t>;
        Counts wanted, is;
        std::set<std::string> values;
        for (const OracleLine& line : found) {
            const std::string value = value_of(line, question.by);
            values.insert(value);
            ++wanted[{value, line.time_ms / histogram->step_ms * histogram->step_ms}];
        }
        if (values.size() > query::kMaxSeries) return std::nullopt;
        for (const auto& series : histogram->series) {
            for (std::size_t i = 0; i < series.buckets.size(); ++i) {
                if (i > 0 && series.buckets[i].time_ms != series.buckets[i - 1].time_ms + histogram->step_ms)
                    return "a gap between buckets";
                if (series.buckets[i].count > 0)
                    is[{series.value, series.buckets[i].time_ms}] += series.buckets[i].count;
            }
        }
        if (is == wanted) return std::nullopt;
        for (const auto& [key, count] : wanted)
            if (is[key] != count)
                return "bucket " + std::to_string(key.second) + " of [" + key.first + "]: is " +
                       std::to_string(is[key]) + ", must be " + std::to_string(count);
        return "a bucket too many";
    }

    Difference of_words(const query::Scope& scope, const std::vector<OracleLine>& found) {
        query::Execution execution;
        const auto words = query::count_words(*world_.store, scope, query::kMaxWords, execution);
        if (!words.ok()) return failed(words);
        std::map<std::string, std::uint64_t> counts;
        for (const OracleLine& line : found) {
            std::set<std::string> of_line;
            WordScanner scanner(line.text);
            for (WordAt at; scanner.next(at);)
                of_line.insert(to_lower(std::string_view(line.text).substr(at.begin, at.end - at.begin)));
            for (const std::string& word : of_line) ++counts[word];
        }
        std::vector<std::pair<std::string, std::uint64_t>> wanted(counts.begin(), counts.end());
        std::stable_sort(wanted.begin(), wanted.end(),
                         [](const auto& a, const auto& b) { return a.second > b.second; });
        if (words->size() != wanted.size())
            return std::to_string(words->size()) + " words, must be " + std::to_string(wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const query::WordCount& is = (*words)[i];
            if (is.word != wanted[i].first || is.count != wanted[i].second || is.may_miss != 0)
                return "word " + is.word + " " + std::to_string(is.count) + ", must be " + wanted[i].first +
                       " " + std::to_string(wanted[i].second);
        }
        return std::nullopt;
    }

    Difference of_context(const query::Scope& scope, const OracleQuestion& question,
                          const std::vector<OracleLine>& found) {
        if (found.empty()) return std::nullopt;
        query::Execution searching, showing;
        const auto page =
            query::search(*world_.store, {scope, Order::ascending, query::kMaxSearchLimit, ""}, searching);
        if (!page.ok()) return failed(page);
        if (auto wrong = compare(page->entries, found, "search")) return wrong;
        const std::size_t which = question.line % found.size();
        const LogRow* home = found[which].row;
        std::vector<OracleLine> around;
        for (const OracleLine& line : all_)
            if (line.row->kind == home->kind && line.row->client == home->client &&
                line.row->log == home->log)
                around.push_back(line);
        const auto everything = query::context(*world_.store, page->entries[which].id,
                                               query::kMaxContextLines, query::kMaxContextLines, showing);
        if (!everything.ok()) return failed(everything);
        if (auto wrong = compare(*everything, around, "context")) return wrong;
        std::size_t at = 0;
        while ((*everything)[at].id != page->entries[which].id) ++at;
        query::Execution again;
        const auto few =
            query::context(*world_.store, page->entries[which].id, question.limit, question.limit / 2, again);
        if (!few.ok()) return failed(few);
        const std::size_t begin = at - std::min(at, question.limit);
        const std::size_t end = std::min(around.size(), at + 1 + question.limit / 2);
        return compare(*few,
                       {around.begin() + static_cast<std::ptrdiff_t>(begin),
                        around.begin() + static_cast<std::ptrdiff_t>(end)},
                       "context of " + std::to_string(question.limit));
    }

    OracleStore& world_;
    std::vector<LogRow> rows_;
    std::vector<OracleLine> all_;  // in the order of a search
    Difference missing_;
    std::size_t cut_pages_ = 0;
};

}  // namespace nmstore::testing

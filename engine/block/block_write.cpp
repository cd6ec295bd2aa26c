#include <algorithm>
#include <map>
#include <unordered_map>

#include "engine/block/block.h"
#include "engine/block/column.h"
#include "engine/block/directory.h"
#include "engine/block/id_section.h"
#include "engine/block/pattern.h"
#include "engine/block/section.h"
#include "engine/block/shared_section.h"
#include "engine/block/stream.h"
#include "engine/block/summary.h"
#include "engine/block/word_filter.h"

namespace nmstore::block {

void BlockWriter::add(const BlockLine& line) {
    text_.append(line.text);
    if (!line.fields.empty()) text_.append("\n").append(line.fields);
    ids_.push_back({line.time_ms, line.sequence, line.line});
    places_.push_back({text_.size(), !line.fields.empty()});
}

// Makes one block, once.
class BlockEncoder {
  public:
    BlockEncoder(const BlockWriter& writer)
        : text_(writer.text_), ids_(writer.ids_), places_(writer.places_) {}

    std::vector<std::string> encode(std::string_view extras) {
        split_lines();
        number_templates();
        find_zone();
        summarise_columns();
        share_values();
        std::vector<std::string> sections(kFirstGroup);
        gather_words();
        write_columns(sections);
        sections[kDirectory] = write_directory(directory_);
        sections[kNumbers] = numbers();
        sections[kIds] = encode_ids(ids_);
        sections[kExtras].assign(extras);
        sections[kFilter] = words_.take();
        sections[kShared] = write_shared_dictionary(shared_);
        return sections;
    }

  private:
    using Values = std::vector<std::string_view>;
    struct Column {
        Values values;
        bool single = false;
        ColumnSummary summary;
        std::vector<std::uint64_t> numbers;  // where it has numbers
    };
    struct Making {
        std::string pattern;
        bool fields = false;
        bool plain = false;
        std::vector<std::int64_t> times;
        std::vector<Column> columns;
        std::size_t number = 0;  // in the block
        std::size_t lines() const { return times.size(); }
    };

    std::string_view line(std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : places_[i - 1].end;
        return std::string_view(text_).substr(begin, places_[i].end - begin);
    }

    void split_lines() {
        std::unordered_map<std::string, std::size_t> known;  // by flag and pattern
        Splitter splitter;
        std::string key;
        of_line_.resize(ids_.size());
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            const Values whole{line(i)};
            bool plain = !splitter.split(whole[0]);
            key.assign(1, places_[i].fields ? 'f' : '-').append(plain ? kPlainPattern : splitter.pattern());
            if (!plain && known.size() >= kMaxTemplates && !known.contains(key)) {
                plain = true;
                key.replace(1, std::string::npos, kPlainPattern);
            }
            const auto [at, added] = known.try_emplace(key, templates_.size());
            if (added) {
                Making& made = templates_.emplace_back();
                made.pattern = key.substr(1);
                made.fields = places_[i].fields;
                made.plain = plain;
                made.columns.resize(plain ? 1 : splitter.variables().size());
            }
            Making& made = templates_[at->second];
            const Values& values = plain ? whole : splitter.variables();
            for (std::size_t v = 0; v < values.size(); ++v) made.columns[v].values.push_back(values[v]);
            made.times.push_back(ids_[i].time_ms);
            of_line_[i] = at->second;
        }
    }

    void number_templates() {
        order_.resize(templates_.size());
        for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
        std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            if (templates_[a].plain != templates_[b].plain) return templates_[b].plain;
            return templates_[a].lines() > templates_[b].lines();
        });
        for (std::size_t i = 0; i < order_.size(); ++i) templates_[order_[i]].number = i;
    }

    // A clock in the text that shows another zone's time: told by the first line that has an hour which is
    // followed by its own minutes.
    void find_zone() {
        const Making& most = templates_[order_[0]];
        std::string own;
        const auto two_digits = [](std::string_view text, std::uint64_t limit, std::int64_t& number) {
            std::uint64_t parsed = 0;
            if (text.size() != 2 || !parse_digits(text, parsed) || parsed >= limit) return false;
            number = static_cast<std::int64_t>(parsed);
            return true;
        };
        for (std::size_t v = 0; v + 1 < most.columns.size() && !most.plain; ++v) {
            std::int64_t hour = 0;
            std::int64_t minute = 0;
            if (!two_digits(most.columns[v].values[0], 24, hour)) continue;
            if (!two_digits(most.columns[v + 1].values[0], 60, minute)) continue;
            std::int64_t own_hour = 0;
            std::int64_t own_minute = 0;
            set_clock_text(kHour, most.times[0], 0, own);
            (void)two_digits(own, 24, own_hour);
            set_clock_text(kMinute, most.times[0], 0, own);
            (void)two_digits(own, 60, own_minute);
            std::int64_t ahead = (hour - own_hour) * 60 + minute - own_minute;
            if (ahead % 15 != 0) continue;  // no zone is: not a clock, or not of this line's time
            if (ahead > 14 * 60) ahead -= 24 * 60;
            if (ahead < -12 * 60) ahead += 24 * 60;
            directory_.zone_minutes = ahead;
            return;
        }
    }

    void summarise_columns() {
        for (Making& made : templates_) {
            for (Column& column : made.columns) {
                column.single = is_single(column.values);
                if (!column.single) column.summary = summarise(column.values, column.numbers);
            }
        }
    }

    void share_values() {
        std::unordered_map<std::string_view, std::uint32_t> counts;
        for (const Making& made : templates_) {
            if (made.plain) continue;
            for (const Column& column : made.columns) {
                if (column.single) continue;
                for (const auto value : column.values) {
                    if (value.size() >= kMinSharedBytes) ++counts[value];
                }
            }
        }
        std::vector<std::pair<std::uint32_t, std::string_view>> repeated;
        for (const auto& [value, count] : counts) {
            if (count >= 2) repeated.emplace_back(count, value);
        }
        // The most frequent ones first: small places make better planes. Ties by value, so that a block is
        // made the same each time.
        std::sort(repeated.begin(), repeated.end(), [](const auto& a, const auto& b) {
            return a.first != b.first ? a.first > b.first : a.second < b.second;
        });
        if (repeated.size() > kMaxSharedValues) repeated.resize(kMaxSharedValues);
        std::stable_partition(repeated.begin(), repeated.end(),
                              [](const auto& value) { return is_plain_number(value.second); });
        for (const auto& [count, value] : repeated) {
            shared_.places.emplace(value, static_cast<std::uint32_t>(shared_.values.size()));
            shared_.values.push_back(value);
        }
    }

    static bool is_single(const Values& values) {
        return std::all_of(values.begin(), values.end(), [&](auto value) { return value == values[0]; });
    }

    void gather_words() {
        for (const Making& made : templates_) {
            for (const Column& column : made.columns) {
                if (better_as_range(column.numbers, column.summary.range))
                    words_.add_range(column.summary.range);
            }
        }
        words_.close_ranges();
        for (const Making& made : templates_) {
            if (!made.plain) words_.add_words_of(made.pattern);
            for (const Column& column : made.columns) {
                const std::size_t values = column.single ? 1 : column.values.size();
                if (column.summary.number && words_.covers(column.summary.range)) continue;
                for (std::size_t i = 0; i < values; ++i) {
                    made.plain ? words_.add_words_of(column.values[i]) : words_.add_word(column.values[i]);
                }
            }
        }
    }

    // Also fills the directory.
    void write_columns(std::vector<std::string>& sections) {
        std::string group;
        const auto close = [&] {
            if (group.empty()) return;
            sections.push_back(std::move(group));
            group.clear();
            ++directory_.groups;
        };
        directory_.lines = ids_.size();
        std::size_t variables = 0;
        for (const Making& made : templates_) variables += made.columns.size();
        directory_.variables.reserve(variables);  // templates look into it
        for (const std::size_t place : order_) {
            const Making& made = templates_[place];
            const ColumnContext context{&made.times, directory_.zone_minutes, &shared_};
            const Template::Variable* const first = directory_.variables.data() + directory_.variables.size();
            for (const Column& column : made.columns) {
                if (column.single) {
                    directory_.variables.push_back({true, column.values[0], 0});
                    continue;
                }
                directory_.variables.push_back({false, {}, directory_.columns.size()});
                StoredColumn& stored = directory_.columns.emplace_back();
                const std::size_t begin = group.size();
                encode_column(column.values, column.numbers, column.summary.range.width, context, group);
                stored.summary = column.summary;
                stored.group = directory_.groups;
                stored.bytes = group.size() - begin;
                if (group.size() >= kGroupBytes) close();
            }
            directory_.templates.push_back(
                {made.pattern, made.lines(), made.fields, made.plain, {first, made.columns.size()}});
        }
        close();
    }

    std::string numbers() const {
        std::vector<std::uint64_t> numbers(of_line_.size());
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = templates_[of_line_[i]].number;
        std::string out;
        put_planes(out, numbers);
        return out;
    }

    const std::string& text_;
    const std::vector<LineKey>& ids_;
    const std::vector<BlockWriter::Place>& places_;
    std::vector<Making> templates_;     // in order of appearance
    std::vector<std::size_t> of_line_;  // the place in templates_ of each line's
    std::vector<std::size_t> order_;    // places in templates_, by number
    Directory directory_;
    SharedDictionary shared_;
    WordGatherer words_;
};

Result<std::vector<std::string>> BlockWriter::encode(std::string_view extras) {
    NM_CHECK(!ids_.empty());
    if (ids_.size() > kMaxBlockLines || text_.size() > kMaxSectionBytes) {
        return Error{Code::too_large, "cannot make a block of " + std::to_string(ids_.size()) +
                                          " lines and " + std::to_string(text_.size()) + " bytes"};
    }
    std::vector<std::string> sections = BlockEncoder(*this).encode(extras);
    text_.clear();
    ids_.clear();
    places_.clear();
    return sections;
}

Result<std::string> BlockWriter::finish(std::string_view extras, int level) {
    NM_ASSIGN(const std::vector<std::string> sections, encode(extras));
    return write_sections(sections, level);
}

Result<std::vector<std::string>> BlockWriter::finish_sections(std::string_view extras, int level) {
    NM_ASSIGN(const std::vector<std::string> sections, encode(extras));
    return compress_sections(sections, level);
}

}  // namespace nmstore::block

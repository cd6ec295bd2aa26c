#include <algorithm>

#include "engine/block/block.h"
#include "engine/block/column_write.h"
#include "engine/block/directory.h"
#include "engine/block/id_section.h"
#include "engine/block/section.h"
#include "engine/block/shared_section.h"
#include "engine/block/split_lines.h"
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
        for (std::size_t i = 0, begin = 0; i < ids_.size(); begin = places_[i++].end) {
            const auto line = std::string_view(text_).substr(begin, places_[i].end - begin);
            lines_.add(line, places_[i].fields, ids_[i].time_ms);
        }
        lines_.close();
        find_zone();
        find_clocks();
        share_values();
        std::vector<std::string> sections(kFirstGroup);
        write_columns(sections);
        sections[kDirectory] = write_directory(directory_);
        put_planes(sections[kNumbers], lines_.numbers());
        sections[kIds] = encode_ids(ids_);
        sections[kExtras].assign(extras);
        gather_words();
        sections[kFilter] = words_.take();
        sections[kShared] = write_shared_dictionary(shared_);
        return sections;
    }

  private:
    const ValueTable& table() const { return lines_.table(); }
    std::string_view first_value(const WrittenColumn& column) const {
        return table()[column.distinct[0]].text;
    }

    // A clock in the text that shows another zone's time: told by the first line that has an hour which is
    // followed by its own minutes.
    void find_zone() {
        const WrittenTemplate& most = lines_.templates()[lines_.order()[0]];
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
            if (!two_digits(first_value(most.columns[v]), 24, hour)) continue;
            if (!two_digits(first_value(most.columns[v + 1]), 60, minute)) continue;
            std::int64_t own_hour = 0;
            std::int64_t own_minute = 0;
            set_clock_text(kHour, most.times_ms[0], 0, own);
            (void)two_digits(own, 24, own_hour);
            set_clock_text(kMinute, most.times_ms[0], 0, own);
            (void)two_digits(own, 60, own_minute);
            std::int64_t ahead = (hour - own_hour) * 60 + minute - own_minute;
            if (ahead % 15 != 0) continue;  // no zone is: not a clock, or not of this line's time
            if (ahead > 14 * 60) ahead -= 24 * 60;
            if (ahead < -12 * 60) ahead += 24 * 60;
            directory_.zone_minutes = ahead;
            return;
        }
    }

    // Of all columns with more than one value, in the order of the directory.
    template <class Take>
    void each_column(Take take) const {
        for (const std::size_t place : lines_.order()) {
            const WrittenTemplate& made = lines_.templates()[place];
            for (const WrittenColumn& column : made.columns) {
                if (!column.is_single()) take(made, column);
            }
        }
    }

    void find_clocks() {
        each_column([&](const WrittenTemplate& made, const WrittenColumn& column) {
            clocks_.push_back(clock_part_of(column, table(), made.times_ms, directory_.zone_minutes));
        });
    }

    void share_values() {
        std::vector<std::uint32_t> uses(table().size());
        std::size_t at = 0;
        each_column([&](const WrittenTemplate& made, const WrittenColumn& column) {
            if (clocks_[at++] != kClockParts || made.plain || column.summary.longest < kMinSharedBytes)
                return;
            for (std::size_t i = 0; i < column.distinct.size(); ++i)
                uses[column.distinct[i]] += column.counts[i];
        });
        std::vector<std::uint32_t> repeated;
        for (std::uint32_t value = 0; value < uses.size(); ++value) {
            if (uses[value] >= 2 && table()[value].text.size() >= kMinSharedBytes) repeated.push_back(value);
        }
        if (repeated.empty()) return;
        // The most frequent ones first: small places make better planes. Ties by value, so that a block is
        // made the same each time.
        std::sort(repeated.begin(), repeated.end(), [&](std::uint32_t a, std::uint32_t b) {
            return uses[a] != uses[b] ? uses[a] > uses[b] : table()[a].text < table()[b].text;
        });
        if (repeated.size() > kMaxSharedValues) repeated.resize(kMaxSharedValues);
        std::stable_partition(repeated.begin(), repeated.end(),
                              [&](std::uint32_t value) { return table()[value].is_plain_number(); });
        shared_places_.resize(table().size());
        for (const std::uint32_t value : repeated) {
            shared_.values.push_back(table()[value].text);
            shared_places_[value] = static_cast<std::uint32_t>(shared_.values.size());
        }
    }

    // The numbers of each line.
    const std::vector<std::uint64_t>& numbers_of(const WrittenColumn& column) {
        numbers_.resize(column.places.size());
        for (std::size_t i = 0; i < numbers_.size(); ++i)
            numbers_[i] = table()[column.distinct[column.places[i]]].number;
        return numbers_;
    }

    void gather_words() {
        each_column([&](const WrittenTemplate&, const WrittenColumn& column) {
            if (column.summary.number &&
                better_as_range(numbers_of(column), column.distinct.size(), column.summary.range))
                words_.add_range(column.summary.range);
        });
        words_.close_ranges();
        words_.expect(table().size());
        std::vector<bool> taken(table().size());
        for (const WrittenTemplate& made : lines_.templates()) {
            if (!made.plain) words_.add_words_of(made.pattern);
            for (const WrittenColumn& column : made.columns) {
                if (column.summary.number && words_.covers(column.summary.range)) continue;
                for (const std::uint32_t value : column.distinct) {
                    const ValueTable::Value& known = table()[value];
                    if (made.plain) {
                        words_.add_words_of(known.text);
                    } else if (!taken[value]) {
                        taken[value] = true;
                        words_.add_word(known.text, known.is_number, known.number);
                    }
                }
            }
        }
    }

    void write_column(const WrittenTemplate& made, const WrittenColumn& column, ColumnEncoder& encoder,
                      std::string& group) {
        const int clock = clocks_[directory_.columns.size()];
        directory_.variables.push_back({false, {}});
        NewDirectory::OfColumn& stored = directory_.columns.emplace_back();
        const std::size_t begin = group.size();
        if (clock != kClockParts) {
            group.push_back(static_cast<char>(Encoding::clock));
            group.push_back(static_cast<char>(clock));
        } else {
            encoder.encode(column, made.times_ms, group);
        }
        stored.summary = column.summary;
        stored.group = directory_.groups;
        stored.bytes = group.size() - begin;
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
        ColumnEncoder encoder(table(), shared_places_);
        for (const std::size_t place : lines_.order()) {
            const WrittenTemplate& made = lines_.templates()[place];
            for (const WrittenColumn& column : made.columns) {
                if (column.is_single()) {
                    directory_.variables.push_back({true, first_value(column)});
                    continue;
                }
                write_column(made, column, encoder, group);
                if (group.size() >= kGroupBytes) close();
            }
            directory_.templates.push_back(
                {made.pattern, made.lines(), made.fields, made.plain, made.columns.size()});
        }
        close();
    }

    const std::string& text_;
    const std::vector<LineKey>& ids_;
    const std::vector<BlockWriter::Place>& places_;
    SplitLines lines_;
    std::vector<int> clocks_;  // of each column, in the order of the directory: a ClockPart or kClockParts
    NewDirectory directory_;
    SharedDictionary shared_;
    std::vector<std::uint32_t> shared_places_;  // by number in the table: 0, or 1 + the place in shared_
    WordGatherer words_;
    std::vector<std::uint64_t> numbers_;
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

#include <algorithm>
#include <map>
#include <unordered_map>

#include "engine/block/block.h"
#include "engine/block/column.h"
#include "engine/block/filter.h"
#include "engine/block/pattern.h"
#include "engine/block/section.h"
#include "engine/block/stream.h"
#include "engine/block/word_key.h"
#include "nmstore/words.h"

namespace nmstore::block {

void BlockWriter::add(const BlockLine& line) {
    text_.append(line.text);
    if (!line.fields.empty()) text_.append("\n").append(line.fields);
    ids_.push_back({line.time_ms, line.sequence, line.line, text_.size(), !line.fields.empty()});
}

// Makes one block, once.
class BlockEncoder {
  public:
    BlockEncoder(const BlockWriter& writer) : text_(writer.text_), ids_(writer.ids_) {}

    std::vector<std::string> encode(std::string_view extras) {
        split_lines();
        number_templates();
        find_zone();
        share_values();
        std::vector<std::string> sections(kFirstGroup);
        std::string group_sizes;
        const std::size_t groups = write_columns(sections, group_sizes);
        sections[kDirectory] = directory(groups, group_sizes);
        sections[kNumbers] = numbers();
        sections[kIds] = ids();
        sections[kExtras].assign(extras);
        sections[kFilter] = make_filter(words_.take());
        return sections;
    }

  private:
    using Values = std::vector<std::string_view>;
    struct Making {
        std::string pattern;
        bool fields = false;
        bool plain = false;
        std::vector<std::int64_t> times;
        std::vector<Values> columns;
        std::size_t number = 0;  // in the block
        std::size_t lines() const { return times.size(); }
    };

    std::string_view line(std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ids_[i - 1].end;
        return std::string_view(text_).substr(begin, ids_[i].end - begin);
    }

    void split_lines() {
        std::unordered_map<std::string, std::size_t> known;  // by flag and pattern
        Splitter splitter;
        std::string key;
        of_line_.resize(ids_.size());
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            const Values whole{line(i)};
            bool plain = !splitter.split(whole[0]);
            key.assign(1, ids_[i].fields ? 'f' : '-').append(plain ? kPlainPattern : splitter.pattern());
            if (!plain && known.size() >= kMaxTemplates && !known.contains(key)) {
                plain = true;
                key.replace(1, std::string::npos, kPlainPattern);
            }
            const auto [at, added] = known.try_emplace(key, templates_.size());
            if (added) {
                Making& made = templates_.emplace_back();
                made.pattern = key.substr(1);
                made.fields = ids_[i].fields;
                made.plain = plain;
                made.columns.resize(plain ? 1 : splitter.variables().size());
            }
            Making& made = templates_[at->second];
            const Values& values = plain ? whole : splitter.variables();
            for (std::size_t v = 0; v < values.size(); ++v) made.columns[v].push_back(values[v]);
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
        for (std::size_t v = 0; v + 1 < most.columns.size() && !most.plain; ++v) {
            std::uint64_t hour = 0;
            std::uint64_t minute = 0;
            const auto hour_text = most.columns[v][0];
            const auto minute_text = most.columns[v + 1][0];
            if (hour_text.size() != 2 || minute_text.size() != 2) continue;
            if (!parse_digits(hour_text, hour) || !parse_digits(minute_text, minute) || hour > 23 ||
                minute > 59)
                continue;
            std::uint64_t own = 0;
            std::uint64_t own_minute = 0;
            if (!parse_digits(clock_text(0, most.times[0], 0), own)) continue;
            if (!parse_digits(clock_text(1, most.times[0], 0), own_minute)) continue;
            std::int64_t ahead = (static_cast<std::int64_t>(hour) - static_cast<std::int64_t>(own)) * 60 +
                                 static_cast<std::int64_t>(minute) - static_cast<std::int64_t>(own_minute);
            if (ahead % 15 != 0) continue;  // no zone is: not a clock, or not of this line's time
            if (ahead > 14 * 60) ahead -= 24 * 60;
            if (ahead < -12 * 60) ahead += 24 * 60;
            zone_minutes_ = ahead;
            return;
        }
    }

    void share_values() {
        std::unordered_map<std::string_view, std::uint32_t> counts;
        for (const Making& made : templates_) {
            if (made.plain) continue;
            for (const Values& values : made.columns) {
                if (is_single(values)) continue;
                for (const auto value : values) {
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

    static bool is_plain_number(std::string_view value) {
        std::uint64_t number = 0;
        return parse_digits(value, number) && (value.size() == 1 || value[0] != '0');
    }
    static bool is_single(const Values& values) {
        return std::all_of(values.begin(), values.end(), [&](auto value) { return value == values[0]; });
    }

    std::size_t write_columns(std::vector<std::string>& sections, std::string& group_sizes) {
        add_directory_words();
        std::string group;
        std::size_t in_group = 0;
        std::size_t groups = 0;
        const auto close = [&] {
            if (in_group == 0) return;
            sections.push_back(std::move(group));
            group.clear();
            put_varint(group_sizes, in_group);
            in_group = 0;
            ++groups;
        };
        for (const std::size_t place : order_) {
            const Making& made = templates_[place];
            const ColumnContext context{&made.times, zone_minutes_, &shared_};
            for (const Values& values : made.columns) {
                if (is_single(values)) continue;
                encode_column(values, context, group);
                for (const auto value : values) add_words(value, group_words(groups), made.plain);
                ++in_group;
                if (group.size() >= kGroupBytes) close();
            }
        }
        close();
        return groups;
    }

    // A variable is one word; a whole line or a pattern has many.
    void add_words(std::string_view text, std::size_t place, bool many) {
        if (!many) return words_.add(word_key(text, place));
        WordScanner scanner(text);
        for (WordAt word; scanner.next(word);)
            words_.add(word_key(text.substr(word.begin, word.end - word.begin), place));
    }

    void add_directory_words() {
        for (const Making& made : templates_) {
            if (!made.plain) add_words(made.pattern, kDirectoryWords, true);
            for (const Values& values : made.columns) {
                if (is_single(values)) add_words(values[0], kDirectoryWords, made.plain);
            }
        }
    }

    std::string directory(std::size_t groups, const std::string& group_sizes) const {
        std::string out;
        std::string patterns;
        std::string singles;
        put_varint(out, ids_.size());
        put_varint(out, templates_.size());
        put_varint(out, zigzag(zone_minutes_));
        for (const std::size_t place : order_) {
            const Making& made = templates_[place];
            put_varint(out, (made.fields ? kFieldsFlag : 0) | (made.plain ? kPlainFlag : 0));
            put_varint(out, made.lines());
            put_varint(out, made.pattern.size());
            patterns += made.pattern;
            put_varint(out, made.columns.size());
            for (const Values& values : made.columns) {
                const bool single = is_single(values);
                put_varint(out, single ? values[0].size() + 1 : 0);
                if (single) singles += values[0];
            }
        }
        out += patterns + singles;
        put_shared(out);
        put_varint(out, groups);
        out += group_sizes;
        return out;
    }

    void put_shared(std::string& out) const {
        std::vector<std::uint64_t> numbers;
        std::string sizes;
        std::string texts;
        for (const auto value : shared_.values) {
            if (is_plain_number(value)) {
                std::uint64_t number = 0;
                (void)parse_digits(value, number);
                numbers.push_back(number);
            } else {
                put_varint(sizes, value.size());
                texts += value;
            }
        }
        put_varint(out, numbers.size());
        put_planes(out, numbers);
        put_varint(out, shared_.values.size() - numbers.size());
        out += sizes + texts;
    }

    std::string numbers() const {
        std::vector<std::uint64_t> numbers(of_line_.size());
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = templates_[of_line_[i]].number;
        std::string out;
        put_planes(out, numbers);
        return out;
    }

    std::string ids() const {
        std::string out;
        // Unsigned differences wrap, and wrap back when read.
        std::uint64_t time = 0;
        std::uint64_t step = 0;
        for (const auto& id : ids_) {
            const std::uint64_t next_step = static_cast<std::uint64_t>(id.time_ms) - time;
            put_varint(out, zigzag(static_cast<std::int64_t>(next_step - step)));
            step = &id == &ids_.front() ? 0 : next_step;
            time = static_cast<std::uint64_t>(id.time_ms);
        }
        std::uint64_t sequence = 0;
        for (const auto& id : ids_) {
            put_varint(out, zigzag(static_cast<std::int64_t>(id.sequence - sequence)));
            sequence = id.sequence;
        }
        for (const auto& id : ids_) put_varint(out, id.line);
        return out;
    }

    const std::string& text_;
    const std::vector<BlockWriter::Id>& ids_;
    std::vector<Making> templates_;     // in order of appearance
    std::vector<std::size_t> of_line_;  // the place in templates_ of each line's
    std::vector<std::size_t> order_;    // places in templates_, by number
    std::int64_t zone_minutes_ = 0;
    SharedDictionary shared_;
    KeySet words_;
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

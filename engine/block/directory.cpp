#include "engine/block/directory.h"

#include <algorithm>

#include "engine/block/block.h"
#include "engine/block/pattern.h"
#include "engine/block/stream.h"
#include "engine/block/summary.h"

namespace nmstore::block {
namespace {

// Flags of a template.
constexpr std::uint64_t kFieldsFlag = 1;
constexpr std::uint64_t kPlainFlag = 2;
constexpr std::size_t kMaxZone = 4096;

class DirectoryReader {
  public:
    explicit DirectoryReader(std::string_view bytes) : reader_(bytes), limit_(bytes.size()) {}

    Result<Directory> read() {
        made_.lines = reader_.size(kMaxBlockLines);
        made_.templates.resize(reader_.size(std::min(kMaxTemplates + 2, limit_)));
        made_.zone_minutes = unzigzag(reader_.size(kMaxZone));
        if (read_templates() && read_texts() && read_columns() && read_groups()) return std::move(made_);
        return corrupt("its directory does not add up");
    }

  private:
    bool read_templates() {
        std::size_t lines = 0;
        pattern_sizes_.reserve(made_.templates.size());
        variable_counts_.reserve(made_.templates.size());
        for (Template& made : made_.templates) {
            const std::size_t flags = reader_.size(kFieldsFlag | kPlainFlag);
            made.fields = (flags & kFieldsFlag) != 0;
            made.plain = (flags & kPlainFlag) != 0;
            made.lines = reader_.size(made_.lines);
            lines += made.lines;
            pattern_sizes_.push_back(reader_.size(limit_));
            read_variables(made, reader_.size(made.plain ? 1 : kMaxVariables));
            if (made.lines == 0 || reader_.failed()) return false;
        }
        return lines == made_.lines && lines != 0;
    }

    void read_variables(const Template& owner, std::size_t count) {
        variable_counts_.push_back(count);
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            Template::Variable& variable = made_.variables.emplace_back();
            const std::size_t single = reader_.size(limit_ + 1);
            variable.single = single != 0;
            if (variable.single) {
                single_sizes_.push_back(single - 1);
            } else {
                variable.column = made_.columns.size();
                made_.columns.emplace_back().owner =
                    static_cast<std::size_t>(&owner - made_.templates.data());
            }
        }
    }

    bool read_texts() {
        std::size_t variable = 0;
        for (std::size_t i = 0; i < made_.templates.size(); ++i) {
            Template& made = made_.templates[i];
            made.pattern = reader_.bytes(pattern_sizes_[i]);
            made.variables = {made_.variables.data() + variable, variable_counts_[i]};
            variable += variable_counts_[i];
            if (!is_pattern(made)) return false;
        }
        std::size_t single = 0;
        for (Template::Variable& one : made_.variables) {
            if (one.single) one.value = reader_.bytes(single_sizes_[single++]);
        }
        return !reader_.failed();
    }

    // Only those with escapes are parsed for it.
    static bool is_pattern(const Template& made) {
        if (made.plain) return made.pattern == kPlainPattern && made.variables.size() == 1;
        if (made.pattern.find(kEscapeMark) == std::string_view::npos) {
            const auto marks = std::count(made.pattern.begin(), made.pattern.end(), kVariableMark);
            return static_cast<std::size_t>(marks) == made.variables.size();
        }
        std::vector<std::string_view> constants;
        std::string unescaped;
        return parse_pattern(made.pattern, made.variables.size(), constants, unescaped);
    }

    bool read_columns() {
        for (StoredColumn& column : made_.columns) {
            column.summary = read_summary(reader_);
            column.bytes = reader_.size(kMaxSectionBytes);
        }
        return !reader_.failed();
    }

    bool read_groups() {
        made_.groups = reader_.size(made_.columns.size());
        std::size_t column = 0;
        for (std::size_t group = 0; group < made_.groups && !reader_.failed(); ++group) {
            const std::size_t count = reader_.size(made_.columns.size() - column);
            if (count == 0) return false;
            std::size_t begin = 0;
            for (std::size_t i = 0; i < count; ++i) {
                StoredColumn& made = made_.columns[column++];
                made.group = group;
                made.begin = begin;
                begin += made.bytes;
            }
        }
        return !reader_.failed() && reader_.at_end() && column == made_.columns.size();
    }

    Reader reader_;
    const std::size_t limit_;  // of what the directory has: no text in it is longer
    Directory made_;
    std::vector<std::size_t> pattern_sizes_;
    std::vector<std::size_t> variable_counts_;
    std::vector<std::size_t> single_sizes_;
};

}  // namespace

std::string write_directory(const Directory& directory) {
    std::string out;
    std::string texts;
    std::string singles;
    put_varint(out, directory.lines);
    put_varint(out, directory.templates.size());
    put_varint(out, zigzag(directory.zone_minutes));
    for (const Template& made : directory.templates) {
        put_varint(out, (made.fields ? kFieldsFlag : 0) | (made.plain ? kPlainFlag : 0));
        put_varint(out, made.lines);
        put_varint(out, made.pattern.size());
        texts += made.pattern;
        put_varint(out, made.variables.size());
        for (const Template::Variable& variable : made.variables) {
            put_varint(out, variable.single ? variable.value.size() + 1 : 0);
            if (variable.single) singles += variable.value;
        }
    }
    out.append(texts).append(singles);
    std::vector<std::size_t> groups(directory.groups);
    for (const StoredColumn& column : directory.columns) {
        put_summary(column.summary, out);
        put_varint(out, column.bytes);
        ++groups[column.group];
    }
    put_varint(out, groups.size());
    for (const std::size_t columns : groups) put_varint(out, columns);
    return out;
}

Result<Directory> read_directory(std::string_view bytes) {
    return DirectoryReader(bytes).read();
}

}  // namespace nmstore::block

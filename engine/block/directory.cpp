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

}  // namespace

class DirectoryReader {
  public:
    DirectoryReader(std::string_view bytes, Directory& made)
        : bytes_(bytes), reader_(bytes), limit_(bytes.size()), made_(made) {}

    bool read() {
        made_.bytes_ = bytes_;
        made_.lines_ = reader_.size(kMaxBlockLines);
        made_.templates_.resize(reader_.size(std::min(kMaxTemplates + 2, limit_)));
        made_.zone_minutes_ = unzigzag(reader_.size(kMaxZone));
        return limit_ <= kMaxSectionBytes && read_templates() && read_texts() && read_columns() &&
               read_groups();
    }

  private:
    bool read_templates() {
        std::size_t lines = 0;
        pattern_sizes_.reserve(made_.templates_.size());
        made_.template_columns_.reserve(made_.templates_.size());
        for (Template& made : made_.templates_) {
            const std::size_t flags = reader_.size(kFieldsFlag | kPlainFlag);
            made.fields = (flags & kFieldsFlag) != 0;
            made.plain = (flags & kPlainFlag) != 0;
            made.lines = reader_.size(made_.lines_);
            lines += made.lines;
            pattern_sizes_.push_back(reader_.size(limit_));
            made_.template_columns_.push_back(static_cast<std::uint32_t>(made_.variables_.columns()));
            const std::size_t variables = reader_.size(made.plain ? 1 : kMaxVariables);
            made.variables = {made_.variables_, made_.variables_.size(), variables};
            if (!read_variables(variables) || made.lines == 0) return false;
        }
        made_.variables_.shrink();
        return lines == made_.lines_ && lines != 0;
    }

    bool read_variables(std::size_t count) {
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            const std::size_t single = reader_.size(limit_ + 1);
            if (single == 0) {
                made_.variables_.add_column();
            } else if (single - 1 > limit_ - made_.variables_.single_bytes()) {
                return false;
            } else {
                made_.variables_.add_single(single - 1);
            }
        }
        return !reader_.failed();
    }

    bool read_texts() {
        for (std::size_t i = 0; i < made_.templates_.size(); ++i) {
            made_.templates_[i].pattern = reader_.bytes(pattern_sizes_[i]);
            if (!is_pattern(made_.templates_[i])) return false;
        }
        made_.variables_.set_single_values(reader_.bytes(made_.variables_.single_bytes()));
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
        made_.columns_.resize(made_.variables_.columns());
        column_bytes_.reserve(made_.columns_.size());
        for (Directory::Column& column : made_.columns_) {
            column.told_at = static_cast<std::uint32_t>(limit_ - reader_.rest().size());
            (void)read_summary(reader_);
            column_bytes_.push_back(reader_.size(kMaxSectionBytes));
        }
        return !reader_.failed();
    }

    bool read_groups() {
        const std::size_t groups = reader_.size(made_.columns_.size());
        made_.group_columns_.reserve(groups);
        std::size_t column = 0;
        for (std::size_t group = 0; group < groups && !reader_.failed(); ++group) {
            const std::size_t count = reader_.size(made_.columns_.size() - column);
            if (count == 0) return false;
            made_.group_columns_.push_back(static_cast<std::uint32_t>(column));
            std::size_t begin = 0;
            for (const std::size_t end = column + count; column < end; ++column) {
                made_.columns_[column].begin = static_cast<std::uint32_t>(begin);
                begin += column_bytes_[column];
                if (begin > kMaxSectionBytes) return false;
            }
        }
        return !reader_.failed() && reader_.at_end() && column == made_.columns_.size();
    }

    const std::string_view bytes_;
    Reader reader_;
    const std::size_t limit_;  // of what the directory has: no text in it is longer
    Directory& made_;
    std::vector<std::size_t> pattern_sizes_;
    std::vector<std::size_t> column_bytes_;
};

Result<void> Directory::read(std::string_view bytes) {
    if (DirectoryReader(bytes, *this).read()) return {};
    return corrupt("its directory does not add up");
}

ColumnSummary Directory::summary(std::size_t column) const {
    Reader reader(bytes_.substr(columns_[column].told_at));
    return read_summary(reader);
}

// The last one whose first column is not behind it: those before it that begin there have none.
std::size_t Directory::template_of(std::size_t column) const {
    const auto behind = std::upper_bound(template_columns_.begin(), template_columns_.end(), column);
    return static_cast<std::size_t>(behind - template_columns_.begin()) - 1;
}

ColumnPlace Directory::place(std::size_t column) const {
    const auto behind = std::upper_bound(group_columns_.begin(), group_columns_.end(), column);
    Reader reader(bytes_.substr(columns_[column].told_at));
    (void)read_summary(reader);
    return {static_cast<std::size_t>(behind - group_columns_.begin()) - 1, columns_[column].begin,
            reader.size(kMaxSectionBytes)};
}

std::size_t Directory::memory_bytes() const {
    return templates_.capacity() * sizeof(Template) + variables_.memory_bytes() +
           (template_columns_.capacity() + group_columns_.capacity()) * sizeof(std::uint32_t) +
           columns_.capacity() * sizeof(Column);
}

std::string write_directory(const NewDirectory& directory) {
    std::string out;
    std::string texts;
    std::string singles;
    put_varint(out, directory.lines);
    put_varint(out, directory.templates.size());
    put_varint(out, zigzag(directory.zone_minutes));
    auto variable = directory.variables.begin();
    for (const NewDirectory::OfTemplate& made : directory.templates) {
        put_varint(out, (made.fields ? kFieldsFlag : 0) | (made.plain ? kPlainFlag : 0));
        put_varint(out, made.lines);
        put_varint(out, made.pattern.size());
        texts += made.pattern;
        put_varint(out, made.variables);
        for (const auto end = variable + static_cast<std::ptrdiff_t>(made.variables); variable != end;
             ++variable) {
            put_varint(out, variable->single ? variable->value.size() + 1 : 0);
            if (variable->single) singles += variable->value;
        }
    }
    out.append(texts).append(singles);
    std::vector<std::size_t> groups(directory.groups);
    for (const NewDirectory::OfColumn& column : directory.columns) {
        put_summary(column.summary, out);
        put_varint(out, column.bytes);
        ++groups[column.group];
    }
    put_varint(out, groups.size());
    for (const std::size_t columns : groups) put_varint(out, columns);
    return out;
}

}  // namespace nmstore::block

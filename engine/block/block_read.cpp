#include <optional>

#include "engine/block/block.h"
#include "engine/block/column.h"
#include "engine/block/filter.h"
#include "engine/block/pattern.h"
#include "engine/block/section.h"
#include "engine/block/stream.h"

namespace nmstore::block {
namespace {

class Block final : public BlockReader {
  public:
    explicit Block(std::unique_ptr<SectionSource> sections) : sections_(std::move(sections)) {}

    Result<void> read_directory() override;

    std::size_t lines() const override { return lines_; }
    const std::vector<Template>& templates() const override { return templates_; }
    std::size_t columns() const override { return columns_.size(); }
    std::size_t groups() const override { return group_ends_.size(); }
    std::size_t group_of(std::size_t column) const override { return columns_[column].group; }

    Result<const std::vector<LineKey>*> ids() override;
    Result<const std::vector<std::uint32_t>*> numbers() override;
    Result<const std::vector<std::uint32_t>*> ranks() override;
    Result<const ColumnValues*> column(std::size_t column) override;
    Result<std::string_view> extras() override;
    Result<bool> may_have(std::uint64_t key) override;
    Result<BlockLine> line(std::size_t at) override;

  private:
    struct Column {
        std::size_t owner = 0;  // the template
        std::size_t group = 0;
        std::optional<ColumnValues> values;
    };

    bool read_templates(Reader& reader);
    bool read_patterns(Reader& reader, const std::vector<std::size_t>& pattern_sizes,
                       const std::vector<std::size_t>& single_sizes);
    bool read_shared(Reader& reader);
    void fill_shared();
    bool read_groups(Reader& reader);
    Result<void> read_group(std::size_t group);
    Result<void> find_template_times();

    const std::unique_ptr<SectionSource> sections_;
    std::string directory_;  // what the views of templates and shared dictionary look into
    std::size_t lines_ = 0;
    std::int64_t zone_minutes_ = 0;
    std::vector<Template> templates_;
    std::vector<Column> columns_;
    std::vector<std::size_t> group_ends_;  // the column behind the last one of each group
    SharedDictionary shared_;
    ColumnValues shared_number_texts_;
    std::vector<std::uint64_t> shared_numbers_;
    std::vector<std::size_t> shared_sizes_;  // of the texts behind the numbers
    std::string_view shared_texts_;

    std::optional<std::vector<LineKey>> ids_;
    std::optional<std::vector<std::uint32_t>> numbers_;
    std::vector<std::uint32_t> ranks_;  // of each line among those of its template
    std::vector<std::vector<std::int64_t>> template_times_;
    std::size_t value_bytes_ = 0;  // of all columns read: no more than a block's text can have
    std::optional<std::string> extras_;
    std::optional<Filter> filter_;
    std::string filter_bytes_;
    std::string text_;  // of the line asked for last
};

bool Block::read_templates(Reader& reader) {
    lines_ = reader.size(kMaxBlockLines);
    const std::size_t count = reader.size(kMaxTemplates + 2);
    zone_minutes_ = unzigzag(reader.size(4096));
    std::vector<std::size_t> pattern_sizes;
    std::vector<std::size_t> single_sizes;
    std::size_t total = 0;
    for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
        Template& made = templates_.emplace_back();
        const std::size_t flags = reader.size(kFieldsFlag | kPlainFlag);
        made.fields = (flags & kFieldsFlag) != 0;
        made.plain = (flags & kPlainFlag) != 0;
        made.lines = reader.size(lines_);
        total += made.lines;
        pattern_sizes.push_back(reader.size(directory_.size()));
        made.variables.resize(reader.size(kMaxVariables));
        for (auto& variable : made.variables) {
            const std::size_t single = reader.size(directory_.size() + 1);
            variable.single = single != 0;
            if (variable.single) {
                single_sizes.push_back(single - 1);
            } else {
                variable.column = columns_.size();
                columns_.push_back({i, 0, std::nullopt});
            }
        }
        if (made.lines == 0) return false;
    }
    return !reader.failed() && total == lines_ && lines_ != 0 &&
           read_patterns(reader, pattern_sizes, single_sizes);
}

bool Block::read_patterns(Reader& reader, const std::vector<std::size_t>& pattern_sizes,
                          const std::vector<std::size_t>& single_sizes) {
    for (std::size_t i = 0; i < templates_.size(); ++i) {
        Template& made = templates_[i];
        made.pattern = reader.bytes(pattern_sizes[i]);
        if (made.plain) {
            made.constants.resize(2);
            if (made.pattern != kPlainPattern) return false;
        } else if (!parse_pattern(made.pattern, made.constants)) {
            return false;
        }
        if (made.constants.size() != made.variables.size() + 1) return false;
    }
    std::size_t next = 0;
    for (Template& made : templates_) {
        for (auto& variable : made.variables) {
            if (variable.single) variable.value = reader.bytes(single_sizes[next++]);
        }
    }
    return !reader.failed();
}

bool Block::read_shared(Reader& reader) {
    reader.planes(reader.size(kMaxSharedValues), shared_numbers_);
    if (reader.failed()) return false;
    std::vector<std::size_t> sizes(reader.size(kMaxSharedValues));
    std::size_t total = 0;
    for (auto& size : sizes) total += size = reader.size(directory_.size());
    shared_texts_ = reader.bytes(total);
    shared_sizes_ = std::move(sizes);
    return !reader.failed();
}

// The shared dictionary as values: only columns need it.
void Block::fill_shared() {
    if (!shared_.values.empty()) return;
    shared_number_texts_.reserve(shared_numbers_.size());
    for (const std::uint64_t number : shared_numbers_) shared_number_texts_.add_number(number, 0);
    shared_.values.reserve(shared_numbers_.size() + shared_sizes_.size());
    for (std::size_t i = 0; i < shared_numbers_.size(); ++i)
        shared_.values.push_back(shared_number_texts_[i]);
    std::size_t begin = 0;
    for (const std::size_t size : shared_sizes_) {
        shared_.values.push_back(shared_texts_.substr(begin, size));
        begin += size;
    }
}

bool Block::read_groups(Reader& reader) {
    const std::size_t groups = reader.size(columns_.size());
    std::size_t column = 0;
    for (std::size_t group = 0; group < groups && !reader.failed(); ++group) {
        const std::size_t count = reader.size(columns_.size() - column);
        if (count == 0) return false;
        for (std::size_t i = 0; i < count; ++i) columns_[column++].group = group;
        group_ends_.push_back(column);
    }
    return !reader.failed() && reader.at_end() && column == columns_.size() &&
           sections_->size() == kFirstGroup + groups;
}

Result<void> Block::read_directory() {
    if (!templates_.empty()) return {};
    NM_ASSIGN(directory_, sections_->read(kDirectory));
    Reader reader(directory_);
    if (read_templates(reader) && read_shared(reader) && read_groups(reader)) return {};
    templates_.clear();
    return corrupt("its directory does not add up");
}

Result<const std::vector<LineKey>*> Block::ids() {
    if (ids_) return &*ids_;
    NM_ASSIGN(const std::string bytes, sections_->read(kIds));
    Reader reader(bytes);
    std::vector<LineKey> ids(lines_);
    std::uint64_t time = 0;
    std::uint64_t step = 0;
    for (std::size_t i = 0; i < lines_; ++i) {
        step += static_cast<std::uint64_t>(unzigzag(reader.varint()));
        time += step;
        if (i == 0) step = 0;
        ids[i].time_ms = static_cast<std::int64_t>(time);
    }
    std::uint64_t sequence = 0;
    for (LineKey& id : ids) id.sequence = sequence += static_cast<std::uint64_t>(unzigzag(reader.varint()));
    for (LineKey& id : ids) id.line = static_cast<std::uint32_t>(reader.size(UINT32_MAX));
    if (reader.failed() || !reader.at_end()) return corrupt("the ids of its lines do not add up");
    return &ids_.emplace(std::move(ids));
}

Result<const std::vector<std::uint32_t>*> Block::numbers() {
    if (numbers_) return &*numbers_;
    NM_ASSIGN(const std::string bytes, sections_->read(kNumbers));
    Reader reader(bytes);
    std::vector<std::uint64_t> planes;
    reader.planes(lines_, planes);
    if (reader.failed() || !reader.at_end()) return corrupt("its lines do not add up");
    std::vector<std::uint32_t> numbers(lines_);
    std::vector<std::uint32_t> counts(templates_.size());
    ranks_.resize(lines_);
    for (std::size_t i = 0; i < lines_; ++i) {
        if (planes[i] >= templates_.size()) return corrupt("a line has no template");
        numbers[i] = static_cast<std::uint32_t>(planes[i]);
        ranks_[i] = counts[numbers[i]]++;
    }
    for (std::size_t i = 0; i < templates_.size(); ++i) {
        if (counts[i] != templates_[i].lines) return corrupt("a template has other lines than it says");
    }
    return &numbers_.emplace(std::move(numbers));
}

Result<void> Block::find_template_times() {
    if (!template_times_.empty()) return {};
    NM_ASSIGN(const auto* ids, this->ids());
    NM_ASSIGN(const auto* numbers, this->numbers());
    std::vector<std::vector<std::int64_t>> times(templates_.size());
    for (std::size_t i = 0; i < times.size(); ++i) times[i].reserve(templates_[i].lines);
    for (std::size_t i = 0; i < lines_; ++i) times[(*numbers)[i]].push_back((*ids)[i].time_ms);
    template_times_ = std::move(times);
    return {};
}

Result<void> Block::read_group(std::size_t group) {
    NM_TRY(find_template_times());
    fill_shared();
    NM_ASSIGN(const std::string bytes, sections_->read(kFirstGroup + group));
    Reader reader(bytes);
    for (std::size_t i = group == 0 ? 0 : group_ends_[group - 1]; i < group_ends_[group]; ++i) {
        Column& column = columns_[i];
        const ColumnContext context{&template_times_[column.owner], zone_minutes_, &shared_};
        decode_column(reader, templates_[column.owner].lines, context, kMaxSectionBytes - value_bytes_,
                      column.values.emplace());
        value_bytes_ += column.values->bytes();
        if (reader.failed()) {
            column.values.reset();
            return corrupt("a column does not add up");
        }
    }
    if (!reader.at_end()) return corrupt("a group of columns does not add up");
    return {};
}

Result<const ColumnValues*> Block::column(std::size_t column) {
    NM_CHECK(column < columns_.size());
    if (!columns_[column].values) NM_TRY(read_group(columns_[column].group));
    return &*columns_[column].values;
}

Result<std::string_view> Block::extras() {
    if (!extras_) {
        NM_ASSIGN(extras_, sections_->read(kExtras));
    }
    return std::string_view(*extras_);
}

Result<bool> Block::may_have(std::uint64_t key) {
    if (!filter_) {
        NM_ASSIGN(filter_bytes_, sections_->read(kFilter));
        NM_ASSIGN(filter_, Filter::open(filter_bytes_));
    }
    return filter_->may_have(key);
}

Result<const std::vector<std::uint32_t>*> Block::ranks() {
    NM_TRY(numbers());
    return &ranks_;
}

Result<BlockLine> Block::line(std::size_t at) {
    NM_CHECK(at < lines_);
    NM_ASSIGN(const auto* ids, this->ids());
    NM_ASSIGN(const auto* numbers, this->numbers());
    const std::size_t number = (*numbers)[at];
    const Template& made = templates_[number];
    text_ = made.constants[0];
    for (std::size_t v = 0; v < made.variables.size(); ++v) {
        if (made.variables[v].single) {
            text_ += made.variables[v].value;
        } else {
            NM_ASSIGN(const ColumnValues* values, column(made.variables[v].column));
            text_ += (*values)[ranks_[at]];
        }
        text_ += made.constants[v + 1];
    }
    const LineKey& id = (*ids)[at];
    const std::string_view text(text_);
    if (!made.fields) return BlockLine{id.time_ms, id.sequence, id.line, text, {}};
    const std::size_t newline = text.rfind('\n');
    if (newline == std::string_view::npos) return corrupt("a line has lost its fields");
    return BlockLine{id.time_ms, id.sequence, id.line, text.substr(0, newline), text.substr(newline + 1)};
}

}  // namespace

Result<std::unique_ptr<BlockReader>> open_block(std::string_view bytes) {
    NM_ASSIGN(SectionReader sections, SectionReader::open(bytes));
    auto opened = std::make_unique<Block>(std::make_unique<SectionReader>(std::move(sections)));
    NM_TRY(opened->read_directory());
    return std::unique_ptr<BlockReader>(std::move(opened));
}

std::unique_ptr<BlockReader> open_block(std::unique_ptr<SectionSource> sections) {
    return std::make_unique<Block>(std::move(sections));
}

}  // namespace nmstore::block

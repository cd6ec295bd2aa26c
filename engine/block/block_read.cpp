#include <algorithm>
#include <forward_list>
#include <optional>
#include <unordered_map>

#include "engine/block/block.h"
#include "engine/block/column.h"
#include "engine/block/directory.h"
#include "engine/block/id_section.h"
#include "engine/block/pattern.h"
#include "engine/block/section.h"
#include "engine/block/shared_parts.h"
#include "engine/block/shared_section.h"
#include "engine/block/stream.h"

namespace nmstore::block {
namespace {

const Directory& no_directory() {
    static const Directory none;
    return none;
}

class Block final : public BlockReader {
  public:
    explicit Block(std::unique_ptr<SectionSource> sections, std::unique_ptr<SharedParts> shared = nullptr)
        : sections_(std::move(sections)), shared_(std::move(shared)) {}

    Result<bool> may_have_word(const SoughtWord& word) override;
    Result<FilterFacts> filter_facts() override;

    Result<void> read_directory() override;
    std::size_t lines() const override { return directory_->lines(); }
    const std::vector<Template>& templates() const override { return directory_->templates(); }
    const std::vector<std::string_view>& constants(std::size_t number) override;
    std::size_t columns() const override { return directory_->columns(); }
    ColumnSummary summary(std::size_t column) const override { return directory_->summary(column); }
    std::size_t template_of(std::size_t column) const override { return directory_->template_of(column); }

    Result<const std::vector<std::int64_t>*> times() override;
    Result<const std::vector<LineKey>*> ids() override;
    Result<const std::vector<std::uint32_t>*> numbers() override;
    Result<const std::vector<std::uint32_t>*> ranks() override;
    Result<const ColumnValues*> column(std::size_t column) override;
    Result<const std::vector<std::uint64_t>*> column_numbers(std::size_t column) override;
    Result<void> column_form(std::size_t column, ColumnForm& form) override;
    Result<const SharedValues*> shared_values() override;
    Result<std::string_view> extras() override;
    Result<BlockLine> line(std::size_t at) override;

    std::size_t memory_bytes() const override { return kept_bytes_ + decoded_bytes_; }
    void let_go() override;
    void limit_memory(std::size_t bytes) override { limit_bytes_ = bytes; }

  private:
    using SectionBytes = std::shared_ptr<const std::string>;

    struct Constants {
        std::vector<std::string_view> parts;
        std::string unescaped;
    };
    // All that can be read again.
    struct Decoded {
        SectionBytes id_bytes;
        std::size_t time_bytes = 0;  // of those, that the times take
        std::optional<std::vector<std::int64_t>> times;
        std::optional<std::vector<LineKey>> ids;
        std::optional<std::vector<std::uint32_t>> numbers;
        std::vector<std::uint32_t> ranks;  // of each line among those of its template
        std::vector<std::vector<std::int64_t>> template_times;
        std::vector<SectionBytes> groups;
        // Of a block of thousands of columns mostly a few are read: so much for each would take its time.
        std::vector<const ColumnValues*> columns;
        std::forward_list<ColumnValues> values;
        std::unordered_map<std::size_t, std::vector<std::uint64_t>> column_numbers;
        std::size_t value_bytes = 0;  // of all columns read: no more than a block's text can have
        SectionBytes shared_bytes;
        SharedValues shared;
        std::optional<std::string> extras;
    };

    // What is asked again and again by one query after the other: kept for the next.
    Result<SectionBytes> read_shared(std::size_t section);
    Result<SectionBytes> read_kept(std::size_t section);
    Result<void> open_filter();
    // Counts what has been decoded.
    Result<void> hold(std::size_t bytes);
    Result<void> find_template_times();
    // The column's bytes, and what is needed to decode it.
    Result<std::string_view> prepare(std::size_t column, ColumnContext& context);

    const std::unique_ptr<SectionSource> sections_;
    const std::unique_ptr<SharedParts> shared_;  // null: it shares nothing
    std::shared_ptr<const OpenedFilter> filter_;
    std::shared_ptr<const OpenedDirectory> opened_;
    const Directory* directory_ = &no_directory();  // opened_'s, once there is one
    std::vector<Constants> constants_;
    std::size_t kept_bytes_ = 0;

    Decoded decoded_;
    std::size_t decoded_bytes_ = 0;
    std::size_t limit_bytes_ = SIZE_MAX;
    std::string text_;  // of the line asked for last
};

Result<void> Block::open_filter() {
    if (filter_ == nullptr && shared_ != nullptr) filter_ = shared_->filter();
    if (filter_ != nullptr) return {};
    const auto read = [this]() -> Result<std::shared_ptr<const OpenedFilter>> {
        NM_ASSIGN(std::string bytes, sections_->read(kFilter));
        return OpenedFilter::open(std::move(bytes));
    };
    Result<std::shared_ptr<const OpenedFilter>> opened = read();
    if (!opened.ok() && opened.error().code != Code::corruption) return opened.error();
    filter_ = opened.ok() ? *std::move(opened) : OpenedFilter::damaged(opened.error());
    kept_bytes_ += filter_->memory_bytes();
    if (shared_ != nullptr) shared_->keep(filter_);
    return {};
}

Result<bool> Block::may_have_word(const SoughtWord& word) {
    if (shared_ != nullptr && shared_->lacks_word(word)) return false;
    NM_TRY(open_filter());
    return filter_->may_have(word);
}

Result<FilterFacts> Block::filter_facts() {
    NM_TRY(open_filter());
    if (filter_->damage) return *filter_->damage;
    return filter_->words.facts();
}

Result<void> Block::read_directory() {
    if (opened_ != nullptr) return {};
    std::shared_ptr<const OpenedDirectory> opened = shared_ != nullptr ? shared_->directory() : nullptr;
    if (opened == nullptr) {
        NM_ASSIGN(std::string bytes, sections_->read(kDirectory));
        NM_ASSIGN(opened, OpenedDirectory::open(std::move(bytes)));
        if (sections_->size() != kFirstGroup + opened->directory.groups())
            return corrupt("a group of columns is missing");
        kept_bytes_ += opened->memory_bytes();
        if (shared_ != nullptr) shared_->keep(opened);
    }
    opened_ = std::move(opened);
    directory_ = &opened_->directory;
    return {};
}

void Block::let_go() {
    decoded_ = Decoded();
    decoded_bytes_ = 0;
}

Result<Block::SectionBytes> Block::read_shared(std::size_t section) {
    SectionBytes bytes = shared_ != nullptr ? shared_->section(section) : nullptr;
    if (bytes != nullptr) return bytes;
    NM_ASSIGN(std::string read, sections_->read(section));
    bytes = std::make_shared<const std::string>(std::move(read));
    if (shared_ != nullptr) shared_->keep(section, bytes);
    return bytes;
}

// Counts as this reader's too: when the others forget the bytes, it still has them.
Result<Block::SectionBytes> Block::read_kept(std::size_t section) {
    NM_ASSIGN(SectionBytes bytes, read_shared(section));
    NM_TRY(hold(bytes->size()));
    return bytes;
}

Result<void> Block::hold(std::size_t bytes) {
    decoded_bytes_ += bytes;
    if (memory_bytes() <= limit_bytes_) return {};
    return Error{Code::limit_exceeded, "cannot read a block: it takes more than the " +
                                           std::to_string(limit_bytes_) + " bytes that it may have"};
}

const std::vector<std::string_view>& Block::constants(std::size_t number) {
    if (constants_.empty()) {
        constants_.resize(directory_->templates().size());
        kept_bytes_ += constants_.size() * sizeof(Constants);
    }
    Constants& constants = constants_[number];
    if (!constants.parts.empty()) return constants.parts;
    const Template& made = directory_->templates()[number];
    if (made.plain) {
        constants.parts.resize(2);
    } else {
        NM_CHECK(parse_pattern(made.pattern, made.variables.size(), constants.parts, constants.unescaped));
    }
    kept_bytes_ += constants.parts.capacity() * sizeof(constants.parts[0]);
    return constants.parts;
}

Result<const std::vector<std::int64_t>*> Block::times() {
    if (decoded_.times) return &*decoded_.times;
    if (decoded_.id_bytes == nullptr) {
        NM_ASSIGN(decoded_.id_bytes, read_kept(kIds));
    }
    Reader reader(*decoded_.id_bytes);
    std::vector<std::int64_t> times;
    decode_times(reader, lines(), times);
    if (reader.failed()) return corrupt("the times of its lines do not add up");
    decoded_.time_bytes = decoded_.id_bytes->size() - reader.rest().size();
    NM_TRY(hold(times.size() * sizeof(times[0])));
    return &decoded_.times.emplace(std::move(times));
}

Result<const std::vector<LineKey>*> Block::ids() {
    if (decoded_.ids) return &*decoded_.ids;
    NM_ASSIGN(const auto* times, this->times());
    Reader reader(std::string_view(*decoded_.id_bytes).substr(decoded_.time_bytes));
    std::vector<LineKey> ids;
    decode_rest_of_ids(reader, *times, ids);
    if (reader.failed() || !reader.at_end()) return corrupt("the ids of its lines do not add up");
    NM_TRY(hold(ids.size() * sizeof(ids[0])));
    return &decoded_.ids.emplace(std::move(ids));
}

Result<const std::vector<std::uint32_t>*> Block::numbers() {
    if (decoded_.numbers) return &*decoded_.numbers;
    NM_ASSIGN(const SectionBytes bytes, read_shared(kNumbers));
    Reader reader(*bytes);
    std::vector<std::uint64_t> planes;
    reader.planes(lines(), planes);
    if (reader.failed() || !reader.at_end()) return corrupt("its lines do not add up");
    const auto& templates = directory_->templates();
    std::vector<std::uint32_t> numbers(lines());
    std::vector<std::uint32_t> counts(templates.size());
    decoded_.ranks.resize(lines());
    for (std::size_t i = 0; i < lines(); ++i) {
        if (planes[i] >= templates.size()) return corrupt("a line has no template");
        numbers[i] = static_cast<std::uint32_t>(planes[i]);
        decoded_.ranks[i] = counts[numbers[i]]++;
    }
    for (std::size_t i = 0; i < templates.size(); ++i) {
        if (counts[i] != templates[i].lines) return corrupt("a template has other lines than it says");
    }
    NM_TRY(hold(2 * numbers.size() * sizeof(numbers[0])));
    return &decoded_.numbers.emplace(std::move(numbers));
}

Result<const std::vector<std::uint32_t>*> Block::ranks() {
    NM_TRY(numbers());
    return &decoded_.ranks;
}

Result<void> Block::find_template_times() {
    if (!decoded_.template_times.empty()) return {};
    NM_ASSIGN(const auto* times, this->times());
    NM_ASSIGN(const auto* numbers, this->numbers());
    std::vector<std::vector<std::int64_t>> of_templates(directory_->templates().size());
    for (std::size_t i = 0; i < of_templates.size(); ++i)
        of_templates[i].reserve(directory_->templates()[i].lines);
    for (std::size_t i = 0; i < lines(); ++i) of_templates[(*numbers)[i]].push_back((*times)[i]);
    NM_TRY(hold(lines() * sizeof(std::int64_t)));
    decoded_.template_times = std::move(of_templates);
    return {};
}

Result<const SharedValues*> Block::shared_values() {
    if (decoded_.shared_bytes != nullptr) return &decoded_.shared;
    NM_ASSIGN(decoded_.shared_bytes, read_kept(kShared));
    if (read_shared_dictionary(*decoded_.shared_bytes, decoded_.shared)) return &decoded_.shared;
    decoded_.shared_bytes.reset();
    decoded_.shared = SharedValues();
    return corrupt("its shared dictionary does not add up");
}

Result<std::string_view> Block::prepare(std::size_t column, ColumnContext& context) {
    NM_CHECK(column < columns());
    const ColumnPlace stored = directory_->place(column);
    if (decoded_.groups.empty()) decoded_.groups.resize(directory_->groups());
    auto& group = decoded_.groups[stored.group];
    if (group == nullptr) {
        NM_ASSIGN(group, read_kept(kFirstGroup + stored.group));
    }
    if (stored.begin > group->size() || stored.bytes > group->size() - stored.begin)
        return corrupt("a column is missing");
    const std::string_view bytes = std::string_view(*group).substr(stored.begin, stored.bytes);
    static const std::vector<std::int64_t> no_times;
    context = {&no_times, directory_->zone_minutes(), &decoded_.shared};
    if (needs_times(bytes)) {
        NM_TRY(find_template_times());
        context.times_ms = &decoded_.template_times[template_of(column)];
    }
    if (needs_shared(bytes)) NM_TRY(shared_values());
    return bytes;
}

Result<const ColumnValues*> Block::column(std::size_t column) {
    NM_CHECK(column < columns());
    if (decoded_.columns.empty()) decoded_.columns.resize(columns());
    const ColumnValues*& kept = decoded_.columns[column];
    if (kept != nullptr) return kept;
    ColumnContext context;
    NM_ASSIGN(const std::string_view bytes, prepare(column, context));
    const std::size_t count = directory_->templates()[template_of(column)].lines;
    ColumnValues values;
    if (!decode_column(bytes, count, context, kMaxSectionBytes - decoded_.value_bytes, values))
        return corrupt("a column does not add up");
    decoded_.value_bytes += values.bytes();
    NM_TRY(hold(values.memory_bytes()));
    return kept = &decoded_.values.emplace_front(std::move(values));
}

Result<const std::vector<std::uint64_t>*> Block::column_numbers(std::size_t column) {
    NM_CHECK(column < columns() && summary(column).number);
    if (const auto kept = decoded_.column_numbers.find(column); kept != decoded_.column_numbers.end())
        return &kept->second;
    ColumnContext context;
    NM_ASSIGN(const std::string_view bytes, prepare(column, context));
    std::vector<std::uint64_t> numbers;
    if (!decode_numbers(bytes, directory_->templates()[template_of(column)].lines, context, numbers))
        return corrupt("a column of numbers does not add up");
    const NumberRange range = summary(column).range;
    const auto [least, greatest] = std::minmax_element(numbers.begin(), numbers.end());
    if (*least < range.least || *greatest > range.greatest) return corrupt("numbers are out of their range");
    NM_TRY(hold(numbers.size() * sizeof(numbers[0])));
    return &decoded_.column_numbers.emplace(column, std::move(numbers)).first->second;
}

Result<void> Block::column_form(std::size_t column, ColumnForm& form) {
    ColumnContext context;
    NM_ASSIGN(const std::string_view bytes, prepare(column, context));
    if (!read_form(bytes, directory_->templates()[template_of(column)].lines, context, kMaxSectionBytes,
                   form))
        return corrupt("a column does not add up");
    return {};
}

Result<std::string_view> Block::extras() {
    if (!decoded_.extras) {
        NM_ASSIGN(decoded_.extras, sections_->read(kExtras));
        NM_TRY(hold(decoded_.extras->size()));
    }
    return std::string_view(*decoded_.extras);
}

Result<BlockLine> Block::line(std::size_t at) {
    NM_CHECK(at < lines());
    NM_ASSIGN(const auto* ids, this->ids());
    NM_ASSIGN(const auto* numbers, this->numbers());
    const std::size_t number = (*numbers)[at];
    const std::size_t rank = decoded_.ranks[at];
    const Template& made = directory_->templates()[number];
    const auto& constants = this->constants(number);
    text_ = constants[0];
    for (std::size_t v = 0; v < made.variables.size(); ++v) {
        if (made.variables[v].single) {
            text_ += made.variables[v].value;
        } else {
            NM_ASSIGN(const ColumnValues* values, column(made.variables[v].column));
            text_ += (*values)[rank];
        }
        text_ += constants[v + 1];
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

std::unique_ptr<BlockReader> open_block(std::unique_ptr<SectionSource> sections,
                                        std::unique_ptr<SharedParts> shared) {
    return std::make_unique<Block>(std::move(sections), std::move(shared));
}

}  // namespace nmstore::block

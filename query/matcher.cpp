#include "query/matcher.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "query/condition.h"
#include "query/source.h"

namespace nmstore::query {

std::string_view Subject::level() const {
    if (!level_) level_ = level_of(line_);
    return *level_;
}

namespace {

class All final : public Condition {
  public:
    bool holds(const Subject&) const override { return true; }
    Truth of_row(const std::vector<Truth>&) const override { return Truth::yes; }
    unsigned cost() const override { return cost::kNothing; }
};

class OfText final : public Condition {
  public:
    explicit OfText(TextConditionPtr condition) : condition_(std::move(condition)) {}
    bool holds(const Subject& subject) const override { return condition_->holds_in(subject.haystack()); }
    unsigned cost() const override { return condition_->cost(); }

  private:
    TextConditionPtr condition_;
};

// client:, log: or kind:, the same for all lines of a row: found out once for each row (see RowTruths).
class OfRow final : public Condition {
  public:
    explicit OfRow(std::size_t number) : number_(number) {}
    bool holds(const Subject& subject) const override { return subject.of_row(number_) == Truth::yes; }
    Truth of_row(const std::vector<Truth>& truths) const override { return truths[number_]; }
    unsigned cost() const override { return cost::kRow; }

  private:
    std::size_t number_;
};

class Not final : public Condition {
  public:
    explicit Not(ConditionPtr negated) : negated_(std::move(negated)) {}
    bool holds(const Subject& subject) const override { return !negated_->holds(subject); }
    Truth of_row(const std::vector<Truth>& truths) const override {
        const Truth truth = negated_->of_row(truths);
        if (truth == Truth::unknown) return truth;
        return truth == Truth::yes ? Truth::no : Truth::yes;
    }
    unsigned cost() const override { return negated_->cost(); }

  private:
    ConditionPtr negated_;
};

// AND and OR: `decisive` is the truth of one part that settles the whole.
class Junction final : public Condition {
  public:
    Junction(std::vector<ConditionPtr> parts, bool decisive) : parts_(std::move(parts)), decisive_(decisive) {
        std::stable_sort(parts_.begin(), parts_.end(),
                         [](const auto& a, const auto& b) { return a->cost() < b->cost(); });
        for (const auto& part : parts_) cost_ += part->cost();
    }
    bool holds(const Subject& subject) const override {
        for (const auto& part : parts_) {
            if (part->holds(subject) == decisive_) return decisive_;
        }
        return !decisive_;
    }
    Truth of_row(const std::vector<Truth>& truths) const override {
        const Truth settled = decisive_ ? Truth::yes : Truth::no;
        Truth all = decisive_ ? Truth::no : Truth::yes;
        for (const auto& part : parts_) {
            const Truth truth = part->of_row(truths);
            if (truth == settled) return settled;
            if (truth == Truth::unknown) all = Truth::unknown;
        }
        return all;
    }
    unsigned cost() const override { return cost_; }

  private:
    std::vector<ConditionPtr> parts_;
    bool decisive_;
    unsigned cost_ = 0;
};

struct RowGlob {
    Source source = Source::client;
    std::string glob;
};

// What the sources of one filter are for one row. Lines come row by row, so each thread keeps the last one.
struct RowTruths {
    std::uint64_t matcher = 0;
    std::string client, log;
    RowKind kind = RowKind::other;
    std::vector<Truth> truths;
    Truth whole = Truth::unknown;

    bool are_of(std::uint64_t asked, const LogRow& row) const {
        return matcher == asked && kind == row.kind && client == row.client && log == row.log;
    }
};

class FilterMatcher final : public Matcher {
  public:
    FilterMatcher(ConditionPtr condition, std::vector<RowGlob> globs, ClientNames names)
        : condition_(std::move(condition)), globs_(std::move(globs)), names_(std::move(names)) {}

    bool matches(const Line& line) const override {
        if (globs_.empty()) return condition_->holds(Subject(line, nullptr));
        thread_local RowTruths cached;
        static const LogRow no_row;
        const LogRow& row = line.row != nullptr ? *line.row : no_row;
        if (!cached.are_of(number_, row)) {
            cached.truths = truths_of(row);
            cached.whole = condition_->of_row(cached.truths);
            cached.client = row.client;
            cached.log = row.log;
            cached.kind = row.kind;
            cached.matcher = number_;
        }
        if (cached.whole != Truth::unknown) return cached.whole == Truth::yes;
        return condition_->holds(Subject(line, &cached.truths));
    }

    bool may_match(const LogRow& row) const override {
        return condition_->of_row(truths_of(row)) != Truth::no;
    }

    void forget_rows() override { number_ = ++last_number_; }

  private:
    std::vector<Truth> truths_of(const LogRow& row) const {
        std::vector<Truth> truths;
        truths.reserve(globs_.size());
        for (const RowGlob& glob : globs_) truths.push_back(is_of(glob, row) ? Truth::yes : Truth::no);
        return truths;
    }

    bool is_of(const RowGlob& glob, const LogRow& row) const {
        if (glob.source == Source::kind) return glob_matches(glob.glob, row_kind_name(row.kind));
        if (glob.source == Source::log)
            return glob_matches(glob.glob, *normal_source_operand(Source::log, row.log));
        if (glob_matches(glob.glob, row.client)) return true;
        if (!names_) return false;
        const auto names = names_(row.client);
        return std::any_of(names.begin(), names.end(),
                           [&](const auto& name) { return glob_matches(glob.glob, name); });
    }

    static inline std::atomic<std::uint64_t> last_number_{0};
    std::uint64_t number_ = ++last_number_;  // tells matchers apart for ever, as an address would not
    ConditionPtr condition_;
    std::vector<RowGlob> globs_;
    ClientNames names_;
};

std::size_t count_regexes(const Filter& filter) {
    std::size_t count = filter.kind == FilterKind::regex ? 1 : 0;
    for (const auto& child : filter.children) count += count_regexes(*child);
    return count;
}

class Compiler {
  public:
    Compiler(std::size_t regexes, const IsGone& gone)
        : regex_memory_(std::clamp(kMaxRegexMemoryOfQuery / std::max<std::size_t>(regexes, 1),
                                   kMinRegexMemory, kMaxRegexMemory)),
          gone_(gone) {}

    Result<ConditionPtr> compile(const Filter& filter);
    std::vector<RowGlob> take_globs() { return std::move(globs_); }

  private:
    Result<TextConditionPtr> compile_text(const Filter& filter);
    Result<ConditionPtr> compile_junction(const Filter& filter);
    ConditionPtr compile_source(const Filter& filter);

    std::size_t regex_memory_;
    const IsGone& gone_;
    std::vector<RowGlob> globs_;
};

Result<TextConditionPtr> Compiler::compile_text(const Filter& filter) {
    if (filter.kind != FilterKind::regex) return make_text_condition(filter);
    if (gone_ && gone_()) return Error{Code::cancelled, "the query was cancelled"};
    auto regex = Regex::compile(filter.text, filter.ignore_case, regex_memory_);
    if (!regex)
        return Error{Code::invalid_argument, "cannot use /" + filter.text + "/: " + regex.error().message};
    return make_regex_condition(std::move(*regex));
}

ConditionPtr Compiler::compile_source(const Filter& filter) {
    if (filter.source == Source::level) return make_level_condition(filter);
    globs_.push_back(
        {filter.source, normal_source_operand(filter.source, filter.text).value_or(filter.text)});
    return std::make_unique<OfRow>(globs_.size() - 1);
}

Result<ConditionPtr> Compiler::compile_junction(const Filter& filter) {
    std::vector<ConditionPtr> parts;
    for (const auto& child : filter.children) {
        NM_ASSIGN(auto part, compile(*child));
        parts.push_back(std::move(part));
    }
    return ConditionPtr(std::make_unique<Junction>(std::move(parts), filter.kind == FilterKind::either));
}

Result<ConditionPtr> Compiler::compile(const Filter& filter) {
    switch (filter.kind) {
        case FilterKind::all:
            return ConditionPtr(std::make_unique<All>());
        case FilterKind::both:
        case FilterKind::either:
            return compile_junction(filter);
        case FilterKind::negation: {
            NM_ASSIGN(auto negated, compile(*filter.children.front()));
            return ConditionPtr(std::make_unique<Not>(std::move(negated)));
        }
        case FilterKind::source:
            return compile_source(filter);
        case FilterKind::field: {
            if (filter.comparison != Comparison::has) return make_field_condition(filter, nullptr);
            NM_ASSIGN(auto asked, compile_text(*filter.children.front()));
            return make_field_condition(filter, std::move(asked));
        }
        default:
            break;
    }
    NM_ASSIGN(auto text, compile_text(filter));
    return ConditionPtr(std::make_unique<OfText>(std::move(text)));
}

}  // namespace

Result<std::unique_ptr<Matcher>> compile(const Filter& filter, ClientNames names, const IsGone& gone) {
    const std::size_t regexes = count_regexes(filter);
    if (regexes > kMaxRegexes) {
        return Error{Code::invalid_argument, "cannot use more than " + std::to_string(kMaxRegexes) +
                                                 " regular expressions in a query"};
    }
    Compiler compiler(regexes, gone);
    NM_ASSIGN(auto condition, compiler.compile(filter));
    return std::unique_ptr<Matcher>(
        std::make_unique<FilterMatcher>(std::move(condition), compiler.take_globs(), std::move(names)));
}

}  // namespace nmstore::query

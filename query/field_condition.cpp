// Conditions on a field's value, and on the level of a line.
#include <utility>

#include "query/condition.h"
#include "query/matcher.h"
#include "query/number.h"
#include "query/source.h"
#include "query/utf8_text.h"

namespace nmstore::query {
namespace {

// An operand, read as a number once.
struct Operand {
    explicit Operand(std::string operand) : text(std::move(operand)), number(read_number(text)) {}
    std::string text;
    std::optional<Number> number;
};

// Against a number only numbers can be told to be less or greater: "n/a" is neither. As text otherwise.
std::partial_ordering compare(const std::string& value, const Operand& operand) {
    if (!operand.number) return value <=> operand.text;
    const auto number = read_number(value);
    return number ? compare(*number, *operand.number) : std::partial_ordering::unordered;
}

class FieldCondition : public Condition {
  public:
    explicit FieldCondition(const Filter& filter)
        : name_(filter.field),
          last_name_(name_.substr(name_.rfind('.') == std::string::npos ? 0 : name_.rfind('.') + 1)),
          name_needle_(last_name_.empty() ? name_ : last_name_, {false, false, false}) {}

    bool holds(const Subject& subject) const final {
        const Line& line = subject.line();
        // Most lines are told apart without parsing them, unless they have escapes that could hide what is
        // looked for.
        const Haystack fields(line.fields);
        const bool may_hold = (name_is_in(subject.haystack()) && may_hold_inside(subject.haystack())) ||
                              (!line.fields.empty() && name_is_in(fields) && may_hold_inside(fields));
        if (!may_hold && !has_escape(line.text) && !has_escape(line.fields)) return false;
        const auto value = field_of(line, name_);
        return value && holds_of(*value);
    }
    unsigned cost() const final { return cost::kField; }

  protected:
    virtual bool holds_of(const std::string& value) const = 0;
    virtual bool may_hold_inside(const Haystack&) const { return true; }

  private:
    static bool has_escape(std::string_view text) { return text.find('\\') != std::string_view::npos; }

    // An element of an array has its index in the name, which stands nowhere.
    bool name_is_in(const Haystack& haystack) const {
        return last_name_.find_first_not_of("0123456789") == std::string::npos ||
               name_needle_.is_in(haystack);
    }

    std::string name_;
    std::string last_name_;
    Needle name_needle_;
};

class FieldHas final : public FieldCondition {
  public:
    FieldHas(const Filter& filter, TextConditionPtr asked)
        : FieldCondition(filter), asked_(std::move(asked)) {}

  private:
    bool holds_of(const std::string& value) const override { return asked_->holds_in(Haystack(value)); }
    bool may_hold_inside(const Haystack& haystack) const override {
        return asked_->may_hold_inside(haystack);
    }
    TextConditionPtr asked_;
};

class FieldCompares final : public FieldCondition {
  public:
    explicit FieldCompares(const Filter& filter)
        : FieldCondition(filter), comparison_(filter.comparison), operand_(filter.text) {
        // A number may be written in many ways, and an empty value shows nowhere.
        if (comparison_ == Comparison::equals && !operand_.number && !operand_.text.empty() &&
            is_ascii(operand_.text)) {
            text_.emplace(operand_.text, Needle::Form{false, false, false});
        }
    }

  private:
    bool holds_of(const std::string& value) const override {
        switch (comparison_) {
            case Comparison::equals:
                return value == operand_.text || compare(value, operand_) == 0;
            case Comparison::less:
                return compare(value, operand_) < 0;
            case Comparison::less_equal:
                return compare(value, operand_) <= 0;
            case Comparison::greater:
                return compare(value, operand_) > 0;
            case Comparison::greater_equal:
                return compare(value, operand_) >= 0;
            case Comparison::has:
            case Comparison::range:
                break;
        }
        return false;
    }
    bool may_hold_inside(const Haystack& haystack) const override { return !text_ || text_->is_in(haystack); }

    Comparison comparison_;
    Operand operand_;
    std::optional<Needle> text_;
};

class FieldInRange final : public FieldCondition {
  public:
    explicit FieldInRange(const Filter& filter)
        : FieldCondition(filter),
          lower_(filter.text),
          upper_(filter.upper),
          lower_inclusive_(filter.lower_inclusive),
          upper_inclusive_(filter.upper_inclusive) {
        if (lower_.number && upper_.number) return;
        lower_.number.reset();  // both ends are of one kind
        upper_.number.reset();
    }

  private:
    bool holds_of(const std::string& value) const override {
        const auto above = compare(value, lower_);
        const auto below = compare(value, upper_);
        return (lower_inclusive_ ? above >= 0 : above > 0) && (upper_inclusive_ ? below <= 0 : below < 0);
    }
    Operand lower_, upper_;
    bool lower_inclusive_, upper_inclusive_;
};

class HasLevel final : public Condition {
  public:
    explicit HasLevel(const Filter& filter)
        : glob_(normal_source_operand(Source::level, filter.text).value_or(filter.text)) {}
    bool holds(const Subject& subject) const override { return glob_matches(glob_, subject.level()); }
    unsigned cost() const override { return cost::kLevel; }

  private:
    std::string glob_;
};

}  // namespace

ConditionPtr make_field_condition(const Filter& filter, TextConditionPtr asked) {
    if (asked) return std::make_unique<FieldHas>(filter, std::move(asked));
    if (filter.comparison == Comparison::range) return std::make_unique<FieldInRange>(filter);
    return std::make_unique<FieldCompares>(filter);
}

ConditionPtr make_level_condition(const Filter& filter) {
    return std::make_unique<HasLevel>(filter);
}

}  // namespace nmstore::query

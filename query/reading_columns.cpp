#include "query/reading_columns.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace nmstore::query {
namespace {

int digits_of(std::uint64_t number) {
    int digits = 1;
    for (; number >= 10; number /= 10) ++digits;
    return digits;
}

// One side of a decimal point: a column, digits that all lines have, or nothing.
struct Side {
    std::optional<std::size_t> column;
    std::string_view digits;
};

// [-][whole][.fraction]
struct DecimalShape {
    bool negative = false;
    Side whole, fraction;

    static std::optional<DecimalShape> of(const ReadingParts& parts) {
        DecimalShape shape;
        if (parts.columns.empty() || parts.columns.size() > 2) return std::nullopt;
        std::string_view before = parts.constants.front();
        if (!before.empty() && (before.front() == '-' || before.front() == '+')) {
            shape.negative = before.front() == '-';
            before.remove_prefix(1);
        }
        if (before.empty()) {
            shape.whole.column = parts.columns[0];
        } else if (before.back() == '.') {
            shape.whole.digits = before.substr(0, before.size() - 1);
            shape.fraction.column = parts.columns[0];
        } else {
            return std::nullopt;
        }
        const std::string_view behind = parts.constants[1];
        if (parts.columns.size() == 2) {
            if (shape.fraction.column || behind != "." || !parts.constants[2].empty()) return std::nullopt;
            shape.fraction.column = parts.columns[1];
        } else if (!behind.empty()) {
            if (shape.fraction.column || behind.front() != '.') return std::nullopt;
            shape.fraction.digits = behind.substr(1);
        }
        if (!only_digits(shape.whole.digits) || !only_digits(shape.fraction.digits)) return std::nullopt;
        return shape;
    }

    static bool only_digits(std::string_view text) {
        return text.find_first_not_of("0123456789") == std::string_view::npos;
    }
};

std::int64_t number_of(std::string_view digits) {
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

// The digits that a side may have: 0 if there is nothing, nullopt if its values are more than digits.
std::optional<int> most_digits(const block::BlockReader& block, const Side& side) {
    if (!side.column) return static_cast<int>(std::min<std::size_t>(side.digits.size(), 1000));
    const block::ColumnSummary& summary = block.summary(*side.column);
    if (!summary.number && summary.classes != block::kDigits) return std::nullopt;
    if (!summary.number) return static_cast<int>(std::min<std::size_t>(summary.longest, 1000));
    return std::max(digits_of(summary.range.greatest), static_cast<int>(summary.range.width));
}

}  // namespace

Result<void> ReadingColumns::take_whole(block::BlockReader& block, std::size_t column, std::int64_t unit) {
    if (!block.summary(column).number) {
        NM_ASSIGN(const block::ColumnValues* texts, block.column(column));
        decimals_.resize(texts->size());
        for (std::size_t i = 0; i < texts->size(); ++i) decimals_[i] = number_of((*texts)[i]) * unit;
        return {};
    }
    NM_ASSIGN(const auto* whole, block.column_numbers(column));
    decimals_.resize(whole->size());
    for (std::size_t i = 0; i < whole->size(); ++i)
        decimals_[i] = static_cast<std::int64_t>((*whole)[i]) * unit;
    return {};
}

Result<void> ReadingColumns::add_fraction(block::BlockReader& block, std::size_t column) {
    if (!block.summary(column).number) {
        NM_ASSIGN(const block::ColumnValues* texts, block.column(column));
        for (std::size_t i = 0; i < texts->size(); ++i) {
            const std::string_view digits = (*texts)[i];
            if (digits.size() > static_cast<std::size_t>(scale_))
                return Error{Code::corruption,
                             "cannot read a block: a value is longer than its directory says"};
            decimals_[i] += number_of(digits) * power_of_ten(scale_ - static_cast<int>(digits.size()));
        }
        return {};
    }
    NM_ASSIGN(const auto* fraction, block.column_numbers(column));
    const bool padded = block.summary(column).range.width != 0;
    for (std::size_t i = 0; i < fraction->size(); ++i) {
        const std::uint64_t each = (*fraction)[i];
        const std::int64_t missing = padded ? 1 : power_of_ten(scale_ - digits_of(each));
        decimals_[i] += static_cast<std::int64_t>(each) * missing;
    }
    return {};
}

// false: these are not decimals that can be told without their text.
Result<bool> ReadingColumns::read_decimals(block::BlockReader& block, const ReadingParts& parts,
                                           std::size_t lines) {
    const std::optional<DecimalShape> shape = DecimalShape::of(parts);
    if (!shape) return false;
    const std::optional<int> whole_digits = most_digits(block, shape->whole);
    const std::optional<int> fraction_digits = most_digits(block, shape->fraction);
    if (!whole_digits || !fraction_digits || *fraction_digits > kMaxReadingScale ||
        *whole_digits + *fraction_digits > kMaxReadingDigits)
        return false;
    scale_ = *fraction_digits;
    const std::int64_t unit = power_of_ten(scale_);
    if (shape->whole.column) {
        NM_TRY(take_whole(block, *shape->whole.column, unit));
    } else {
        decimals_.assign(lines, number_of(shape->whole.digits) * unit);
    }
    if (shape->fraction.column) {
        NM_TRY(add_fraction(block, *shape->fraction.column));
    } else if (!shape->fraction.digits.empty()) {
        const std::int64_t fraction = number_of(shape->fraction.digits);
        for (std::int64_t& each : decimals_) each += fraction;
    }
    if (shape->negative)
        for (std::int64_t& each : decimals_) each = -each;
    return true;
}

Result<void> ReadingColumns::read_each(block::BlockReader& block, const ReadingParts& parts,
                                       std::size_t lines) {
    std::vector<const block::ColumnValues*> columns;
    for (const std::size_t column : parts.columns) {
        NM_ASSIGN(const block::ColumnValues* values, block.column(column));
        columns.push_back(values);
    }
    std::string text;
    each_.resize(lines);
    for (std::size_t i = 0; i < lines; ++i) {
        text = parts.constants.front();
        for (std::size_t k = 0; k < columns.size(); ++k)
            text.append((*columns[k])[i]).append(parts.constants[k + 1]);
        each_[i] = parse_reading(text);
    }
    return {};
}

Result<void> ReadingColumns::read(block::BlockReader& block, const ReadingParts& parts, std::size_t lines) {
    if (parts.columns.empty()) {
        constant_ = parse_reading(parts.constants.front());
        form_ = constant_ ? Form::constant : Form::none;
        return {};
    }
    NM_ASSIGN(const bool decimals, read_decimals(block, parts, lines));
    form_ = decimals ? Form::decimals : Form::each;
    return decimals ? Result<void>() : read_each(block, parts, lines);
}

void ReadingColumns::add_to(ReadingTotal& total, std::size_t begin, std::size_t end) const {
    if (form_ == Form::constant) total.add_repeated(*constant_, end - begin);
    if (form_ == Form::decimals) total.add_decimals(std::span(decimals_).subspan(begin, end - begin), scale_);
    if (form_ != Form::each) return;
    for (std::size_t i = begin; i < end; ++i)
        if (each_[i]) total.add(*each_[i]);
}

bool ReadingColumns::any(std::size_t begin, std::size_t end) const {
    if (form_ != Form::each) return form_ != Form::none && begin < end;
    return std::any_of(each_.begin() + static_cast<std::ptrdiff_t>(begin),
                       each_.begin() + static_cast<std::ptrdiff_t>(end),
                       [](const std::optional<Reading>& each) { return each.has_value(); });
}

}  // namespace nmstore::query

#include "query/number.h"

#include <charconv>

namespace nmstore::query {

std::optional<Number> read_number(std::string_view text) {
    // from_chars() would take "inf" and "nan", too.
    if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos)
        return std::nullopt;
    const char* const end = text.data() + text.size();
    Number number;
    auto [stop, failed] = std::from_chars(text.data(), end, number.value);
    if (failed != std::errc() || stop != end) return std::nullopt;
    std::int64_t whole = 0;
    auto [whole_stop, whole_failed] = std::from_chars(text.data(), end, whole);
    if (whole_failed == std::errc() && whole_stop == end) number.whole = whole;
    return number;
}

std::partial_ordering compare(const Number& a, const Number& b) {
    if (a.whole && b.whole) return *a.whole <=> *b.whole;
    return a.value <=> b.value;
}

}  // namespace nmstore::query

// Conditions on a text: words, phrases, parts of words, wildcards and regular expressions.
#include <algorithm>
#include <utility>

#include "query/condition.h"
#include "query/lexer.h"
#include "query/utf8_text.h"
#include "query/wildcard.h"

namespace nmstore::query {
namespace {

class Anything final : public TextCondition {
  public:
    bool holds_in(const Haystack&) const override { return true; }
    unsigned cost() const override { return cost::kNothing; }
};

class HasNeedle final : public TextCondition {
  public:
    HasNeedle(std::string_view text, Needle::Form form)
        : needle_(text, form), anywhere_(text, {form.ignore_case, false, false}) {}
    bool holds_in(const Haystack& haystack) const override { return needle_.is_in(haystack); }
    bool may_hold_inside(const Haystack& haystack) const override {
        return !anywhere_.ascii() || anywhere_.is_in(haystack);
    }
    unsigned cost() const override { return needle_.ascii() ? cost::kNeedle : cost::kLowered; }

  private:
    Needle needle_;
    Needle anywhere_;
};

// Pieces with a '*' between each two, which stands for any run of characters without a blank.
class HasWildcard final : public TextCondition {
  public:
    explicit HasWildcard(std::string_view pattern) {
        const auto pieces = wildcard_pieces(pattern);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            // An open end asks for nothing: the text may go on there or end.
            if (pieces[i].empty()) continue;
            needles_.emplace_back(pieces[i], Needle::Form{true, i == 0, i + 1 == pieces.size()});
            ascii_ = ascii_ && needles_.back().ascii();
        }
    }

    bool holds_in(const Haystack& haystack) const override {
        if (is_ascii(haystack.text())) return ascii_ && holds_in_text(haystack.text());
        return holds_in_text(haystack.lower());
    }
    unsigned cost() const override { return cost::kWildcard; }

  private:
    bool holds_in_text(std::string_view text) const {
        std::vector<std::size_t> ends;  // where the pieces so far may end
        for (std::size_t i = 0; i < needles_.size(); ++i) {
            ends = ends_of(needles_[i], text, i == 0 ? nullptr : &ends);
            if (ends.empty()) return false;
        }
        return true;
    }

    // The ends of all places of a needle that are behind one of `before` with no blank between. Each place
    // and each end is looked at once, so the time is linear in the text for each piece.
    static std::vector<std::size_t> ends_of(const Needle& needle, std::string_view text,
                                            const std::vector<std::size_t>* before) {
        std::vector<std::size_t> ends;
        std::size_t next = 0;           // of *before
        std::size_t scanned = 0;        // up to here blanks have been looked for
        bool open = before == nullptr;  // an end of `before` reaches `scanned` without a blank
        for (std::size_t at = needle.find(text); at != Needle::kNone; at = needle.find(text, at + 1)) {
            while (before != nullptr && scanned <= at) {
                if (next < before->size() && (*before)[next] == scanned) {
                    open = true;
                    ++next;
                }
                if (scanned == at) break;
                if (is_blank(text[scanned])) open = false;
                ++scanned;
            }
            if (open) ends.push_back(at + needle.size());
        }
        return ends;
    }

    std::vector<Needle> needles_;
    bool ascii_ = true;
};

class HasRegex final : public TextCondition {
  public:
    explicit HasRegex(Regex regex) : regex_(std::move(regex)) {}
    bool holds_in(const Haystack& haystack) const override { return regex_.matches(haystack.text()); }
    unsigned cost() const override { return cost::kRegex; }

  private:
    Regex regex_;
};

}  // namespace

TextConditionPtr make_text_condition(const Filter& filter) {
    auto needle = [&filter](Needle::Form form) { return std::make_unique<HasNeedle>(filter.text, form); };
    if (filter.text.empty()) return std::make_unique<Anything>();
    switch (filter.kind) {
        case FilterKind::word:
            return needle({true, true, true});
        case FilterKind::prefix:
            return needle({true, true, false});
        case FilterKind::suffix:
            return needle({true, false, true});
        case FilterKind::substring:
            return needle({true, false, false});
        case FilterKind::exact:
            return needle({false, true, true});
        case FilterKind::wildcard:
            return std::make_unique<HasWildcard>(filter.text);
        default:
            return std::make_unique<Anything>();
    }
}

TextConditionPtr make_regex_condition(Regex regex) {
    return std::make_unique<HasRegex>(std::move(regex));
}

}  // namespace nmstore::query

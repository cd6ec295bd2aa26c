#include "query/block_phrase.h"

#include <algorithm>

#include "nmstore/words.h"
#include "query/utf8_text.h"

namespace nmstore::query {

// A word of the text, and whether a line's word must begin and end with it.
struct PhraseWord {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool closed_before = true;
    bool closed_after = true;
    bool digit = false;
    bool whole() const { return closed_before && closed_after; }
};

namespace {

// Whether the block's filter knows the word in every form that is taken as equal.
bool filter_knows(std::string_view word, Letters letters) {
    return letters != Letters::regex_case || word.find_first_of("ks") == std::string_view::npos;
}

}  // namespace

BlockPhrase::BlockPhrase(std::string_view text, Form form, PlanWords& words)
    : text_(form.letters == Letters::exact ? std::string(text) : to_lower(text)),
      form_(form),
      needle_(text, {form.letters != Letters::exact, form.border_before, form.border_after}),
      has_marks_(text.find_first_of("\x01\x02") != std::string_view::npos) {
    add_shapes(words);
}

void BlockPhrase::add_shapes(PlanWords& words) {
    std::vector<PhraseWord> found;
    WordScanner scanner(text_);
    for (WordAt at; scanner.next(at);) {
        const std::string_view word = std::string_view(text_).substr(at.begin, at.end - at.begin);
        found.push_back({at.begin, at.end, at.begin > 0 || form_.border_before,
                         at.end < text_.size() || form_.border_after,
                         word.find_first_of("0123456789") != std::string_view::npos});
        if (found.back().whole() && filter_knows(word, form_.letters))
            whole_words_.push_back(words.number_of(to_lower(word)));
    }
    // A word that may go on in the line may get its digit there.
    const bool first_chooses = !found.empty() && !found.front().whole() && !found.front().digit;
    const bool last_chooses = found.size() > 1 && !found.back().whole() && !found.back().digit;
    for (const bool first : {false, true}) {
        for (const bool last : {false, true}) {
            if ((!first || first_chooses) && (!last || last_chooses)) add_shape(found, first, last, words);
        }
    }
}

void BlockPhrase::add_shape(const std::vector<PhraseWord>& found, bool first_varies, bool last_varies,
                            PlanWords& words) {
    Shape shape;
    std::size_t done = 0;
    for (const PhraseWord& word : found) {
        const bool varies = word.digit || (first_varies && &word == &found.front()) ||
                            (last_varies && &word == &found.back());
        if (!varies) continue;
        const std::string text = text_.substr(word.begin, word.end - word.begin);
        // Also asked for where a part of a word can only be a whole one.
        ValueTest::Word known{std::nullopt, word.whole()};
        if (filter_knows(text, form_.letters)) known.number = words.number_of(to_lower(text));
        if (known.number && known.whole) shape.words.push_back(*known.number);
        shape.constants.back() = text_.substr(done, word.begin - done);
        shape.constants.emplace_back();
        shape.values.emplace_back(text, word.closed_before, word.closed_after, form_.letters, known);
        done = word.end;
    }
    shape.constants.back() = text_.substr(done);
    if (!has_marks_ && shape.values.size() > 1) {
        std::string pattern = shape.constants.front();
        for (std::size_t i = 1; i < shape.constants.size(); ++i) pattern += '\x01' + shape.constants[i];
        shape.pattern_needle.emplace(pattern, Needle::Form{form_.letters != Letters::exact, false, false});
    }
    if (shape.values.empty()) {
        may_be_constant_ = true;
    } else {
        shapes_.push_back(std::move(shape));
    }
}

std::string_view BlockPhrase::comparable(std::string_view constant, std::string& lowered) const {
    if (form_.letters == Letters::exact) return constant;
    lowered.clear();
    append_lower(constant, lowered);
    return lowered;
}

// The outer constants of a shape are the end and the beginning of the template's, those between are whole.
bool BlockPhrase::constant_fits(const Shape& shape, std::size_t i, std::string_view constant) const {
    const std::string& wanted = shape.constants[i];
    const bool first = i == 0;
    const bool last = i + 1 == shape.constants.size();
    std::string lowered;
    const std::string_view text = comparable(constant, lowered);
    if (text.size() < wanted.size()) return false;
    const std::size_t rest = text.size() - wanted.size();
    if (first) {
        if (!text.ends_with(wanted)) return false;
        return !form_.border_before || !is_word_at(text, rest) || !is_word_before(text, rest);
    }
    if (last) {
        if (!text.starts_with(wanted)) return false;
        return !form_.border_after || !is_word_before(wanted, wanted.size()) ||
               !is_word_at(text, wanted.size());
    }
    return text == wanted;
}

Result<bool> BlockPhrase::may_stand_at(BlockWords& block, TemplateText& text, const Place& place) const {
    const Shape& shape = *place.shape;
    for (std::size_t i = 0; i < shape.values.size(); ++i) {
        NM_ASSIGN(const bool may_hold, shape.values[i].may_hold(block, text.variable(place.variable + i)));
        if (!may_hold) return false;
    }
    for (std::size_t i = 0; i < shape.constants.size(); ++i) {
        const bool asks = !shape.constants[i].empty() || (i != 0 && i + 1 != shape.constants.size());
        if (asks && !constant_fits(shape, i, text.constant(place.variable + i))) return false;
    }
    return true;
}

bool BlockPhrase::in_constants(TemplateText& text) const {
    if (!has_marks_) return needle_.is_in(Haystack(text.pattern()));
    for (std::size_t i = 0; i <= text.variables(); ++i) {
        if (text.constant(i).size() >= 1 && needle_.is_in(Haystack(text.constant(i)))) return true;
    }
    return false;
}

Result<bool> BlockPhrase::may_be_in(BlockWords& block) const {
    for (const std::size_t word : whole_words_) {
        NM_ASSIGN(const bool there, block.may_be_anywhere(word));
        if (!there) return false;
    }
    return true;
}

Result<bool> BlockPhrase::may_be_in_plain(BlockWords& block,
                                          const block::Template::Variable& variable) const {
    for (const std::size_t word : whole_words_) {
        NM_ASSIGN(const bool there, variable.single ? block.may_be_anywhere(word)
                                                    : block.may_be_in_column(word, variable.column));
        if (!there) return false;
    }
    return true;
}

Result<RankSet> BlockPhrase::in_plain(BlockWords& block, const block::Template& made,
                                      const RankSet& within) const {
    const auto& variable = made.variables.front();
    NM_ASSIGN(const bool may_be, may_be_in_plain(block, variable));
    if (!may_be) return RankSet::none();
    const auto holds = [&](std::string_view value) {
        const std::string_view text = plain_text(value, made.fields);
        if (form_.letters == Letters::regex_case && has_regex_case(text)) return true;
        return needle_.is_in(Haystack(text));
    };
    if (variable.single) return holds(variable.value) ? RankSet::all() : RankSet::none();
    NM_ASSIGN(const auto* values, block.reader().column(variable.column));
    RankSet found = RankSet::of_size(made.lines);
    within.for_each(made.lines, [&](std::size_t rank) {
        if (holds((*values)[rank])) found.add(rank);
    });
    found.settle(made.lines);
    return found;
}

// The first variable that may be the first value: most templates are told by it, without taking their
// constants apart.
std::size_t BlockPhrase::first_place(BlockWords& block, const Shape& shape, const block::Template& made) {
    std::size_t first = 0;
    while (first < made.variables.size() && !shape.values.front().may_be_one_of(block, made.variables[first]))
        ++first;
    return first;
}

Result<RankSet> BlockPhrase::in(BlockWords& block, std::size_t number, const RankSet& within) const {
    const block::Template& made = block.made(number);
    if (made.plain) return in_plain(block, made, within);
    TemplateText text(block.reader(), number);
    if (form_.letters == Letters::regex_case && has_regex_case(text.pattern())) return RankSet::all();
    if (may_be_constant_ && in_constants(text)) return RankSet::all();
    RankSet found = RankSet::none();
    for (const Shape& shape : shapes_) {
        bool may_be = shape.values.size() <= made.variables.size();
        // Letters beyond ASCII are left to the comparison of constants.
        if (may_be && shape.pattern_needle && is_ascii(text.pattern()))
            may_be = shape.pattern_needle->find(text.pattern()) != Needle::kNone;
        for (const std::size_t word : shape.words) {
            if (!may_be) break;
            NM_ASSIGN(may_be, block.may_be_anywhere(word));
        }
        const std::size_t first = may_be ? first_place(block, shape, made) : made.variables.size();
        if (first == made.variables.size()) continue;
        for (std::size_t at = first; at + shape.values.size() <= text.variables(); ++at) {
            NM_ASSIGN(const bool may_stand, may_stand_at(block, text, {&shape, at}));
            if (!may_stand) continue;
            RankSet here = within;
            // The last parts of an address, a number or a time tell the most apart.
            for (std::size_t i = shape.values.size(); i-- > 0 && !here.is_none();)
                NM_TRY(shape.values[i].narrow(block, text.variable(at + i), made.lines, here));
            found.unite(here, made.lines);
            if (found.is_all()) return found;
        }
    }
    return found;
}

}  // namespace nmstore::query

#include "query/regex.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "query/needle.h"
#include "query/utf8_text.h"

namespace nmstore::query {

namespace {

constexpr int kMinAtomBytes = 3;
constexpr std::size_t kMaxAtoms = 6;
constexpr std::size_t kMaxToldPattern = 200;  // bytes that an error repeats

// Whether the pattern may have an assertion: the beginning or end of the text, or a word's. Only a pattern
// that is known to have none is said to have none.
bool may_ask_around(std::string_view pattern) {
    bool class_begins = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '$' || (c == '^' && !class_begins)) return true;
        class_begins = c == '[';
        if (c != '\\') continue;
        if (++i == pattern.size()) return true;
        // Classes, and signs that stand for themselves.
        const char escaped = pattern[i];
        const bool letter = (escaped >= 'a' && escaped <= 'z') || (escaped >= 'A' && escaped <= 'Z');
        if (letter && std::string_view("dDwWsS").find(escaped) == std::string_view::npos) return true;
    }
    return false;
}

bool is_ascii_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether the pattern may be several ones with a `|` between them; those in brackets are not meant.
bool may_have_choices(std::string_view pattern) {
    if (pattern.find('|') == std::string_view::npos) return false;
    // In both, brackets are no brackets.
    if (pattern.find('[') != std::string_view::npos || pattern.find("\\Q") != std::string_view::npos)
        return true;
    int depth = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '|' && depth == 0) return true;
        if (c == '\\') ++i;
        if (c == '(') ++depth;
        if (c == ')') --depth;
    }
    return false;
}

std::string head_of(std::string_view pattern) {
    std::size_t size = 0;
    while (size < pattern.size() && is_ascii_letter_or_digit(pattern[size])) ++size;
    if (size == 0 || may_have_choices(pattern)) return {};
    // It may be there not at all, or is repeated.
    if (size < pattern.size() && std::string_view("*?{").find(pattern[size]) != std::string_view::npos)
        --size;
    return std::string(pattern.substr(0, size));
}

}  // namespace

// RE2 tells what texts ("atoms", lower-cased) a pattern needs. Looking for them first is several times as
// fast as its automaton.
struct Regex::Compiled {
    Compiled() : filtered(kMinAtomBytes) {}

    void find_atoms();
    bool possible_in(std::string_view ascii_text) const;

    re2::FilteredRE2 filtered;
    bool asks_around = true;
    std::string head;
    std::vector<std::string> texts;
    std::vector<Needle> atoms;  // of `texts`
    // By the set of atoms that a text has (bit i: atom i): whether it can match. Empty: unknown.
    std::vector<bool> possible;
};

void Regex::Compiled::find_atoms() {
    filtered.Compile(&texts);
    const bool ascii =
        std::all_of(texts.begin(), texts.end(), [](const auto& text) { return is_ascii(text); });
    if (texts.empty() || texts.size() > kMaxAtoms || !ascii) return;
    for (const auto& text : texts) atoms.emplace_back(text, Needle::Form{true, false, false});
    for (std::size_t set = 0; set < std::size_t{1} << atoms.size(); ++set) {
        std::vector<int> had, potential;
        for (std::size_t i = 0; i < atoms.size(); ++i) {
            if ((set >> i & 1) != 0) had.push_back(static_cast<int>(i));
        }
        filtered.AllPotentials(had, &potential);
        possible.push_back(!potential.empty());
    }
}

// ASCII only: RE2 takes some letters beyond it as the other case of ASCII ones.
bool Regex::Compiled::possible_in(std::string_view ascii_text) const {
    std::size_t set = 0;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
        if (atoms[i].find(ascii_text) != Needle::kNone) set |= std::size_t{1} << i;
    }
    return possible[set];
}

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

namespace {

RE2::Options options_of(bool ignore_case, std::size_t memory_bytes) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!ignore_case);
    options.set_dot_nl(true);  // a line is one line, whatever is in it
    options.set_max_mem(static_cast<std::int64_t>(memory_bytes));
    return options;
}

}  // namespace

Result<void> Regex::check(const std::string& pattern, bool ignore_case) {
    const RE2 checked(pattern, options_of(ignore_case, kMinRegexMemory));
    if (checked.ok()) return {};
    if (checked.error_code() != RE2::ErrorPatternTooLarge)
        return Error{Code::invalid_argument, checked.error()};
    const bool is_short = pattern.size() <= kMaxToldPattern;
    return Error{Code::invalid_argument, (is_short ? "/" + pattern + "/" : "the pattern") +
                                             " is too large: with its repetitions written out it takes more "
                                             "than 1 MiB"};
}

Result<Regex> Regex::compile(const std::string& pattern, bool ignore_case, std::size_t memory_bytes) {
    NM_TRY(check(pattern, ignore_case));
    const RE2::Options options = options_of(ignore_case, memory_bytes);
    auto compiled = std::make_unique<Compiled>();
    int number = 0;
    compiled->filtered.Add(pattern, options, &number);
    compiled->find_atoms();
    compiled->asks_around = may_ask_around(pattern);
    compiled->head = head_of(pattern);
    return Regex(std::move(compiled));
}

std::vector<std::vector<std::string>> Regex::needed() const {
    std::vector<std::vector<std::string>> sets;
    const std::vector<bool>& possible = compiled_->possible;
    for (std::size_t set = 0; set < possible.size(); ++set) {
        // More texts never make a match less possible: the smallest sets tell all.
        bool smallest = possible[set];
        for (std::size_t i = 0; i < compiled_->texts.size() && smallest; ++i) {
            const std::size_t bit = std::size_t{1} << i;
            if ((set & bit) != 0 && possible[set & ~bit]) smallest = false;
        }
        if (!smallest) continue;
        if (set == 0) return {};
        auto& texts = sets.emplace_back();
        for (std::size_t i = 0; i < compiled_->texts.size(); ++i) {
            if ((set >> i & 1) != 0) texts.push_back(compiled_->texts[i]);
        }
    }
    return sets;
}

bool Regex::matches_parts() const {
    return !compiled_->asks_around;
}

const std::string& Regex::head() const {
    return compiled_->head;
}

bool Regex::matches(std::string_view text) const {
    thread_local std::string replaced;
    if (is_ascii(text)) {
        if (!compiled_->possible.empty() && !compiled_->possible_in(text)) return false;
    } else if (replace_invalid_utf8(text, replaced)) {
        text = replaced;
    }
    const RE2& re = compiled_->filtered.GetRE2(0);
    return re.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

}  // namespace nmstore::query

// The tree of a query's filter, as the parser makes it and the matcher and the planner read it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nmstore::query {

enum class FilterKind : std::uint8_t {
    all,     // the empty filter
    word,    // text: one word, or words with exactly the separators between them ("10.0.0.1", "some phrase")
    prefix,  // a word that begins with text (`pre*`; may have separators inside, as word may)
    suffix,  // `*suf`: a word that ends so
    substring,  // `*mid*`: text has it anywhere
    wildcard,   // `a*b`: text with '*' for any run of characters without a blank; "\\*" and "\\\\" stand for
                // themselves
    regex,      // /text/, flag ignore_case
    exact,      // c"Text": as word, case-sensitive
    source,     // client: log: kind: level: with a glob
    field,      // a field of a JSON or logfmt line, or one that came with it; comparison `has`: the one child
            // (all, word … exact) tells what is asked of its value
    both,      // AND of children
    either,    // OR of children
    negation,  // NOT of the one child
};

enum class Source : std::uint8_t { client, log, kind, level };
enum class Comparison : std::uint8_t { has, equals, less, less_equal, greater, greater_equal, range };

struct Filter;
using FilterPtr = std::unique_ptr<Filter>;

struct Filter {
    FilterKind kind = FilterKind::all;
    std::string text;  // word … exact, source: as typed, unquoted; field: the operand of a comparison
    bool ignore_case = false;  // regex
    Source source = Source::client;
    std::string field;  // name of the field, dots lead into nested objects
    Comparison comparison = Comparison::has;
    std::string upper;                                    // range: [text TO upper]
    bool lower_inclusive = true, upper_inclusive = true;  // [ ] or { }
    std::vector<FilterPtr> children;
    std::size_t column = 0;  // where it starts in the query, in bytes from 0
};

struct Query {
    FilterPtr filter;  // never null
};

}  // namespace nmstore::query

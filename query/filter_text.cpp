// to_text(): a filter as the parser reads it. Whatever could be taken for something else is quoted.
#include "query/parse.h"
#include "query/source.h"
#include "query/utf8_text.h"
#include "query/wildcard.h"

namespace nmstore::query {
namespace {

enum class Around : std::uint8_t {
    nothing,
    either,
    both,
    negation
};  // what the text stands in; AND in AND and OR in OR are one

bool is_bare(std::string_view text) {
    if (text.empty() || text == "AND" || text == "OR" || text == "NOT" || text == "TO") return false;
    for (char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '.' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        if (!plain) return false;
    }
    return true;
}

void append_quoted(std::string_view text, std::string& out) {
    out += '"';
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void append_operand(std::string_view text, std::string& out) {
    if (is_bare(text)) {
        out += text;
    } else {
        append_quoted(text, out);
    }
}

void append_regex(const Filter& filter, std::string& out) {
    out += '/';
    for (std::size_t i = 0; i < filter.text.size(); ++i) {
        if (filter.text[i] == '\\' && i + 1 < filter.text.size()) {
            out += filter.text[i++];
        } else if (filter.text[i] == '/') {
            out += '\\';
        }
        out += filter.text[i];
    }
    out += filter.ignore_case ? "/i" : "/";
}

void append_wildcard(const Filter& filter, std::string& out) {
    const auto pieces = wildcard_pieces(filter.text);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i > 0) out += '*';
        if (!pieces[i].empty()) append_operand(pieces[i], out);
    }
}

void append_text_filter(const Filter& filter, std::string& out) {
    switch (filter.kind) {
        case FilterKind::word:
            return append_operand(filter.text, out);
        case FilterKind::prefix:
            append_operand(filter.text, out);
            out += '*';
            return;
        case FilterKind::suffix:
            out += '*';
            return append_operand(filter.text, out);
        case FilterKind::substring:
            out += '*';
            append_operand(filter.text, out);
            out += '*';
            return;
        case FilterKind::wildcard:
            return append_wildcard(filter, out);
        case FilterKind::exact:
            out += 'c';
            return append_quoted(filter.text, out);
        case FilterKind::regex:
            return append_regex(filter, out);
        default:
            out += '*';
            return;
    }
}

void append_source(const Filter& filter, std::string& out) {
    out += source_name(filter.source);
    out += ':';
    append_operand(filter.text, out);
}

// A one-letter name is quoted because of `C:/`, one that is a source's to be none.
void append_field_name(std::string_view name, std::string& out) {
    const bool bare = name.size() > 1 && is_bare(name) && is_ascii(name) && !source_named(name) &&
                      name.front() != '.' && name.back() != '.' &&
                      !(name.front() >= '0' && name.front() <= '9');
    if (bare) {
        out += name;
    } else {
        append_quoted(name, out);
    }
}

void append_field(const Filter& filter, std::string& out) {
    append_field_name(filter.field, out);
    switch (filter.comparison) {
        case Comparison::has:
            out += ':';
            return append_text_filter(*filter.children.front(), out);
        case Comparison::equals:
            out += '=';
            break;
        case Comparison::less:
            out += '<';
            break;
        case Comparison::less_equal:
            out += "<=";
            break;
        case Comparison::greater:
            out += '>';
            break;
        case Comparison::greater_equal:
            out += ">=";
            break;
        case Comparison::range:
            out += filter.lower_inclusive ? ":[" : ":{";
            append_operand(filter.text, out);
            out += " TO ";
            append_operand(filter.upper, out);
            out += filter.upper_inclusive ? ']' : '}';
            return;
    }
    append_operand(filter.text, out);
}

void append(const Filter& filter, Around around, std::string& out) {
    const bool either = filter.kind == FilterKind::either;
    switch (filter.kind) {
        case FilterKind::both:
        case FilterKind::either: {
            const bool grouped = either ? around >= Around::both : around == Around::negation;
            if (grouped) out += '(';
            for (std::size_t i = 0; i < filter.children.size(); ++i) {
                if (i > 0) out += either ? " OR " : " ";
                append(*filter.children[i], either ? Around::either : Around::both, out);
            }
            if (grouped) out += ')';
            return;
        }
        case FilterKind::negation:
            // "--x" is text, so a negation in a negation is spelled out.
            out += filter.children.front()->kind == FilterKind::negation ? "NOT " : "-";
            return append(*filter.children.front(), Around::negation, out);
        case FilterKind::source:
            return append_source(filter, out);
        case FilterKind::field:
            return append_field(filter, out);
        default:
            return append_text_filter(filter, out);
    }
}

}  // namespace

std::string to_text(const Filter& filter) {
    std::string out;
    append(filter, Around::nothing, out);
    return out;
}

}  // namespace nmstore::query

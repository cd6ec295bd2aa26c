#include "query/reading_template.h"

#include <algorithm>

#include "engine/json_string.h"

namespace nmstore::query {
namespace {

// Stands for a variable: like it, neither a blank nor anything that JSON is made of.
constexpr char kMark = '0';

// Escaped blanks at either end of a quoted number, as in "93\n". false: there are other escapes.
bool decode_end(std::string& constant) {
    if (constant.find('\\') == std::string::npos) return true;
    std::string decoded;
    if (!decode_json_string(constant, decoded)) return false;
    constant = std::move(decoded);
    return true;
}

bool may_be_in_number(std::string_view text) {
    return text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

}  // namespace

bool ReadingTemplate::has_mark(TextSpan span) const {
    return std::any_of(marks_.begin(), marks_.end(), [span](const Mark& mark) { return span.has(mark.at); });
}

// false: the field has no number in any line.
bool ReadingTemplate::take_parts(const ReadingField& field, ReadingParts& parts) {
    parts.field = field.name;
    parts.constants.clear();
    parts.columns.clear();
    std::size_t begin = field.number.begin;
    for (const Mark& mark : marks_) {
        if (!field.number.has(mark.at)) continue;
        parts.constants.push_back(text_.substr(begin, mark.at - begin));
        parts.columns.push_back(mark.column);
        begin = mark.at + 1;
    }
    parts.constants.push_back(text_.substr(begin, field.number.end - begin));
    if (field.quoted) {
        for (std::string& constant : parts.constants) {
            if (decode_end(constant)) continue;
            by_line_ = true;
            return false;
        }
        std::string& first = parts.constants.front();
        std::string& last = parts.constants.back();
        if (parts.columns.empty()) {
            first = without_blanks(first);
        } else {
            while (!first.empty() && without_blanks(first.substr(0, 1)).empty()) first.erase(0, 1);
            while (!last.empty() && without_blanks(last.substr(last.size() - 1)).empty()) last.pop_back();
        }
    }
    return std::all_of(parts.constants.begin(), parts.constants.end(), may_be_in_number);
}

void ReadingTemplate::scan(const block::Template& made, const std::vector<std::string_view>& constants) {
    fields_.clear();
    marks_.clear();
    by_line_ = made.plain || made.fields;
    if (by_line_) return;
    text_ = constants.front();
    for (std::size_t i = 0; i < made.variables.size(); ++i) {
        const block::Template::Variable& variable = made.variables[i];
        if (variable.single) {
            text_ += variable.value;
        } else {
            marks_.push_back({text_.size(), variable.column});
            text_ += kMark;
        }
        text_ += constants[i + 1];
    }
    scanner_.scan(text_);
    for (const ReadingField& field : scanner_.fields()) {
        if (has_mark(field.own_name) || has_mark(field.outer_name)) by_line_ = true;
        ReadingParts parts;
        if (take_parts(field, parts)) fields_.push_back(std::move(parts));
    }
    if (by_line_) fields_.clear();
}

}  // namespace nmstore::query

#include "query/reading_fields.h"

#include <algorithm>

#include "engine/json_string.h"

namespace nmstore::query {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// What ends a value that is neither text, object nor list.
bool ends_scalar(char c) {
    return is_blank(c) || c == ',' || c == '}' || c == ']' || c == '{' || c == '[' || c == '"' || c == ':';
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<Reading> reading_of(std::string_view raw, bool quoted) {
    if (!quoted) return parse_reading(raw);
    if (raw.find('\\') == std::string_view::npos) return parse_reading(without_blanks(raw));
    std::string decoded;
    if (!decode_json_string(raw, decoded)) return std::nullopt;
    return parse_reading(without_blanks(decoded));
}

bool ReadingFields::take(char c) {
    if (here() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
}

void ReadingFields::skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

// `"…"` from here on.
bool ReadingFields::scan_text(TextSpan& inside) {
    if (!take('"')) return false;
    const std::size_t end = find_string_end(text_, at_);
    if (end == std::string_view::npos) return false;
    inside = {at_, end};
    at_ = end + 1;
    return true;
}

// A list, or an object that is nested too deep, whatever is in it.
bool ReadingFields::skip_brackets() {
    std::size_t depth = 0;
    TextSpan inside;
    do {
        if (at_ == text_.size()) return false;
        const char c = text_[at_];
        if (c == '"') {
            if (!scan_text(inside)) return false;
            continue;
        }
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++at_;
    } while (depth > 0);
    return true;
}

bool ReadingFields::scan_value(std::size_t outer, Member& member) {
    const char c = here();
    if (c == '"') {
        member.kind = Kind::quoted;
        return scan_text(member.value);
    }
    if (c == '[' || (c == '{' && outer != 0)) return skip_brackets();
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_scalar(text_[at_])) ++at_;
    member.kind = Kind::scalar;
    member.value = {begin, at_};
    return at_ > begin;
}

bool ReadingFields::scan_object(std::size_t outer) {
    if (!take('{')) return false;
    skip_blanks();
    if (take('}')) return true;
    while (true) {
        if (members_.size() == kMaxReadingMembers) return false;
        Member member;
        member.outer = outer;
        if (!scan_text(member.name)) return false;
        skip_blanks();
        if (!take(':')) return false;
        skip_blanks();
        if (outer == 0 && here() == '{') {
            members_.push_back(member);
            if (!scan_object(members_.size())) return false;
        } else {
            if (!scan_value(outer, member)) return false;
            members_.push_back(member);
        }
        skip_blanks();
        if (take('}')) return true;
        if (!take(',')) return false;
        skip_blanks();
    }
}

void ReadingFields::name_members() {
    names_.clear();
    own_.clear();
    full_.clear();
    std::string decoded;
    for (const Member& member : members_) {
        const std::size_t begin = names_.size();
        if (member.outer != 0) {
            const TextSpan outer = own_[member.outer - 1];
            names_.append(names_, outer.begin, outer.end - outer.begin).push_back('.');
        }
        const std::size_t own = names_.size();
        const std::string_view raw = member.name.of(text_);
        if (raw.find('\\') == std::string_view::npos) {
            names_ += raw;
        } else {
            decode_json_string(raw, decoded);
            names_ += decoded;
        }
        own_.push_back({own, names_.size()});
        full_.push_back({begin, names_.size()});
    }
}

// Marks as dead what a later member takes the place of.
void ReadingFields::keep_last() {
    dead_.assign(members_.size(), false);
    order_.clear();
    for (std::uint32_t i = 0; i < members_.size(); ++i) order_.push_back(i);
    const auto name = [this](std::uint32_t i) { return full_[i].of(names_); };
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
        const int compared = name(a).compare(name(b));
        return compared != 0 ? compared < 0 : a < b;
    });
    // Outermost ones first, with what is nested in them; then by whole names.
    for (const bool outermost : {true, false}) {
        bool has_later = false;
        for (std::size_t i = order_.size(); i-- > 0;) {
            const std::uint32_t at = order_[i];
            if (i + 1 < order_.size() && name(at) != name(order_[i + 1])) has_later = false;
            if (dead_[at] || (outermost && members_[at].outer != 0)) continue;
            if (has_later) {
                dead_[at] = true;
                for (std::uint32_t k = at + 1;
                     outermost && k < members_.size() && members_[k].outer == at + 1; ++k)
                    dead_[k] = true;
            }
            has_later = true;
        }
    }
}

void ReadingFields::scan(std::string_view text) {
    fields_.clear();
    members_.clear();
    text_ = text;
    at_ = 0;
    skip_blanks();
    if (here() != '{') {
        const std::string_view bare = without_blanks(text);
        if (bare.empty()) return;
        ReadingField field;
        field.name = kBareField;
        field.quoted = bare.front() == '"';
        if (field.quoted) {
            if (!scan_text(field.number)) return;
            skip_blanks();
            if (at_ != text_.size()) return;
        } else {
            const auto begin = static_cast<std::size_t>(bare.data() - text.data());
            field.number = {begin, begin + bare.size()};
        }
        fields_.push_back(field);
        return;
    }
    if (!scan_object(0)) return;
    skip_blanks();
    if (at_ != text_.size()) return;
    name_members();
    keep_last();
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const Member& member = members_[i];
        if (dead_[i] || member.kind == Kind::other) continue;
        ReadingField field;
        field.name = full_[i].of(names_);
        field.number = member.value;
        field.quoted = member.kind == Kind::quoted;
        field.own_name = member.name;
        if (member.outer != 0) field.outer_name = members_[member.outer - 1].name;
        fields_.push_back(field);
    }
}

}  // namespace nmstore::query

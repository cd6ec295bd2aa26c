#include "ingest/json_text.h"

#include <algorithm>
#include <bitset>

#include "engine/json_string.h"
#include "nmstore/value_type.h"

namespace nmstore::ingest {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether what stands between a string's quotes may stand there.
bool is_string_content(std::string_view raw) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (static_cast<unsigned char>(raw[i]) < 0x20) return false;
        if (raw[i] != '\\') continue;
        if (++i == raw.size()) return false;
        if (raw[i] == 'u') {
            for (int digit = 0; digit < 4; ++digit) {
                if (++i == raw.size() || !is_hex(raw[i])) return false;
            }
        } else if (std::string_view("\"\\/bfnrt").find(raw[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

// Copies one value; a state for each thing that may come next, and a bit for each open bracket.
class Compactor {
  public:
    Compactor(std::string_view text, std::string& out) : text_(text), out_(out) {}

    bool run() {
        while (true) {
            skip_blanks();
            if (at_ == text_.size()) return false;
            if (!step()) return false;
            if (next_ == Next::end) break;
        }
        skip_blanks();
        return at_ == text_.size();
    }

  private:
    enum class Next { value, value_or_close, name, name_or_close, colon, comma_or_close, end };

    void skip_blanks() {
        while (at_ < text_.size() && is_json_blank(text_[at_])) ++at_;
    }

    bool step() {
        const char c = text_[at_];
        switch (next_) {
            case Next::value_or_close:
                if (c == ']') return close();
                return value(c);
            case Next::value:
                return value(c);
            case Next::name_or_close:
                if (c == '}') return close();
                return name(c);
            case Next::name:
                return name(c);
            case Next::colon:
                if (c != ':') return false;
                next_ = Next::value;
                return take();
            case Next::comma_or_close:
                if (c == (in_object() ? '}' : ']')) return close();
                if (c != ',') return false;
                next_ = in_object() ? Next::name : Next::value;
                return take();
            case Next::end:
                break;
        }
        return false;
    }

    bool take() {
        out_.push_back(text_[at_++]);
        return true;
    }
    bool in_object() const { return objects_[depth_ - 1]; }
    void after_value() { next_ = depth_ == 0 ? Next::end : Next::comma_or_close; }

    bool close() {
        --depth_;
        after_value();
        return take();
    }
    bool name(char c) {
        if (c != '"' || !string()) return false;
        next_ = Next::colon;
        return true;
    }
    bool value(char c) {
        if (c == '{' || c == '[') {
            if (depth_ == kMaxJsonDepth) return false;
            objects_[depth_++] = c == '{';
            next_ = c == '{' ? Next::name_or_close : Next::value_or_close;
            return take();
        }
        if (!(c == '"' ? string() : scalar())) return false;
        after_value();
        return true;
    }
    bool string() {
        const std::size_t end = find_string_end(text_, at_ + 1);
        if (end == std::string_view::npos || !is_string_content(text_.substr(at_ + 1, end - at_ - 1)))
            return false;
        out_.append(text_, at_, end + 1 - at_);
        at_ = end + 1;
        return true;
    }
    bool scalar() {
        const std::size_t end = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
        const auto token = text_.substr(at_, end - at_);
        if (token != "true" && token != "false" && token != "null" && !is_json_number(token)) return false;
        out_ += token;
        at_ = end;
        return true;
    }

    std::string_view text_;
    std::string& out_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::bitset<kMaxJsonDepth> objects_;
    Next next_ = Next::value;
};

}  // namespace

bool is_json_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_json_number(std::string_view text) {
    std::size_t i = 0;
    const auto digits = [&] {
        const std::size_t begin = i;
        while (i < text.size() && is_digit(text[i])) ++i;
        return i - begin;
    };
    if (i < text.size() && text[i] == '-') ++i;
    const std::size_t whole = i;
    const std::size_t count = digits();
    if (count == 0 || (count > 1 && text[whole] == '0')) return false;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0) return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
        if (digits() == 0) return false;
    }
    return i == text.size();
}

Extent find_extent(std::string_view text, std::size_t begin, std::size_t& end) {
    std::size_t depth = 0;
    std::size_t line_end = begin;
    end = begin;
    while (end < text.size()) {
        const char c = text[end];
        if (c == '"') {
            // A string never runs over the end of its line: so one broken line does not swallow the next.
            if (line_end <= end) line_end = std::min(text.find('\n', end), text.size());
            const std::size_t quote = find_string_end(text.substr(0, line_end), end + 1);
            if (quote == std::string_view::npos) {
                end = line_end;
                return Extent::open;
            }
            end = quote + 1;
            continue;
        }
        ++end;
        if (c == '{' || c == '[') {
            if (++depth > kMaxJsonDepth) return Extent::too_deep;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return Extent::whole;
        }
    }
    return Extent::open;
}

bool append_compact_json(std::string_view text, std::string& out) {
    return Compactor(text, out).run();
}

bool is_compact_object(std::string_view text) {
    std::string compact;
    return text.starts_with('{') && is_valid_utf8(text) && append_compact_json(text, compact) &&
           compact == text;
}

}  // namespace nmstore::ingest

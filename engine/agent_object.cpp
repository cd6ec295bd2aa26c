#include "engine/agent_object.h"

#include <cstddef>
#include <cstdint>

namespace nmstore {
namespace {

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }
    // Passes over `c` if it is what comes next.
    bool take(char c) {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool at_end() {
        skip_blanks();
        return at_ >= text_.size();
    }
    bool at_string() {
        skip_blanks();
        return at_ < text_.size() && text_[at_] == '"';
    }

    // A string, `raw` being what stands between its quotes; false if it does not end.
    bool skip_string(std::string_view& raw) {
        const std::size_t begin = ++at_;
        while ((at_ = text_.find('"', at_)) != std::string_view::npos) {
            std::size_t backslashes = 0;
            while (at_ - backslashes > begin && text_[at_ - backslashes - 1] == '\\') ++backslashes;
            ++at_;
            if (backslashes % 2 == 1) continue;  // this quote belongs to the string
            raw = text_.substr(begin, at_ - 1 - begin);
            return true;
        }
        at_ = text_.size();
        return false;
    }

    // Any value: a string, a number or a word, or something in brackets with everything in it.
    bool skip_value() {
        skip_blanks();
        std::size_t depth = 0;
        std::string_view ignored;
        const std::size_t begin = at_;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                if (!skip_string(ignored)) return false;
                if (depth == 0) return true;
                continue;
            }
            if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at_ > begin;
            if (c == '{' || c == '[') ++depth;
            ++at_;
            if ((c == '}' || c == ']') && --depth == 0) return true;
        }
        return false;
    }

  private:
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    std::string_view text_;
    std::size_t at_ = 0;
};

// The four hexadecimal digits of \uXXXX at `at`, or -1.
std::int32_t hex_unit(std::string_view raw, std::size_t at) {
    if (raw.size() < at + 4) return -1;
    std::int32_t unit = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        const char c = raw[i];
        int digit = 0;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

void append_utf8(std::uint32_t code_point, std::string& out) {
    const auto push = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        push(code_point);
    } else if (code_point < 0x800) {
        push(0xC0 | code_point >> 6);
        push(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        push(0xE0 | code_point >> 12);
        push(0x80 | (code_point >> 6 & 0x3F));
        push(0x80 | (code_point & 0x3F));
    } else {
        push(0xF0 | code_point >> 18);
        push(0x80 | (code_point >> 12 & 0x3F));
        push(0x80 | (code_point >> 6 & 0x3F));
        push(0x80 | (code_point & 0x3F));
    }
}

// The \uXXXX whose backslash is at `at`, with the second half of a pair if it follows; appended to `out`. The
// bytes used.
std::size_t append_unicode_escape(std::string_view raw, std::size_t at, std::string& out) {
    const std::int32_t first = hex_unit(raw, at + 2);
    if (first < 0) {
        out += "\\u";  // not an escape after all: nothing is lost
        return 2;
    }
    auto code_point = static_cast<std::uint32_t>(first);
    if (code_point < 0xD800 || code_point >= 0xE000) {
        append_utf8(code_point, out);
        return 6;
    }
    const bool pair_may_follow = code_point < 0xDC00 && raw.substr(at + 6, 2) == "\\u";
    const std::int32_t second = pair_may_follow ? hex_unit(raw, at + 8) : -1;
    if (second >= 0xDC00 && second < 0xE000) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (static_cast<std::uint32_t>(second) - 0xDC00);
        append_utf8(code_point, out);
        return 12;
    }
    append_utf8(0xFFFD, out);
    return 6;
}

// The content of a string whose text between the quotes is `raw`. Every backslash has a character behind it.
void decode_string(std::string_view raw, std::string& out) {
    out.clear();
    out.reserve(raw.size());
    std::size_t copied = 0;
    std::size_t at = 0;
    while ((at = raw.find('\\', copied)) != std::string_view::npos) {
        out.append(raw, copied, at - copied);
        std::size_t used = 2;
        switch (const char c = raw[at + 1]) {
            case 'n':
                out.push_back('\n');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 'b':
                out.push_back('\b');
                break;
            case 'f':
                out.push_back('\f');
                break;
            case 'u':
                used = append_unicode_escape(raw, at, out);
                break;
            default:
                out.push_back(c);
                break;
        }
        copied = at + used;
    }
    out.append(raw, copied, std::string_view::npos);
}

}  // namespace

bool find_returned(std::string_view text, std::string& out) {
    Scanner scanner(text);
    if (!scanner.take('{')) return false;
    bool found = false;
    std::string_view returned;
    if (!scanner.take('}')) {
        do {
            std::string_view name;
            if (!scanner.at_string() || !scanner.skip_string(name) || !scanner.take(':')) return false;
            if (name != "returned") {
                if (!scanner.skip_value()) return false;
                continue;
            }
            found = scanner.at_string();
            if (found ? !scanner.skip_string(returned) : !scanner.skip_value()) return false;
        } while (scanner.take(','));
        if (!scanner.take('}')) return false;
    }
    if (!found || !scanner.at_end()) return false;
    decode_string(returned, out);
    return true;
}

}  // namespace nmstore

#include "engine/agent_object.h"

#include <cstddef>

#include "engine/json_string.h"

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
        const std::size_t end = find_string_end(text_, begin);
        if (end == std::string_view::npos) return false;
        raw = text_.substr(begin, end - begin);
        at_ = end + 1;
        return true;
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

}  // namespace

bool find_raw_returned(std::string_view text, std::string_view& returned) {
    Scanner scanner(text);
    if (!scanner.take('{')) return false;
    bool found = false;
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
    return found && scanner.at_end();
}

bool find_returned(std::string_view text, std::string& out) {
    std::string_view returned;
    if (!find_raw_returned(text, returned)) return false;
    decode_json_string(returned, out);
    return true;
}

}  // namespace nmstore

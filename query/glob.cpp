// glob_matches(): the way back goes to the last '*' only, so that no glob takes more than glob × text steps.
#include "query/matcher.h"

namespace nmstore::query {
namespace {

// The bytes of the character at text[i]; an invalid byte is a character by itself.
std::size_t character_bytes(std::string_view text, std::size_t i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t bytes = lead < 0xC2 ? 1U : lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : lead < 0xF5 ? 4U : 1U;
    if (i + bytes > text.size()) return 1;
    for (std::size_t k = 1; k < bytes; ++k) {
        if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return 1;
    }
    return bytes;
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t g = 0, t = 0;
    std::size_t star = none, star_text = 0;  // the last '*', and where what follows it is tried
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            star_text = t;
        } else if (g < glob.size() && glob[g] == '?') {
            t += character_bytes(text, t);
            ++g;
        } else if (g < glob.size() && glob[g] == text[t]) {
            ++g;
            ++t;
        } else if (star != none) {
            g = star + 1;
            star_text += character_bytes(text, star_text);
            t = star_text;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*') ++g;
    return g == glob.size();
}

}  // namespace nmstore::query

// Globs against a table of what matches what: the part before the first line end is the glob, the rest the
// text.
#include <cstdint>
#include <string>
#include <vector>

#include "nmstore/result.h"
#include "query/matcher.h"

namespace {

bool table_says(std::string_view glob, std::string_view text) {
    std::vector<bool> matches(text.size() + 1,
                              false);  // of the glob so far, by how much of the text is used up
    matches[0] = true;
    for (const char g : glob) {
        std::vector<bool> next(text.size() + 1, false);
        for (std::size_t t = 0; t <= text.size(); ++t) {
            if (g == '*') {
                next[t] = matches[t] || (t > 0 && next[t - 1]);
            } else {
                next[t] = t > 0 && matches[t - 1] && (g == '?' || g == text[t - 1]);
            }
        }
        matches = std::move(next);
    }
    return matches.back();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string both(reinterpret_cast<const char*>(data), size < 300 ? size : 300);
    for (char& c : both) c = static_cast<char>(c & 0x7F);  // the table knows bytes only
    const std::size_t end = both.find('\n');
    const std::string_view glob = std::string_view(both).substr(0, end);
    const std::string_view text =
        end == std::string::npos ? std::string_view() : std::string_view(both).substr(end + 1);
    NM_CHECK(nmstore::query::glob_matches(glob, text) == table_says(glob, text));
    return 0;
}

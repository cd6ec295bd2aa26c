// The options by which search, tail and count say which lines they mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "tools/source.h"

namespace CLI {
class App;
}

namespace nmstore::tools {

// For CLI::Option::check: a name that a script left empty by mistake is not one that was left out.
inline std::string not_empty(const std::string& text) {
    return text.empty() ? "is empty" : "";
}
// For numbers without a sign: what would be read as another number is none.
std::string whole_number(const std::string& text);

struct LineOptions {
    std::vector<std::string> words;
    std::string client, log, kind;
    std::string from, to;
};

// Declares QUERY… and --client, --log, --kind; with `times` also --from and --to. `options` must outlive the
// parsing.
void declare_line_options(CLI::App& command, LineOptions& options, bool times);

// The query that these options mean: the words joined, and the shortcuts as its filters.
std::string query_text(const LineOptions& options);
// A span of time as typed, "" = open: both can be read, and the first is not later than the second. Checked
// before anything is sent; the error (invalid_argument) names the option.
Result<void> check_times(const std::string& from, const std::string& to,
                         std::string_view from_name = "--from", std::string_view to_name = "--to");

}  // namespace nmstore::tools

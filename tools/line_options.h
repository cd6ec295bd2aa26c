// The options by which search, tail and count say which lines they mean.
#pragma once

#include <string>
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
// Checked here, so that a slip is told before anything is sent. invalid_argument.
Result<void> check_times(const LineOptions& options);

}  // namespace nmstore::tools

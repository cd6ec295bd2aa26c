// Queries: a problem has a column inside of the text; what is read is written as a text that means the same,
// and can be asked about a line (the query itself).
#include <algorithm>
#include <cstdint>
#include <string>

#include "query/matcher.h"
#include "query/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore;
    using namespace nmstore::query;
    const std::string text(reinterpret_cast<const char*>(data), size);
    ParseProblem problem;
    auto query = parse(text, &problem);
    if (!query) {
        NM_CHECK(problem.column >= 1 && problem.column <= text.size() + 1 && !problem.expected.empty());
        return 0;
    }
    const std::string canonical = to_text(*query->filter);
    auto again = parse(canonical);
    // Quotes make the canonical text longer; only a limit may stand in its way.
    if (!again) {
        NM_CHECK(canonical.size() > kMaxQueryBytes);
        return 0;
    }
    NM_CHECK(to_text(*again->filter) == canonical);
    auto one = compile(*query->filter);
    auto other = compile(*again->filter);
    NM_CHECK(one.ok() && other.ok());
    LogRow row;
    row.client = "web1";
    row.log = "_var_log";
    Line line;
    line.row = &row;
    line.text = text;
    const bool matches = (*one)->matches(line);
    NM_CHECK(matches == (*other)->matches(line));
    if (matches) NM_CHECK((*one)->may_match(row));
    return 0;
}

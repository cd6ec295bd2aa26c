// Long work as an answer: it is told about as it goes, in JSON lines, and stops when its reader goes away.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api_answer.h"
#include "server/routes.h"

namespace nmstore::server::api {

// Work that reports progress and ends with the last line of the answer, or an Error, which is then that line.
using Work = std::function<Result<std::string>(const Progress& progress)>;

// While it runs it stands among the context's running work, as `what`.
Response answer_work(Context& context, const Request& request, std::string_view what, Work work);

// The last line of work that looks for problems: it begins with whether there are some, as an error of
// corruption that says how many of `what`, and ends with them. Between the two stands what else the work
// tells.
void begin_findings(JsonWriter& json, std::uint64_t problem_count, std::string_view what);
void end_findings(JsonWriter& json, std::uint64_t problem_count, const std::vector<std::string>& problems);

}  // namespace nmstore::server::api

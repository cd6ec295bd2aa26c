// Long work as an answer: it is told about as it goes, in JSON lines, and stops when its reader goes away.
#pragma once

#include <functional>
#include <string>

#include "server/api_answer.h"

namespace nmstore::server::api {

// Work that reports progress and ends with the last line of the answer, or an Error, which is then that line.
using Work = std::function<Result<std::string>(const Progress& progress)>;

Response answer_work(Work work);

}  // namespace nmstore::server::api

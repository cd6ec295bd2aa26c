// What alerts say in the same words, whatever kind of rule they are of.
#pragma once

#include <cstdint>
#include <string>

#include "server/alert_state.h"

namespace nmstore::server {

std::string span_text(std::int64_t ms);         // "5m", "90s", "1500ms"
std::string of_group(const AlertGroup& group);  // " of CLIENT, LOG, FIELD", as far as they are known

}  // namespace nmstore::server

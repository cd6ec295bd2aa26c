// Appended lines in the form in which an agent would have posted them, for those who know lines as cells
// only: readers of rows, and of channels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nmstore {

// {"date":time_ms,"returned":"…"}, escape()d. `returned`: lines, each with its '\n'; any bytes, which are not
// changed: one that is no part of UTF-8 becomes %XX of itself.
std::string posted_form(std::int64_t time_ms, std::string_view returned);

}  // namespace nmstore

// The index rows that agents and pages keep in kIndexFamily: a name for each column, and a time or a text as
// its value. What they hold has been written by many hands: plain, as JSON, escape()d, or all of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "nmstore/store.h"

namespace nmstore::query {

// Goes through a row of any length in pages, in the order of its columns. A row that is not there has no
// cells.
Result<void> each_index_cell(const Store& store, std::string_view row,
                             const std::function<void(const Cell&)>& each);

// Every column with its text; an empty text where there is none.
Result<std::unordered_map<std::string, std::string>> index_texts(const Store& store, std::string_view row);

// Milliseconds since the epoch: a number, a time as RFC 3339, either also as a JSON string, or as `date`,
// `time`, `lastSeen` or `timestamp` of a JSON object. 0: none of these.
std::int64_t index_time(std::string_view value);

// The text itself, that of a JSON string, or the `tag`, `address`, `ip`, `name` or `value` of a JSON object.
std::string index_text(std::string_view value);

// A value of which index_text() makes this text again, whatever it looks like; it must be valid UTF-8.
// Escaped no more than that needs: those who unescape once have most texts as they are.
std::string index_value(std::string_view text);

// The text of a member of a JSON object; "" where the value is none, or has no such text.
std::string index_member(std::string_view value, const char* member);

}  // namespace nmstore::query

// JSON as the server writes it, with every byte of a stored text: what is not valid UTF-8 comes as lone
// surrogates \udc80…\udcff (byte 0x80…0xff). JSON libraries refuse those, so they are taken out before
// parsing and put back afterwards. The way out writes the same form.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::tools {

// corruption if `text` is not JSON. Strings of the result must be read with bytes_of(), never directly.
Result<nlohmann::json> parse_json(std::string_view text);

// A string of a parse_json() value as the bytes that were stored; other values as their JSON text; null is
// "".
std::string bytes_of(const nlohmann::json& value);
// The member `name` as bytes_of() gives it; "" if `object` has no such member.
std::string member_bytes(const nlohmann::json& object, const char* name);
// The member `name` as a number; `otherwise` if it is not there or is none.
std::int64_t member_number(const nlohmann::json& object, const char* name, std::int64_t otherwise = 0);

// The members of an object in the order in which they stand, by name and bytes_of() their values; those that
// hold objects or arrays have "". corruption: `text` is no JSON object.
using Members = std::vector<std::pair<std::string, std::string>>;
Result<Members> parse_members(std::string_view text);

// `bytes` as a JSON string with its quotes, appended to `out`.
void append_json_string(std::string_view bytes, std::string& out);
std::string json_string(std::string_view bytes);

}  // namespace nmstore::tools

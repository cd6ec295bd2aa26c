// The sortable forms of the value types that need more than a few lines each. Plain byte order of a form is
// the type's order; nullopt: not a text, or not a form, of that type.
//
//   IntegerType   zero: 01
//                 positive: 02, the number of its digits (2 bytes, big-endian), the digits, two in a byte, an
//                 odd one with a 0 behind it negative: 00, then what the positive number has behind its 02,
//                 every bit turned over
//   UUIDType      version 1: 01, time (8 bytes, big-endian), clock sequence and node (the UUID's last 8
//   bytes)
//                 others: the version, the UUID's 16 bytes
//   TimeUUIDType  as UUIDType, without the first byte
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nmstore {

void append_big_endian(std::uint64_t value, std::string& out);  // 8 bytes
std::uint64_t read_big_endian(std::string_view bytes);          // of the first 8 bytes, which must be there

std::optional<std::string> encode_integer(std::string_view text);
std::optional<std::string> decode_integer(std::string_view key);

std::optional<std::string> encode_uuid(std::string_view text);
std::optional<std::string> decode_uuid(std::string_view key);
std::optional<std::string> encode_time_uuid(std::string_view text);
std::optional<std::string> decode_time_uuid(std::string_view key);

}  // namespace nmstore

// The types that CloudSandra knows for a column's name (the comparator of a family) and for a column's
// value, and the sortable keys made of them: plain byte order of an encoded name is the comparator's
// order, so the store needs no comparator of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore {

enum class ValueType : std::uint8_t {  // the numbers are stored on disk
    utf8 = 1,       // UTF8Type: valid UTF-8, ordered by bytes
    ascii = 2,      // ASCIIType: bytes below 0x80, ordered by bytes
    long_ = 3,      // LongType: a signed 64-bit decimal number
    integer = 4,    // IntegerType: a decimal number of any size
    uuid = 5,       // UUIDType: by version, then time for version 1, then bytes
    time_uuid = 6,  // TimeUUIDType: version 1 only, by time, then bytes
};

inline constexpr std::size_t kMaxIntegerDigits = 10'000;  // of an IntegerType, without sign and leading zeros

// "UTF8Type" -> utf8. Also takes Cassandra's full class name ("org.apache.cassandra.db.marshal.UTF8Type")
// and "AsciiType"; case matters otherwise. nullopt for an unknown name.
std::optional<ValueType> parse_value_type(std::string_view name);
std::string_view value_type_name(ValueType type);  // "UTF8Type"

// The text of a name or value as its sortable key. Fails with invalid_argument and a message such as
// `"abc" is not a LongType`; the text in it is shortened to a bounded, printable form. Empty text fits
// no type here: callers that allow empty values do not ask.
Result<std::string> encode_sortable(ValueType type, std::string_view text);

// The way back, in canonical form ("007" as LongType comes back as "7", a UUID in lower case).
// Fails with corruption on bytes that encode_sortable cannot have made.
Result<std::string> decode_sortable(ValueType type, std::string_view key);

// Whether `bytes` is valid UTF-8 (no surrogates, nothing over U+10FFFF, no overlong forms).
bool is_valid_utf8(std::string_view bytes);

// `text` cut to about 64 bytes with control and invalid bytes shown as \xNN: for error messages.
std::string printable(std::string_view text);

}  // namespace nmstore

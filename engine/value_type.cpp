#include "nmstore/value_type.h"

#include <array>
#include <charconv>

#include "engine/value_type_codec.h"

namespace nmstore {

namespace {

constexpr std::string_view kClassPrefix = "org.apache.cassandra.db.marshal.";

struct TypeName {
    std::string_view name;
    ValueType type;
};

constexpr std::array<TypeName, 7> kTypeNames = {{
    {"UTF8Type", ValueType::utf8},
    {"ASCIIType", ValueType::ascii},
    {"AsciiType", ValueType::ascii},
    {"LongType", ValueType::long_},
    {"IntegerType", ValueType::integer},
    {"UUIDType", ValueType::uuid},
    {"TimeUUIDType", ValueType::time_uuid},
}};

bool is_ascii(std::string_view bytes) {
    for (const char byte : bytes) {
        if (static_cast<unsigned char>(byte) >= 0x80) return false;
    }
    return true;
}

// 64 bits, big-endian, with the sign turned over: negative numbers come first.
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

std::optional<std::string> encode_long(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    std::string key;
    append_big_endian(static_cast<std::uint64_t>(value) ^ kSignBit, key);
    return key;
}

std::optional<std::string> decode_long(std::string_view key) {
    if (key.size() != 8) return std::nullopt;
    return std::to_string(static_cast<std::int64_t>(read_big_endian(key) ^ kSignBit));
}

std::optional<std::string> encode(ValueType type, std::string_view text) {
    if (text.empty()) return std::nullopt;
    switch (type) {
        case ValueType::utf8:
            return is_valid_utf8(text) ? std::optional<std::string>(text) : std::nullopt;
        case ValueType::ascii:
            return is_ascii(text) ? std::optional<std::string>(text) : std::nullopt;
        case ValueType::long_:
            return encode_long(text);
        case ValueType::integer:
            return encode_integer(text);
        case ValueType::uuid:
            return encode_uuid(text);
        case ValueType::time_uuid:
            return encode_time_uuid(text);
    }
    return std::nullopt;
}

std::optional<std::string> decode(ValueType type, std::string_view key) {
    if (key.empty()) return std::nullopt;
    switch (type) {
        case ValueType::utf8:
            return is_valid_utf8(key) ? std::optional<std::string>(key) : std::nullopt;
        case ValueType::ascii:
            return is_ascii(key) ? std::optional<std::string>(key) : std::nullopt;
        case ValueType::long_:
            return decode_long(key);
        case ValueType::integer:
            return decode_integer(key);
        case ValueType::uuid:
            return decode_uuid(key);
        case ValueType::time_uuid:
            return decode_time_uuid(key);
    }
    return std::nullopt;
}

std::string with_article(ValueType type) {
    const bool vowel = type == ValueType::ascii || type == ValueType::integer;
    return (vowel ? "an " : "a ") + std::string(value_type_name(type));
}

}  // namespace

std::optional<ValueType> parse_value_type(std::string_view name) {
    if (name.starts_with(kClassPrefix)) name.remove_prefix(kClassPrefix.size());
    for (const auto& known : kTypeNames) {
        if (known.name == name) return known.type;
    }
    return std::nullopt;
}

std::string_view value_type_name(ValueType type) {
    for (const auto& known : kTypeNames) {
        if (known.type == type) return known.name;
    }
    return "unknown";
}

Result<std::string> encode_sortable(ValueType type, std::string_view text) {
    if (auto key = encode(type, text)) return *std::move(key);
    std::string message = "\"" + printable(text) + "\" is not " + with_article(type);
    if (type == ValueType::integer && text.size() > kMaxIntegerDigits) {
        message += " of at most " + std::to_string(kMaxIntegerDigits) + " digits";
    }
    return Error{Code::invalid_argument, std::move(message)};
}

Result<std::string> decode_sortable(ValueType type, std::string_view key) {
    if (auto text = decode(type, key)) return *std::move(text);
    return Error{Code::corruption,
                 "the stored bytes \"" + printable(key) + "\" are not " + with_article(type)};
}

}  // namespace nmstore

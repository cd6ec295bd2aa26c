// JSON strings against another parser of them.
#include "engine/json_string.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "nmstore/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string raw(reinterpret_cast<const char*>(data), size);
    std::string decoded;
    const bool known = nmstore::decode_json_string(raw, decoded);
    NM_CHECK(decoded.size() <= raw.size());
    if (raw.find('\\') == std::string::npos) NM_CHECK(known && decoded == raw);

    if (raw.find('\0') != std::string::npos) return 0;  // to the other parser this ends the text
    const std::string quoted = '"' + raw + '"';
    const auto other = nlohmann::json::parse(quoted, nullptr, false);
    if (other.is_string()) {
        NM_CHECK(known && decoded == other.get<std::string>());
        NM_CHECK(nmstore::find_string_end(quoted, 1) == quoted.size() - 1);
    }
    const std::size_t end = nmstore::find_string_end(raw, 0);
    bool escaped = false;
    for (std::size_t i = 0; i < (end == std::string::npos ? raw.size() : end); ++i) {
        NM_CHECK(escaped || raw[i] != '"');
        escaped = !escaped && raw[i] == '\\';
    }
    if (end != std::string::npos) NM_CHECK(!escaped && raw[end] == '"');
    return 0;
}

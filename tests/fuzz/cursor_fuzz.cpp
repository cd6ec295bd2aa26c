// Cursors and ids of lines: what is read is written as the same text again.
#include "query/cursor.h"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore::query;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto id = parse_line_id(text);
    if (id.ok()) NM_CHECK(format_line_id(id.value()) == text);
    for (const std::uint64_t query : {std::uint64_t{0}, std::uint64_t{99}}) {
        const auto cursor = parse_cursor(text, query);
        if (cursor.ok()) NM_CHECK(format_cursor(cursor.value()) == text);
    }
    return 0;
}

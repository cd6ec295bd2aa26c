// Compact JSON against another parser.
#include "ingest/json_text.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "nmstore/result.h"
#include "nmstore/value_type.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore::ingest;
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::string compact;
    const bool accepted = append_compact_json(text, compact);
    std::size_t end = 0;
    const Extent extent = find_extent(text, 0, end);
    NM_CHECK(end <= text.size());
    if (accepted) {
        std::string again;
        NM_CHECK(append_compact_json(compact, again) && again == compact);
        NM_CHECK(compact.find('\n') == std::string::npos);
        if (text[0] == '{' || text[0] == '[') NM_CHECK(extent == Extent::whole);
    }
    // The other parser refuses lone surrogates, numbers beyond a double, and takes any depth; a byte order
    // mark it passes over, and to it a NUL ends the text.
    if (!nmstore::is_valid_utf8(text) || text.find('\0') != std::string::npos ||
        text.find("\\u") != std::string::npos || text.find_first_of("eE") != std::string::npos ||
        text.find("\xEF\xBB\xBF") != std::string::npos || text.size() > 300) {
        return 0;
    }
    if (extent != Extent::too_deep) NM_CHECK(accepted == nlohmann::json::accept(text));
    return 0;
}

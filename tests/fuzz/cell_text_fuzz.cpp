// Any cell is taken apart; lines that an agent wrapped come out again, however often they were escaped.
#include "engine/cell_text.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "nmstore/escape.h"
#include "nmstore/result.h"
#include "nmstore/value_type.h"

namespace {

std::string joined(const nmstore::CellText& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        NM_CHECK(text[i].find('\n') == std::string_view::npos);
        out += text[i];
        if (i + 1 < text.size() || !text.half()) out += '\n';
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string value(reinterpret_cast<const char*>(data), size);
    nmstore::CellText text;
    text.assign(nmstore::RowKind::logs, value);
    joined(text);
    NM_CHECK(!text.half() || !text.empty());

    text.assign(nmstore::RowKind::plugins, value);
    NM_CHECK(text.size() == 1 && text[0] == nmstore::unescape_fully(value) && !text.half());

    // Percent signs in a line's own text may be used up by a pass too many: that is the rule, and not checked
    // here.
    if (value.find('%') != std::string::npos || !nmstore::is_valid_utf8(value)) return 0;
    const std::string object = nlohmann::json{{"date", 1}, {"returned", value}}.dump();
    const std::string once = nmstore::escape(object);
    for (const auto& cell : {object, once, nmstore::escape(once)}) {
        text.assign(nmstore::RowKind::logs, cell);
        NM_CHECK(joined(text) == value);
        NM_CHECK(text.half() == (!value.empty() && value.back() != '\n'));
    }
    return 0;
}

// The statements of a job, `select` before the first newline and `where` behind it: read or refused at a
// column, and a condition and its negation divide all cells between them.
#include <cstdint>
#include <string>

#include "query/map_reduce_select.h"
#include "query/map_reduce_where.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore;
    using namespace nmstore::query;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t newline = text.find('\n');
    TableInfo table;
    table.row_mapping = "host";
    table.value_mapping = "reading";
    table.value_type = "int";

    const auto select = SelectList::parse(text.substr(0, newline), table);
    if (select.ok()) {
        NM_CHECK(!select->items.empty() && select->items.size() <= kMaxSelected);
    } else {
        NM_CHECK(select.error().message.starts_with("select: ") || select.error().code == Code::too_large);
    }

    const std::string condition = newline == std::string::npos ? text : text.substr(newline + 1);
    const auto where = Where::parse(condition, table);
    if (!where.ok()) {
        NM_CHECK(where.error().message.starts_with("where: "));
        return 0;
    }
    const auto negation = Where::parse("not (" + condition + "\n)", table);
    const TableCell cells[] = {
        {"10.0.0.1:logs:x:2011:5:22", "100", "%7B%22returned%22%3A%22disk%20full%22%7D"},
        {"", "-5", "95"},
        {"host", "value", ""},
        {"\xff", "_", "9%u"}};
    for (const TableCell& cell : cells) {
        const bool selected = where->selects(cell);
        // An empty condition has no negation, and neither has one that was at the limit of depth or ends in
        // ';'.
        if (negation.ok()) NM_CHECK(negation->selects(cell) != selected);
        if (const auto row = where->only_row(); row && selected) NM_CHECK(*row == cell.row);
    }
    return 0;
}

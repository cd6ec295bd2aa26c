// CQL: any text is answered or refused at a column that it has, and never changes what another part of it
// means.
#include "query/cql.h"

#include <cstdint>
#include <string>

#include "query/cql_statement.h"
#include "tests/query/memory_store.h"

namespace {

void fill(nmstore::testing::MemoryStore& store) {
    for (const char* row : {"a", "clients", "10.0.0.1:logs", "it's"})
        for (const char* column : {"1", "5", "20"}) store.put("CFLongType", row, column, row);
    NM_CHECK(store.declare_column("CFLongType", "5", nmstore::ValueType::long_, true).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace nmstore;
    static nmstore::testing::MemoryStore store;
    [[maybe_unused]] static const bool filled = (fill(store), true);
    const std::string text(reinterpret_cast<const char*>(data), size);
    query::Execution execution;
    const auto answer = query::select(store, "CFLongType", text, execution);
    if (!answer.ok()) {
        const Error& error = answer.error();
        NM_CHECK(error.code == Code::invalid_argument || error.code == Code::conflict ||
                 error.code == Code::too_large);
        if (error.code == Code::too_large) return 0;
        NM_CHECK(error.message.starts_with("column "));
        NM_CHECK(std::stoul(error.message.substr(7)) <= size + 1);
        return 0;
    }
    const auto statement = query::parse_cql(text);
    NM_CHECK(statement.ok());
    NM_CHECK(answer->counted == (statement->what == query::CqlWhat::count));
    NM_CHECK(answer->counted || answer->rows.size() == answer->count || answer->count == 0);
    for (const query::CqlRow& row : answer->rows)
        NM_CHECK(statement->what != query::CqlWhat::keys || row.cells.empty());
    // What may stand behind a statement changes nothing.
    if (!text.empty() && text.back() != ';' && text.back() != '.' && text.find('\0') == std::string::npos)
        NM_CHECK(query::parse_cql(text + " ;").ok());
    return 0;
}

#include "query/entry.h"

namespace nmstore::query {

Entry make_entry(const Line& line) {
    return {line.id,
            line.row->client,
            line.row->log,
            std::string(row_kind_name(line.row->kind)),
            std::string(line.text),
            std::string(line.fields)};
}

std::size_t memory_of(const Entry& entry) {
    return sizeof(Entry) + entry.client.size() + entry.log.size() + entry.line.size() + entry.fields.size();
}

}  // namespace nmstore::query

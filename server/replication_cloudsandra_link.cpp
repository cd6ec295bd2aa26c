#include "server/replication_cloudsandra_link.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/json_writer.h"

namespace nmstore::server {
namespace {

using Kind = CloudsandraWrite::Kind;
using Json = nlohmann::json;

// Of all bodies, as CloudSandra's own clients call also those that are JSON.
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
// What stands between may answer 400 once; a value is set aside only if it is refused so often.
constexpr int kRefusalsNeeded = 3;
constexpr std::size_t kCounterPage = 1000;  // what v0.3 gives of a row

bool is_text(const CloudsandraCell& cell) {
    return is_valid_utf8(cell.row) && is_valid_utf8(cell.column) && is_valid_utf8(cell.value);
}

std::string name_of(const CloudsandraWrite& write, std::string_view row, std::string_view column) {
    std::string name = write.family + "/" + std::string(row);
    if (!column.empty()) name += "/" + std::string(column);
    return name;
}

// Cells [from, to), by row.
std::string bulk_body(const CloudsandraWrite& write, std::size_t from, std::size_t to) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("rowkeys").begin_array();
    for (std::size_t i = from; i < to; ++i) {
        const CloudsandraCell& cell = write.cells[i];
        if (i == from || write.cells[i - 1].row != cell.row) {
            if (i != from) json.end_array().end_object();
            json.begin_object().member("rowkey", cell.row).key("columns").begin_array();
        }
        json.begin_object().member("columnname", cell.column).member("columnvalue", cell.value);
        if (cell.ttl_s > 0) json.member("ttl", std::to_string(cell.ttl_s));
        json.end_object();
    }
    json.end_array().end_object().end_array().end_object();
    return body;
}

std::string text_of(const Json& object, const char* name) {
    const auto at = object.find(name);
    if (at == object.end() || at->is_null()) return "";
    return at->is_string() ? at->get<std::string>() : at->dump();
}

}  // namespace

ReplicationCloudsandraLink::ReplicationCloudsandraLink(ReplicationCall call, const Store& store,
                                                       const Clock& clock, ReplicationNotes& notes,
                                                       ReplicationPatterns patterns)
    : call_(std::move(call)),
      store_(store),
      clock_(clock),
      notes_(notes),
      patterns_(std::move(patterns)),
      counters_(call_, notes,
                [this](ReplicationRefused refused) { sent_.refused.push_back(std::move(refused)); }) {}

Result<std::optional<ChangeNumber>> ReplicationCloudsandraLink::position() {
    return notes_.memory().position;
}

// What is there from the first start has no record.
Result<void> ReplicationCloudsandraLink::send_families() {
    for (const FamilyInfo& family : store_.families()) {
        if (!patterns_.wants(family.name, "")) continue;
        CloudsandraWrite write;
        write.kind = Kind::create_family;
        write.family = family.name;
        write.type = family.comparator;
        NM_TRY(tell(write));
        write.kind = Kind::declare_column;
        for (const ColumnInfo& column : family.columns) {
            write.column = column.name;
            write.type = column.type;
            write.indexed = column.indexed;
            NM_TRY(tell(write));
        }
    }
    return {};
}

Result<void> ReplicationCloudsandraLink::begin(ChangeNumber at) {
    sent_ = {};
    NM_TRY(send_families());
    NM_TRY(notes_.add_refused(sent_.refused));
    return notes_.done(at);
}

Result<ReplicationSent> ReplicationCloudsandraLink::send(const ReplicationBatch& batch) {
    sent_ = {};
    NM_TRY(counters_.finish());
    const ChangeNumber noted_before = counters_.noted_before();
    CloudsandraConversion conversion(store_, clock_.now_ms(),
                                     [this](const CloudsandraWrite& write) { return tell(write); });
    ChangeNumber end = batch.end;
    for (const JournalRecord& record : batch.records) {
        const bool noted = record.number < noted_before;
        if (!noted) {
            NM_ASSIGN(const RecordCounters counters, counters_of(record));
            // The counters go last: what removes some, or would be too many, is of the next batch.
            const bool full = conversion.sums().size() + counters.adds > kMaxPendingCounters;
            if (!conversion.sums().empty() && (counters.removes || full)) {
                end = record.number;
                break;
            }
        }
        NM_TRY(conversion.add(record, noted));
        ++sent_.records;
    }
    NM_TRY(conversion.flush());
    NM_TRY(counters_.send(batch.from, end, conversion.sums()));
    NM_TRY(notes_.done(end));
    sent_.position = end;
    return std::move(sent_);
}

Result<void> ReplicationCloudsandraLink::begin_copy() {
    sent_ = {};
    NM_TRY(send_families());
    return notes_.add_refused(sent_.refused);
}

Result<ReplicationSent> ReplicationCloudsandraLink::send_copy(const JournalRecord& record) {
    sent_ = {};
    CloudsandraConversion conversion(store_, clock_.now_ms(),
                                     [this](const CloudsandraWrite& write) { return tell(write); });
    NM_TRY(conversion.add(record));
    NM_TRY(conversion.flush());
    NM_TRY(counters_.set(conversion.values()));
    sent_.records = 1;
    sent_.position = record.number + 1;
    return std::move(sent_);
}

Result<void> ReplicationCloudsandraLink::end_copy(ChangeNumber at) {
    NM_TRY(notes_.set_pending({}));  // of what was sent before the copy
    return notes_.done(at);
}

Result<ReplicationAnswer> ReplicationCloudsandraLink::ask(const std::string& method, const std::string& path,
                                                          const std::string& type, std::string_view body) {
    sent_.bytes += body.size();
    return call_({method, path, type, body});
}

Result<void> ReplicationCloudsandraLink::tell(const CloudsandraWrite& write) {
    const std::string family = path_segment(write.family);
    const std::string row = path_segment(write.row);
    const std::string column = path_segment(write.column);
    switch (write.kind) {
        case Kind::cells:
            return post_cells(write, 0, write.cells.size());
        case Kind::remove_row:
            return single(write, "DELETE", "/v0.3/DATA/" + family + "/" + row);
        case Kind::remove_cell:
            return single(write, "DELETE", "/v0.3/DATA/" + family + "/" + row + "/" + column);
        case Kind::remove_counters:
            return remove_counters(write);
        case Kind::create_family:
            return single(write, "POST",
                          "/v0.3/COLUMNFAMILY/" + family + "/" + std::string(value_type_name(write.type)),
                          std::string(kForm));
        case Kind::drop_family:
            return single(write, "DELETE", "/v0.3/COLUMNFAMILY/" + family);
        case Kind::declare_column:
            return single(
                write, "POST",
                "/v0.3/COLUMN/" + family + "/" + column + "/" + std::string(value_type_name(write.type)),
                std::string(kForm), write.indexed ? (*write.indexed ? "isIndex=true" : "isIndex=false") : "");
    }
    return {};
}

Result<void> ReplicationCloudsandraLink::single(const CloudsandraWrite& write, const std::string& method,
                                                const std::string& path, const std::string& type,
                                                std::string_view body, const std::string& value) {
    for (int refusals = 0;;) {
        NM_ASSIGN(const ReplicationAnswer answer, ask(method, path, type, body));
        if (answer.status / 100 == 2) return {};
        if (method == "DELETE" && answer.status == 404) return {};  // it is not there
        const Error fault = replication_fault(answer);
        const bool refused = answer.status == 400 || answer.status == 404 || answer.status == 405 ||
                             answer.status == 413 || answer.status == 409 || answer.status == 422;
        if (!refused) return fault;
        if (++refusals < kRefusalsNeeded) continue;
        const std::string what = name_of(write, write.row, write.column);
        set_aside(write.number, write.kind == Kind::cells ? what : method + " " + what, fault.message, value);
        return {};
    }
}

// The old API has no removal of counters: where it is not known they become 0.
Result<void> ReplicationCloudsandraLink::remove_counters(const CloudsandraWrite& write) {
    std::string path = "/v0.3/COUNTER/" + path_segment(write.row);
    NM_ASSIGN(const ReplicationAnswer removed,
              ask("DELETE", path + (write.has_column ? "/" + path_segment(write.column) : "")));
    if (removed.status / 100 == 2) return {};
    if (removed.status != 400 && removed.status != 404 && removed.status != 405)
        return replication_fault(removed);
    if (write.has_column) return counters_.set({{{write.row, write.column}, 0}});
    for (std::string from;;) {
        NM_ASSIGN(const ReplicationAnswer page, ask("GET", path + from));
        if (page.status == 400 || page.status == 404 || page.status == 405) return {};  // no such counters
        if (page.status / 100 != 2) return replication_fault(page);
        const Json json = Json::parse(page.body, nullptr, false);
        if (!json.is_object())
            return Error{Code::unavailable, "the target's answer about counters cannot be read"};
        std::map<CounterName, std::int64_t> zero;
        for (const auto& [column, value] : json.items()) zero[{write.row, column}] = 0;
        NM_TRY(counters_.set(zero));
        if (json.size() < kCounterPage) return {};
        const std::string next = "?fromKey=" + percent_encoded(zero.rbegin()->first.second);
        if (next == from) return {};
        from = next;
    }
}

Result<void> ReplicationCloudsandraLink::post_alone(const CloudsandraWrite& write,
                                                    const CloudsandraCell& cell) {
    CloudsandraWrite one = write;
    one.cells.clear();
    one.row = cell.row;
    one.column = cell.column;
    std::string path = "/v0.3/DATA/" + path_segment(write.family);
    std::string body;
    if (is_text(cell)) {
        one.cells.push_back(cell);
        body = bulk_body(one, 0, 1);
        return single(one, "POST", path, std::string(kForm), body, cell.value);
    }
    // A form carries any bytes.
    path += "/" + path_segment(cell.row);
    if (cell.ttl_s > 0) path += "?ttl=" + std::to_string(cell.ttl_s);
    body = percent_encoded(cell.column) + "=" + percent_encoded(cell.value);
    return single(one, "POST", path, std::string(kForm), body, cell.value);
}

Result<void> ReplicationCloudsandraLink::post_cells(const CloudsandraWrite& write, std::size_t from,
                                                    std::size_t to) {
    const auto begin = write.cells.begin();
    const bool all_text = std::all_of(begin + static_cast<std::ptrdiff_t>(from),
                                      begin + static_cast<std::ptrdiff_t>(to), is_text);
    if (to - from == 1) return post_alone(write, write.cells[from]);
    if (!all_text) {  // the parts that are go together
        const std::size_t middle = from + (to - from) / 2;
        NM_TRY(post_cells(write, from, middle));
        return post_cells(write, middle, to);
    }
    const std::string body = bulk_body(write, from, to);
    NM_ASSIGN(const ReplicationAnswer answer,
              ask("POST", "/v0.3/DATA/" + path_segment(write.family), std::string(kForm), body));
    if (answer.status / 100 == 2) return {};
    if (answer.status == 400 && set_aside_named(write, answer.body)) return {};
    const bool refused = answer.status == 400 || answer.status == 404 || answer.status == 413 ||
                         answer.status == 409 || answer.status == 422;
    if (!refused) return replication_fault(answer);
    const std::size_t middle = from + (to - from) / 2;
    NM_TRY(post_cells(write, from, middle));
    return post_cells(write, middle, to);
}

// What an answer of 400 names as wrong; all else is stored. false: it names nothing.
bool ReplicationCloudsandraLink::set_aside_named(const CloudsandraWrite& write, const std::string& answer) {
    const Json json = Json::parse(answer, nullptr, false);
    if (!json.is_object() || !json.contains("errors") || !json["errors"].is_array() || json["errors"].empty())
        return false;
    for (const Json& error : json["errors"]) {
        if (!error.is_object()) return false;
    }
    for (const Json& error : json["errors"]) {
        const std::string row = text_of(error, "rowkey");
        const std::string column = text_of(error, "columnname");
        const auto cell = std::find_if(
            write.cells.begin(), write.cells.end(),
            [&](const CloudsandraCell& each) { return each.row == row && each.column == column; });
        set_aside(write.number, name_of(write, row, column), text_of(error, "reason"),
                  cell == write.cells.end() ? "" : cell->value);
    }
    return true;
}

void ReplicationCloudsandraLink::set_aside(ChangeNumber number, std::string what, std::string why,
                                           std::string value) {
    value.resize(std::min(value.size(), kMaxRefusedValueBytes));
    sent_.refused.push_back({number, std::move(what), std::move(why), std::move(value)});
}

}  // namespace nmstore::server

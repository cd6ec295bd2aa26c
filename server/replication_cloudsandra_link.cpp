#include "server/replication_cloudsandra_link.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "nmstore/day_row.h"
#include "server/json_writer.h"

namespace nmstore::server {
namespace {

using Kind = CloudsandraWrite::Kind;
using Json = nlohmann::json;

// Of all bodies, as CloudSandra's own clients call also those that are JSON.
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
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

// A server that counts the entries which a bulk post brings into a day row (as an nm-stored does) would count
// them twice, since the journal has the steps of those counters as well. It cannot be left to the target to
// count: one that does not is just as much a server of v0.3. A form counts nowhere.
bool is_counted_in_bulk(const std::string& row) {
    const auto day_row = parse_day_row(row);
    return day_row && day_row->kind != RowKind::alerts;
}

bool is_dots(const std::string& name) {
    return !name.empty() && name.find_first_not_of('.') == std::string::npos;
}

std::string form_path(const std::string& family, const CloudsandraCell& cell) {
    const std::string path = "/v0.3/DATA/" + path_segment(family) + "/" + path_segment(cell.row);
    return cell.ttl_s > 0 ? path + "?ttl=" + std::to_string(cell.ttl_s) : path;
}

std::string form_body(const CloudsandraWrite& write, std::size_t from, std::size_t to) {
    std::string body;
    for (std::size_t i = from; i < to; ++i) {
        if (i != from) body += '&';
        body += percent_encoded(write.cells[i].column) + "=" + percent_encoded(write.cells[i].value);
    }
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
      counters_(call_, notes) {}

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
    return notes_.done(at, sent_.refused);
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
            // They are noted together: what would be too many is of the next batch.
            NM_ASSIGN(const std::size_t steps, counter_steps_of(record));
            if (!conversion.sums().empty() && conversion.sums().size() + steps > kMaxPendingCounters) {
                end = record.number;
                break;
            }
        }
        NM_TRY(conversion.add(record, noted));
        ++sent_.records;
    }
    NM_TRY(conversion.flush());
    NM_TRY(set_counters(conversion.values()));
    NM_TRY(counters_.send(batch.from, end, conversion.sums()));
    take_refused();
    // With the position: what was set aside before a failure is set aside again.
    NM_TRY(notes_.done(end, sent_.refused));
    sent_.refused.clear();
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
    NM_TRY(conversion.add_copied(record));
    NM_TRY(conversion.flush());
    NM_TRY(set_counters(conversion.values()));
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
            return tell_cells(write);
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
        const Error fault = replication_fault(answer);
        if (!replication_refuses(answer.status)) return fault;
        if (++refusals < kRefusalsNeeded) continue;
        // It is not there; or a name of dots was taken for a part of the path.
        const bool is_there_not =
            method == "DELETE" && answer.status == 404 && !is_dots(write.row) && !is_dots(write.column);
        if (is_there_not) return {};
        NM_ASSIGN(const std::set<std::string> families, cloudsandra_families(call_));
        // Dropped there: the answer to that may have been lost.
        if (write.kind == Kind::drop_family && !families.contains(write.family)) return {};
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
    if (!replication_refuses(removed.status)) return replication_fault(removed);
    if (write.has_column) return set_counters({{{write.row, write.column}, 0}});
    for (std::string from;;) {
        NM_ASSIGN(const ReplicationAnswer page, ask("GET", path + from));
        if (page.status == 400 || page.status == 404 || page.status == 405) return {};  // no such counters
        if (replication_refuses(page.status)) {
            set_aside(write.number, "DELETE counters/" + write.row, replication_fault(page).message, "");
            return {};
        }
        if (page.status / 100 != 2) return replication_fault(page);
        const Json json = Json::parse(page.body, nullptr, false);
        if (!json.is_object())
            return Error{Code::unavailable, "the target's answer about counters cannot be read"};
        std::map<CounterName, std::int64_t> zero;
        for (const auto& [column, value] : json.items()) zero[{write.row, column}] = 0;
        NM_TRY(set_counters(zero));
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
    if (is_text(cell) && !is_counted_in_bulk(cell.row)) {
        one.cells.push_back(cell);
        body = bulk_body(one, 0, 1);
        return single(one, "POST", path, std::string(kForm), body, cell.value);
    }
    one.cells.push_back(cell);
    body = form_body(one, 0, 1);  // a form carries any bytes
    return single(one, "POST", form_path(write.family, cell), std::string(kForm), body, cell.value);
}

// Taken whole or not at all: what is wrong is found by halves.
Result<void> ReplicationCloudsandraLink::post_form(const CloudsandraWrite& write, std::size_t from,
                                                   std::size_t to) {
    if (to - from == 1) return post_alone(write, write.cells[from]);
    const std::string body = form_body(write, from, to);
    NM_ASSIGN(const ReplicationAnswer answer,
              ask("POST", form_path(write.family, write.cells[from]), std::string(kForm), body));
    if (answer.status / 100 == 2) return {};
    if (!replication_refuses(answer.status)) return replication_fault(answer);
    const std::size_t middle = from + (to - from) / 2;
    NM_TRY(post_form(write, from, middle));
    return post_form(write, middle, to);
}

Result<void> ReplicationCloudsandraLink::tell_cells(const CloudsandraWrite& write) {
    CloudsandraWrite bulk = write;
    bulk.cells.clear();
    std::map<std::pair<std::string, std::int64_t>, CloudsandraWrite> forms;  // by row and time to live
    for (const CloudsandraCell& cell : write.cells) {
        if (!is_counted_in_bulk(cell.row)) {
            bulk.cells.push_back(cell);
            continue;
        }
        CloudsandraWrite& form = forms[{cell.row, cell.ttl_s}];
        form.kind = write.kind;
        form.family = write.family;
        form.number = write.number;
        form.cells.push_back(cell);
    }
    if (!bulk.cells.empty()) NM_TRY(post_cells(bulk, 0, bulk.cells.size()));
    for (const auto& [row_and_ttl, form] : forms) NM_TRY(post_form(form, 0, form.cells.size()));
    return {};
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
    if (!replication_refuses(answer.status)) return replication_fault(answer);
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

Result<void> ReplicationCloudsandraLink::set_counters(const std::map<CounterName, std::int64_t>& values) {
    NM_TRY(counters_.set(values));
    take_refused();
    return {};
}

void ReplicationCloudsandraLink::take_refused() {
    for (ReplicationRefused& each : counters_.take_refused()) sent_.refused.push_back(std::move(each));
}

void ReplicationCloudsandraLink::set_aside(ChangeNumber number, std::string what, std::string why,
                                           std::string value) {
    value.resize(std::min(value.size(), kMaxRefusedValueBytes));
    sent_.refused.push_back({number, std::move(what), std::move(why), std::move(value)});
}

}  // namespace nmstore::server

// The days of logs, plugins and alerts, and map/reduce.
#include <nlohmann/json.hpp>

#include "nmstore/day_row.h"
#include "query/map_reduce.h"
#include "query/time_text.h"
#include "server/cloudsandra_calls.h"
#include "server/json_writer.h"
#include "server/page.h"
#include "server/page_calls.h"
#include "server/query_run.h"

namespace nmstore::server::page {
namespace {

constexpr const char* kData = "data";
constexpr const char* kSub = "subRequest";
constexpr std::int32_t kMaxDays = 366;  // of one request

Error invalid(std::string message) {
    return Error{Code::invalid_argument, std::move(message)};
}

std::string example_of(RowKind kind) {
    return "10.0.0.1:" + std::string(row_kind_name(kind)) + ":" + (kind == RowKind::logs ? "syslog" : "df") +
           ":2011:5:30";
}

Result<std::string> day(Ask& ask, RowKind kind) {
    NM_ASSIGN(const std::string key, ask.text(kData, "the key of a day row, as " + example_of(kind)));
    const auto row = parse_day_row(key);
    if (!row || row->kind != kind) {
        return invalid("data: \"" + key + "\" is not the key of a day row of " +
                       std::string(row_kind_name(kind)) + ", as " + example_of(kind) +
                       " (months count from 0)");
    }
    return row_text(ask, kTimeFamily, key);
}

// A day: a date, or any time as /api/v1 takes it.
Result<std::int32_t> read_day(const Ask& ask, std::string_view name, const Json& value) {
    const bool given = value.is_string() || value.is_number_integer();
    const std::string text = value.is_string() ? value.get<std::string>() : given ? value.dump() : "";
    const auto time = query::parse_time(text, ask.context.clock.now_ms());
    if (!time) return invalid(std::string(name) + ": expected a date, as 2011-06-30");
    return day_of(*time);
}

struct Place {
    std::string row, column;  // empty: from the first on
};

Result<Place> read_place(const Ask& ask) {
    const Json& sub = ask.member(kSub);
    if (sub.is_null() || (sub.is_string() && sub.get_ref<const std::string&>().empty())) return Place();
    const auto row = sub.is_object() ? sub.find("row") : sub.end();
    const auto column = sub.is_object() ? sub.find("fromKey") : sub.end();
    if (row == sub.end() || column == sub.end() || !row->is_string() || !column->is_string())
        return invalid(R"(subRequest: expected {"row":"…","fromKey":"…"}, the "next" of the answer before)");
    return Place{row->get<std::string>(), column->get<std::string>()};
}

// Writes rows as {"row":{"column":"value",…},…} until the answer is full; then `next` says where it goes on.
class RowsWriter {
  public:
    explicit RowsWriter(Ask& ask) : ask_(ask), json_(out_) { json_.begin_object(); }

    // false: it is full.
    Result<bool> add(std::string_view family, const std::string& row, const std::string& from) {
        if (cells_ == ask_.limit || bytes_ >= kMaxPageAnswerBytes) {
            set_next(row, from);
            return false;
        }
        SliceRange range;
        if (!from.empty()) range.from = from;
        range.limit = std::min(ask_.limit - cells_, kMaxPage) + 1;  // the last tells where it goes on
        NM_ASSIGN(const Slice slice,
                  read_slice(ask_.context.store, family, row, range, kMaxPageAnswerBytes - bytes_));
        std::size_t count = slice.cells.size();
        const bool full = count > 1 && (slice.more || cells_ + count > ask_.limit);
        if (full || cells_ + count > ask_.limit) --count;
        if (count > 0) json_.key(row).begin_object();
        for (std::size_t i = 0; i < count; ++i) {
            json_.member(slice.cells[i].column, slice.cells[i].value);
            bytes_ += slice.cells[i].column.size() + slice.cells[i].value.size();
        }
        if (count > 0) json_.end_object();
        cells_ += count;
        if (count < slice.cells.size()) {
            set_next(row, slice.cells.back().column);
            return false;
        }
        if (slice.more) {  // a single cell that is as large as an answer may be
            NM_ASSIGN(const Slice two, read_slice(ask_.context.store, family, row,
                                                  {slice.cells.back().column, {}, false, 2}, SIZE_MAX));
            if (two.cells.size() == 2) {
                set_next(row, two.cells.back().column);
                return false;
            }
        }
        return true;
    }
    std::string take() {
        json_.end_object();
        return std::move(out_);
    }

  private:
    void set_next(std::string_view row, std::string_view column) {
        ask_.next.clear();
        JsonWriter json(ask_.next);
        json.begin_object().member("row", row).member("fromKey", column).end_object();
    }

    Ask& ask_;
    std::string out_;
    JsonWriter json_;
    std::size_t cells_ = 0;
    std::size_t bytes_ = 0;
};

// A day by its key, as live; or the days of a range.
Result<std::string> history(Ask& ask, RowKind kind, const char* item) {
    const Json& data = ask.member(kData);
    if (!data.is_object()) return day(ask, kind);
    const auto text = [&data](const char* name) {
        const auto found = data.find(name);
        return found == data.end() || !found->is_string() ? std::string() : found->get<std::string>();
    };
    DayRow row;
    row.client = text("ip");
    row.kind = kind;
    row.name = log_key_name(text(item));
    const bool has_from = data.contains("from");
    const bool has_to = data.contains("to");
    if (row.client.empty() || row.name.empty() || (!has_from && !has_to)) {
        return invalid("data: expected the key of a day row, or {\"ip\":\"10.0.0.1\",\"" + std::string(item) +
                       R"(":"…","from":"2011-06-01","to":"2011-06-30"})");
    }
    NM_ASSIGN(const std::int32_t from, read_day(ask, "from", has_from ? data["from"] : data["to"]));
    NM_ASSIGN(const std::int32_t to, read_day(ask, "to", has_to ? data["to"] : data["from"]));
    if (to < from || std::int64_t{to} - from >= kMaxDays)
        return invalid("from, to: expected a range of 1 to " + std::to_string(kMaxDays) + " days");
    NM_ASSIGN(const Place place, read_place(ask));
    RowsWriter rows(ask);
    std::int32_t first = from;
    if (!place.row.empty()) {
        const auto at = parse_day_row(place.row);
        if (!at || at->client != row.client || at->kind != kind || at->name != row.name || at->day < from ||
            at->day > to) {
            return invalid("subRequest: its row is none of these days");
        }
        first = at->day;
    }
    for (row.day = first; row.day <= to; ++row.day) {
        const std::string key = format_day_row(row);
        NM_ASSIGN(const bool more, rows.add(kTimeFamily, key, key == place.row ? place.column : ""));
        if (!more) break;
        if (ask.gone()) return Error{Code::cancelled, "nobody waits for the answer"};
    }
    return rows.take();
}

std::string alerts_key(std::int32_t day) {
    DayRow row;
    row.kind = RowKind::alerts;
    row.day = day;
    return format_day_row(row);
}

Result<std::string> table_rows(Ask& ask, const std::string& table) {
    NM_TRY(ask.context.store.family(table));
    NM_ASSIGN(const Place place, read_place(ask));
    RowsWriter rows(ask);
    std::string from = place.row;
    for (bool again = true; again;) {
        NM_ASSIGN(const std::vector<std::string> keys, ask.context.store.rows(table, from, "", kDefaultPage));
        for (const std::string& key : keys) {
            NM_ASSIGN(const bool more, rows.add(table, key, key == place.row ? place.column : ""));
            if (!more) return rows.take();
            if (ask.gone()) return Error{Code::cancelled, "nobody waits for the answer"};
        }
        again = keys.size() == kDefaultPage;
        if (again) from = keys.back() + '\0';
    }
    return rows.take();
}

// The members of an object as the form that the call of CloudSandra's API takes.
Result<std::string> call_with_form(const Ask& ask, Result<Response> (*call)(Context&, Request&),
                                   std::vector<std::string> path) {
    Request request;
    request.path = std::move(path);
    request.principal = ask.asker;
    request.gone = ask.gone;
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const auto& [name, value] : ask.member(kData).items()) {
        if (!value.is_string()) return invalid("data: expected a text as \"" + name + '"');
        if (!request.body.empty()) request.body += '&';
        for (const std::string* part : {&name, value.get_ptr<const std::string*>()}) {
            for (const char c : *part) {
                const auto byte = static_cast<unsigned char>(c);
                request.body += '%';
                request.body += digits[byte >> 4];
                request.body += digits[byte & 15];
            }
            if (part == &name) request.body += '=';
        }
    }
    NM_ASSIGN(Response response, call(ask.context, request));
    return std::move(response.body);
}

}  // namespace

Result<std::string> log_live(Ask& ask) {
    return day(ask, RowKind::logs);
}
Result<std::string> plugin_live(Ask& ask) {
    return day(ask, RowKind::plugins);
}
Result<std::string> log_history(Ask& ask) {
    return history(ask, RowKind::logs, "log");
}
Result<std::string> plugin_history(Ask& ask) {
    return history(ask, RowKind::plugins, "plugin");
}

Result<std::string> alerts_live(Ask& ask) {
    return row_text(ask, kTimeFamily, alerts_key(day_of(ask.context.clock.now_ms())));
}

Result<std::string> alerts_history(Ask& ask) {
    const std::string text = ask.text_or_none(kData).value_or("");
    const auto row = parse_day_row(text);
    if (row && row->kind == RowKind::alerts) return row_text(ask, kTimeFamily, text);
    NM_ASSIGN(const std::int32_t day, read_day(ask, kData, ask.member(kData)));
    return row_text(ask, kTimeFamily, alerts_key(day));
}

Result<std::string> tables(Ask& ask) {
    const auto name = ask.text_or_none(kData);
    if (name) return table_rows(ask, *name);
    Request request;
    NM_ASSIGN(Response response, cloudsandra::list_tables(ask.context, request));
    return std::move(response.body);
}

Result<std::string> declare_table(Ask& ask) {
    const Json& data = ask.member(kData);
    const auto name = data.is_object() ? data.find("table") : data.end();
    if (name == data.end() || !name->is_string())
        return invalid(R"(data: expected {"table":"…","type":"standard", …})");
    return call_with_form(ask, cloudsandra::declare_table, {"v0.3", "MAPREDUCE", "table", *name});
}

Result<std::string> run_job(Ask& ask) {
    if (!ask.member(kData).is_object()) {
        return invalid(R"(data: expected {"fromTable":"…","overwriteTable":"…","select":"…","where":"…"})");
    }
    if (!ask.asker.may(role_read)) return invalid("a job needs the roles ingest and read");
    return call_with_form(ask, cloudsandra::run_job, {"v0.3", "MAPREDUCE", "job"});
}

}  // namespace nmstore::server::page

// GET /search, as pages and as a stream of lines, and /alerts.
#include "server/api_calls.h"
#include "server/api_scope.h"
#include "server/query_run.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kFlushBytes = 32 * 1024;
constexpr std::chrono::milliseconds kProgressInterval{250};

Result<Order> read_order(std::string_view text) {
    if (text.empty() || text == "desc" || text == "descending") return Order::descending;
    if (text == "asc" || text == "ascending") return Order::ascending;
    return Error{Code::invalid_argument, "order: expected asc or desc, got \"" + printable(text) + '"'};
}

bool accepts_ndjson(const Request& request) {
    return request.header("accept").value_or("").find(kNdjson) != std::string_view::npos;
}

void write_page(JsonWriter& json, std::string_view name, const query::SearchPage& page,
                const query::Stats& stats) {
    json.begin_object().key(name).begin_array();
    for (const query::Entry& entry : page.entries) write_entry(json, entry);
    json.end_array().member_or_null("next", page.next).member_or_null("prev", page.prev);
    write_stats(json.key("stats"), stats);
    json.end_object();
}

Result<Response> answer_page(Context& context, Request& request, const query::SearchRequest& search,
                             std::string_view name) {
    QueryRun run(context, request.gone);
    NM_ASSIGN(const query::SearchPage page,
              run.finish(query::search(context.store, search, run.execution())));
    Response response;
    JsonWriter json(response.body);
    write_page(json, name, page, run.stats());
    return response;
}

// Entries on their way to the reader, some at a time; and whether the reader is still there.
class EntryStream {
  public:
    explicit EntryStream(BodyWriter& writer) : writer_(writer) {}

    bool add(const query::Entry& entry) {
        JsonWriter json(pending_);
        write_entry(json, entry);
        pending_ += '\n';
        return pending_.size() < kFlushBytes ? open_ : flush();
    }

    bool flush() {
        if (!pending_.empty() && open_) open_ = writer_.write(pending_);
        pending_.clear();
        return open_;
    }

    // What it has cost so far.
    void progress(const query::Stats& stats) {
        JsonWriter json(pending_);
        write_stats(json.begin_object().key("progress"), stats);
        json.end_object();
        pending_ += '\n';
    }

    // The last line says that the stream is whole, or why it is not; that of a page has its cursors.
    void end(const query::Stats& stats, const Result<void>& result, const query::SearchPage* page = nullptr) {
        JsonWriter json(pending_);
        json.begin_object();
        if (!result) {
            json.key("error").begin_object().member("code", code_name(result.error().code));
            json.member("message", result.error().message).end_object();
        }
        if (page) json.member_or_null("next", page->next).member_or_null("prev", page->prev);
        write_stats(json.key("stats"), stats);
        json.end_object();
        pending_ += '\n';
        flush();
    }

  private:
    BodyWriter& writer_;
    std::string pending_;
    bool open_ = true;
};

// What a stream needs when the request itself is gone.
struct StreamedSearch {
    Context& context;
    std::function<bool()> gone;
    QueryScope scope;
    Order order;
    std::size_t limit;  // 0: all

    void run(BodyWriter& writer) const {
        EntryStream stream(writer);
        // Asked every now and then while the search runs: the moment to hand over what was found so far.
        QueryRun query_run(context, [&] { return gone() || !stream.flush(); });
        query::SearchRequest search;
        search.scope = scope.scope();
        search.order = order;
        search.limit = limit;
        const auto each = [&](const query::Entry& entry) {
            if (stream.add(entry)) return true;
            query_run.execution().cancel();
            return false;
        };
        const Result<void> result =
            query_run.finish(query::search_stream(context.store, search, query_run.execution(), each));
        stream.end(query_run.stats(), result);
    }
};

// One page, told as it is found, with what it has cost so far in between.
struct StreamedPage {
    Context& context;
    std::function<bool()> gone;
    QueryScope scope;
    Order order;
    std::size_t limit;
    std::string cursor;

    void run(BodyWriter& writer) const {
        EntryStream stream(writer);
        query::Execution* execution = nullptr;
        auto told = std::chrono::steady_clock::now();
        QueryRun query_run(context, [&] {
            const auto now = std::chrono::steady_clock::now();
            if (now - told >= kProgressInterval) {
                told = now;
                execution->finish();
                stream.progress(execution->stats);
            }
            return gone() || !stream.flush();
        });
        execution = &query_run.execution();
        query::SearchRequest search;
        search.scope = scope.scope();
        search.order = order;
        search.limit = limit;
        search.cursor = cursor;
        const auto each = [&](const query::Entry& entry) {
            if (!stream.add(entry)) execution->cancel();
        };
        const Result<query::SearchPage> page =
            query_run.finish(query::search(context.store, search, *execution, each));
        if (page) {
            stream.end(query_run.stats(), {}, &*page);
        } else {
            stream.end(query_run.stats(), page.error());
        }
    }
};

Response streamed(std::function<void(BodyWriter&)> run) {
    Response response;
    response.content_type = kNdjson;
    response.stream = std::move(run);
    return response;
}

Result<Response> answer_page_stream(Context& context, Request& request, const Parameters& parameters,
                                    QueryScope scope, Order order) {
    NM_ASSIGN(const std::uint64_t limit,
              parameters.natural("limit", kDefaultPage, 1, query::kMaxSearchLimit));
    NM_TRY(query::compile(*scope.query.filter, {}, request.gone));
    auto page = std::make_shared<const StreamedPage>(StreamedPage{context, request.gone, std::move(scope),
                                                                  order, static_cast<std::size_t>(limit),
                                                                  std::string(parameters.text("cursor"))});
    return streamed([page](BodyWriter& writer) { page->run(writer); });
}

Result<Response> answer_stream(Context& context, Request& request, const Parameters& parameters,
                               QueryScope scope, Order order) {
    if (parameters.has("cursor")) {
        return Error{Code::invalid_argument,
                     "cursor: a stream is not paged; leave it out, add page=true, or ask for JSON"};
    }
    NM_ASSIGN(const std::uint64_t limit, parameters.natural("limit", 0, 1, UINT32_MAX));
    // Faults of the query itself must be answered as such: behind the head of a stream it is too late.
    NM_TRY(query::compile(*scope.query.filter, {}, request.gone));
    auto search = std::make_shared<const StreamedSearch>(
        StreamedSearch{context, request.gone, std::move(scope), order, static_cast<std::size_t>(limit)});
    return streamed([search](BodyWriter& writer) { search->run(writer); });
}

}  // namespace

Result<Response> search(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"q", "from", "to", "family", "limit", "order", "cursor", "page"}));
    NM_ASSIGN(const Order order, read_order(parameters.text("order")));
    NM_ASSIGN(const bool page, parameters.boolean("page"));
    std::optional<std::size_t> column;
    Result<QueryScope> scope = read_scope(parameters, context.clock.now_ms(), column);
    if (!scope) return api_error(scope.error(), column);
    if (accepts_ndjson(request)) {
        return (page ? answer_page_stream : answer_stream)(context, request, parameters, std::move(*scope),
                                                           order);
    }
    query::SearchRequest wanted;
    wanted.scope = scope->scope();
    wanted.order = order;
    NM_ASSIGN(wanted.limit, parameters.natural("limit", kDefaultPage, 1, query::kMaxSearchLimit));
    wanted.cursor = parameters.text("cursor");
    return answer_page(context, request, wanted, "entries");
}

// The alerts of all clients, newest first: a search with a filter of its own.
Result<Response> alerts(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"from", "to", "limit", "order", "cursor"}));
    const std::int64_t now_ms = context.clock.now_ms();
    query::Filter filter;
    filter.kind = query::FilterKind::source;
    filter.source = query::Source::kind;
    filter.text = row_kind_name(RowKind::alerts);
    query::SearchRequest wanted;
    wanted.scope.filter = &filter;
    NM_ASSIGN(wanted.scope.from_ms, parameters.time_ms("from", INT64_MIN, now_ms));
    NM_ASSIGN(wanted.scope.to_ms, parameters.time_ms("to", INT64_MAX, now_ms));
    NM_ASSIGN(wanted.order, read_order(parameters.text("order")));
    NM_ASSIGN(wanted.limit, parameters.natural("limit", kDefaultPage, 1, query::kMaxSearchLimit));
    wanted.cursor = parameters.text("cursor");
    return answer_page(context, request, wanted, "alerts");
}

}  // namespace nmstore::server::api

#include "query/search.h"

#include <algorithm>

#include "query/cursor.h"
#include "query/entry.h"
#include "query/line_id.h"
#include "query/line_scan.h"
#include "query/stop.h"

namespace nmstore::query {

namespace {

Order opposite(Order order) {
    return order == Order::ascending ? Order::descending : Order::ascending;
}

// The place from which a walk against `order` begins with the line at `id` itself, should there be one.
LineId turned_around(const LineId& id, Order order) {
    return order == Order::ascending ? next_line_id(id) : previous_line_id(id);
}

// What a request comes to once its cursor has been read.
struct Walk {
    Scope scope;
    Order page_order = Order::descending;
    Order order = Order::descending;  // of the walk: against page_order behind a `prev` cursor
    bool backwards = false;
    std::optional<LineId> start;
    std::uint64_t query = 0;

    std::string cursor(bool back, const LineId& place) const {
        return format_cursor({back, place, scope.from_ms, scope.to_ms, query});
    }
};

Result<Walk> begin_walk(const SearchRequest& request) {
    Walk walk;
    walk.scope = request.scope;
    walk.page_order = walk.order = request.order;
    walk.query = query_fingerprint(request.scope, request.order);
    if (request.cursor.empty()) return walk;
    NM_ASSIGN(const PageCursor cursor, parse_cursor(request.cursor, walk.query));
    walk.scope.from_ms = cursor.from_ms;
    walk.scope.to_ms = cursor.to_ms;
    walk.backwards = cursor.backwards;
    if (cursor.backwards) walk.order = opposite(request.order);
    walk.start = cursor.place;
    return walk;
}

// How far a page's scan came.
struct Reached {
    std::optional<LineId> place;        // strictly behind it is what this page has not looked at
    std::optional<LineId> first_place;  // no line of this page's walk is before it
    bool stopped = false;               // ran into a limit
    bool more = false;                  // there are lines behind `place`
};

using Found = std::function<void(const Entry&)>;

Result<Reached> fill_page(LineScan& scan, std::size_t limit, Execution& execution, const Found& tell,
                          std::vector<Entry>& entries) {
    Reached reached;
    bool full = false;
    while (!full) {
        NM_ASSIGN(const bool found, scan.next());
        if (!found) break;
        Entry entry = make_entry(scan.line());
        const bool fits = execution.hold(memory_of(entry));
        if (!fits) reached.stopped = true;
        // The first entry is given whatever it takes, so that a page walk always comes on.
        if (fits || entries.empty()) {
            entries.push_back(std::move(entry));
            reached.place = scan.place();
            if (tell) tell(entries.back());
        }
        full = !fits || entries.size() == limit;
    }
    reached.first_place = scan.first_place();
    if (!full) {
        reached.place = scan.place();
        reached.stopped = scan.stopped();
    } else if (!reached.stopped) {
        NM_ASSIGN(reached.more, scan.more());
        if (execution.cancelled()) return stop_error(execution);
        // A limit that is met while looking for one more line takes nothing from the page.
        if (scan.stopped()) reached.more = true;
    }
    return reached;
}

// The place before all of an empty page, from which its `prev` goes.
LineId before_empty_page(const Walk& walk, const Reached& reached) {
    if (walk.start) return turned_around(*walk.start, walk.order);
    if (reached.stopped && reached.first_place) return *reached.first_place;
    return walk.order == Order::descending ? previous_line_id(first_line_id(walk.scope.from_ms, 0))
                                           : first_line_id(walk.scope.to_ms, 0);
}

void set_cursors(const Walk& walk, const Reached& reached, SearchPage& page) {
    const bool empty = page.entries.empty();
    if (!walk.backwards) {
        if (reached.stopped || reached.more) page.next = walk.cursor(false, *reached.place);
        page.prev = walk.cursor(true, empty ? before_empty_page(walk, reached) : page.entries.front().id);
        return;
    }
    // Where nothing came yet the same place is given again: who asks now and then sees all that comes later.
    const LineId& farthest = reached.stopped ? *reached.place : empty ? *walk.start : page.entries.front().id;
    page.prev = walk.cursor(true, farthest);
    page.next = walk.cursor(false, empty ? turned_around(*walk.start, walk.order) : page.entries.back().id);
}

}  // namespace

Result<SearchPage> search(const Store& store, const SearchRequest& request, Execution& execution,
                          const Found& found) {
    if (request.limit < 1 || request.limit > kMaxSearchLimit)
        return Error{Code::invalid_argument,
                     "the limit of a search must be 1 to " + std::to_string(kMaxSearchLimit)};
    NM_ASSIGN(const Walk walk, begin_walk(request));
    NM_ASSIGN(auto scan, LineScan::open(store, walk.scope, walk.order, walk.start, execution));
    SearchPage page;
    NM_ASSIGN(const Reached reached, fill_page(*scan, request.limit, execution, found, page.entries));
    // A page that leads to itself would be walked for ever.
    if (reached.stopped && (!reached.place || reached.place == walk.start)) return stop_error(execution);
    if (walk.backwards) std::reverse(page.entries.begin(), page.entries.end());
    set_cursors(walk, reached, page);
    execution.finish();
    return page;
}

Result<void> search_stream(const Store& store, const SearchRequest& request, Execution& execution,
                           const std::function<bool(const Entry&)>& each) {
    NM_ASSIGN(const Walk walk, begin_walk(request));
    if (walk.backwards)
        return Error{Code::invalid_argument, "a stream goes forward only: it takes no `prev` cursor"};
    NM_ASSIGN(auto scan, LineScan::open(store, walk.scope, walk.order, walk.start, execution));
    for (std::size_t given = 0; request.limit == 0 || given < request.limit; ++given) {
        NM_ASSIGN(const bool found, scan->next());
        if (!found || !each(make_entry(scan->line()))) break;
    }
    execution.finish();
    return {};
}

}  // namespace nmstore::query

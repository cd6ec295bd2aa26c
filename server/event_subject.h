// What a reader of events follows: the lines that match a filter, the values of a channel, or the messages of
// agents. Makes events of changes, the same whether they are told as they come or read again later.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/store.h"
#include "query/changed_lines.h"
#include "query/parse.h"
#include "query/standing.h"
#include "server/client_tags.h"
#include "server/event_id.h"

namespace nmstore::server {

struct Event {
    EventId id;
    std::string id_text;
    std::string json;  // an object, on one line
};
using EventPtr = std::shared_ptr<const Event>;
std::size_t bytes_of(const Event& event);  // that it takes in memory, about
using EachEvent = std::function<void(EventPtr)>;

class EventSubject {
  public:
    virtual ~EventSubject() = default;

    // Two of the same key make the same events.
    virtual const std::string& key() const = 0;
    // The filter that lines must match; nullptr: it is asked about rows itself.
    virtual const query::Filter* filter() const { return nullptr; }
    // Where it has events of one row only, or of rows of one client: these, as channel_row() or
    // channel_client() names them; nullptr: of others too.
    virtual const std::string* rows() const { return nullptr; }
    // The event of a line that matches filter().
    virtual EventPtr of_line(const Change&, std::size_t, const Line&) const { return nullptr; }
    // The events of a row at its place in the change, of lines in the window, in no order; and of a value.
    virtual Result<void> of_row(const Store&, const Change&, std::size_t, const LogRow&,
                                const query::LineWindow&, const EachEvent&) const {
        return {};
    }
    virtual void of_value(const Change&, std::size_t, const EachEvent&) const {}
};
using EventSubjectPtr = std::shared_ptr<const EventSubject>;

// The lines that match a query; see write_entry() for what an event says of one.
EventSubjectPtr new_tail(query::Query query);

// A channel: what is told of a row of a family, and the lines that are appended to it. `row` is a row key
// with '/' written as '_', or a glob of such. An event is {"event","rowkey","columnname","columnvalue"}, and
// of a line also "line" and "fields".
EventSubjectPtr new_channel(std::string_view token, std::string_view family, std::string_view row);

// A family's row as channels name it: another row may have the same name.
std::string channel_row(std::string_view family, std::string_view row);
// All rows of a family that begin as this one does up to its first ':', where a client's address ends; "" if
// there is none. Never the same as a channel_row().
std::string channel_client(std::string_view family, std::string_view row);

// Each message of an agent, as the old server handed them on: {"event","name","key","date","data","origin"}.
EventSubjectPtr new_messages();

// Makes the events of changes that were told long ago.
class EventMaker {
  public:
    // The store must outlive it.
    EventMaker(EventSubjectPtr subject, const Store& store)
        : subject_(std::move(subject)), store_(store), tags_(store) {}
    // invalid_argument: as StandingQueries::add().
    Result<void> open();
    // Appends the events of a change that are behind `after`, in order of their ids; false: only the first of
    // them, of at least most_bytes, as there may be more. Rows that are gone make none. Reads little more
    // than it gives, so that a change is gone through in time that grows with its size, however small the
    // steps. Holds about twice as many bytes.
    Result<bool> events(const Change& change, const EventId& after, std::size_t most_bytes,
                        std::vector<EventPtr>& out);

  private:
    EventSubjectPtr subject_;
    const Store& store_;
    ClientTags tags_;
    query::StandingQueries standing_;
};

}  // namespace nmstore::server

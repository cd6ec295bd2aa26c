// One query on behalf of a request: its limits come from the configuration, it ends when the reader goes
// away, and how it ended is counted.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "query/execution.h"
#include "server/routes.h"

namespace nmstore::server {

// Used by one thread. The metrics must outlive it.
class QueryRun {
  public:
    // `gone`: of the request; asked on the query's own thread, every now and then.
    // `within`: how long it may take, if that is less than the configuration's; a query that is ended by it
    // has stopped_by "within", and has run into no limit of the server.
    QueryRun(Context& context, std::function<bool()> gone,
             std::chrono::milliseconds within = std::chrono::milliseconds::max());
    QueryRun(const QueryRun&) = delete;
    QueryRun& operator=(const QueryRun&) = delete;

    query::Execution& execution() { return execution_; }
    const query::Stats& stats() const { return execution_.stats; }

    // Ends the query: to be called once, with what it gave, which is handed through.
    template <class T>
    Result<T> finish(Result<T> result) {
        count(result.ok());
        return result;
    }

    // For answers that must be complete: an Error if a limit ended the query early.
    Result<void> complete() const;

  private:
    void count(bool ok);

    Metrics& metrics_;
    bool asked_within_ = false;
    query::Execution execution_;
};

}  // namespace nmstore::server

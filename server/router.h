// The table of routes: method, path pattern, role, handler. A new call is a row in a table of its own file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace nmstore::server {

// Runs on a worker thread, many at a time. What it throws is answered with 500 and logged.
using Handler = std::function<Response(Request& request)>;

struct Route {
    Method method;
    std::string pattern;  // "/v0.3/DATA/{cf}/{row}": a {name} takes one segment, not empty, by position in
                          // request.path
    Role role;            // role_none: open to all (health)
    Handler handler;
    // Set where a request that asks for no WebSocket needs another role than one that does.
    std::optional<Role> plain_role{};
    // Quick, and to be answered however many queries run: it has threads that other routes do not use.
    bool urgent = false;

    Role role_of(const Request& request) const {
        return plain_role && !wants_websocket(request) ? *plain_role : role;
    }
};

// Filled before the server listens, then read by many threads.
class Router {
  public:
    void add(std::vector<Route> routes);

    struct Match {
        const Route* route =
            nullptr;          // null: no such path (404), or none with this method (405, see allowed)
        std::string allowed;  // for 405: "GET, HEAD, DELETE"
    };
    // HEAD finds the route of GET. Where several patterns fit, the one with more literal segments is taken.
    Match find(Method method, const std::vector<std::string>& path) const;

  private:
    struct Entry {
        Route route;
        std::vector<std::string> segments;
        bool fits(const std::vector<std::string>& path) const;
        std::size_t literals() const;
    };
    std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace nmstore::server

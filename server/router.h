// The table of routes: method, path pattern, role, handler. A new call is a row in a table of its own file.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace nmstore::server {

using Handler = std::function<Response(Request& request)>;

struct Route {
    Method method;
    std::string pattern;  // "/v0.3/DATA/{cf}/{row}": a {name} takes one segment, by position in request.path
    Role role;            // role_none: open to all (health)
    Handler handler;
};

class Router {
  public:
    void add(std::vector<Route> routes);
    struct Match {
        const Route* route = nullptr;  // null: no such path (404), or none with this method (405, see allowed)
        std::string allowed;           // for 405: "GET, DELETE"
    };
    Match find(Method method, const std::vector<std::string>& path) const;
    // The pattern of the route, for metrics ("" for none): bounded in number, unlike paths.
  private:
    std::vector<Route> routes_;
};

}  // namespace nmstore::server

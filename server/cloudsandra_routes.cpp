#include "server/routes.h"

namespace nmstore::server {

std::vector<Route> cloudsandra_routes(Context&) {
    return {};
}

}  // namespace nmstore::server

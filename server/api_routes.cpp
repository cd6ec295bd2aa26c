#include "server/routes.h"

namespace nmstore::server {

std::vector<Route> api_routes(Context&) {
    return {};
}

}  // namespace nmstore::server

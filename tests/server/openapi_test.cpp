// docs/openapi.yaml and the tables of routes describe the same calls.
#include <fstream>
#include <set>

#include "server/page_session.h"
#include "tests/server/hub.h"

using namespace nmstore;

namespace {

// "GET /path" of everything below `paths:`. The file keeps paths and methods each on a line of their own, so
// that no parser of YAML is needed to find them.
std::set<std::string> documented_calls() {
    std::ifstream file(NM_SOURCE_DIR "/docs/openapi.yaml");
    REQUIRE(file.good());
    std::set<std::string> calls;
    std::string line, path;
    bool inside = false;
    while (std::getline(file, line)) {
        if (!line.empty() && line.front() != ' ') inside = line == "paths:";
        if (!inside || line.empty() || line.back() != ':') continue;
        const std::string name = line.substr(line.find_first_not_of(' '));
        if (line.rfind("  /", 0) == 0) path = name.substr(0, name.size() - 1);
        if (line.rfind("    ", 0) != 0 || line[4] == ' ') continue;
        if (name == "get:") calls.insert("GET " + path);
        if (name == "post:") calls.insert("POST " + path);
        if (name == "put:") calls.insert("PUT " + path);
        if (name == "delete:") calls.insert("DELETE " + path);
    }
    return calls;
}

}  // namespace

TEST_CASE("every route is in the OpenAPI file, and nothing else is") {
    testing::Hub hub;
    std::set<std::string> served;
    server::PageUsers users(hub.store(), hub.clock);
    server::ConnectionCounters counters(hub.store());
    server::Pages pages{hub.context, users, counters};
    for (const auto& routes : {server::cloudsandra_routes(hub.context), server::api_routes(hub.context),
                               server::operation_routes(hub.context), server::comet_routes(hub.context),
                               server::page_routes(pages)}) {
        for (const server::Route& route : routes) {
            // What only the page's own files are, and a path with a slash behind it that is there without
            // one.
            if (route.pattern.starts_with("/assets/") || route.pattern.ends_with("/")) continue;
            const bool fresh =
                served.insert(std::string(server::method_name(route.method)) + " " + route.pattern).second;
            INFO(route.pattern);
            CHECK(fresh);
        }
    }
    CHECK(documented_calls() == served);
}

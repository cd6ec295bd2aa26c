// What is sent to a server that knows CloudSandra's v0.3 and nothing of replication, without a socket.
#pragma once

#include "server/replication_cloudsandra_link.h"
#include "tests/server/replication_case.h"

namespace nmstore::testing {

// A store, and a hub that passes for a server of v0.3.
struct PlainCase {
    JournaledStore store;
    Hub hub;
    Wire wire{hub};
    std::unique_ptr<Sending> sending;
    PlainCase() {
        wire.is_plain();
        sending = std::make_unique<Sending>(store, wire);
    }
    void run(int errors = 0) { REQUIRE(sending->run(errors) == server::ReplicationCourse::Step::idle); }
    std::string row(const std::string& row, const std::string& family = "CFUTF8Type") {
        return hub.get("/v0.3/DATA/" + family + "/" + row).body;
    }
};

// Answers in the server's place where `when` says so.
inline Wire::Instead plain_but(
    std::function<std::optional<server::ReplicationAnswer>(const server::ReplicationRequest&)> when) {
    return [when = std::move(when)](
               const server::ReplicationRequest& request) -> std::optional<server::ReplicationAnswer> {
        if (request.path.starts_with("/api/")) return server::ReplicationAnswer{404, "", {}};
        return when(request);
    };
}

}  // namespace nmstore::testing

// A store with a journal, and a hub that it is sent to without a socket.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/key.h"
#include "server/replication.h"
#include "server/replication_course.h"
#include "server/replication_pack.h"
#include "tests/engine/kv_database.h"
#include "tests/engine/open_store.h"
#include "tests/server/hub.h"

namespace nmstore::testing {

// A store that keeps a journal of all that it holds.
class JournaledStore : public OpenedStore {
  public:
    JournaledStore() {
        options.journal.on = true;
        reopen();
    }
    // So that old records leave it soon: more_than_kept() is more than it holds.
    void keep_little() {
        options.journal.keep_bytes = 200'000;
        reopen();
    }
    void put_large(int count) {
        for (int i = 0; i < count; ++i) put("CFUTF8Type", "large", "a", std::string(10'000, 'x'));
    }
    void more_than_kept() { put_large(100); }
    // Of the journal. It is another store afterwards.
    void damage(ChangeNumber record) {
        close();
        {
            const auto database = open_database(data() + "/db");
            write(*database, [&](kv::Batch& batch) {
                batch.put(kv::Space::changes, key::kJournalRecords, key::change(record), "\xff damaged");
            });
        }
        reopen();
    }
    void count(const std::string& row, const std::string& column, std::int64_t step) {
        const auto batch = (*this)->begin_counters();
        must(batch->add(row, column, step));
        must(batch->commit());
    }
};

// A hub that takes what hubs send.
class TargetHub : public Hub {
  public:
    explicit TargetHub(const server::ReplicationOptions& options = {})
        : replication(must(server::Replication::open(store(), clock, options))) {
        context.replication = replication.get();
    }
    const std::unique_ptr<server::Replication> replication;
};

// Calls to a hub, as a target's link makes them, with what goes wrong on the way.
class Wire {
  public:
    explicit Wire(Hub& hub) : hub_(&hub) {}

    server::ReplicationCall call() {
        return [this](const server::ReplicationRequest& request) { return pass(request); };
    }
    void turn_to(Hub& hub) { hub_ = &hub; }

    // Asked before each request: an answer in the hub's place.
    using Instead =
        std::function<std::optional<server::ReplicationAnswer>(const server::ReplicationRequest&)>;
    Instead instead = [](const server::ReplicationRequest&) { return std::nullopt; };
    // Asked after it was answered: the answer is lost.
    std::function<bool(const server::ReplicationRequest&)> loses = [](const server::ReplicationRequest&) {
        return false;
    };
    std::vector<std::string> asked;  // "POST /v0.3/DATA/CFUTF8Type"

    void is_plain() {
        instead = [](const server::ReplicationRequest& request) -> std::optional<server::ReplicationAnswer> {
            if (request.path.starts_with("/api/")) return server::ReplicationAnswer{404, "", {}};
            return std::nullopt;
        };
    }

  private:
    Result<server::ReplicationAnswer> pass(const server::ReplicationRequest& request) {
        asked.push_back(request.method + " " + request.path);
        if (auto answer = instead(request)) return std::move(*answer);
        const auto method = request.method == "GET"    ? server::Method::get
                            : request.method == "POST" ? server::Method::post
                                                       : server::Method::del;
        const Answer answer = hub_->call(method, request.path, std::string(request.body),
                                         {{"content-type", request.content_type}});
        if (loses(request)) return Error{Code::unavailable, "the answer is lost"};
        return server::ReplicationAnswer{answer.status, answer.body, {}};
    }
    Hub* hub_;
};

// What is sent from a store over a wire.
class Sending {
  public:
    Sending(JournaledStore& from, Wire& wire, server::ReplicationPatterns patterns = {})
        : from_(from), wire_(wire), patterns_(std::move(patterns)) {
        restart();
    }
    // As after a restart of the sender.
    void restart() {
        course_.reset();
        notes_ = std::make_unique<server::ReplicationNotes>(*from_, from_.clock, "target");
        must(notes_->load());
        server::ReplicationTargetOptions options;
        options.name = "target";
        options.patterns = patterns_;
        course_ =
            std::make_unique<server::ReplicationCourse>(*from_, from_.clock, *notes_, options, wire_.call());
    }
    void restart(server::ReplicationPatterns patterns) {
        patterns_ = std::move(patterns);
        restart();
    }
    // Until nothing is left to be sent. Errors, as many as may come, are tried again.
    server::ReplicationCourse::Step run(int errors = 0) {
        for (int steps = 0; steps < 1000; ++steps) {
            const auto step = course_->step();
            if (!step.ok()) {
                UNSCOPED_INFO(step.error().message);
                REQUIRE(errors-- > 0);
            } else if (*step != server::ReplicationCourse::Step::sent &&
                       *step != server::ReplicationCourse::Step::asks_again) {
                return *step;
            }
        }
        FAIL("it does not come to an end");
        return {};
    }
    Result<server::ReplicationCourse::Step> step() { return course_->step(); }
    server::ReplicationProgress progress() const { return course_->progress(); }
    server::ReplicationNotes& notes() { return *notes_; }
    server::ReplicationCourse& course() { return *course_; }

  private:
    JournaledStore& from_;
    Wire& wire_;
    server::ReplicationPatterns patterns_;
    std::unique_ptr<server::ReplicationNotes> notes_;
    std::unique_ptr<server::ReplicationCourse> course_;
};

}  // namespace nmstore::testing

// A target that does not take all of a post at once, or none of it, and says why.
#include "tests/server/replication_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;
using Step = ReplicationCourse::Step;

namespace {

bool has_records(const ReplicationRequest& request) {
    return request.path.starts_with("/api/v1/replication/records") &&
           !must(split_records(must(unpack_records(request.body)))).empty();
}

std::string with_end(std::string path, ChangeNumber end) {
    const std::size_t begin = path.find("&end=") + 5;
    const std::size_t size = path.find_first_not_of("0123456789", begin);
    return path.replace(begin, (size == std::string::npos ? path.size() : size) - begin, std::to_string(end));
}

class SendingCase {
  protected:
    JournaledStore store;
    TargetHub hub;
    Wire wire{hub};
    Sending sending{store, wire};
};

}  // namespace

TEST_CASE_METHOD(SendingCase, "a target that ends behind one of the records is sent the others again",
                 "[replication]") {
    for (int i = 0; i < 9; ++i) store.count("c", "n", 1);
    int posts = 0;
    wire.instead = [&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        if (!has_records(request)) return std::nullopt;
        ++posts;
        const std::string unpacked = must(unpack_records(request.body));
        std::vector<JournalRecord> first;
        for (const JournalRecordView& record : must(split_records(unpacked))) {
            if (first.size() < 4) first.push_back({record.number, std::string(record.bytes)});
        }
        const Answer answer = hub.call(Method::post, with_end(request.path, first.back().number + 1),
                                       pack_records(first), {{"content-type", request.content_type}});
        return ReplicationAnswer{answer.status, answer.body, {}};
    };
    CHECK(sending.run() == Step::idle);
    CHECK(posts == 3);
    CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"9\"}");
    CHECK(sending.progress().sent_records == 9);
    CHECK(sending.progress().passed == store->journal().end);
}

TEST_CASE_METHOD(SendingCase, "a position that no record ends at is no answer", "[replication]") {
    store.count("c", "n", 1);
    const std::string position = GENERATE("0", "18446744073709551615", "null");
    bool wrong = true;
    wire.instead = [&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        if (!wrong || !has_records(request)) return std::nullopt;
        wrong = false;
        return ReplicationAnswer{200, R"({"position":)" + position + "}", {}};
    };
    CHECK(sending.run(1) == Step::idle);
    CHECK_FALSE(wrong);
    CHECK(hub.get("/v0.3/COUNTER/c/n").body == "{\"n\":\"1\"}");
}

TEST_CASE_METHOD(SendingCase, "what a target says of a write that is too much for it is told",
                 "[replication]") {
    store.count("c", "n", 1);
    wire.instead = [&](const ReplicationRequest& request) -> std::optional<ReplicationAnswer> {
        if (!has_records(request)) return std::nullopt;
        return ReplicationAnswer{
            413, R"({"error":{"code":"too_large","message":"needs the role admin"}})", {}};
    };
    Result<Step> step = sending.step();
    for (int i = 0; i < 10 && step.ok(); ++i) step = sending.step();
    REQUIRE_FALSE(step.ok());
    CHECK(contains(step.error().message, "needs the role admin"));
}

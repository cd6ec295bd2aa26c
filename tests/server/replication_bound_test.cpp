// Hubs whose credentials lack the role admin: what they may say of which hub.
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/journal_record.h"
#include "server/replication_untrusted.h"
#include "tests/eventually.h"
#include "tests/server/sent_records.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

std::string id(std::size_t i) {
    return fmt::format("{:032x}", i + 1);
}

// kFrom is bound to the credentials "edge", and these lack the role admin.
class EdgeCase {
  protected:
    EdgeCase() {
        must(receiver().bind(kFrom, "edge"));
        come_as("edge");
    }
    void come_as(const std::string& name, std::uint8_t roles = role_ingest) {
        hub.token = name;
        hub.roles = roles;
    }
    ReplicationReceiver& receiver() { return hub.replication->receiver(); }
    Answer post(const std::string& parameters, const std::vector<JournalRecord>& records = {}) {
        return post_records(hub, parameters, records);
    }
    // Nothing, on a stream of its own.
    Result<ReplicationReceived> begin(const std::string& from, const std::string& who, bool trusted = false,
                                      const std::string& stream = "") {
        return receiver().receive({{from, stream}, 1, 1, true, nothing, who, trusted});
    }
    static bool is_refused(const Answer& answer, std::string_view why) {
        INFO(answer.body);
        return answer.status == 403 && contains(answer.body, why);
    }
    Answer bind(const std::string& from, const std::string& body) {
        const auto roles = std::exchange(hub.roles, role_all);
        Answer answer = hub.post("/api/v1/replication/sources/" + from, body);
        hub.roles = roles;
        return answer;
    }

    TargetHub hub;
    const std::string nothing = pack_records({});
};

// Holds whoever asks it the second time in a thread that is to be held.
class HoldingClock : public Clock {
  public:
    std::int64_t now_ms() const override {
        if (asks_ != 0 && --asks_ == 0) {
            std::unique_lock lock(mutex_);
            ++held_;
            changed_.wait(lock, [this] { return let_go_; });
        }
        return 1'000'000;
    }
    static void hold_this_thread() { asks_ = 2; }
    bool holds() const {
        const std::lock_guard lock(mutex_);
        return held_ != 0;
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        let_go_ = true;
        changed_.notify_all();
    }

  private:
    inline static thread_local int asks_ = 0;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    mutable int held_ = 0;
    bool let_go_ = false;
};

}  // namespace

TEST_CASE_METHOD(EdgeCase, "who is no administrator drops no family by way of records", "[replication]") {
    JournaledStore store;
    must(store->create_family("Own", ValueType::utf8));
    must(store->drop_family("Own"));
    const auto records = must(store->read_journal(0, SIZE_MAX));
    must(hub.store().create_family("Own", ValueType::utf8));
    const std::string range = "&begin=true&from=0&end=" + std::to_string(records.back().number + 1);
    SECTION("it is told, and holds up nothing") {
        const auto refused = post(range, records);
        INFO(refused.body);
        CHECK(refused.status == 200);
        CHECK(contains(refused.body, "lack the role admin"));
        CHECK(contains(refused.body, "\"position\":" + std::to_string(records.back().number + 1)));
        CHECK(contains(hub.get("/api/v1/replication/hello?" + kLink).body, "lack the role admin"));
        come_as("other");
        CHECK_FALSE(contains(hub.get("/api/v1/replication/hello?" + kLink).body, "lack the role admin"));
        CHECK(hub.store().family("Own").ok());
    }
    SECTION("what many streams of one hub were refused leaves room for others") {
        for (std::size_t i = 0; i < kMostUntrustedStreams; ++i) {
            const std::string stream = "s" + std::to_string(i);
            CHECK(post(stream + range, records).status == 200);
            const auto told = hub.get("/api/v1/replication/hello?" + kLink + stream).body;
            CHECK(contains(told, "lack the role admin") == (i < kMaxUntoldLinksOfHub));
        }
    }
    SECTION("an administrator does") {
        come_as("admin", role_all);
        CHECK(post(range, records).status == 200);
        CHECK_FALSE(hub.store().family("Own").ok());
    }
}

TEST_CASE_METHOD(EdgeCase, "who is no administrator speaks for hubs that are bound, and for no others",
                 "[replication]") {
    CHECK(post("&from=10&end=13&begin=true", some_records()).status == 200);
    CHECK(post("&from=13&end=14").status == 200);
    SECTION("not for another's, also after a restart") {
        come_as("other");
        const std::string command = "nm-tool replication bind " + kFrom + " other";
        CHECK(is_refused(post("&from=14&end=15"), command));
        CHECK(is_refused(post("f&from=1&end=2&begin=true"), command));
        come_as("");
        CHECK(is_refused(post("&from=14&end=15"), "not bound"));
        ReplicationReceiver again(hub.store(), hub.clock, true);
        must(again.load());
        const auto receive = [&](const std::string& who) {
            return again.receive({{kFrom, ""}, 14, 15, false, nothing, who, false});
        };
        CHECK(receive("other").error().code == Code::conflict);
        CHECK(receive("edge").ok());
    }
    SECTION("an administrator does") {
        come_as("admin", role_all);
        CHECK(post("&from=14&end=15").status == 200);
        come_as("edge");
        CHECK(post("&from=15&end=16").status == 200);
    }
    SECTION("not for a hub that was forgotten, until it is bound again") {
        hub.clock.now += kSourceGoneMs;
        must(receiver().forget(kFrom));
        CHECK(is_refused(post("&from=10&end=13&begin=true", some_records()), "not bound"));
        CHECK(bind(kFrom, R"({"credentials":"edge"})").status == 200);
        CHECK(post("&from=13&end=13&begin=true").status == 200);
    }
    SECTION("until an administrator binds it to another") {
        CHECK(bind(kFrom, R"({"credentials":"renamed"})").status == 200);
        CHECK(is_refused(post("&from=14&end=15"), "not bound"));
        come_as("renamed");
        CHECK(post("&from=14&end=15").status == 200);
        come_as("", role_all);
        CHECK(contains(hub.get("/api/v1/replication").body, R"("credentials":"renamed")"));
        ReplicationReceiver again(hub.store(), hub.clock, true);
        must(again.load());
        CHECK(again.sources().at(0).owner == "renamed");
    }
    SECTION("not of a copy") {
        CHECK(is_refused(post("copy%20x&from=1&end=1&begin=true"), "full copy"));
        CHECK(must(hub.store().incoming_copies()).empty());
    }
    SECTION("not of what another hub was the first to write, nor of what is still to come") {
        JournaledStore first;
        first.put("CFUTF8Type", "r", "a", "1");
        const auto told = must(first->read_journal(0, SIZE_MAX));
        JournaledStore second;
        must(second->apply_journal({first->hub_id(), ""}, {{told[0].number, told[0].bytes}},
                                   told[0].number + 1));
        auto passed_on = must(second->read_journal(0, SIZE_MAX));
        passed_on[0].number = 14;
        CHECK(is_refused(post("&from=14&end=15", passed_on), "another hub first"));
        JournaledStore ahead;
        ahead.clock.advance(hub.clock.now - ahead.clock.now_ms() + kMostAheadMs + 1);
        ahead.put("CFUTF8Type", "r", "a", "1");
        auto later = must(ahead->read_journal(0, SIZE_MAX));
        later[0].number = 14;
        CHECK(is_refused(post("&from=14&end=15", later), "10 s ahead"));
        hub.clock.now += 1;
        CHECK(post("&from=14&end=15", later).status == 200);
    }
}

TEST_CASE_METHOD(EdgeCase, "a hub that nobody has heard of loses nothing to whoever has its id",
                 "[replication]") {
    JournaledStore first;
    first.put("CFUTF8Type", "r", "a", "1");
    const auto told = must(first->read_journal(0, SIZE_MAX));
    auto claim = some_records();
    claim.resize(1);
    claim[0].number = ChangeNumber{1} << 61;
    const std::string body = pack_records(claim);
    const ReplicationPost claimed{{first->hub_id(), ""}, 0, claim[0].number + 1, true, body, "edge", false};
    CHECK(receiver().receive(claimed).error().code == Code::conflict);
    CHECK(must(receiver().position({first->hub_id(), ""})) == std::nullopt);
    // By way of a third one.
    JournaledStore second;
    must(second->apply_journal({first->hub_id(), ""}, {{told[0].number, told[0].bytes}}, told[0].number + 1));
    const std::string passed_on = pack_records(must(second->read_journal(0, SIZE_MAX)));
    const ReplicationPost brought{
        {second->hub_id(), ""}, 0, second->journal().end, true, passed_on, "admin", true};
    CHECK(must(receiver().receive(brought)).applied.records == 1);
    CHECK(hub.get("/v0.3/DATA/CFUTF8Type/r").body == R"({"a":"1"})");
}

TEST_CASE_METHOD(EdgeCase, "nobody sends as the hub that is sent to", "[replication]") {
    const std::string own = hub.store().hub_id();
    CHECK(begin(own, "edge").error().code == Code::invalid_argument);
    CHECK(begin(own, "admin", true).error().code == Code::invalid_argument);
    CHECK(bind(own, R"({"credentials":"edge"})").status == 400);
}

TEST_CASE_METHOD(EdgeCase, "a hub is bound to the name of a token", "[replication]") {
    for (const char* body :
         {R"({"credentials":""})", R"({"credentials":"a","more":1})", "edge", R"({"credentials":"a\nb"})",
          R"({"credentials":"a:b"})", R"({"credentials":7})"}) {
        INFO(body);
        CHECK(bind(kFrom, body).status == 400);
    }
    for (const std::string& from : {std::string("no-hub"), kFrom.substr(1), kFrom + "0"})
        CHECK(bind(from, R"({"credentials":"edge"})").status == 400);
    const auto credentials = must(load_credentials({"edge:account"}, ""));
    CHECK(credentials->has_token("edge"));
    CHECK_FALSE(credentials->has_token("edg"));
}

TEST_CASE_METHOD(EdgeCase, "it is told whether there are credentials of the name", "[replication]") {
    const CredentialSource source(must(load_credentials({"edge:account"}, "")));
    hub.context.credentials = &source;
    CHECK(bind(kFrom, R"({"credentials":"edge"})").body == R"({"known":true})");
    CHECK(bind(kFrom, R"({"credentials":"egde"})").body == R"({"known":false})");
}

TEST_CASE_METHOD(EdgeCase, "hubs that are bound find room, whatever others send", "[replication]") {
    const std::size_t many = ReplicationOwners::kMost - 1;  // kFrom is one
    for (std::size_t i = 0; i < many; ++i) must(receiver().bind(id(i), "edge"));
    CHECK(receiver().bind(id(many), "edge").error().code == Code::too_large);
    must(receiver().bind(id(0), "other"));
    CHECK(begin(id(many), "admin", true).ok());
    CHECK(receiver().sources().size() == many + 2);  // bound ones are listed before they come
    for (std::size_t i = 0; i < kMostUntrustedStreams; ++i)
        CHECK(begin(id(1), "edge", false, std::to_string(i)).ok());
    CHECK(begin(id(1), "edge", false, "more").error().code == Code::conflict);
    CHECK(begin(id(1), "admin", true, "more").ok());
    CHECK(begin(id(2), "edge").ok());
    // What has never come can be let go.
    must(receiver().forget(id(3)));
    must(receiver().bind(id(many + 1), "edge"));
}

TEST_CASE("credentials of an administrator give nothing to others of their name", "[replication]") {
    TargetHub hub;
    hub.token = "shared";
    CHECK(post_records(hub, "&from=10&end=13&begin=true", some_records()).status == 200);
    hub.roles = role_ingest;
    CHECK(post_records(hub, "&from=13&end=14", {}).status == 403);
    must(hub.replication->receiver().bind(kFrom, "shared"));
    CHECK(post_records(hub, "&from=13&end=14", {}).status == 200);
}

TEST_CASE("posts of those who are no administrators do not take all threads", "[replication]") {
    constexpr std::size_t kPosts = 3 * kMostUntrustedPosts;
    const std::size_t names = GENERATE(std::size_t{1}, std::size_t{kPosts});
    const std::size_t most = names == 1 ? kMostUntrustedPostsOfName : kMostUntrustedPosts;
    OpenedStore store;
    HoldingClock clock;
    ReplicationReceiver receiver(*store, clock, true);
    const auto name_of = [names](std::size_t i) { return "edge" + std::to_string(i % names); };
    for (std::size_t i = 0; i < kPosts; ++i) must(receiver.bind(id(i), name_of(i)));
    std::atomic<std::size_t> done{0}, busy{0};
    const std::string body = pack_records({});
    const auto post = [&](std::size_t i) {
        const auto received = receiver.receive({{id(i), ""}, 1, 1, true, body, name_of(i), false});
        if (received.ok()) ++done;
        if (!received.ok() && received.error().code == Code::busy) ++busy;
    };
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
        HoldingClock::hold_this_thread();
        post(0);
    });
    CHECK(eventually([&] { return clock.holds(); }));
    for (std::size_t i = 1; i < kPosts; ++i) threads.emplace_back(post, i);
    CHECK(eventually([&] { return busy == kPosts - most; }));
    CHECK(done == 0);
    clock.let_go();
    for (std::thread& thread : threads) thread.join();
    CHECK(done == most);
}

TEST_CASE_METHOD(EdgeCase, "who is no administrator sends no body that unpacks to more than a request",
                 "[replication]") {
    const std::vector<JournalRecord> large{{10, std::string(kMostUntrustedBytes + 1, '\0')}};
    CHECK(post("&from=10&end=11&begin=true", large).status == 413);
    come_as("admin", role_all);
    CHECK(post("&from=10&end=11&begin=true", large).status == 400);  // it is none
}

TEST_CASE("what it costs to write a post is bounded", "[replication]") {
    JournaledStore store;
    const FamilyInfo index = must(store->family(kIndexFamily));
    const FamilyInfo times = must(store->family(kTimeFamily));
    const auto is_too_much = [&](const auto& fill, std::size_t count) {
        JournalSteps steps;
        for (std::size_t i = 0; i < count; ++i) fill(steps, std::to_string(i));
        const std::string bytes = format_journal_record(1, nullptr, steps);
        const auto checked = check_untrusted_records({{1, bytes}}, 0);
        if (!checked.ok()) CHECK(checked.error().code == Code::too_large);
        return !checked.ok();
    };
    const auto bound = [&](const auto& fill, std::size_t most) {
        return is_too_much(fill, most + 1) && !is_too_much(fill, most * 9 / 10);
    };
    CHECK(bound([](JournalSteps& steps, const std::string& i) { steps.add("n", i, 1); }, kMostUntrustedCost));
    const auto remove_row = [&](JournalSteps& steps, const std::string& i) {
        steps.turn_to(index, i);
        steps.remove_row();
    };
    CHECK(bound(remove_row, kMostUntrustedCost / kCostOfRemoval));
    const auto remove_time = [&](JournalSteps& steps, const std::string& i) {
        steps.turn_to(times, "row");
        steps.remove_cell(must(encode_sortable(ValueType::long_, i)));
    };
    CHECK(bound(remove_time, kMostUntrustedCost / kCostOfCellRemoval));
    const auto create = [](JournalSteps& steps, const std::string& i) {
        steps.create_family("F" + i, ValueType::utf8);
    };
    CHECK(bound(create, kMostUntrustedCost / kCostOfFamily));
    const auto declare = [](JournalSteps& steps, const std::string& i) {
        steps.declare_column("CFUTF8Type", "c" + i, ValueType::utf8, std::nullopt);
    };
    CHECK(bound(declare, kMostUntrustedCost / kCostOfFamily));
    const auto make_index = [](JournalSteps& steps, const std::string& i) {
        steps.declare_column("CFUTF8Type", "c" + i, ValueType::utf8, true);
    };
    CHECK(bound(make_index, kMostUntrustedCost / kCostOfIndex));
    JournalSteps steps;
    steps.turn_to(index, std::string(kMaxRowKeyBytes + 1, 'r'));
    steps.remove_row();
    const std::string bytes = format_journal_record(1, nullptr, steps);
    CHECK(check_untrusted_records({{1, bytes}}, 0).error().code == Code::invalid_argument);
}

TEST_CASE_METHOD(EdgeCase, "lines whose fields would forge others are not taken", "[replication]") {
    JournaledStore store;
    const FamilyInfo times = must(store->family(kTimeFamily));
    const auto line = [&](const std::string& fields) {
        JournalSteps steps;
        steps.turn_to(times, "c:logs:l:1970:0:1");
        steps.line(5, "text", fields);
        return post("&from=10&end=11&begin=true", {{10, format_journal_record(1, nullptr, steps)}});
    };
    CHECK(line(R"({"a":1},"id":"x"},{"line":"forged")").status == 400);
    CHECK(line("\xff{").status == 400);
    CHECK(line(R"({"a":1})").status == 200);
}

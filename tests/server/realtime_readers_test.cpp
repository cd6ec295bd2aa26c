// Many who follow: what they cost together, and how they come, wait and go.
#include "tests/server/realtime_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;
using namespace nmstore::testing::followed;

TEST_CASE("the filter of a reader that has gone away is not made ready") {
    World world;
    int asked = 0;
    const auto refused =
        world.realtime->follow(tail_of("/a[bc]/ or /b[cd]/ or /c[de]/"), {}, [&] { return ++asked == 2; });
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Code::cancelled);
    CHECK(asked == 2);
    CHECK(world.realtime->stats().topics == 0);
}

TEST_CASE("readers that catch up hold so much together; the others wait their turn, and get everything") {
    World world;
    world.append(0, 20'000);
    REQUIRE(eventually([&] { return world.realtime->stats().behind == 0; }));
    // Room for the first one only.
    Realtime realtime(
        *world.store, *world.follower, [&](auto job) { return world.pool.try_run(std::move(job)); }, 1);
    FollowOptions from_the_beginning;
    from_the_beginning.after = EventId{};
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(
            std::make_unique<Client>(must(realtime.follow(tail_of("line"), from_the_beginning))));
        (void)clients.back()->take();
    }
    (void)world.pool_idle();
    CHECK(realtime.stats().catch_up_bytes > 0);
    CHECK(realtime.stats().catch_up_bytes < (std::size_t{512} << 10));
    CHECK(realtime.stats().catch_up_waits == 19);
    // One that goes makes room, as does one that reads.
    clients.erase(clients.begin());
    std::vector<std::thread> threads;
    std::atomic<int> whole{0};
    for (const auto& client : clients)
        threads.emplace_back([&] { whole += client->take_until([&] { return client->count() == 20'000; }); });
    for (std::thread& thread : threads) thread.join();
    CHECK(whole == 19);
    for (const auto& client : clients) CHECK(client->text == clients[0]->text);
    clients.clear();
    CHECK(realtime.stats().catch_up_bytes == 0);
}

TEST_CASE("one commit of many told values reaches all who catch up on it, from one reading of it") {
    World world;
    const std::string row = "c:plugins:p:2011:5:22";
    constexpr int kValues = 20'000;
    {
        const auto batch = must(world.store->begin_cells(kTimeFamily));
        batch->tell_values(true);
        for (int i = 0; i < kValues; ++i)
            must(batch->put(row, std::to_string(kMorning + i), "value " + std::to_string(i)));
        must(batch->commit());
    }
    FollowOptions from_the_beginning;
    from_the_beginning.after = EventId{};
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 4; ++i)
        clients.push_back(world.follow(new_channel("", std::string(kTimeFamily), row), from_the_beginning));
    for (const auto& client : clients) {
        REQUIRE(client->take_until([&] { return client->count() == kValues; }));
        CHECK(client->text == clients[0]->text);
    }
    world.append(0, 1);
    const auto live = world.follow(tail_of("line"));
    world.append(1, 2);
    CHECK(live->take_until([&] { return live->count() == 1; }));
}

namespace {

std::unique_ptr<Client> dropping(World& world, EventSubjectPtr subject) {
    FollowOptions drop;
    drop.slow = SlowReader::drop;
    auto client = world.follow(std::move(subject), drop);
    CHECK_FALSE(client->take());  // it is where the topic is
    return client;
}

}  // namespace

TEST_CASE("a reader that is not slow gets one commit of more than a topic may hold though it may drop some") {
    World world;
    const auto tail = dropping(world, tail_of("line"));
    const auto channel = dropping(world, new_channel("", std::string(kTimeFamily), "c:logs:l:2011:5:22"));
    // What has just come and is not read yet goes with it.
    world.append(0, 10);
    world.append(10, 40'000);
    world.append(40'000, 40'010);
    for (Client* client : {tail.get(), channel.get()}) {
        REQUIRE(client->take_until([&] { return client->count() == 40'010; }));
        CHECK(client->lines().size() == 40'010);
        CHECK(client->lines().back() == "line 40009");
    }
    CHECK(world.realtime->stats().dropped == 0);
}

TEST_CASE("a reader that is not slow drops nothing where topics are many and each holds little") {
    World world;
    std::vector<std::unique_ptr<Client>> others;
    for (int i = 0; i < 1'100; ++i) others.push_back(world.follow(tail_of("none" + std::to_string(i))));
    const auto client = dropping(world, tail_of("line"));
    for (int i = 0; i < 3; ++i) {
        // In one commit, of several rows.
        const auto batch = world.store->begin_lines();
        for (int k = 0; k < 900; ++k) {
            const std::string log = "l" + std::to_string(k % 9);
            must(batch->append({"c", log, kMorning + k, "line " + std::to_string(i * 900 + k), {}}));
        }
        must(batch->commit());
        const std::size_t count = static_cast<std::size_t>(i + 1) * 900;
        REQUIRE(client->take_until([&] { return client->count() >= count; }));
    }
    CHECK(client->lines().size() == 2'700);
    CHECK(world.realtime->stats().dropped == 0);
}

TEST_CASE("a slow reader is told how many events of commits that a topic could not hold it has missed") {
    World world;
    const bool is_channel = GENERATE(false, true);
    const auto client =
        dropping(world, is_channel ? new_channel("", std::string(kTimeFamily), "c:logs:l:2011:5:22")
                                   : tail_of("line"));
    for (int i = 0; i < 3; ++i) world.append(i * 40'000, (i + 1) * 40'000);
    world.append(120'000, 120'010);
    REQUIRE(eventually([&] { return world.realtime->stats().behind == 0; }));
    REQUIRE(client->take_until([&] { return client->text.find("line 120009") != std::string::npos; }));
    const auto remark = client->events().at(0);
    REQUIRE(remark.contains("dropped"));
    CHECK(remark["dropped"] == 120'000);
    CHECK(client->lines().size() == 10);
}

TEST_CASE("those who catch up and do not read keep nobody waiting, and get everything when they read") {
    World world;
    world.append(0, 6'000);
    REQUIRE(eventually([&] { return world.realtime->stats().behind == 0; }));
    // Room for one, which lets go of it at once.
    Realtime realtime(
        *world.store, *world.follower, [&](auto job) { return world.pool.try_run(std::move(job)); }, 1,
        std::chrono::milliseconds(0));
    FollowOptions from_the_beginning;
    from_the_beginning.after = EventId{};
    const auto follow = [&] {
        return std::make_unique<Client>(must(realtime.follow(tail_of("line"), from_the_beginning)));
    };
    std::vector<std::unique_ptr<Client>> stuck;
    for (int i = 0; i < 5; ++i) {
        stuck.push_back(follow());
        (void)stuck.back()->take();  // asks
        (void)world.pool_idle();
        if (i % 2 == 0) (void)stuck.back()->take();  // and takes some
    }
    const auto healthy = follow();
    REQUIRE(healthy->take_until([&] { return healthy->count() == 6'000; }));
    for (const auto& client : stuck) {
        CHECK(client->count() < 6'000);
        REQUIRE(client->take_until([&] { return client->count() == 6'000; }));
        CHECK(client->text == healthy->text);
    }
    CHECK(realtime.stats().catch_up_bytes == 0);
}

TEST_CASE("what ends before its own end is a whole answer, and says with which id to come back") {
    World world;
    FollowOptions options;
    const auto ended = [&](EventFormat format) {
        options.format = format;
        const auto client = world.follow(tail_of("nothing"), options);
        (void)client->take();
        std::string out;
        client->source().append_end(out, "unauthorized");
        return out;
    };
    const auto line = nlohmann::json::parse(ended(EventFormat::lines));
    CHECK(line.size() == 2);
    CHECK(line["error"] == "unauthorized");
    CHECK(parse_event_id(line["event"].get<std::string>()).ok());
    CHECK(ended(EventFormat::server_events).find("\nevent: error\ndata: {\"event\":") != std::string::npos);
    const auto poll = nlohmann::json::parse(ended(EventFormat::poll));
    CHECK(poll["events"].empty());
    CHECK(poll["next"] == line["event"]);
    CHECK(ended(EventFormat::comet) == "[]\n");
}

TEST_CASE("topics that nobody reads are forgotten, and there are only so many") {
    World world;
    {
        const auto one = world.follow(tail_of("a"));
        const auto same = world.follow(tail_of("a"));
        const auto other = world.follow(tail_of("b"));
        CHECK(world.realtime->stats().topics == 2);
        CHECK(world.realtime->stats().readers == 3);
    }
    const auto next = world.follow(tail_of("c"));
    CHECK(eventually([&] { return world.realtime->stats().topics == 1; }));
    CHECK(world.realtime->stats().readers == 1);
    // Also while nothing rests.
    for (int i = 0; i < 1000; ++i) (void)world.follow(tail_of("t" + std::to_string(i)));
    CHECK(world.realtime->stats().topics < 100);
}

TEST_CASE(
    "a channel is asked about its own rows, or client, only, and what is too much is not made into events") {
    // Counts what it is asked, and what it makes.
    class Counting : public EventSubject {
      public:
        explicit Counting(EventSubjectPtr subject) : subject_(std::move(subject)) {}
        const std::string& key() const override { return subject_->key(); }
        const query::Filter* filter() const override { return subject_->filter(); }
        const std::string* rows() const override { return subject_->rows(); }
        EventPtr of_line(const Change& change, std::size_t part, const Line& line) const override {
            ++made;
            return subject_->of_line(change, part, line);
        }
        Result<void> of_row(const Store& store, const Change& change, std::size_t part, const LogRow& row,
                            const query::LineWindow& window, const EachEvent& each) const override {
            ++asked;
            return subject_->of_row(store, change, part, row, window, [&](EventPtr event) {
                ++made;
                each(std::move(event));
            });
        }
        void of_value(const Change& change, std::size_t at, const EachEvent& each) const override {
            ++asked;
            subject_->of_value(change, at, each);
        }
        mutable std::atomic<int> asked{0}, made{0};

      private:
        const EventSubjectPtr subject_;
    };
    World world;
    const auto channel = [](const std::string& row) {
        return std::make_shared<Counting>(new_channel("", std::string(kTimeFamily), row));
    };
    const auto its = channel("c:logs:l:2011:5:22"), another = channel("d:logs:l:2011:5:22"),
               glob = channel("c:*"), others = channel("d:*"), all = channel("*:logs:l:*");
    const auto filter = std::make_shared<Counting>(tail_of("line"));
    const auto reader = world.follow(its), other = world.follow(another), wide = world.follow(glob),
               of_another = world.follow(others), widest = world.follow(all), tail = world.follow(filter);
    world.append(0, 2);
    for (Client* client : {reader.get(), wide.get(), widest.get(), tail.get()})
        REQUIRE(client->take_until([&] { return client->count() == 2; }));
    CHECK(its->asked == 1);
    CHECK(glob->asked == 1);
    CHECK(all->asked == 1);
    CHECK(another->asked == 0);
    CHECK(others->asked == 0);
    // Far more than a topic holds, in one commit.
    const int count = 60'000;
    world.append(2, count);
    for (Client* client : {reader.get(), wide.get(), widest.get(), tail.get()})
        REQUIRE(client->take_until([&] { return client->count() == std::size_t{count}; }));
    CHECK(another->asked == 0);
    CHECK(others->asked == 0);
    // Once by the readers, from the store, and no more for the topics than is found to be too much.
    for (const auto* subject : {its.get(), glob.get(), filter.get()}) CHECK(subject->made < count * 7 / 4);
}

TEST_CASE("readers that come and go beside one that stays are forgotten") {
    World world;
    const auto stays = world.follow(tail_of("a"));
    FollowOptions poll;
    poll.format = EventFormat::poll;
    poll.wait = std::chrono::milliseconds(0);
    for (int i = 0; i < 1000; ++i) CHECK(world.follow(tail_of("a"), poll)->last() == EventSource::More::wait);
    // As many as that at a time would have each wait for the others.
    CHECK(stays->source().pace() == std::chrono::milliseconds(0));
    CHECK(world.realtime->stats().readers == 1);

    const std::atomic<ChangeNumber> told_to{0};
    Topic topic(tail_of("a"), 0, told_to);
    struct Nobody : TopicReader {
        void more() override {}
    };
    std::vector<std::shared_ptr<TopicReader>> there;
    for (int i = 0; i < 1000; ++i) {
        if (i % 10 == 0) topic.attach(there.emplace_back(std::make_shared<Nobody>()));
        topic.attach(std::make_shared<Nobody>());
        CHECK(topic.readers_about() <= 2 * there.size() + 17);
    }
    CHECK(topic.readers() == there.size());
}

// A store in a directory of its own with every call of the two APIs on it, asked without a socket.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ingest/body.h"
#include "server/router.h"
#include "server/routes.h"
#include "server/running_work.h"
#include "server/target.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

namespace nmstore::testing {

// A test moves it on while the threads of what it tests read it.
class TestClock : public Clock {
  public:
    std::int64_t now_ms() const override { return now; }
    std::int64_t elapsed_ms() const override { return now - left_out; }
    std::atomic<std::int64_t> now = 1321900000000;  // 2011-11-21T18:26:40Z
    std::atomic<std::int64_t> left_out = 0;         // of `now`: no time has passed
};

struct Answer {
    int status = 0;
    std::string body;
    std::string content_type;
};

class Hub {
  public:
    Hub()
        : store_(open(directory_ / "db", clock)), context{*store_, config, metrics, clock, [](auto job) {
                                                              job();
                                                              return true;
                                                          }} {
        config.backup_dir = directory_ / "backups";
        context.running_work = &running_work_;
        router_.add(server::cloudsandra_routes(context));
        router_.add(server::api_routes(context));
    }

    using Headers = std::vector<std::pair<std::string, std::string>>;

    Answer get(const std::string& target, Headers headers = {}) {
        return call(server::Method::get, target, "", std::move(headers));
    }
    Answer post(const std::string& target, std::string body = "", Headers headers = {}) {
        return call(server::Method::post, target, std::move(body), std::move(headers));
    }
    Answer del(const std::string& target) { return call(server::Method::del, target, ""); }

    Answer call(server::Method method, const std::string& target, std::string body, Headers headers = {}) {
        server::Request request;
        request.method = method;
        // Not Catch's, which one thread may use: replication calls from its own.
        NM_CHECK(server::parse_target(target, request).ok());
        request.headers = std::move(headers);
        request.body = std::move(body);
        ingest::pad_body(request.body);
        request.principal = {token, roles};
        request.gone = gone;
        const server::Router::Match match = router_.find(method, request.path);
        NM_CHECK(match.route != nullptr);
        server::Response response = match.route->handler(request);
        request = {};  // a stream must not need it any more
        Writer writer;
        writer.space = stream_space;
        writer.written = stream_written;
        if (response.stream) {
            response.stream(writer);
            return {response.status, writer.text, response.content_type};
        }
        return {response.status, response.body, response.content_type};
    }

    // "family/row column=value" of the values that were told to followers so far.
    std::vector<std::string> told() {
        std::vector<std::string> out;
        const auto changes = store_->read_changes(0, SIZE_MAX);
        for (const Change& change : *changes) {
            for (const ToldValue& value : change.values)
                out.push_back(value.family + "/" + value.row + " " + value.column + "=" + value.value);
        }
        return out;
    }
    Store& store() { return *store_; }
    std::string path(const std::string& name) const { return directory_ / name; }

  private:
    // A reader that goes away once it has read `space` bytes.
    struct Writer : server::BodyWriter {
        bool write(std::string_view piece) override {
            if (text.size() >= space) return false;
            text += piece;
            if (written) written(piece);
            return true;
        }
        std::string text;
        std::size_t space = 0;
        std::function<void(std::string_view piece)> written;
    };

    static std::unique_ptr<Store> open(const std::string& directory, const Clock& clock) {
        StoreOptions options;
        options.directory = directory;
        options.clock = &clock;
        options.sync = SyncMode::off;
        auto store = Store::open(options);
        if (!store) throw std::runtime_error(store.error().message);
        return std::move(*store);
    }

    TempDirectory directory_;

  public:
    TestClock clock;
    server::Config config;
    server::Metrics metrics;
    std::uint8_t roles = server::role_all;
    std::string token = "token";
    std::function<bool()> gone = [] { return false; };
    std::function<void(std::string_view piece)> stream_written{};  // hears of each piece of a stream
    std::size_t stream_space = SIZE_MAX;  // what the reader of a stream takes before it goes away

  private:
    std::unique_ptr<Store> store_;

  public:
    server::Context context;

  private:
    server::RunningWork running_work_{clock};
    server::Router router_;
};

inline bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace nmstore::testing

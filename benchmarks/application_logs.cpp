// What programs on top of a machine write: a web server, a shop that logs JSON, a router that logs key=value,
// and a storage node whose lines are about blocks.
#include <array>
#include <deque>

#include "benchmarks/log_kind.h"

namespace nmstore::benchmarks {

namespace {

using namespace std::string_view_literals;

constexpr std::array kPaths = {"/"sv,           "/index.html"sv,     "/api/v2/items"sv, "/assets/app.js"sv,
                               "/login"sv,      "/search"sv,         "/cart"sv,         "/favicon.ico"sv,
                               "/robots.txt"sv, "/admin/setup.php"sv};
constexpr std::array kAgents = {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"sv,
                                "curl/7.88.1"sv, "Mozilla/5.0 (compatible; crawler/2.1)"sv,
                                "Go-http-client/1.1"sv};
constexpr std::array kStatuses = {"200"sv, "304"sv, "404"sv, "302"sv, "500"sv, "403"sv, "502"sv};
constexpr std::array kServices = {"checkout"sv, "catalogue"sv, "payment"sv, "mail"sv, "inventory"sv};
constexpr std::array kEvents = {"request finished"sv,   "cache miss"sv,         "order placed"sv,
                                "upstream timed out"sv, "connection refused"sv, "retrying in 5 s"sv,
                                "payment declined"sv,   "user not found"sv};
constexpr std::array kLevels = {"info"sv, "info"sv, "debug"sv, "warn"sv, "error"sv};

class WebLog final : public LogKind {
  public:
    void write(const LineContext& context, std::string& out) override {
        Random& random = context.random;
        append_address(random.skewed(50'000), out);
        out += " - - [";
        append_web_time(context.time_ms, out);
        out.append(random.one_in(8) ? "] \"POST " : "] \"GET ").append(random.pick(kPaths));
        if (random.one_in(2)) {
            out += "?id=";
            append_number(random.skewed(200'000), out);
        }
        out.append(" HTTP/1.1\" ").append(random.pick(kStatuses)).append(" ");
        append_number(random.skewed(100'000), out);
        out.append(" \"-\" \"").append(random.pick(kAgents)).append("\" ");
        append_number(random.skewed(4), out);
        out += '.';
        append_number(100 + random.below(900), out);
    }
};

class JsonLog final : public LogKind {
  public:
    void write(const LineContext& context, std::string& out) override {
        Random& random = context.random;
        out += R"({"time":")";
        append_iso_time(context.time_ms, out);
        out.append(R"(","level":")")
            .append(random.pick(kLevels))
            .append(R"(","service":")")
            .append(random.pick(kServices));
        out.append(R"(","msg":")").append(random.pick(kEvents)).append(R"(","request_id":")");
        append_hex(random.bits(), 16, out);
        out += R"(","user_id":)";
        append_number(random.skewed(30'000), out);
        out += R"(,"duration_ms":)";
        append_number(random.skewed(3'000), out);
        out += '}';
    }
};

class KeyValueLog final : public LogKind {
  public:
    void write(const LineContext& context, std::string& out) override {
        Random& random = context.random;
        out += "ts=";
        append_iso_time(context.time_ms, out);
        out.append(" level=")
            .append(random.pick(kLevels))
            .append(" at=router path=")
            .append(random.pick(kPaths))
            .append(" host=")
            .append(context.host);
        out += " request_id=";
        append_hex(random.bits(), 12, out);
        out += " fwd=";
        append_address(random.skewed(50'000), out);
        out += " connect=";
        append_number(random.skewed(40), out);
        out += "ms service=";
        append_number(random.skewed(2'500), out);
        out.append("ms status=").append(random.pick(kStatuses)).append(" bytes=");
        append_number(random.skewed(60'000), out);
    }
};

// Every block is allocated, received by some nodes, served, and deleted at last: its id stands in all these
// lines.
class StorageLog final : public LogKind {
  public:
    void write(const LineContext& context, std::string& out) override {
        Random& random = context.random;
        if (blocks_.size() < 64 || random.one_in(5)) blocks_.push_back(random.bits() >> 2);
        const std::uint64_t block = blocks_[blocks_.size() - 1 - random.skewed(blocks_.size())];
        append_syslog_time(context.time_ms, out);
        out += " INFO dfs.DataNode: ";
        switch (random.below(4)) {
            case 0:
                out += "Receiving block blk_";
                break;
            case 1:
                out += "Served block blk_";
                break;
            case 2:
                out += "Verification succeeded for blk_";
                break;
            default:
                out += "PacketResponder 1 terminating for block blk_";
        }
        append_number(block, out);
        if (random.one_in(2)) {
            out += " size ";
            append_number(random.one_in(3) ? 67'108'864 : random.skewed(67'108'864), out);
        }
        out += " src: /";
        append_address(random.below(200), out);
        out += ":50010";
        if (blocks_.size() > 4096) blocks_.pop_front();
    }

  private:
    std::deque<std::uint64_t> blocks_;
};

}  // namespace

std::unique_ptr<LogKind> make_web_log() {
    return std::make_unique<WebLog>();
}
std::unique_ptr<LogKind> make_json_log() {
    return std::make_unique<JsonLog>();
}
std::unique_ptr<LogKind> make_key_value_log() {
    return std::make_unique<KeyValueLog>();
}
std::unique_ptr<LogKind> make_storage_log() {
    return std::make_unique<StorageLog>();
}

}  // namespace nmstore::benchmarks

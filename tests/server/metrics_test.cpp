#include "server/metrics.h"

#include <sstream>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("requests are counted by route, method and status, and timed", "[metrics]") {
    Metrics metrics;
    metrics.request_done("/v0.3/DATA/{cf}", Method::post, 200, std::chrono::microseconds(300));
    metrics.request_done("/v0.3/DATA/{cf}", Method::post, 200, std::chrono::milliseconds(500));
    metrics.request_done("/v0.3/DATA/{cf}", Method::post, 400, std::chrono::seconds(20));
    metrics.request_done("", Method::other, 404, std::chrono::microseconds(1));
    const std::string text = metrics.text({});
    const std::string labels = "route=\"/v0.3/DATA/{cf}\",method=\"POST\"";
    CHECK(has_line(text, "nmstore_http_requests_total{" + labels + ",status=\"200\"} 2"));
    CHECK(has_line(text, "nmstore_http_requests_total{" + labels + ",status=\"400\"} 1"));
    CHECK(has_line(text, "nmstore_http_requests_total{route=\"\",method=\"other\",status=\"404\"} 1"));
    CHECK(has_line(text, "nmstore_http_request_seconds_bucket{" + labels + ",le=\"0.0005\"} 1"));
    CHECK(has_line(text, "nmstore_http_request_seconds_bucket{" + labels + ",le=\"0.25\"} 1"));
    CHECK(has_line(text, "nmstore_http_request_seconds_bucket{" + labels + ",le=\"0.5\"} 2"));
    CHECK(has_line(text, "nmstore_http_request_seconds_bucket{" + labels + ",le=\"10\"} 2"));
    CHECK(has_line(text, "nmstore_http_request_seconds_bucket{" + labels + ",le=\"+Inf\"} 3"));
    CHECK(has_line(text, "nmstore_http_request_seconds_count{" + labels + "} 3"));
    CHECK(has_line(text, "nmstore_http_request_seconds_sum{" + labels + "} 20.5003"));
}

TEST_CASE("limits are told before they are hit", "[metrics]") {
    Metrics metrics;
    metrics.limit_hit("max_body");
    metrics.limit_hit("another");
    CHECK(metrics.limit_hits("max_body") == 1);
    CHECK(metrics.limit_hits("nothing") == 0);
    const std::string text = metrics.text({});
    CHECK(has_line(text, "nmstore_limit_hits_total{limit=\"max_body\"} 1"));
    CHECK(has_line(text, "nmstore_limit_hits_total{limit=\"another\"} 1"));
    CHECK(has_line(text, "nmstore_limit_hits_total{limit=\"write_timeout\"} 0"));
}

// The names that handlers and sessions count, see count() and limit_hit() in server/.
TEST_CASE("counts are told before anything was counted", "[metrics]") {
    const Metrics metrics;
    const std::string text = metrics.text({});
    for (const char* name :
         {"lines_accepted", "lines_repeated", "lines_rejected", "cells_rejected", "counter_steps_rejected",
          "rows_dropped", "query_lines_scanned", "queries_cancelled", "queries_failed", "requests_cut_short",
          "connections_refused"}) {
        INFO(name);
        CHECK(has_line(text, "nmstore_" + std::string(name) + "_total 0"));
    }
    CHECK(has_line(text, "nmstore_limit_hits_total{limit=\"page_bytes\"} 0"));
}

TEST_CASE("store, process and build are told", "[metrics]") {
    Metrics metrics;
    metrics.count("requests_cut_short", 3);
    metrics.bytes_in = 12;
    StoreStats stats;
    stats.disk_bytes = 1234;
    stats.lines_written = 5;
    stats.writable = false;
    const std::string text = metrics.text(stats);
    CHECK(has_line(text, "nmstore_requests_cut_short_total 3"));
    CHECK(has_line(text, "nmstore_http_bytes_in_total 12"));
    CHECK(has_line(text, "nmstore_store_disk_bytes 1234"));
    CHECK(has_line(text, "nmstore_store_lines_written_total 5"));
    CHECK(has_line(text, "nmstore_store_writable 0"));
    for (const char* name :
         {"process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"}) {
        CHECK_FALSE(has_line(text, std::string(name) + " 0"));
        CHECK(text.find(std::string("\n") + name + " ") != std::string::npos);
    }
}

// What a scraper insists on: a type before each family's samples, each family once, and a sample's form.
TEST_CASE("the text is in the format of Prometheus", "[metrics]") {
    Metrics metrics;
    metrics.request_done("/\"odd\\\n", Method::get, 200, std::chrono::seconds(1));
    std::istringstream lines(metrics.text({}));
    std::map<std::string, int> types;
    std::string family;
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        if (line.find("# TYPE ") == 0) {
            family = line.substr(7, line.find(' ', 7) - 7);
            CHECK(++types[family] == 1);
        } else if (line.find("# HELP ") != 0) {
            CHECK(line.find(family) == 0);
            const std::size_t blank = line.rfind(' ');
            REQUIRE(blank != std::string::npos);
            CHECK_NOTHROW(std::stod(line.substr(blank + 1)));
        }
    }
    CHECK(types.size() > 20);
}

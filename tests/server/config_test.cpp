#include "server/config.h"

#include <fstream>
#include <map>

#include "server/config_options.h"
#include "server/config_values.h"
#include "tests/catch.h"
#include "tests/server/parse_arguments.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

using testing::parse;

std::string write(const testing::TempDirectory& directory, const std::string& text) {
    const std::string path = directory / "nm.toml";
    std::ofstream(path) << text;
    return path;
}

}  // namespace

TEST_CASE("without anything, the defaults", "[config]") {
    const auto outcome = parse({});
    REQUIRE(outcome.config);
    CHECK(outcome.config->data == "./data");
    CHECK(outcome.config->backup_dir == "./data/backups");
    CHECK(outcome.config->listen == "127.0.0.1:8001");
    CHECK(outcome.config->max_body == 128 * kMiB);
    CHECK(outcome.config->workers >= 16);
    CHECK(outcome.config->sync == SyncMode::always);
    CHECK(outcome.config->tokens.empty());
    CHECK_FALSE(outcome.config->access_log);
}

TEST_CASE(
    "every option can be given in all three places, and the command line wins over environment over file",
    "[config]") {
    struct Row {
        std::string name, on_command_line, in_environment, in_file;  // in_file as TOML
        std::function<std::string(const Config&)> read;
    };
    const auto ms = [](std::chrono::milliseconds t) { return std::to_string(t.count()); };
    const std::vector<Row> rows = {
        {"data", "a", "b", "\"c\"", [](const Config& c) { return c.data; }},
        {"backup-dir", "a", "b", "\"c\"", [](const Config& c) { return c.backup_dir; }},
        {"sync", "interval:1", "interval:2", "\"interval:3\"",
         [](const Config& c) { return std::to_string(c.sync_interval_ms); }},
        {"memory", "16MiB", "32MiB", "\"64MiB\"", [](const Config& c) { return std::to_string(c.memory); }},
        {"seal-block", "1KiB", "2KiB", "\"4MiB\"",
         [](const Config& c) { return std::to_string(c.sealing.block_bytes); }},
        {"seal-direct", "1KiB", "2KiB", "3",
         [](const Config& c) { return std::to_string(c.sealing.direct_bytes); }},
        {"seal-idle", "1", "2", "3", [](const Config& c) { return std::to_string(c.sealing.idle_bytes); }},
        {"seal-idle-after", "1ms", "2s", "3",
         [](const Config& c) { return std::to_string(c.sealing.idle_ms); }},
        {"seal-old", "1", "2", "3", [](const Config& c) { return std::to_string(c.sealing.old_bytes); }},
        {"seal-old-after", "1s", "2s", "3", [](const Config& c) { return std::to_string(c.sealing.old_ms); }},
        {"seal-oldest-after", "1h", "2h", "3",
         [](const Config& c) { return std::to_string(c.sealing.oldest_ms); }},
        {"seal-settle-after", "1s", "2s", "3",
         [](const Config& c) { return std::to_string(c.sealing.settle_ms); }},
        {"ballast", "16MiB", "0", "\"1GiB\"", [](const Config& c) { return std::to_string(c.ballast); }},
        {"compact-after", "12h", "never", "\"2w\"",
         [](const Config& c) { return c.compact_after_ms ? std::to_string(*c.compact_after_ms) : "never"; }},
        {"retention", "1h", "2h", "\"3d\"",
         [](const Config& c) { return std::to_string(c.retention.keep_ms.value_or(0)); }},
        {"retention-rule", "a=1h", "b=2h c=3h", "[\"a=4h\", \"b=5h\"]",
         [](const Config& c) { return std::to_string(c.retention.rules.front().keep_ms.value_or(0)); }},
        {"retention-bytes", "1GB", "2GiB", "3000",
         [](const Config& c) { return std::to_string(c.retention.max_bytes); }},
        {"retention-interval", "1s", "2s", "\"3m\"",
         [&](const Config& c) { return ms(c.retention_interval); }},
        {"listen", "a:1", "b:1", "\"c:1\"", [](const Config& c) { return c.listen; }},
        {"port-file", "a", "b", "\"c\"", [](const Config& c) { return c.port_file; }},
        {"tls-cert", "a", "b", "\"c\"", [](const Config& c) { return c.tls_cert; }},
        {"tls-key", "a", "b", "\"c\"", [](const Config& c) { return c.tls_key; }},
        {"tls-listen", "a:1", "b:1", "\"c:1\"", [](const Config& c) { return c.tls_listen; }},
        {"tls-port-file", "a", "b", "\"c\"", [](const Config& c) { return c.tls_port_file; }},
        {"agent-listen", "a:1", "b:1", "\"c:1\"", [](const Config& c) { return c.agent_listen; }},
        {"agent-port-file", "a", "b", "\"c\"", [](const Config& c) { return c.agent_port_file; }},
        {"drain-timeout", "1s", "2s", "3", [&](const Config& c) { return ms(c.drain_timeout); }},
        {"auth", "a", "b", "\"c\"", [](const Config& c) { return c.auth; }},
        {"token", "a:1", "b:1 b:2", "[\"c:1\", \"c:2\", \"c:3\"]",
         [](const Config& c) { return c.tokens.front() + std::to_string(c.tokens.size()); }},
        {"max-body", "1KiB", "2KiB", "3072", [](const Config& c) { return std::to_string(c.max_body); }},
        {"max-bodies-memory", "1GiB", "2GiB", "\"3GiB\"",
         [](const Config& c) { return std::to_string(c.max_bodies_memory); }},
        {"max-header", "1KiB", "2KiB", "3072", [](const Config& c) { return std::to_string(c.max_header); }},
        {"agent-max-connections", "1", "2", "3",
         [](const Config& c) { return std::to_string(c.agent_max_connections); }},
        {"max-connections", "1", "2", "3", [](const Config& c) { return std::to_string(c.max_connections); }},
        {"workers", "1", "2", "3", [](const Config& c) { return std::to_string(c.workers); }},
        {"queue", "1", "2", "3", [](const Config& c) { return std::to_string(c.queue); }},
        {"header-timeout", "1s", "2s", "3", [&](const Config& c) { return ms(c.header_timeout); }},
        {"idle-timeout", "1s", "2s", "3", [&](const Config& c) { return ms(c.idle_timeout); }},
        {"write-timeout", "1s", "2s", "3", [&](const Config& c) { return ms(c.write_timeout); }},
        {"heartbeat", "1s", "2s", "3", [&](const Config& c) { return ms(c.heartbeat); }},
        {"max-message", "1KiB", "2KiB", "3072",
         [](const Config& c) { return std::to_string(c.max_message); }},
        {"changes-bytes", "1MiB", "2MiB", "\"3MiB\"",
         [](const Config& c) { return std::to_string(c.changes.keep_bytes); }},
        {"changes-age", "1h", "2d", "\"3w\"",
         [](const Config& c) { return std::to_string(c.changes.keep_ms); }},
        {"allow-origin", "http://a", "http://b http://c", "[\"http://d\", \"http://e\"]",
         [](const Config& c) { return c.allow_origins.front() + std::to_string(c.allow_origins.size()); }},
        {"query-timeout", "1s", "2s", "\"3m\"", [&](const Config& c) { return ms(c.query_timeout); }},
        {"query-max-lines", "1", "2", "3", [](const Config& c) { return std::to_string(c.query_max_lines); }},
        {"query-max-memory", "1MiB", "2MiB", "\"3MiB\"",
         [](const Config& c) { return std::to_string(c.query_max_memory); }},
        {"webhook-ca", "a", "b", "\"c\"", [](const Config& c) { return c.webhook_ca; }},
        {"webhook-timeout", "1s", "2s", "3", [&](const Config& c) { return ms(c.webhook_timeout); }},
        {"replicate-to", "http://a:1", "http://b:1 http://c:1", "[\"http://d:1\", \"http://e:1\"]",
         [](const Config& c) {
             return c.replication.targets.front().name + std::to_string(c.replication.targets.size());
         }},
        {"replicate-keep", "1MiB", "2GiB", "\"3GiB\"",
         [](const Config& c) { return std::to_string(c.replication.keep_bytes); }},
        {"log-level", "error", "debug", "\"off\"", [](const Config& c) { return c.log_level; }},
        {"log-format", "json", "text", "\"json\"", [](const Config& c) { return c.log_format; }},
    };
    // access-log, retention-forget, agent-listen-open, journal and standby are flags; replicate-auth, -ca,
    // -only and -skip say something of a target, and are nothing alone.
    CHECK(rows.size() + 9 == config_options().size());
    const testing::TempDirectory directory;
    for (const Row& row : rows) {
        INFO(row.name);
        std::string variable = "NM_";
        for (const char c : row.name) variable += c == '-' ? '_' : static_cast<char>(std::toupper(c));
        const std::string file = write(directory, row.name + " = " + row.in_file + "\n");
        const std::vector<std::string> nothing = {"--config", file};
        const std::vector<std::string> argument = {"--config", file, "--" + row.name, row.on_command_line};
        const auto strongest = parse(argument, {{variable, row.in_environment}});
        const auto middle = parse(nothing, {{variable, row.in_environment}});
        const auto weakest = parse(nothing);
        const auto alone = parse({"--" + row.name + "=" + row.on_command_line});
        const auto variable_alone = parse({}, {{variable, row.in_environment}});
        REQUIRE(strongest.config);
        REQUIRE(middle.config);
        REQUIRE(weakest.config);
        REQUIRE(alone.config);
        REQUIRE(variable_alone.config);
        CHECK(row.read(*strongest.config) == row.read(*alone.config));
        CHECK(row.read(*middle.config) == row.read(*variable_alone.config));
        CHECK(row.read(*alone.config) != row.read(*variable_alone.config));
        if (row.name != "log-format") CHECK(row.read(*weakest.config) != row.read(*alone.config));
        CHECK(row.read(*weakest.config) != row.read(*middle.config));
    }
    const std::string file = write(directory, "access-log = true\n");
    CHECK(parse({"--retention-forget"}).config->retention.forget_names);
    CHECK_FALSE(parse({}).config->retention.forget_names);
    CHECK(parse({"--agent-listen-open"}).config->agent_listen_open);
    CHECK(parse({"--access-log"}).config->access_log);
    CHECK(parse({}, {{"NM_ACCESS_LOG", "true"}}).config->access_log);
    CHECK(parse({}, {{"NM_CONFIG", file}}).config->access_log);
    CHECK_FALSE(parse({"--config", file}, {{"NM_ACCESS_LOG", "false"}}).config->access_log);
}

TEST_CASE("the option --token may be repeated, and keeps its order", "[config]") {
    const auto outcome = parse({"--token", "a:1", "--token=b:2", "--data", "x"});
    REQUIRE(outcome.config);
    CHECK(outcome.config->tokens == std::vector<std::string>{"a:1", "b:2"});
}

TEST_CASE("what is wrong is told in one line that names its place", "[config]") {
    const testing::TempDirectory directory;
    struct Row {
        std::vector<std::string> arguments;
        std::map<std::string, std::string> environment;
        std::string file;     // "" none
        std::string message;  // a part of it
    };
    const Row rows[] = {
        {{"--nothing"}, {}, "", "--nothing"},
        {{"stray"}, {}, "", "stray"},
        {{"--data"}, {}, "", "--data"},
        {{"--data", "a", "--data", "b"}, {}, "", "--data"},
        {{"--sync", "sometimes"}, {}, "", "--sync: 'sometimes' is none of always, interval:MS, off"},
        {{"--sync", "interval:0"}, {}, "", "--sync: '0' is not a whole number from 1"},
        {{"--max-body", "12XB"}, {}, "", "--max-body: '12XB' is not a size"},
        {{"--max-body", "-1"}, {}, "", "--max-body"},
        {{"--max-body", "99999999999GiB"}, {}, "", "too large"},
        {{"--max-body", "1GiB"}, {}, "", "max-bodies-memory is less than max-body"},
        {{"--max-header", "1"}, {}, "", "below the least"},
        {{"--seal-block", "5MiB"}, {}, "", "--seal-block: '5MiB' is over the greatest, 4MiB"},
        {{"--seal-block", "1"}, {}, "", "below the least"},
        {{"--workers", "0"}, {}, "", "--workers: '0' is not a whole number from 1 to 1024"},
        {{"--workers", "4x"}, {}, "", "--workers"},
        {{"--query-timeout", "soon"}, {}, "", "--query-timeout: 'soon' is not a time"},
        {{"--query-timeout", "0"}, {}, "", "--query-timeout: no time at all ends every query at once"},
        {{"--heartbeat", "0"}, {}, "", "--heartbeat: '0' is not from 100ms to 30s"},
        {{"--heartbeat", "1m"}, {}, "", "--heartbeat: '1m' is not from 100ms to 30s"},
        {{"--max-message", "1"}, {}, "", "--max-message: '1' is below the least, 1024 bytes"},
        {{"--max-message", "65MiB"}, {}, "", "--max-message: '65MiB' is over the greatest, 64MiB"},
        {{"--changes-bytes", "1KiB"}, {}, "", "--changes-bytes: '1KiB' is below the least, 65536 bytes"},
        {{"--changes-age", "forever"}, {}, "", "--changes-age: they are not kept forever"},
        {{"--changes-age", "5"}, {}, "", "--changes-age: '5' is not an age"},
        {{"--allow-origin", "*"}, {}, "", "--allow-origin: '*' is no origin of pages, like https://"},
        {{}, {{"NM_ALLOW_ORIGIN", "http://a http://b/"}}, "", "NM_ALLOW_ORIGIN: 'http://b/' is no origin"},
        {{"--log-level", "loud"}, {}, "", "--log-level: 'loud' is none of debug"},
        {{"--data", ""}, {}, "", "--data: the value is empty"},
        {{}, {{"NM_MAX_BODY", "much"}}, "", "NM_MAX_BODY: 'much' is not a size"},
        {{}, {{"NM_ACCESS_LOG", "yes"}}, "", "NM_ACCESS_LOG: 'yes' is neither true nor false"},
        {{"--config", "/nowhere/nm.toml"}, {}, "", "/nowhere/nm.toml"},
        {{}, {}, "data = \"x\"\nmaxbody = 1\n", "nm.toml:2: maxbody: there is no such option"},
        {{}, {}, "\n\nmax-body = true\n", "nm.toml:3: max-body: must be a string like \"64MiB\""},
        {{}, {}, "data = 5\n", "nm.toml:1: data: must be a string"},
        {{}, {}, "workers = \"4\"\n", "nm.toml:1: workers: must be an integer"},
        {{}, {}, "workers = 4.5\n", "nm.toml:1: workers: must be an integer"},
        {{}, {}, "workers = -4\n", "nm.toml:1: workers: '-4' is not a whole number"},
        {{}, {}, "access-log = \"true\"\n", "nm.toml:1: access-log: must be true or false"},
        {{}, {}, "token = [\"a:b\", 5]\n", "nm.toml:1: token: must be an array of strings"},
        {{}, {}, "[data]\nx = 1\n", "nm.toml:1: data: must be a string"},
        {{}, {}, "sync = \"never\"\n", "nm.toml:1: sync: 'never' is none of"},
        {{}, {}, "data = \"unfinished\n", "nm.toml:1"},
        {{}, {}, "data = \"a\"\ndata = \"b\"\n", "nm.toml:2"},
    };
    for (Row row : rows) {
        INFO(row.message);
        if (!row.file.empty()) row.arguments = {"--config", write(directory, row.file)};
        const auto outcome = parse(row.arguments, row.environment);
        CHECK_FALSE(outcome.config);
        CHECK(outcome.exit_code == kExitUsage);
        INFO(outcome.text);
        CHECK(outcome.text.find("nm-stored: ") == 0);
        CHECK(outcome.text.find(row.message) != std::string::npos);
        CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
    }
}

TEST_CASE("help tells every option, and version the version", "[config]") {
    const auto help = parse({"--help"});
    CHECK_FALSE(help.config);
    CHECK(help.exit_code == kExitOk);
    for (const Option& option : config_options()) {
        INFO(option.name);
        CHECK(help.text.find("--" + std::string(option.name)) != std::string::npos);
    }
    for (const char* part : {"Examples:", "Exit codes:", "Limits on queries", "NM_MAX_BODY"}) {
        CHECK(help.text.find(part) != std::string::npos);
    }
    const auto version = parse({"--version"});
    CHECK(version.exit_code == kExitOk);
    CHECK(version.text.find("nm-stored 0.") == 0);
}

TEST_CASE("sizes and times", "[config]") {
    CHECK(*parse_size("0") == 0);
    CHECK(*parse_size("64KiB") == 65536);
    CHECK(*parse_size("64 KiB") == 65536);
    CHECK(*parse_size("2G") == 2 * kGiB);
    CHECK(*parse_size("1MB") == 1000000);
    for (const char* bad : {"", "KiB", "1.5GiB", "0x10", "1 K B", "-1", " 1"})
        CHECK_FALSE(parse_size(bad).ok());
    CHECK(parse_duration("500ms")->count() == 500);
    CHECK(parse_duration("90")->count() == 90000);
    CHECK(parse_duration("2h")->count() == 7200000);
    for (const char* bad : {"", "s", "1d", "1.5s", "-1s", "99999h"}) CHECK_FALSE(parse_duration(bad).ok());
}

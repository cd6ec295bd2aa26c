// Replication's options: on the command line, in the environment, in the file; patterns.
#include "server/replication_options.h"

#include <fstream>
#include <map>

#include "server/config.h"
#include "tests/catch.h"
#include "tests/server/parse_arguments.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

using testing::parse;

ConfigOutcome parse_file(const testing::TempDirectory& directory, const std::string& text,
                         std::vector<std::string> arguments = {}) {
    const std::string path = directory / "nm.toml";
    std::ofstream(path) << text;
    arguments.insert(arguments.begin(), {"--config", path});
    return parse(arguments);
}

bool says(const ConfigOutcome& outcome, const std::string& part) {
    INFO(outcome.text);
    return !outcome.config && outcome.exit_code == kExitUsage && outcome.text.find(part) != std::string::npos;
}

ReplicationPatterns patterns(const std::vector<std::string>& only,
                             const std::vector<std::string>& skip = {}) {
    ReplicationPatterns all;
    for (const auto& pattern : only) REQUIRE(all.add_only(pattern).ok());
    for (const auto& pattern : skip) REQUIRE(all.add_skip(pattern).ok());
    return all;
}

}  // namespace

TEST_CASE("without options nothing is replicated, and no journal is kept", "[replication]") {
    const auto outcome = parse({});
    REQUIRE(outcome.config);
    CHECK(outcome.config->replication.targets.empty());
    CHECK_FALSE(outcome.config->replication.keeps_journal());
    CHECK_FALSE(outcome.config->replication.standby);
    CHECK(outcome.config->replication.keep_bytes == 8 * kGiB);
    CHECK(parse({"--journal"}).config->replication.keeps_journal());
    CHECK(parse({"--standby"}).config->replication.standby);
}

TEST_CASE("targets have names, and credentials one for all or one for each", "[replication]") {
    const auto two = parse({"--replicate-to", "http://one:1/", "--replicate-to", "https://two:2/base/",
                            "--replicate-auth", "t:a", "--replicate-only", "CF*/10.0.*", "--replicate-keep",
                            "1GiB", "--replicate-ca", "/ca.pem"});
    REQUIRE(two.config);
    const ReplicationOptions& options = two.config->replication;
    REQUIRE(options.targets.size() == 2);
    CHECK(options.keeps_journal());
    CHECK(options.keep_bytes == kGiB);
    CHECK(options.targets[0].name == "one:1");
    CHECK(options.targets[0].url == "http://one:1");
    CHECK(options.targets[1].name == "two:2/base");
    CHECK(options.targets[1].url == "https://two:2/base");
    CHECK(options.targets[1].credential == "t:a");
    CHECK(options.targets[1].ca_file == "/ca.pem");
    CHECK(options.targets[1].patterns.wants("CFUTF8Type", "10.0.0.1"));
    CHECK_FALSE(options.targets[1].patterns.wants("CFUTF8Type", "clients"));

    const auto each =
        parse({}, {{"NM_REPLICATE_TO", "http://one:1 http://two:2"}, {"NM_REPLICATE_AUTH", "a:b c:d"}});
    REQUIRE(each.config);
    CHECK(each.config->replication.targets[0].credential == "a:b");
    CHECK(each.config->replication.targets[1].credential == "c:d");
}

TEST_CASE("the file has tables of targets, each with its own", "[replication]") {
    const testing::TempDirectory directory;
    const std::string tables =
        "replicate-skip = \"counters/*\"\n"
        "[[replicate]]\nurl = \"http://one:1\"\nauth = \"t:a\"\nname = \"first\"\nonly = [\"A/*\"]\n"
        "[[replicate]]\nurl = \"http://two:2\"\nskip = \"B/x\"\nca = \"/ca\"\n";
    const auto outcome = parse_file(directory, tables);
    INFO(outcome.text);
    REQUIRE(outcome.config);
    const auto& targets = outcome.config->replication.targets;
    REQUIRE(targets.size() == 2);
    CHECK(targets[0].name == "first");
    CHECK(targets[0].credential == "t:a");
    CHECK(targets[0].patterns.wants("A", "row"));
    CHECK_FALSE(targets[0].patterns.wants("B", "row"));
    CHECK_FALSE(targets[0].patterns.wants("", "row"));
    CHECK(targets[1].name == "two:2");
    CHECK(targets[1].ca_file == "/ca");
    CHECK(targets[1].patterns.wants("B", "y"));
    CHECK_FALSE(targets[1].patterns.wants("B", "x"));

    const auto stronger = parse_file(directory, tables, {"--replicate-to", "http://three:3"});
    REQUIRE(stronger.config);
    REQUIRE(stronger.config->replication.targets.size() == 1);
    CHECK(stronger.config->replication.targets[0].name == "three:3");

    CHECK(says(parse_file(directory, "[[replicate]]\nurl = 5\n"),
               "nm.toml:2: replicate: url must be a string"));
    CHECK(says(parse_file(directory, "[[replicate]]\nname = \"x\"\n"), "replicate: there is no url"));
    CHECK(says(parse_file(directory, "[[replicate]]\nurl = \"http://a:1\"\nto = \"x\"\n"),
               "there is no key to"));
    CHECK(says(parse_file(directory, "replicate-to = \"http://b:1\"\n" + tables), "give one of them"));
}

TEST_CASE("what is wrong with a target is named, and no secret is in the message", "[replication]") {
    CHECK(says(parse({"--replicate-to", "one:1"}), "replicate-to: expected a URL"));
    for (const char* url : {"http://:1", "http://one:99999", "http://one:x", "http://one:-1", "http://[::1",
                            "https://one:65536/base"}) {
        INFO(url);
        CHECK(says(parse({"--replicate-to", url}), "is no URL"));
    }
    const auto secret = parse({"--replicate-to", "http://user:geheim@one:1"});
    CHECK(says(secret, "must not hold credentials"));
    CHECK(secret.text.find("geheim") == std::string::npos);
    const auto no_account = parse({"--replicate-to", "http://one:1", "--replicate-auth", "geheim"});
    CHECK(says(no_account, "TOKEN:ACCOUNT"));
    CHECK(no_account.text.find("geheim") == std::string::npos);
    CHECK(
        says(parse({"--replicate-to", "http://one:1", "--replicate-auth", "a:b", "--replicate-auth", "c:d"}),
             "2 credentials for 1 targets"));
    CHECK(says(parse({"--replicate-to", "http://one:1", "--replicate-to", "https://one:1"}), "called one:1"));
    CHECK(says(parse({"--replicate-auth", "a:b"}), "replicate-auth: there is no target"));
    CHECK(says(parse({"--replicate-to", "http://one:1", "--replicate-only", "CFUTF8Type"}), "FAMILY/ROW"));
    CHECK(says(parse({"--replicate-keep", "5"}), "below the least"));
}

TEST_CASE("patterns choose rows, and families whose rows may be wanted", "[replication]") {
    const ReplicationPatterns some = patterns({"CF*/10.0.*", "counters/conn*"}, {"*/*secret*", "Old/*"});
    CHECK(some.wants("CFUTF8Type", "10.0.0.1"));
    CHECK_FALSE(some.wants("CFUTF8Type", "10.1.0.1"));
    CHECK_FALSE(some.wants("CFUTF8Type", "10.0.secret"));
    CHECK(some.wants("", "connections"));
    CHECK_FALSE(some.wants("", "other"));
    CHECK(some.wants("CFUTF8Type", ""));
    CHECK_FALSE(some.wants("Own", ""));
    CHECK_FALSE(patterns({}, {"Old/*"}).wants("Old", ""));
    CHECK(patterns({}, {"Old/a*"}).wants("Old", ""));
    CHECK(ReplicationPatterns().wants("any", "row"));
}

TEST_CASE("all rows of a family are wanted only where no pattern leaves out one", "[replication]") {
    const auto all = [](const std::vector<std::string>& only, const std::vector<std::string>& skip) {
        return patterns(only, skip).wants("Fam", "*");
    };
    CHECK(all({}, {}));
    CHECK(all({"Fam/*"}, {}));
    CHECK(all({"F*/**"}, {}));
    CHECK(all({"Other/*", "Fam/*"}, {"Other/*", "counters/*"}));
    CHECK(all({"Fam/a*", "*/*"}, {}));
    CHECK_FALSE(all({}, {"Fam/a*"}));
    CHECK_FALSE(all({}, {"*/secret"}));
    CHECK_FALSE(all({}, {"F?m/?"}));
    CHECK_FALSE(all({}, {"Fam/*"}));
    CHECK_FALSE(all({"Fam/?"}, {}));
    CHECK_FALSE(all({"Fam/a*", "Fam/b*"}, {}));
    CHECK_FALSE(all({"Other/*"}, {}));
    CHECK_FALSE(all({"Fam/*"}, {"Fam/a*"}));
    // The family itself goes where any row may.
    CHECK(patterns({"Fam/?"}, {"Fam/a*"}).wants("Fam", ""));
    CHECK_FALSE(patterns({}, {"Fam/**"}).wants("Fam", ""));
}

TEST_CASE("a stream's name tells patterns apart, whatever their order", "[replication]") {
    CHECK(ReplicationPatterns().stream().empty());
    CHECK(patterns({"A/*", "B/*"}).stream() == patterns({"B/*", "A/*", "A/*"}).stream());
    CHECK(patterns({"A/*"}).stream() != patterns({}, {"A/*"}).stream());
    CHECK(patterns({"A/b"}).stream() != patterns({"Ab/b"}).stream());
    CHECK(patterns({"A/*"}).stream().size() == 16);
}

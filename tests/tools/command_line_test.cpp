// The command line: which words are a query's, what help, man page and completions are made of, and how run()
// ends.
#include "tools/command.h"
#include "tools/completion.h"
#include "tools/line_options.h"
#include "tools/man_page.h"
#include "tools/query_words.h"
#include "tools/run.h"

#include <cstdlib>
#include <map>
#include <set>

#include "tests/catch.h"

namespace nmstore::tools {
namespace {

struct Program {
    CLI::App app;
    SharedOptions shared;
    Action action;
    Program() { declare_all(app, shared, action); }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("words of a query that begin with '-' are told from options") {
    Program program;
    const auto mark = [&](Words words) { return mark_query_words(program.app, std::move(words)); };
    CHECK(mark({"search", "error", "-debug"}) == Words{"search", "error", " -debug"});
    CHECK(mark({"search", "--from", "-1h", "-x1"}) == Words{"search", "--from", "-1h", " -x1"});
    CHECK(mark({"search", "--from=-1h", "-n", "5"}) == Words{"search", "--from=-1h", "-n", "5"});
    CHECK(mark({"--url", "search", "count", "-q", "-d"}) == Words{"--url", "search", "count", "-q", " -d"});
    CHECK(mark({"rows", "-debug"}) == Words{"rows", "-debug"});
    CHECK(mark({"search", "--", "-debug"}) == Words{"search", "--", "-debug"});
    CHECK(mark({"search", "--json", "-\"some phrase\""}) == Words{"search", "--json", " -\"some phrase\""});
}

TEST_CASE("the command is told from options and their values") {
    Program program;
    CHECK(command_word(program.app, {"--url", "search", "count", "x"}) == "count");
    CHECK(command_word(program.app, {"-q", "--url=x", "foo"}) == "foo");
    CHECK(command_word(program.app, {"--help"}).empty());
    CHECK(command_word(program.app, {}).empty());
}

TEST_CASE("a query and its shortcuts become one text") {
    LineOptions options;
    CHECK(query_text(options).empty());
    options.words = {"a", "OR", " -b"};
    CHECK(query_text(options) == "a OR  -b");
    options.client = "10.0.0.*";
    options.log = "/var/log/my log";
    CHECK(query_text(options) == "(a OR  -b) client:10.0.0.* log:\"/var/log/my log\"");
    options.words.clear();
    CHECK(query_text(options) == "client:10.0.0.* log:\"/var/log/my log\"");
}

TEST_CASE("the description has every command, and each option's words") {
    Program program;
    const CommandDescription description = describe(program.app);
    std::set<std::string> names;
    for (const auto& command : description.commands) names.insert(command.name);
    CHECK(names == std::set<std::string>{"search",    "tail",       "channel",    "count",  "series",
                                         "rows",      "get",        "ship",       "stats",  "compact",
                                         "retention", "verify",     "reindex",    "backup", "restore",
                                         "drop",      "credential", "completion", "man",    "alerts",
                                         "pull",      "replication"});
    for (const auto& command : description.commands) {
        CAPTURE(command.name);
        CHECK_FALSE(command.description.empty());
        CHECK(command.footer.find("Examples:\n") != std::string::npos);
        for (const auto& option : command.options) {
            CAPTURE(option.names.front());
            CHECK_FALSE(option.description.empty());
        }
    }
    const auto& search = description.commands.front();
    for (const auto& option : search.options) {
        if (option.names.front() == "--order") CHECK(option.choices == Words{"newest", "oldest"});
        if (option.names.front() == "--raw") CHECK(option.value.empty());
        if (option.names.front() == "query") CHECK((option.positional && option.repeatable));
    }
}

TEST_CASE("the man page has a section for each command, its options and the exit codes") {
    Program program;
    const std::string page = man_page(describe(program.app));
    CHECK(page.starts_with(".TH NM\\-TOOL 1"));
    for (const char* part : {".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SS search\n", ".SS ship\n",
                             "\\fB\\-\\-batch\\-lines\\fR", "newest|oldest", ".SH EXIT STATUS", "\\fB130\\fR",
                             ".SH ENVIRONMENT", "\\fBNM_URL\\fR"}) {
        CAPTURE(part);
        CHECK(page.find(part) != std::string::npos);
    }
    // No line is taken for a request by accident.
    for (std::size_t i = 0; (i = page.find("\n.", i)) != std::string::npos; ++i) {
        const std::string request = page.substr(i + 2, page.find_first_of(" \n", i + 2) - i - 2);
        CHECK(std::set<std::string>{"TH", "SH", "SS", "TP", "PP", "br", "nf", "fi"}.contains(request));
    }
}

TEST_CASE("completions know commands, options and choices") {
    Program program;
    const auto description = describe(program.app);
    for (const std::string& script :
         {bash_completion(description), zsh_completion(description), fish_completion(description)}) {
        CHECK(script.find("nm-tool") != std::string::npos);
        CHECK(script.find("newest oldest") != std::string::npos);
        CHECK(script.find("batch-lines") != std::string::npos);
        CHECK(script.find("credential") != std::string::npos);
    }
}

TEST_CASE("every command: its help ends well, and what cannot be meant is a mistake of the command line") {
    // Nobody listens there: what is let through ends with exit_failed.
    ::setenv("NM_URL", "http://127.0.0.1:1", 1);
    const std::map<std::string, std::vector<Words>> wrong = {
        {"search",
         {{"-n", "-3"},
          {"--limit=-3"},
          {"-n", "many"},
          {"-n", "99999999999999999999"},
          {"--words", "-1"},
          {"--words", ""},
          {"--from", "when"},
          {"--to", "when"},
          {"--from", "2011-11-22", "--to", "2011-11-21"},
          {"--from", "-1h", "--to", "-2h"},
          {"--step", "often"},
          {"--order", "up"},
          {"--kind", "x"},
          {"--context", "1,x"},
          {"--context", "-1"}}},
        {"tail", {{"-n", "-3"}, {"-n", "2000"}, {"--since", ""}, {"--slow", "x"}, {"--from", "-1h"}}},
        {"channel", {{}, {"c", "more"}, {"c", "--since", ""}, {"c", "--slow", "x"}}},
        {"count", {{"--from", "when"}, {"--from", "-1h", "--to", "-2h"}, {"--counter"}, {"--kind", "x"}}},
        {"series",
         {{"more"},
          {"--from", "when"},
          {"--to", "when"},
          {"--from", "-1h", "--to", "-2h"},
          {"--step", "often"},
          {"--step", "0s"},
          {"--client", ""},
          {"--plugin", ""},
          {"--field", ""}}},
        {"alerts",
         {{},
          {"sing"},
          {"list", "more"},
          {"list", "--from", "when"},
          {"list", "--limit", "-1"},
          {"rules", "more"},
          {"show"},
          {"remove"},
          {"set"}}},
        {"rows", {{"a", "more"}, {"-n", "-1"}, {"-n", "x"}}},
        {"get", {{}, {"a"}, {"a", "b", "more"}, {"a", "b", "-n", "-1"}}},
        {"ship", {{}, {"x", "--batch-lines", "0"}, {"x", "--time", "x"}, {"x", "--poll", "often"}}},
        {"pull",
         {{},
          {"--from", "x"},
          {"--from", "http://a:b@c"},
          {"--from", "http://c", "--auth", "x"},
          {"--from", "http://127.0.0.1:1"},
          {"--from", "http://c", "more"}}},
        {"stats", {{"more"}}},
        {"compact", {{"more"}}},
        {"retention", {{"more"}, {"--keep", "30"}, {"--rule", "x"}, {"--bytes", "0"}, {"--bytes", "-5"}}},
        {"verify", {{"more"}, {"--data"}}},
        {"reindex",
         {{"more"},
          {"--from", "when"},
          {"--to", "when"},
          {"--from", "-1h", "--to", "-2h"},
          {"--kind", "x"},
          {"--row", ""},
          {"--client", ""},
          {"--log", ""},
          {"--family", ""}}},
        {"backup", {{"more"}, {"--to"}, {"--data", "/nowhere"}}},
        {"restore", {{}, {"--from", "/x"}, {"--from", "/x", "--data", "/y", "--id", "-1"}}},
        {"drop",
         {{},
          {""},
          {"a", ""},
          {"a", "b", "more"},
          {"a", "--client", "x"},
          {"--client", "x", "--before", "when", "--yes"},
          {"--after", "-1h", "--before", "-2h", "--yes"},
          {"--kind", "other", "--yes"}}},
        {"replication",
         {{},
          {"nothing"},
          {"status", "more"},
          {"open", "more"},
          {"status", "--clear"},
          {"pause"},
          {"refused"},
          {"resume", "x", "--clear"},
          {"status", "--data", "/nowhere"}}},
        {"credential", {{}, {"a:b"}, {"a", "--role", "x"}}},
        {"completion", {{}, {"dosh"}}},
        {"man", {{"more"}}},
    };
    std::FILE* sink = std::tmpfile();
    Output output(sink);
    Program program;
    for (const auto& command : describe(program.app).commands) {
        CAPTURE(command.name);
        CHECK(run({command.name, "--help"}, output) == exit_ok);
        CHECK(run({command.name, "--nonsense"}, output) == exit_usage);
        REQUIRE(wrong.contains(command.name));
        for (const Words& arguments : wrong.at(command.name)) {
            Words all{command.name};
            all.insert(all.end(), arguments.begin(), arguments.end());
            CAPTURE(arguments);
            CHECK(run(all, output) == exit_usage);
        }
    }
    CHECK(run({"search", "-n", "3"}, output) == exit_failed);
    CHECK(run({"search", "--from", "-2h", "--to", "-1h"}, output) == exit_failed);
    std::fclose(sink);
    ::unsetenv("NM_URL");
}

TEST_CASE("what is said of a number or a span of time that is none names the option") {
    for (const char* number : {"0", "3", "18446744073709551615"}) CHECK(whole_number(number).empty());
    for (const char* number : {"", "-3", "+3", " 3", "3 ", "3k", "0x3", "1.5", "18446744073709551616"})
        CHECK(whole_number(number).find("\"" + std::string(number) + "\" is not a whole number") == 0);
    CHECK(check_times("", "").ok());
    CHECK(check_times("2011-11-21", "2011-11-21").ok());
    CHECK(check_times("2011-11-21", "").ok());
    CHECK(check_times("", "-1h").ok());
    CHECK(check_times("2011-11-22", "2011-11-21").error().message ==
          "--from (2011-11-22T00:00:00.000Z) is later than --to (2011-11-21T00:00:00.000Z): nothing lies "
          "between");
    CHECK(check_times("now", "-1h", "--after", "--before").error().message.starts_with("--after ("));
    CHECK(check_times("when", "").error().message.starts_with("--from: \"when\" is not a time"));
    CHECK(check_times("", "when").error().message.starts_with("--to: \"when\" is not a time"));
}

TEST_CASE("how the program ends") {
    std::FILE* sink = std::tmpfile();
    Output output(sink);
    CHECK(run({"completion", "bash"}, output) == exit_ok);
    CHECK(run({"man"}, output) == exit_ok);
    CHECK(run({}, output) == exit_usage);
    CHECK(run({"nonsense"}, output) == exit_usage);
    CHECK(run({"search", "--nonsense"}, output) == exit_usage);
    CHECK(run({"search", "--order", "up"}, output) == exit_usage);
    CHECK(run({"search", "--from", "when?"}, output) == exit_usage);
    CHECK(run({"--url", "ftp://x", "search"}, output) == exit_usage);
    CHECK(run({"--url", "http://user:secret@x", "search"}, output) == exit_usage);
    CHECK(run({"--token", "no-colon", "search"}, output) == exit_usage);
    CHECK(run({"ship"}, output) == exit_usage);
    CHECK(run({"drop"}, output) == exit_usage);
    CHECK(run({"tail", "--data", "/nowhere"}, output) == exit_usage);
    CHECK(run({"search", "--data", "/nowhere/at/all"}, output) == exit_failed);
    std::fclose(sink);
}

}  // namespace nmstore::tools

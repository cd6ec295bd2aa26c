// The command line: which words are a query's, what help, man page and completions are made of, and how run()
// ends.
#include "tools/command.h"
#include "tools/completion.h"
#include "tools/line_options.h"
#include "tools/man_page.h"
#include "tools/query_words.h"
#include "tools/run.h"

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
    CHECK(names == std::set<std::string>{"search",  "tail",      "channel",    "count",      "series",
                                         "alerts",  "rows",      "get",        "ship",       "stats",
                                         "compact", "retention", "verify",     "reindex",    "backup",
                                         "restore", "drop",      "credential", "completion", "man"});
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

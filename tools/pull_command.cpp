// nm-tool pull: copies a whole store from a CloudSandra endpoint, into a data directory or a running server.
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "query/opaque_text.h"
#include "tools/command.h"
#include "tools/line_options.h"
#include "tools/progress_line.h"
#include "tools/puller.h"

namespace nmstore::tools {
namespace {

struct PullOptions {
    std::vector<std::string> families;
    std::string from, auth, auth_file, state;
    bool no_counters = false;
};

Result<std::string> default_state(const Session& session, const std::string& from, const std::string& to) {
    if (session.is_local()) return to + ".pull.json";
    const std::string name = "/nm-tool/pull-" + std::to_string(query::fingerprint(from + ' ' + to)) + ".json";
    const char* state_home = std::getenv("XDG_STATE_HOME");
    if (state_home != nullptr && state_home[0] == '/') return state_home + name;
    const char* home = std::getenv("HOME");
    if (home != nullptr && home[0] != '\0') return home + ("/.local/state" + name);
    return Error{Code::invalid_argument,
                 "neither XDG_STATE_HOME nor HOME is set: say with --state where to keep the place"};
}

Result<ServerAddress> source_address(const Session& session, const PullOptions& options) {
    ServerAddress address;
    address.url = options.from;
    while (address.url.ends_with('/')) address.url.pop_back();
    constexpr std::string_view kVersion = "/v0.3";
    if (address.url.ends_with(kVersion)) address.url.resize(address.url.size() - kVersion.size());
    address.credential = options.auth;
    if (!options.auth_file.empty()) {
        NM_ASSIGN(address.credential, read_token_file(options.auth_file));
    }
    if (!address.credential.empty() && address.credential.find(':') == std::string::npos) {
        return Error{Code::invalid_argument,
                     "--auth must have the form TOKEN:ACCOUNT (its text is not shown here)"};
    }
    address.ca_file = session.options.ca_file;
    address.insecure = session.options.insecure;
    address.url_option = "--from";
    address.credential_option = "--auth, --auth-file or NM_FROM_TOKEN";
    return address;
}

std::string directory_of(const std::string& data) {
    std::string directory = std::filesystem::absolute(data).lexically_normal().string();
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    return directory;
}

int finish(Session& session, const Result<void>& copied, const PullCounts& counts) {
    if (!copied.ok()) {
        if (copied.error().code == Code::cancelled && !session.options.quiet)
            session.warn("stopped; the same command goes on from here");
        return session.fail(copied.error());
    }
    if (session.options.json) {
        session.out.line("{\"result\":\"ok\",\"families\":" + std::to_string(counts.families) + ",\"rows\":" +
                         std::to_string(counts.rows) + ",\"cells\":" + std::to_string(counts.cells) +
                         ",\"counters\":" + std::to_string(counts.counters) +
                         ",\"refused\":" + std::to_string(counts.refused) + "}");
    } else if (!session.options.quiet) {
        session.out.line("copied " + std::to_string(counts.families) + " families: " +
                         std::to_string(counts.rows) + " rows, " + std::to_string(counts.cells) + " cells, " +
                         std::to_string(counts.counters) + " counters");
        if (counts.cells > 0)
            session.warn(
                "v0.3 does not tell times to live: cells that had one are kept until they are removed");
    }
    if (counts.refused == 0) return session.done(exit_ok);
    session.warn(std::to_string(counts.refused) +
                 " cells, columns or families could not be taken, and are left out");
    return session.done(exit_partial);
}

int run_pull(Session& session, PullOptions options) {
    ProgressLine progress(stderr, session.options.quiet);
    const Remark remark = [&](const std::string& text) {
        progress.clear();
        if (!session.options.quiet) session.warn(text);
    };
    const auto from = source_address(session, options);
    if (!from.ok()) return session.fail(from.error());
    auto source_client = PatientClient::make(from.value(), remark);
    if (!source_client.ok()) return session.fail(source_client.error());
    PullSource source(std::move(source_client).value());

    std::optional<PatientClient> target_client;
    std::string to;
    if (session.is_local()) {
        to = directory_of(session.options.data);
    } else {
        const auto address = session.server();
        if (!address.ok()) return session.fail(address.error());
        auto client = PatientClient::make(address.value(), remark);
        if (!client.ok()) return session.fail(client.error());
        to = client.value().url();
        target_client = std::move(client).value();
    }
    if (to == source.url())
        return session.fail({Code::invalid_argument, "--from and --url are the same server"});
    if (options.state.empty()) {
        auto state = default_state(session, source.url(), to);
        if (!state.ok()) return session.fail(state.error());
        options.state = std::move(state).value();
    }
    const auto state = PullState::open(
        options.state,
        {source.url(), to, {options.families.begin(), options.families.end()}, !options.no_counters});
    if (!state.ok()) return session.fail(state.error());

    const auto told = [&](const std::string& family, const PullCounts& counts) {
        return progress.report({"copying " + family + ",", counts.cells, 0, "cells"});
    };
    // An address that is wrong is not to leave a new directory behind.
    if (const auto families = source.families(); !families.ok()) return session.fail(families.error());
    Puller puller(source, state.value(), remark, told);
    Result<std::unique_ptr<PullTarget>> target =
        target_client ? open_pull_server(*std::move(target_client), puller.refuse())
                      : open_pull_directory(to, puller.refuse());
    if (!target.ok()) return session.fail(target.error());
    const auto copied = puller.run(*target.value());
    progress.clear();
    return finish(session, copied, puller.counts());
}

}  // namespace

void declare_pull(CLI::App& root, Action& action) {
    auto options = std::make_shared<PullOptions>();
    CLI::App* command =
        root.add_subcommand("pull", "Copy a whole store from a CloudSandra endpoint, or another server");
    command->add_option("--from", options->from, "The server to copy from; it must speak CloudSandra's v0.3")
        ->required()
        ->type_name("URL");
    command
        ->add_option("--auth", options->auth,
                     "Credentials for --from, TOKEN:ACCOUNT. On a command line others of this machine can "
                     "see them: prefer "
                     "NM_FROM_TOKEN or --auth-file")
        ->envname("NM_FROM_TOKEN")
        ->type_name("TOKEN:ACCOUNT");
    command
        ->add_option("--auth-file", options->auth_file, "A file that holds them, readable by its owner only")
        ->type_name(kFileType);
    command->add_option("--family", options->families, "Only this family (repeatable)")
        ->check(not_empty)
        ->type_name("NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_flag("--no-counters", options->no_counters, "Leave counters as they are");
    command
        ->add_option("--state", options->state,
                     "Where the place is kept until all is copied (default: DIR.pull.json; with --url "
                     "$XDG_STATE_HOME or "
                     "~/.local/state, nm-tool/pull-….json)")
        ->type_name(kFileType);
    command->footer(
        "Writes into the data directory --data, made if it is missing, or into the server --url. Cut off, "
        "the same command goes on "
        "where it\n"
        "was. While the servers are out of reach or busy it tries again for ever. Times to live are not told "
        "by v0.3: "
        "cells that\n"
        "had one stay.\n\nExamples:\n"
        "  nm-tool pull --from https://api.example.com --auth-file ~/.cloudsandra --data /var/lib/nm-store\n"
        "  nm-tool pull --from https://api.example.com --auth-file ~/.cloudsandra --url "
        "http://127.0.0.1:8001");
    command->callback(
        [options, &action] { action = [options](Session& session) { return run_pull(session, *options); }; });
}

}  // namespace nmstore::tools

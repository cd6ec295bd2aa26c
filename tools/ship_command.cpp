// nm-tool ship: follows logs and ships their lines to a server.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "nmstore/line.h"
#include "query/time_text.h"
#include "tools/command.h"
#include "tools/interruption.h"
#include "tools/progress_line.h"
#include "tools/shipper.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kMostBatchLines = 1'000'000;
constexpr std::size_t kMostBatchBytes = std::size_t{16} << 20;

struct ShipOptions {
    ShipperOptions shipper;
    std::string state;
    std::string time = "parse";
    std::string packing = "zstd";
    std::string delay = "1s";
    std::string poll = "250ms";
};

Result<std::string> default_state() {
    const char* state_home = std::getenv("XDG_STATE_HOME");
    if (state_home != nullptr && state_home[0] == '/') return std::string(state_home) + "/nm-tool/ship.json";
    const char* home = std::getenv("HOME");
    if (home != nullptr && home[0] != '\0') return std::string(home) + "/.local/state/nm-tool/ship.json";
    return Error{Code::invalid_argument,
                 "neither XDG_STATE_HOME nor HOME is set: say with --state where to keep the place"};
}

std::string host_name() {
    char name[256] = "";
    return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

Result<void> complete(ShipOptions& options) {
    ShipperOptions& shipper = options.shipper;
    if (shipper.files.empty() && shipper.directory.directory.empty()) {
        return Error{Code::invalid_argument, "say what to ship: FILE…, or --directory DIR"};
    }
    if (shipper.directory.directory.empty() &&
        (shipper.directory.recursive || !shipper.directory.include.empty() ||
         !shipper.directory.exclude.empty())) {
        return Error{Code::invalid_argument, "--recursive, --include and --exclude go with --directory"};
    }
    for (const auto& file : shipper.files) {
        std::error_code error;
        if (std::filesystem::is_directory(file, error)) {
            return Error{Code::invalid_argument, file + " is a directory: give it with --directory"};
        }
        if (shipper.once && !std::filesystem::exists(file, error))
            return Error{Code::not_found, "there is no file " + file};
    }
    NM_ASSIGN(shipper.batch_delay_ms, query::parse_duration_ms(options.delay));
    NM_ASSIGN(shipper.poll_ms, query::parse_duration_ms(options.poll));
    shipper.parse_times = options.time == "parse";
    shipper.packing = parse_packing(options.packing).value_or(Packing::none);
    if (shipper.client.empty()) shipper.client = host_name();
    if (options.state.empty()) {
        NM_ASSIGN(options.state, default_state());
    }
    return {};
}

int finish(Session& session, const Result<void>& ran, const ShipCounts& counts) {
    // A signal is how following ends; what was under way is kept, and sent at the next start.
    const bool stopped = !ran.ok() && ran.error().code == Code::cancelled;
    if (!ran.ok() && !stopped) return session.fail(ran.error());
    if (stopped)
        session.warn(
            "stopped while the server was out of reach; what it did not take yet is kept and sent at the "
            "next start");
    const std::string lines = std::to_string(counts.lines);
    if (session.options.json) {
        session.out.line("{\"lines\":" + lines + ",\"rejected\":" + std::to_string(counts.rejected) +
                         ",\"bytes\":" + std::to_string(counts.bytes) +
                         ",\"batches\":" + std::to_string(counts.batches) + "}");
    } else if (!session.options.quiet) {
        session.out.line("shipped " + lines + " lines in " + std::to_string(counts.batches) + " batches");
    }
    return counts.rejected > 0 ? exit_partial : exit_ok;
}

int run_ship(Session& session, ShipOptions options) {
    if (session.is_local())
        return session.fail({Code::invalid_argument, "ship needs a server (--url), not --data"});
    if (const auto completed = complete(options); !completed.ok()) return session.fail(completed.error());
    const auto address = session.server();
    if (!address.ok()) return session.fail(address.error());
    auto client = HttpClient::make(address.value());
    if (!client.ok()) return session.fail(client.error());
    auto state = StateFile::open(options.state, client.value().url());
    if (!state.ok()) return session.fail(state.error());

    ProgressLine progress(stderr, session.options.quiet || !options.shipper.once);
    const Remark remark = [&](const std::string& text) {
        progress.clear();
        if (!session.options.quiet) session.warn(text);
    };
    const auto told = [&](const ShipCounts& counts) {
        progress.report({"shipping", counts.bytes, std::max(counts.bytes, counts.bytes_ahead), "bytes"});
    };
    Shipper shipper(options.shipper, state.value(), ShipDelivery(std::move(client).value(), remark), remark,
                    told);
    const auto ran = shipper.run();
    progress.clear();
    return finish(session, ran, shipper.counts());
}

}  // namespace

void declare_ship(CLI::App& root, Action& action) {
    auto options = std::make_shared<ShipOptions>();
    ShipperOptions& shipper = options->shipper;
    CLI::App* command =
        root.add_subcommand("ship", "Follow logs and send their lines to a server, each exactly once");
    command->add_option("files", shipper.files, "The logs")->type_name(kFileType);
    command
        ->add_option("--directory", shipper.directory.directory,
                     "Follow all logs in this directory, also those that come later")
        ->type_name(kDirectoryType);
    command->add_flag("--recursive", shipper.directory.recursive, "Also in the directories below it");
    command
        ->add_option("--include", shipper.directory.include,
                     "Only files of these names (repeatable); with a '/': paths below the directory")
        ->type_name("GLOB")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_option("--exclude", shipper.directory.exclude, "No files of these names (repeatable)")
        ->type_name("GLOB")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_flag("--once", shipper.once, "Send what is in the files now, and end");
    command
        ->add_option("--client", shipper.client,
                     "Under which name this machine's lines are stored (default: its host name)")
        ->type_name("NAME");
    command
        ->add_option("--log", shipper.log, "Under which name the log is stored (default: each file's path)")
        ->type_name("NAME");
    command
        ->add_option("--time", options->time,
                     "A line's time: read from its beginning (else that of the line before it, else of "
                     "arrival), or of arrival")
        ->check(CLI::IsMember({"parse", "arrival"}))
        ->capture_default_str();
    command
        ->add_option("--state", options->state,
                     "Where the place in each file is kept (default: $XDG_STATE_HOME or ~/.local/state, "
                     "nm-tool/ship.json)")
        ->type_name(kFileType);
    command
        ->add_option("--batch-lines", shipper.batch.lines, "Send at the latest when there are so many lines")
        ->check(CLI::Range(std::size_t{1}, kMostBatchLines))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--batch-bytes", shipper.batch.bytes, "… or so many bytes")
        ->check(CLI::Range(std::size_t{1}, kMostBatchBytes))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--batch-delay", options->delay, "… or after this time")
        ->type_name("DURATION")
        ->capture_default_str();
    command->add_option("--poll", options->poll, "Look for new lines so often")
        ->type_name("DURATION")
        ->capture_default_str();
    command->add_option("--compression", options->packing, "How batches are compressed on their way")
        ->check(CLI::IsMember({"zstd", "gzip", "none"}))
        ->capture_default_str();
    command->footer(
        "Follows a log through rotation (rename and create, or copy and truncate). Tries for ever while the "
        "server is out of\n"
        "reach or busy; ends with an error if the server refuses a batch for good. SIGTERM and Ctrl-C end it "
        "after sending what was\n"
        "read. A last line without a newline waits for its end; with --once it is sent.\n\nExamples:\n"
        "  nm-tool ship /var/log/syslog /var/log/auth.log\n"
        "  nm-tool ship --directory /var/log --recursive --exclude '*.dat'\n"
        "  nm-tool ship --once old.log --client web1 --log /var/log/app.log");
    command->callback(
        [options, &action] { action = [options](Session& session) { return run_ship(session, *options); }; });
}

}  // namespace nmstore::tools

// nm-tool verify: reads everything that is stored and tells what cannot be read.
#include "tools/command.h"
#include "tools/work_report.h"

namespace nmstore::tools {
namespace {

int run_verify(Session& session) {
    const Work verify = [](Source& source, const Progress& progress) { return source.verify(progress); };
    auto answer = do_work(session, Access::read, verify);
    // What is too damaged to be opened, or to be read on, is what was looked for as well.
    if (!answer.ok() && answer.error().code == Code::corruption) {
        answer = WorkAnswer{{{"problem_count", "1", true}}, {answer.error().message}, 1};
    }
    return finish_work(session, "verified", answer);
}

}  // namespace

void declare_verify(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("verify", "Read the whole store and report damage");
    command->footer(
        "Changes nothing. Ends with 4 if something is damaged.\n\nExamples:\n"
        "  nm-tool verify\n"
        "  nm-tool verify --json --data /var/lib/nm-store");
    command->callback([&action] { action = [](Session& session) { return run_verify(session); }; });
}

}  // namespace nmstore::tools

// nm-tool verify: reads everything that is stored and tells what cannot be read.
#include "nmstore/damaged_files.h"
#include "tools/command.h"
#include "tools/progress_line.h"
#include "tools/work_report.h"

namespace nmstore::tools {
namespace {

// What is found where the store cannot be opened, or its damage keeps it from being read on.
WorkAnswer found_damage(const Session& session, const std::string& why) {
    WorkAnswer answer;
    answer.problems.push_back(why);
    if (session.is_local()) {
        ProgressLine progress(stderr, session.options.quiet);
        auto files = damaged_files(session.options.data, progress.callback());
        if (files.ok()) {
            answer.problems.insert(answer.problems.end(), files.value().begin(), files.value().end());
        }
    }
    answer.problem_count = answer.problems.size();
    answer.details = {{"problem_count", std::to_string(answer.problem_count), true}};
    return answer;
}

int run_verify(Session& session) {
    const Work verify = [](Source& source, const Progress& progress) { return source.verify(progress); };
    auto answer = do_work(session, Access::read, verify);
    if (!answer.ok() && answer.error().code == Code::corruption) {
        answer = found_damage(session, answer.error().message);
    }
    return finish_work(session, "verified", answer);
}

}  // namespace

void declare_verify(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("verify", "Read the whole store and report damage");
    command->footer(
        "Changes nothing. Ends with 4 if something is damaged, and says what nm-tool reindex can mend.\n\n"
        "Examples:\n"
        "  nm-tool verify\n"
        "  nm-tool verify --json --data /var/lib/nm-store");
    command->callback([&action] { action = [](Session& session) { return run_verify(session); }; });
}

}  // namespace nmstore::tools

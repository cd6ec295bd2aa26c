#include "tools/run.h"

#include <algorithm>
#include <exception>

#include "tools/command.h"
#include "tools/query_words.h"

namespace nmstore::tools {

namespace {

bool has_command(const CLI::App& root, const std::string& name) {
    return !root.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; }).empty();
}

}  // namespace

int run(std::vector<std::string> arguments, Output& output) {
    CLI::App root;
    Session session(output);
    Action action;
    try {
        declare_all(root, session.options, action);
        const std::string word = command_word(root, arguments);
        if (!word.empty() && !has_command(root, word)) {
            return session.fail(
                {Code::invalid_argument, "there is no command \"" + word + "\"; nm-tool --help lists them"});
        }
        arguments = mark_query_words(root, std::move(arguments));
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        root.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
        root.exit(error);
        return asked ? exit_ok : exit_usage;
    }
    try {
        return session.done(action(session));
    } catch (const std::exception& error) {
        return session.fail({Code::io, error.what()});
    }
}

}  // namespace nmstore::tools

// nm-tool completion and nm-tool man: what a package installs beside the program.
#include <memory>

#include "tools/command.h"
#include "tools/completion.h"
#include "tools/man_page.h"

namespace nmstore::tools {
namespace {

int write_completion(Session& session, const CLI::App& root, const std::string& shell) {
    const CommandDescription program = describe(root);
    if (shell == "bash") session.out.write(bash_completion(program));
    if (shell == "zsh") session.out.write(zsh_completion(program));
    if (shell == "fish") session.out.write(fish_completion(program));
    return exit_ok;
}

}  // namespace

void declare_completion(CLI::App& root, Action& action) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("completion", "Write a shell's completion script");
    command->add_option("shell", *shell, "The shell")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->footer("Examples:\n  nm-tool completion bash >/etc/bash_completion.d/nm-tool");
    command->callback([shell, &root, &action] {
        action = [shell, &root](Session& session) { return write_completion(session, root, *shell); };
    });
}

void declare_man(CLI::App& root, Action& action) {
    CLI::App* command = root.add_subcommand("man", "Write the manual page");
    command->footer("Examples:\n  nm-tool man | man -l -");
    command->callback([&root, &action] {
        action = [&root](Session& session) -> int {
            session.out.write(man_page(describe(root)));
            return exit_ok;
        };
    });
}

}  // namespace nmstore::tools

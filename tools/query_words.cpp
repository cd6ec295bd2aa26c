#include "tools/query_words.h"

#include "tools/command.h"

namespace nmstore::tools {
namespace {

const CLI::Option* find_option(const CLI::App& root, const CLI::App* command, const std::string& name) {
    if (command != nullptr) {
        if (const CLI::Option* option = command->get_option_no_throw(name)) return option;
    }
    return root.get_option_no_throw(name);
}

bool begins_like_option(const std::string& argument) {
    return argument.size() >= 2 && argument[0] == '-';
}

}  // namespace

std::vector<std::string> mark_query_words(const CLI::App& root, std::vector<std::string> arguments) {
    const CLI::App* command = nullptr;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string& argument = arguments[i];
        if (argument == "--") break;
        if (!begins_like_option(argument)) {
            if (command == nullptr) {
                if (!takes_query(argument)) return arguments;
                const auto named =
                    root.get_subcommands([&](const CLI::App* each) { return each->get_name() == argument; });
                command = named.empty() ? nullptr : named.front();
            }
            continue;
        }
        const bool is_long = argument[1] == '-';
        const std::string name = argument.substr(0, argument.find('='));
        const CLI::Option* option =
            is_long || argument.size() == 2 ? find_option(root, command, name) : nullptr;
        if (option != nullptr) {
            if (name == argument && option->get_items_expected_min() > 0) ++i;  // its value follows
        } else if (!is_long && command != nullptr) {
            argument.insert(0, " ");
        }
    }
    return arguments;
}

}  // namespace nmstore::tools

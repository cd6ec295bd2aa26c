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

const CLI::App* find_command(const CLI::App& root, const std::string& name) {
    const auto named = root.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
    return named.empty() ? nullptr : named.front();
}

// Whether the argument is an option whose value is the next argument.
bool wants_next(const CLI::Option& option, const std::string& argument) {
    return argument.find('=') == std::string::npos && option.get_items_expected_min() > 0;
}

// The option that the argument names; nullptr if it names none.
const CLI::Option* named_option(const CLI::App& root, const CLI::App* command, const std::string& argument) {
    const bool may_be = argument[1] == '-' || argument.size() == 2;
    return may_be ? find_option(root, command, argument.substr(0, argument.find('='))) : nullptr;
}

}  // namespace

std::string command_word(const CLI::App& root, const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (!begins_like_option(arguments[i])) return arguments[i];
        const CLI::Option* option = named_option(root, nullptr, arguments[i]);
        if (option != nullptr && wants_next(*option, arguments[i])) ++i;
    }
    return {};
}

std::vector<std::string> mark_query_words(const CLI::App& root, std::vector<std::string> arguments) {
    const std::string word = command_word(root, arguments);
    if (!takes_query(word)) return arguments;
    const CLI::App* command = find_command(root, word);
    bool behind_command = false;
    for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
        std::string& argument = arguments[i];
        if (!begins_like_option(argument)) {
            behind_command = true;
            continue;
        }
        const CLI::Option* option = named_option(root, command, argument);
        if (option != nullptr) {
            if (wants_next(*option, argument)) ++i;
        } else if (argument[1] != '-' && behind_command) {
            argument.insert(0, " ");
        }
    }
    return arguments;
}

}  // namespace nmstore::tools

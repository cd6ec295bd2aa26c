#include "tools/completion.h"

#include <functional>

#include "tools/command.h"

namespace nmstore::tools {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* between) {
    std::string out;
    for (const auto& part : parts) out += (out.empty() ? "" : between) + part;
    return out;
}

// In single quotes, whatever is in it.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::vector<std::string> option_names(const CommandDescription& command) {
    std::vector<std::string> names;
    for (const auto& option : command.options) {
        if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

std::vector<std::string> command_names(const CommandDescription& program) {
    std::vector<std::string> names;
    for (const auto& command : program.commands) names.push_back(command.name);
    return names;
}

// The bash words that complete an option's value; "" if nothing can.
std::string bash_value(const OptionDescription& option) {
    if (!option.choices.empty())
        return "COMPREPLY=($(compgen -W " + quoted(joined(option.choices, " ")) + " -- \"$cur\"))";
    if (option.value == kFileType) return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    if (option.value == kDirectoryType) return "COMPREPLY=($(compgen -d -- \"$cur\"))";
    return "COMPREPLY=()";
}

// case "$prev" in … of the options that take a value.
std::string bash_values(const CommandDescription& command, const std::string& indent) {
    std::string out;
    for (const auto& option : command.options) {
        if (option.positional || option.value.empty()) continue;
        out += indent + joined(option.names, "|") + ") " + bash_value(option) + "; return;;\n";
    }
    return out;
}

std::string bash_positional(const CommandDescription& command) {
    for (const auto& option : command.options) {
        if (!option.positional) continue;
        if (!option.choices.empty() || option.value == kFileType || option.value == kDirectoryType)
            return bash_value(option);
    }
    return "COMPREPLY=()";
}

std::string zsh_text(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_action(const OptionDescription& option) {
    if (!option.choices.empty()) return ":value:(" + joined(option.choices, " ") + ")";
    if (option.value == kFileType) return ":file:_files";
    if (option.value == kDirectoryType) return ":directory:_files -/";
    return option.value.empty() ? "" : ":" + zsh_text(option.value) + ": ";
}

std::string zsh_arguments(const CommandDescription& command) {
    std::string out;
    int position = 0;
    for (const auto& option : command.options) {
        if (option.positional) {
            const std::string where = option.repeatable ? "*" : std::to_string(++position);
            std::string action = zsh_action(option);
            out += " \\\n            " +
                   quoted(where + (action.empty() ? ":" + option.names.front() + ": " : action));
            continue;
        }
        for (const auto& name : option.names) {
            out += " \\\n            " + quoted((option.repeatable ? "*" : "") + name + "[" +
                                                zsh_text(option.description) + "]" + zsh_action(option));
        }
    }
    return out;
}

void append_fish_options(const CommandDescription& command, const std::string& condition, std::string& out) {
    for (const auto& option : command.options) {
        if (option.positional) {
            if (!option.choices.empty()) {
                out += "complete -c nm-tool -n " + quoted(condition) + " -f -a " +
                       quoted(joined(option.choices, " ")) + "\n";
            } else if (option.value == kFileType || option.value == kDirectoryType) {
                out += "complete -c nm-tool -n " + quoted(condition) + " -F\n";
            }
            continue;
        }
        out += "complete -c nm-tool" + (condition.empty() ? std::string() : " -n " + quoted(condition));
        for (const auto& name : option.names) {
            out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        if (!option.value.empty()) out += " -r";
        if (!option.choices.empty()) out += " -f -a " + quoted(joined(option.choices, " "));
        if (option.value == kFileType) out += " -F";
        if (option.value == kDirectoryType) out += " -f -a '(__fish_complete_directories)'";
        out += " -d " + quoted(option.description) + "\n";
    }
}

}  // namespace

std::string bash_completion(const CommandDescription& program) {
    std::string out =
        "# bash completion for nm-tool\n_nm_tool() {\n    local cur=\"${COMP_WORDS[COMP_CWORD]}\" "
        "prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    local command=\"\" word\n    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n        case "
        "\"$word\" in\n        " +
        joined(command_names(program), "|") +
        ") command=\"$word\"; break;;\n        esac\n    done\n    case \"$prev\" in\n" +
        bash_values(program, "    ") +
        "    esac\n    local options=" + quoted(joined(option_names(program), " ")) +
        "\n    case \"$command\" in\n";
    for (const auto& command : program.commands) {
        out += "    " + command.name + ")\n        case \"$prev\" in\n" + bash_values(command, "        ") +
               "        esac\n        if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options " +
               joined(option_names(command), " ") + " --help\" -- \"$cur\"));\n        else " +
               bash_positional(command) + "; fi;;\n";
    }
    out +=
        "    *)\n        if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options --help\" -- "
        "\"$cur\"));\n"
        "        else COMPREPLY=($(compgen -W " +
        quoted(joined(command_names(program), " ")) +
        " -- \"$cur\")); fi;;\n    esac\n}\ncomplete -F _nm_tool nm-tool\n";
    return out;
}

std::string zsh_completion(const CommandDescription& program) {
    std::string out =
        "#compdef nm-tool\n_nm_tool() {\n    local context state line\n    typeset -A opt_args\n    "
        "_arguments -C" +
        zsh_arguments(program) +
        " \\\n            '1:command:->command' \\\n            '*::argument:->argument'\n    case $state "
        "in\n"
        "    command)\n        local -a commands=(";
    for (const auto& command : program.commands)
        out += "\n            " + quoted(command.name + ":" + command.description);
    out += "\n        )\n        _describe command commands;;\n    argument)\n        case $line[1] in\n";
    for (const auto& command : program.commands) {
        out += "        " + command.name + ") _arguments '--help[Print this help message and exit]'" +
               zsh_arguments(program) + zsh_arguments(command) + ";;\n";
    }
    return out + "        esac;;\n    esac\n}\n_nm_tool \"$@\"\n";
}

std::string fish_completion(const CommandDescription& program) {
    std::string out = "# fish completion for nm-tool\ncomplete -c nm-tool -f\n";
    append_fish_options(program, "", out);
    for (const auto& command : program.commands) {
        out += "complete -c nm-tool -n __fish_use_subcommand -a " + command.name + " -d " +
               quoted(command.description) + "\n";
    }
    for (const auto& command : program.commands) {
        append_fish_options(command, "__fish_seen_subcommand_from " + command.name, out);
    }
    return out;
}

}  // namespace nmstore::tools

#include "tools/command_description.h"

#include <CLI/CLI.hpp>

namespace nmstore::tools {
namespace {

// A type's name as CLI11 gives it has its checks behind it: "TEXT:{auto,always,never}".
std::vector<std::string> choices_in(const std::string& type_name) {
    std::vector<std::string> choices;
    const auto open = type_name.find('{');
    const auto close = type_name.find('}');
    if (open == std::string::npos || close == std::string::npos) return choices;
    std::string choice;
    for (std::size_t i = open + 1; i <= close; ++i) {
        if (type_name[i] == ',' || i == close) {
            choices.push_back(choice);
            choice.clear();
        } else {
            choice += type_name[i];
        }
    }
    return choices;
}

OptionDescription describe_option(const CLI::Option& option) {
    OptionDescription out;
    out.positional = option.get_positional();
    if (out.positional) {
        out.names.push_back(option.get_name(true));
    } else {
        for (const auto& name : option.get_lnames()) out.names.push_back("--" + name);
        for (const auto& name : option.get_snames()) out.names.push_back("-" + name);
    }
    out.description = option.get_description();
    if (option.get_items_expected_max() > 0) {
        const std::string type_name = option.get_type_name();
        out.choices = choices_in(type_name);
        out.value = out.choices.empty() ? type_name : "CHOICE";
        if (out.value.empty()) out.value = "TEXT";
        out.repeatable = option.get_items_expected_max() > 1;
    }
    out.default_value = option.get_default_str();
    out.environment = option.get_envname();
    out.required = option.get_required();
    return out;
}

}  // namespace

CommandDescription describe(const CLI::App& app) {
    CommandDescription out;
    out.name = app.get_name();
    out.description = app.get_description();
    out.footer = app.get_footer();
    for (const CLI::Option* option : app.get_options()) {
        const bool standard = option == app.get_help_ptr() || option == app.get_help_all_ptr();
        const bool hidden = option->get_group().empty();
        if (!standard && !hidden) out.options.push_back(describe_option(*option));
    }
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        out.commands.push_back(describe(*command));
    }
    return out;
}

}  // namespace nmstore::tools

#include "server/config.h"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <sstream>
#include <thread>

#include "server/config_options.h"
#include "server/config_replication.h"

namespace nmstore::server {

namespace {

constexpr std::size_t kMinWorkers = 16;  // writers wait for the disk together, so more of them than cores
constexpr std::size_t kWorkersPerCore = 4;

constexpr std::string_view kFooter =
    "Every option is also an environment variable (--max-body: NM_MAX_BODY) and a key of the TOML file given "
    "with\n"
    "--config (max-body = \"64MiB\"). The command line wins over the environment, the environment over the "
    "file.\n\n"
    "Examples:\n"
    "  nm-stored --data /var/lib/nm-store\n"
    "  nm-stored --listen 0.0.0.0:8001 --auth /etc/nm-store/auth\n"
    "  NM_TOKEN=token:account nm-stored --listen [::]:8001 --sync interval:100\n\n"
    "Exit codes: 0 after a clean stop, 1 if it cannot start or had to give up, 2 if options, environment or "
    "file are\n"
    "wrong. SIGTERM and SIGINT stop it, SIGHUP reads credentials and certificate again.";

// Values as text, with what to call their place in an error.
struct Given {
    std::string origin;
    std::vector<std::string> values;
};
using GivenByName = std::map<std::string_view, Given>;

std::string environment_name(std::string_view option) {
    std::string name = "NM_";
    for (const char c : option) name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return name;
}

std::vector<std::string> split_blanks(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

// ---- Command line -------------------------------------------------------------------------------

struct CommandLine {
    GivenByName given;
    std::string config_file;
};

// An outcome with a text ends it all: help, version, or an error.
ConfigOutcome read_command_line(const std::vector<std::string>& arguments, CommandLine& result) {
    CLI::App app{"nm-stored: a time-series and log store with a query server", "nm-stored"};
    app.footer(std::string(kFooter));
    app.set_version_flag("--version", "nm-stored " NM_VERSION);
    app.add_option("--config", result.config_file, "TOML file with any of the options below")
        ->type_name("FILE");
    std::map<std::string_view, std::vector<std::string>> values;
    std::map<std::string_view, bool> flags;
    for (const Option& option : config_options()) {
        const std::string name = "--" + std::string(option.name);
        CLI::Option* added = nullptr;
        if (option.kind == OptionKind::flag) {
            added = app.add_flag(name, flags[option.name], std::string(option.help));
        } else {
            added = app.add_option(name, values[option.name], std::string(option.help));
            added->type_name(std::string(option.argument))->expected(1)->allow_extra_args(false);
            added->multi_option_policy(option.kind == OptionKind::list ? CLI::MultiOptionPolicy::TakeAll
                                                                       : CLI::MultiOptionPolicy::Throw);
            if (!option.default_value.empty()) added->default_str(std::string(option.default_value));
        }
        added->group(std::string(option.group));
    }
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        return {std::nullopt, app.help(), kExitOk};
    } catch (const CLI::CallForVersion& version) {
        return {std::nullopt, std::string(version.what()) + "\n", kExitOk};
    } catch (const CLI::ParseError& error) {
        return {std::nullopt, std::string("nm-stored: ") + error.what() + " (--help tells all)\n",
                kExitUsage};
    }
    for (const Option& option : config_options()) {
        const std::string name = "--" + std::string(option.name);
        if (app.count(name) == 0) continue;
        if (option.kind == OptionKind::flag) {
            result.given[option.name] = {name, {"true"}};
        } else {
            result.given[option.name] = {name, values[option.name]};
        }
    }
    return {};
}

// ---- Environment --------------------------------------------------------------------------------

GivenByName read_environment(const Environment& environment) {
    GivenByName given;
    for (const Option& option : config_options()) {
        const std::string name = environment_name(option.name);
        const char* value = environment(name.c_str());
        if (value == nullptr || *value == '\0') continue;
        given[option.name] = {
            name, option.kind == OptionKind::list ? split_blanks(value) : std::vector<std::string>{value}};
    }
    return given;
}

// ---- File ---------------------------------------------------------------------------------------

const Option* find_option(std::string_view name) {
    const auto& options = config_options();
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == name; });
    return found == options.end() ? nullptr : &*found;
}

std::string_view wanted(OptionKind kind) {
    switch (kind) {
        case OptionKind::text:
            return "a string";
        case OptionKind::number:
            return "an integer";
        case OptionKind::size:
            return "a string like \"64MiB\", or an integer of bytes";
        case OptionKind::duration:
            return "a string like \"30s\", or an integer of seconds";
        case OptionKind::flag:
            return "true or false";
        case OptionKind::list:
            return "an array of strings, or a string";
    }
    return "";
}

std::optional<std::vector<std::string>> toml_values(const toml::node& node, OptionKind kind) {
    const bool takes_text = kind != OptionKind::number && kind != OptionKind::flag;
    const bool takes_integer =
        kind == OptionKind::number || kind == OptionKind::size || kind == OptionKind::duration;
    if (takes_text && node.is_string()) return std::vector{node.as_string()->get()};
    if (takes_integer && node.is_integer()) return std::vector{std::to_string(node.as_integer()->get())};
    if (kind == OptionKind::flag && node.is_boolean()) {
        return std::vector<std::string>{node.as_boolean()->get() ? "true" : "false"};
    }
    if (kind != OptionKind::list || !node.is_array()) return std::nullopt;
    std::vector<std::string> values;
    for (const toml::node& element : *node.as_array()) {
        if (!element.is_string()) return std::nullopt;
        values.push_back(element.as_string()->get());
    }
    return values;
}

std::string place_of(const std::string& file, const toml::source_region& source) {
    return file + ":" + std::to_string(source.begin.line);
}

// [[replicate]]: a target with what is its own.
Result<ReplicationTargetText> read_target(const std::string& file, const toml::node& node) {
    const auto fault = [&](const toml::node& at, const std::string& why) {
        return Error{Code::invalid_argument, place_of(file, at.source()) + ": replicate: " + why};
    };
    if (!node.is_table()) return fault(node, "must be tables, [[replicate]]");
    ReplicationTargetText text;
    const std::map<std::string_view, std::string*> texts = {
        {"url", &text.url}, {"auth", &text.auth}, {"name", &text.name}, {"ca", &text.ca}};
    const std::map<std::string_view, std::vector<std::string>*> lists = {{"only", &text.only},
                                                                         {"skip", &text.skip}};
    for (const auto& [key, value] : *node.as_table()) {
        const auto one = texts.find(key.str());
        const auto list = lists.find(key.str());
        if (one == texts.end() && list == lists.end())
            return fault(value, "there is no key " + std::string(key.str()));
        const OptionKind kind = one != texts.end() ? OptionKind::text : OptionKind::list;
        auto values = toml_values(value, kind);
        if (!values) return fault(value, std::string(key.str()) + " must be " + std::string(wanted(kind)));
        if (one != texts.end()) *one->second = values->front();
        if (list != lists.end()) *list->second = std::move(*values);
    }
    if (text.url.empty()) return fault(node, "there is no url");
    return text;
}

struct FileValues {
    GivenByName given;
    std::vector<ReplicationTargetText> targets;
};

Result<FileValues> read_file(const std::string& file) {
    FileValues values;
    GivenByName& given = values.given;
    try {
        const toml::table table = toml::parse_file(file);
        for (const auto& [key, node] : table) {
            const std::string place = place_of(file, node.source()) + ": " + std::string(key.str());
            if (key.str() == "replicate" && node.is_array()) {
                for (const toml::node& element : *node.as_array()) {
                    NM_ASSIGN(ReplicationTargetText target, read_target(file, element));
                    values.targets.push_back(std::move(target));
                }
                continue;
            }
            const Option* option = find_option(key.str());
            if (option == nullptr) return Error{Code::invalid_argument, place + ": there is no such option"};
            auto texts = toml_values(node, option->kind);
            if (!texts)
                return Error{Code::invalid_argument,
                             place + ": must be " + std::string(wanted(option->kind))};
            given[option->name] = {place, std::move(*texts)};
        }
    } catch (const toml::parse_error& error) {
        return Error{Code::invalid_argument,
                     place_of(file, error.source()) + ": " + std::string(error.description())};
    }
    if (!values.targets.empty() && given.contains("replicate-to")) {
        return Error{Code::invalid_argument,
                     file + ": replicate-to and [[replicate]] name targets both: give one of them"};
    }
    return values;
}

// ---- All together -------------------------------------------------------------------------------

Result<void> apply_values(const GivenByName& given, Config& config) {
    for (const Option& option : config_options()) {
        const auto found = given.find(option.name);
        if (found == given.end()) continue;
        for (const std::string& value : found->second.values) {
            const auto set = option.set(config, value);
            if (!set.ok())
                return Error{Code::invalid_argument, found->second.origin + ": " + set.error().message};
        }
    }
    return {};
}

Result<void> complete(Config& config) {
    if (config.backup_dir.empty()) config.backup_dir = config.data + "/backups";
    if (config.workers == 0) {
        config.workers =
            std::max<std::size_t>(kMinWorkers, kWorkersPerCore * std::thread::hardware_concurrency());
    }
    if (config.max_bodies_memory < config.max_body) {
        return Error{Code::invalid_argument,
                     "max-bodies-memory is less than max-body: the greatest body would never fit"};
    }
    return complete_replication(config);
}

}  // namespace

ConfigOutcome parse_config(const std::vector<std::string>& arguments, const Environment& environment) {
    const auto usage = [](const Error& error) {
        return ConfigOutcome{std::nullopt, "nm-stored: " + error.message + "\n", kExitUsage};
    };
    CommandLine command_line;
    ConfigOutcome outcome = read_command_line(arguments, command_line);
    if (!outcome.text.empty()) return outcome;
    std::string file = command_line.config_file;
    const char* named = environment("NM_CONFIG");
    if (file.empty() && named != nullptr) file = named;

    Config config;
    // The strongest is put in first, and what is there already stays.
    GivenByName given = std::move(command_line.given);
    given.merge(read_environment(environment));
    if (!file.empty()) {
        auto from_file = read_file(file);
        if (!from_file.ok()) return usage(from_file.error());
        given.merge(from_file->given);
        config.replicate.tables = std::move(from_file->targets);
    }
    const auto applied = apply_values(given, config);
    if (!applied.ok()) return usage(applied.error());
    const auto completed = complete(config);
    if (!completed.ok()) return usage(completed.error());
    outcome.config = std::move(config);
    return outcome;
}

}  // namespace nmstore::server

#include "tools/man_page.h"

#include "tools/exit_code.h"

namespace nmstore::tools {
namespace {

// Text as roff must have it: backslashes doubled, hyphens that are not line breaks, other characters than
// ASCII by their numbers, no control line by accident.
std::string roff(std::string_view text) {
    std::string out;
    bool line_start = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (line_start && (c == '.' || c == '\'')) out += "\\&";
        line_start = c == '\n';
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if (text.substr(i).starts_with("…")) {
            out += "\\[u2026]";
            i += 2;
        } else {
            out += c;
        }
    }
    return out;
}

std::string bold(std::string_view text) {
    return "\\fB" + roff(text) + "\\fR";
}
std::string italic(std::string_view text) {
    return "\\fI" + roff(text) + "\\fR";
}

std::string option_heading(const OptionDescription& option) {
    if (option.positional) return italic(option.names.front()) + (option.repeatable ? " ..." : "");
    std::string out;
    for (const auto& name : option.names) out += (out.empty() ? "" : ", ") + bold(name);
    if (!option.value.empty()) {
        std::string choices;
        for (const auto& choice : option.choices) choices += (choices.empty() ? "" : "|") + choice;
        out += " " + italic(choices.empty() ? option.value : choices);
    }
    return out;
}

std::string option_text(const OptionDescription& option) {
    std::string out = roff(option.description) + ".";
    if (!option.default_value.empty()) out += " Default: " + roff(option.default_value) + ".";
    if (!option.environment.empty()) out += " Environment: " + bold(option.environment) + ".";
    return out;
}

std::string options_section(const CommandDescription& command) {
    std::string out;
    for (const auto& option : command.options)
        out += ".TP\n" + option_heading(option) + "\n" + option_text(option) + "\n";
    return out;
}

std::string synopsis(const CommandDescription& program, const CommandDescription& command) {
    std::string out = bold(program.name + " " + command.name);
    for (const auto& option : command.options) {
        if (!option.positional) continue;
        const std::string name = italic(option.names.front()) + (option.repeatable ? " ..." : "");
        out += option.required ? " " + name : " [" + name + "]";
    }
    return out + " [options]";
}

// Plain paragraphs, and the examples as they are typed.
std::string footer_text(const std::string& footer) {
    const auto examples = footer.find("Examples:\n");
    const std::string before = footer.substr(0, examples);
    std::string out;
    if (before.find_first_not_of('\n') != std::string::npos)
        out += ".PP\n" + roff(before.substr(0, before.find_last_not_of('\n') + 1)) + "\n";
    if (examples != std::string::npos) out += ".PP\n.nf\n" + roff(footer.substr(examples + 10)) + "\n.fi\n";
    return out;
}

}  // namespace

std::string man_page(const CommandDescription& program) {
    std::string out = ".TH NM\\-TOOL 1 \"\" \"nm\\-store " NM_VERSION "\" \"nm\\-store\"\n";
    out += ".SH NAME\nnm\\-tool \\- search, feed and look after an nm\\-store\n.SH SYNOPSIS\n";
    for (const auto& command : program.commands) out += synopsis(program, command) + "\n.br\n";
    out += ".SH DESCRIPTION\n" + roff(program.description) +
           "\nTimes are RFC 3339 (2011\\-11\\-21T18:26:40Z), a date, milliseconds since the epoch, or "
           "relative to now (\\-15m, \\-1h, "
           "\\-7d).\n";
    out += ".SH OPTIONS\nThese may stand before or after the command.\n" + options_section(program);
    out += ".SH COMMANDS\n";
    for (const auto& command : program.commands) {
        out += ".SS " + roff(command.name) + "\n" + roff(command.description) + ".\n.PP\n" +
               synopsis(program, command) + "\n" + options_section(command) + footer_text(command.footer);
    }
    out += ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : kExitCodes)
        out += ".TP\n" + bold(std::to_string(code)) + "\n" + roff(meaning) + ".\n";
    out += ".SH ENVIRONMENT\n";
    for (const auto& option : program.options) {
        if (option.environment.empty()) continue;
        out += ".TP\n" + bold(option.environment) + "\nAs " + bold(option.names.front()) + ".\n";
    }
    out += ".TP\n" + bold("NO_COLOR") + "\nIf set, no colours.\n";
    out += ".SH SEE ALSO\n" + bold("nm-stored") + "(1)\n";
    return out;
}

}  // namespace nmstore::tools

// nm-tool channel: what is written into rows, as it is written.
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/command.h"
#include "tools/following.h"
#include "tools/line_options.h"

namespace nmstore::tools {
namespace {

struct ChannelOptions {
    std::string channel, since;
    std::string slow = "catchup";
};

int run_channel(Session& session, const ChannelOptions& options) {
    if (session.is_local())
        return session.fail(
            {Code::invalid_argument, "nothing comes to a closed directory: channel needs a server (--url)"});
    const auto address = session.server();
    if (!address.ok()) return session.fail(address.error());
    auto client = HttpClient::make(*address);
    if (!client.ok()) return session.fail(client.error());
    Following following(session, *client, "/api/v1/channel",
                        {{"channel", options.channel}, {"slow", options.slow == "drop" ? "drop" : ""}});
    std::string since = options.since;
    if (since.empty()) {
        auto now = following.now();
        if (!now.ok()) return session.fail(now.error());
        since = std::move(now).value();
    }
    const int code = following.run(
        since, [&](std::string_view text, const nlohmann::json&) { return session.out.line(text); });
    return code == exit_ok ? session.done(code) : code;
}

}  // namespace

void declare_channel(CLI::App& root, Action& action) {
    auto options = std::make_shared<ChannelOptions>();
    CLI::App* command = root.add_subcommand("channel", "Show what is written into rows, until Ctrl-C");
    command
        ->add_option("channel", options->channel,
                     "TOKEN/FAMILY/ROW; the token may be empty, '/' in a row is '_', and '*' and '?' in it "
                     "stand for any text, any character")
        ->required()
        ->type_name("CHANNEL");
    command->add_option("--since", options->since, "Begin behind this event: the \"event\" of a line")
        ->check(not_empty)
        ->type_name("EVENT");
    command
        ->add_option(
            "--slow", options->slow,
            "If values come faster than they are read: write all of them, late, or drop some and say "
            "how many")
        ->check(CLI::IsMember({"catchup", "drop"}))
        ->capture_default_str();
    command->footer(
        "Writes each as a JSON object on a line of its own: {\"event\",\"rowkey\",\"columnname\","
        "\"columnvalue\"}, and \"line\" and \"fields\" if it is an appended line. Goes on where it was after "
        "an interruption.\n\nExamples:\n"
        "  nm-tool channel '/CFLongType/10.0.0.1:logs:*'\n"
        "  nm-tool channel /CFUTF8Type/clients | jq -r .columnvalue");
    command->callback([options, &action] {
        action = [options](Session& session) { return run_channel(session, *options); };
    });
}

}  // namespace nmstore::tools

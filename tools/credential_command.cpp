// nm-tool credential: a line for the server's file of credentials (nm-stored --auth).
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "server/credential_hash.h"
#include "tools/command.h"
#include "tools/interruption.h"

namespace nmstore::tools {
namespace {

struct CredentialOptions {
    std::string token;
    std::vector<std::string> roles{"ingest", "read"};
    std::string account;
};

// Typed characters are not shown while it lives.
class HiddenTyping {
  public:
    HiddenTyping() {
        active_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        if (!active_) return;
        termios hidden = before_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
    }
    ~HiddenTyping() {
        if (active_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    HiddenTyping(const HiddenTyping&) = delete;
    HiddenTyping& operator=(const HiddenTyping&) = delete;

  private:
    termios before_{};
    bool active_ = false;
};

std::string read_hidden(const char* prompt) {
    std::fputs(prompt, stderr);
    std::string text;
    {
        const HiddenTyping hidden;
        std::getline(std::cin, text);
    }
    std::fputc('\n', stderr);
    return text;
}

Result<std::string> read_account(const CredentialOptions& options) {
    if (!options.account.empty()) return options.account;
    std::string account;
    if (::isatty(STDIN_FILENO) == 1) {
        account = read_hidden("Account id: ");
        if (interrupted()) return Error{Code::cancelled, "interrupted"};
        if (account != read_hidden("Once more:  "))
            return Error{Code::invalid_argument, "the two account ids differ"};
    } else {
        std::getline(std::cin, account);
        if (!account.empty() && account.back() == '\r') account.pop_back();
    }
    if (account.empty()) return Error{Code::invalid_argument, "the account id is empty"};
    return account;
}

int run_credential(Session& session, const CredentialOptions& options) {
    const bool bad =
        options.token.empty() || std::any_of(options.token.begin(), options.token.end(), [](char c) {
            return c == ':' || c == '#' || static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
        });
    if (bad)
        return session.fail(
            {Code::invalid_argument, "a token must not be empty nor hold blanks, ':' or '#'"});
    const auto account = read_account(options);
    if (!account.ok()) return session.fail(account.error());
    const auto hash = server::hash_account(account.value());
    if (!hash.ok()) return session.fail(hash.error());
    std::string roles;
    for (const auto& role : options.roles) roles += (roles.empty() ? "" : ",") + role;
    session.out.line(options.token + ":" + roles + ":" + hash.value());
    return exit_ok;
}

}  // namespace

void declare_credential(CLI::App& root, Action& action) {
    auto options = std::make_shared<CredentialOptions>();
    CLI::App* command = root.add_subcommand("credential", "Make a line for the server's file of credentials");
    command->add_option("token", options->token, "The token, which names who asks")->required();
    command->add_option("--role", options->roles, "What it may do: ingest, read, admin (repeatable)")
        ->check(CLI::IsMember({"ingest", "read", "admin"}))
        ->delimiter(',')
        ->capture_default_str();
    command
        ->add_option("--account", options->account,
                     "The account id. Others of this machine can see it: better leave it out, and type it or "
                     "pipe it in")
        ->type_name("ACCOUNT");
    command->footer(
        "The account id, which is the secret, is read from the terminal without being shown, or from "
        "standard input. Only\n"
        "its hash is written.\n\nExamples:\n"
        "  nm-tool credential web --role read >>/etc/nm-store/auth\n"
        "  nm-tool credential agents --role ingest <account-id.txt >>/etc/nm-store/auth");
    command->callback([options, &action] {
        action = [options](Session& session) { return run_credential(session, *options); };
    });
}

}  // namespace nmstore::tools

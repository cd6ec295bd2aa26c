#include "tools/session.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "tools/visible_text.h"

namespace nmstore::tools {

bool Session::colored() const {
    if (options.color == "always") return true;
    if (options.color == "never") return false;
    const char* term = std::getenv("TERM");
    return out.is_terminal() && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
           std::string_view(term) != "dumb";
}

Result<std::string> read_token_file(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return Error{Code::io, "cannot read the token file " + path + ": " + std::strerror(errno)};
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH | S_IROTH)) != 0) {
        return Error{Code::conflict,
                     "the token file " + path + " may be read or written by others: chmod 600 it"};
    }
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line))
        return Error{Code::io, "the token file " + path + " is empty or cannot be read"};
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    return line;
}

Result<ServerAddress> Session::server() const {
    ServerAddress address;
    address.url = options.url;
    address.credential = options.token;
    address.ca_file = options.ca_file;
    address.insecure = options.insecure;
    if (!options.token_file.empty()) {
        NM_ASSIGN(address.credential, read_token_file(options.token_file));
    }
    if (!address.credential.empty() && address.credential.find(':') == std::string::npos) {
        return Error{Code::invalid_argument,
                     "a credential must have the form TOKEN:ACCOUNT (its text is not shown here)"};
    }
    return address;
}

Result<std::unique_ptr<Source>> Session::source(Access access) const {
    if (is_local()) return open_local_source(options.data, access == Access::read);
    NM_ASSIGN(const ServerAddress address, server());
    return open_remote_source(address);
}

int Session::fail(const Error& error) const {
    out.flush();
    if (error.code == Code::cancelled) return exit_interrupted;
    std::fprintf(stderr, "nm-tool: %s\n", visible_text(error.message).c_str());
    return exit_code_of(error.code);
}

void Session::warn(const std::string& message) const {
    out.flush();
    std::fprintf(stderr, "nm-tool: %s\n", visible_text(message).c_str());
}

int Session::done(int code) const {
    out.flush();
    if (!out.failed()) return code;
    std::fprintf(stderr, "nm-tool: cannot write the output: %s\n", std::strerror(errno));
    return exit_failed;
}

}  // namespace nmstore::tools

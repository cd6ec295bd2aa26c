// What every subcommand runs with: the options that all of them share, the source that these name, and where
// it writes.
#pragma once

#include <memory>
#include <string>

#include "nmstore/result.h"
#include "tools/exit_code.h"
#include "tools/http_client.h"
#include "tools/output.h"
#include "tools/source.h"

namespace nmstore::tools {

struct SharedOptions {
    std::string url = "http://127.0.0.1:8001";
    std::string token;       // TOKEN:ACCOUNT
    std::string token_file;  // wins over `token`
    std::string ca_file;     // as in ServerAddress
    bool insecure = false;
    std::string data;  // a closed data directory; wins over `url`
    std::string color = "auto";
    bool json = false;
    bool quiet = false;
};

enum class Access { read, write };

class Session {
  public:
    explicit Session(Output& output) : out(output) {}

    SharedOptions options;
    Output& out;

    bool is_local() const { return !options.data.empty(); }
    bool colored() const;
    // invalid_argument: a credential or URL that cannot be right.
    Result<ServerAddress> server() const;
    Result<std::unique_ptr<Source>> source(Access access) const;

    // Says on stderr what is wrong; returns the exit code for it.
    int fail(const Error& error) const;
    void warn(const std::string& message) const;
    // The end of a command that wrote to `out`: flushes, and says so if that failed.
    int done(int code) const;
};

// The first line of a file that only its owner should be able to read: "TOKEN:ACCOUNT".
Result<std::string> read_token_file(const std::string& path);

}  // namespace nmstore::tools

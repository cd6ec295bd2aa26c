#include "server/credentials.h"

#include <sys/stat.h>

#include <fstream>

#include "server/credential_hash.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

std::string write(const testing::TempDirectory& directory, const std::string& text, mode_t mode = 0600) {
    const std::string path = directory / "auth";
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
}

}  // namespace

TEST_CASE("an account fits its hash and no other", "[credentials]") {
    const auto hash = hash_account("account-1");
    REQUIRE(hash.ok());
    CHECK(hash->find("scrypt$16384$8$1$") == 0);
    CHECK(check_hash_form(*hash).ok());
    CHECK(verify_account("account-1", *hash));
    CHECK_FALSE(verify_account("account-2", *hash));
    CHECK_FALSE(verify_account("", *hash));
    const auto again = hash_account("account-1");
    CHECK(*again != *hash);
    CHECK_FALSE(hash_account("").ok());
    CHECK_FALSE(hash_account(std::string(kMaxAccountBytes + 1, 'a')).ok());
    CHECK_FALSE(hash_account("a\n").ok());
    // The vector of RFC 7914 with N 1024, r 8, p 16, its first 32 bytes.
    CHECK(verify_account(
        "password",
        "scrypt$1024$8$16$4e61436c$fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"));
}

TEST_CASE("an account with NUL bytes behind it is another one", "[credentials]") {
    const auto hash = hash_account("account");
    REQUIRE(hash.ok());
    CHECK_FALSE(verify_account(std::string("account\0", 8), *hash));
    const auto credentials = load_credentials({"token:account"}, "");
    REQUIRE(credentials.ok());
    CHECK((*credentials)->check(std::string("Bearer token:account\0", 21)).roles == role_none);
    CHECK((*credentials)->check("Basic dG9rZW46YWNjb3VudAA=").roles == role_none);
}

TEST_CASE("a hash of another form is refused", "[credentials]") {
    const std::string sum(64, 'a');
    CHECK(check_hash_form("scrypt$16384$8$1$00ff$" + sum).ok());
    for (const std::string& bad :
         {std::string(), std::string("scrypt"), "bcrypt$16384$8$1$00ff$" + sum,
          "scrypt$16383$8$1$00ff$" + sum, "scrypt$0$8$1$00ff$" + sum, "scrypt$16384$0$1$00ff$" + sum,
          "scrypt$16384$8$0$00ff$" + sum, "scrypt$1073741824$8$1$00ff$" + sum, "scrypt$16384$8$1$00f$" + sum,
          "scrypt$16384$8$1$00fg$" + sum, "scrypt$16384$8$1$00ff$" + sum.substr(2),
          "scrypt$16384$8$1$00ff$" + sum + "$", "scrypt$-1$8$1$00ff$" + sum}) {
        INFO(bad);
        CHECK_FALSE(check_hash_form(bad).ok());
        CHECK_FALSE(verify_account("x", bad));
    }
}

TEST_CASE("headers are read in every form, and nothing else comes in", "[credentials]") {
    const auto credentials = load_credentials({"token:account", "other:with:colon"}, "");
    REQUIRE(credentials.ok());
    CHECK_FALSE((*credentials)->empty());
    for (const char* good :
         {"Basic dG9rZW46YWNjb3VudA==", "basic dG9rZW46YWNjb3VudA==", "Bearer token:account",
          "BEARER dG9rZW46YWNjb3VudA==", "Basic  dG9rZW46YWNjb3VudA=="}) {
        INFO(good);
        const Principal principal = (*credentials)->check(good);
        CHECK(principal.token == "token");
        CHECK(principal.roles == role_all);
        CHECK((*credentials)->recall(good)->token == "token");
    }
    CHECK((*credentials)->check("Bearer other:with:colon").token == "other");
    for (const char* bad :
         {"", "Basic", "Basic ", "Basic dG9rZW46YWNjb3VudA", "Basic !!!!", "Digest token:account",
          "Bearer token", "Bearer token:", "Bearer :account", "Bearer token:wrong", "Bearer unknown:account",
          "Bearer token:account ", "token:account"}) {
        INFO(bad);
        CHECK((*credentials)->check(bad).roles == role_none);
    }
    CHECK((*credentials)->check("Basic " + std::string(100000, 'A')).roles == role_none);
}

TEST_CASE("only what needs the work is not known at once", "[credentials]") {
    const auto credentials = load_credentials({"token:account"}, "");
    REQUIRE(credentials.ok());
    CHECK((*credentials)->recall("")->roles == role_none);
    CHECK((*credentials)->recall("Digest x")->roles == role_none);
    CHECK_FALSE((*credentials)->recall("Bearer token:account"));
    CHECK_FALSE((*credentials)->recall("Bearer token:wrong"));
    CHECK((*credentials)->check("Bearer token:account").roles == role_all);
    CHECK((*credentials)->check("Bearer token:wrong").roles == role_none);
    CHECK((*credentials)->recall("Bearer token:account")->roles == role_all);
    CHECK_FALSE((*credentials)->recall("Bearer token:wrong"));  // a failure is never remembered
}

TEST_CASE("a file gives each token its roles", "[credentials]") {
    const testing::TempDirectory directory;
    const std::string file =
        write(directory,
              "# agents\n\nagent:ingest:" + *hash_account("a") + "\r\nreader:read:" + *hash_account("r") +
                  "\nboth:ingest,read:" + *hash_account("b") + "\nboss:admin:" + *hash_account("x") + "\n");
    const auto credentials = load_credentials({"extra:e"}, file);
    REQUIRE(credentials.ok());
    const Principal agent = (*credentials)->check("Bearer agent:a");
    CHECK(agent.may(role_ingest));
    CHECK_FALSE(agent.may(role_read));
    CHECK_FALSE(agent.may(role_admin));
    CHECK((*credentials)->check("Bearer reader:r").roles == role_read);
    CHECK((*credentials)->check("Bearer both:b").roles == (role_ingest | role_read));
    const Principal boss = (*credentials)->check("Bearer boss:x");
    CHECK((boss.may(role_ingest) && boss.may(role_read) && boss.may(role_admin)));
    CHECK((*credentials)->check("Bearer extra:e").roles == role_all);
    CHECK((*credentials)->check("Bearer agent:r").roles == role_none);
}

TEST_CASE("what somebody came in with holds as long as its line is there unchanged", "[credentials]") {
    const testing::TempDirectory directory;
    const std::string a = *hash_account("a"), b = *hash_account("b");
    const auto load = [&](const std::string& text, const std::vector<std::string>& tokens = {"o:p"}) {
        auto loaded = load_credentials(tokens, write(directory, text));
        REQUIRE(loaded.ok());
        return std::shared_ptr<const Credentials>(std::move(*loaded));
    };
    const std::string both = "t:read,ingest:" + a + "\nu:read:" + b + "\n";
    CredentialSource source(load(both));
    const Principal t = source.get()->check("Bearer t:a");
    const Principal option = source.get()->check("Bearer o:p");
    REQUIRE((t.roles == (role_read | role_ingest) && option.roles == role_all));
    struct Row {
        std::string text;
        bool holds;
    };
    const Row rows[] = {
        {both, true},
        {"t:read,ingest,admin:" + a + "\n", true},
        {"t:read:" + a + "\nt:ingest:" + a + "\n", true},
        {"u:read:" + b + "\n", false},
        {"t:read:" + a + "\n", false},
        {"t:read,ingest:" + b + "\n", false},
        {"t:read,ingest:" + *hash_account("a") + "\n", false},
        {"s:read,ingest:" + a + "\n", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        Access access(source, t);
        Access of_option(source, option);
        CHECK(access.holds());
        source.replace(load(row.text));
        CHECK(access.holds() == row.holds);
        CHECK(of_option.holds());
        CHECK(Access(source, t).holds() == row.holds);
        source.replace(load(both));
        CHECK(access.holds() == row.holds);  // what is gone does not come back
    }
}

TEST_CASE("a file that is wrong is refused with its line", "[credentials]") {
    const testing::TempDirectory directory;
    const std::string hash = *hash_account("a");
    struct Row {
        std::string text;
        std::string message;
    };
    const Row rows[] = {
        {"# nothing\n", "holds no credentials"},
        {"token\n", "auth:1: not of the form"},
        {"a:read:" + hash + "\nb:write:" + hash + "\n", "auth:2: 'write' is no role"},
        {"a::" + hash, "auth:1: no role"},
        {"a:read:secret", "auth:1: the hash"},
        {":read:" + hash, "auth:1: not of the form"},
    };
    for (const Row& row : rows) {
        INFO(row.message);
        const auto loaded = load_credentials({}, write(directory, row.text));
        REQUIRE_FALSE(loaded.ok());
        CHECK(loaded.error().code == Code::invalid_argument);
        CHECK(loaded.error().message.find(row.message) != std::string::npos);
        CHECK(loaded.error().message.find("secret") == std::string::npos);
    }
    for (const mode_t mode : {0620, 0602, 0666}) {
        const auto loaded = load_credentials({}, write(directory, "a:read:" + hash, mode));
        REQUIRE_FALSE(loaded.ok());
        CHECK(loaded.error().message.find("written by others") != std::string::npos);
    }
    CHECK_FALSE(load_credentials({}, directory / "missing").ok());
    CHECK_FALSE(load_credentials({}, directory.string()).ok());
    const auto token = load_credentials({"no-colon-secret"}, "");
    REQUIRE_FALSE(token.ok());
    CHECK(token.error().message.find("secret") == std::string::npos);
}

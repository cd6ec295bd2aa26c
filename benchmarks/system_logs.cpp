// What a machine's own programs write: sshd with its guessing visitors, the kernel and the services around
// it.
#include <array>

#include "benchmarks/log_kind.h"

namespace nmstore::benchmarks {

namespace {

using namespace std::string_view_literals;

constexpr std::array kUsers = {"root"sv,    "admin"sv,  "deploy"sv,   "git"sv,   "oracle"sv,
                               "test"sv,    "ubuntu"sv, "postgres"sv, "www"sv,   "backup"sv,
                               "jenkins"sv, "nagios"sv, "ftp"sv,      "guest"sv, "maria"sv,
                               "support"sv, "pi"sv,     "user1"sv,    "ops"sv,   "mysql"sv};
constexpr std::array kUnits = {"cron"sv,      "systemd-resolved"sv, "nginx"sv,  "postgresql"sv, "docker"sv,
                               "apt-daily"sv, "logrotate"sv,        "fstrim"sv, "man-db"sv};
constexpr std::array kJobs = {"/usr/local/bin/collect --quiet"sv, "run-parts --report /etc/cron.hourly"sv,
                              "/opt/backup/incremental.sh"sv, "test -x /usr/sbin/anacron"sv};
constexpr std::array kDevices = {"sda"sv, "sdb"sv, "nvme0n1"sv, "dm-0"sv};

void append_head(const LineContext& context, std::string_view program, std::uint64_t pid, std::string& out) {
    append_syslog_time(context.time_ms, out);
    out.append(" ").append(context.host).append(" ").append(program);
    if (pid != 0) {
        out += '[';
        append_number(pid, out);
        out += ']';
    }
    out += ": ";
}

class SshdLog final : public LogKind {
  public:
    void write(const LineContext& context, std::string& out) override {
        Random& random = context.random;
        if (left_ == 0) begin(random);
        --left_;
        append_head(context, "sshd", pid_, out);
        if (attack_) {
            write_attack(random, out);
        } else {
            write_session(random, out);
        }
        out += " port ";
        append_number(port_, out);
        out += " ssh2";
    }

  private:
    void begin(Random& random) {
        attack_ = !random.one_in(4);
        left_ = attack_ ? random.between(1, 30) : random.between(1, 3);
        visitor_ = random.skewed(5000);
        pid_ = random.between(900, 65000);
        port_ = random.between(1024, 65535);
    }

    void write_attack(Random& random, std::string& out) {
        const std::string_view user = random.pick(kUsers);
        if (random.one_in(3)) {
            out.append("Invalid user ").append(user).append(" from ");
        } else {
            out.append("Failed password for ")
                .append(random.one_in(2) ? "invalid user " : "")
                .append(user)
                .append(" from ");
        }
        append_address(visitor_, out);
    }

    void write_session(Random& random, std::string& out) {
        out.append(random.one_in(2) ? "Accepted publickey for " : "Disconnected from user ")
            .append(random.pick(kUsers))
            .append(" from ");
        append_address(visitor_ % 40, out);
    }

    std::uint64_t left_ = 0;
    bool attack_ = false;
    std::uint64_t visitor_ = 0;
    std::uint64_t pid_ = 0;
    std::uint64_t port_ = 0;
};

class KernelLog final : public LogKind {
  public:
    void write(const LineContext& context, std::string& out) override {
        Random& random = context.random;
        switch (random.skewed(6)) {
            case 0:
                return write_firewall(context, out);
            case 1:
                return write_unit(context, out);
            case 2:
                return write_job(context, out);
            case 3:
                return write_device(context, out);
            case 4:
                return write_memory(context, out);
            default:
                append_head(context, "systemd-timesyncd", 412, out);
                out += "Synchronized to time server ";
                append_address(random.below(4), out);
                out += ":123 (pool.ntp.example).";
        }
    }

  private:
    void append_uptime(const LineContext& context, std::string& out) {
        append_head(context, "kernel", 0, out);
        out += '[';
        append_number(static_cast<std::uint64_t>(context.time_ms / 1000 % 10'000'000), out);
        out += '.';
        append_number(100'000 + context.random.below(900'000), out);
        out += "] ";
    }

    void write_firewall(const LineContext& context, std::string& out) {
        Random& random = context.random;
        append_uptime(context, out);
        out += "[UFW BLOCK] IN=eth0 OUT= SRC=";
        append_address(random.skewed(20'000), out);
        out += " DST=";
        append_address(7, out);
        out += " LEN=40 TTL=";
        append_number(random.between(32, 250), out);
        out += " ID=";
        append_number(random.below(65'536), out);
        out += " PROTO=TCP SPT=";
        append_number(random.between(1024, 65'535), out);
        out += " DPT=";
        append_number(random.one_in(2) ? 22 : random.skewed(10'000), out);
        out += " WINDOW=1024 SYN URGP=0";
    }

    void write_unit(const LineContext& context, std::string& out) {
        append_head(context, "systemd", 1, out);
        const std::string_view unit = context.random.pick(kUnits);
        static constexpr std::array kStates = {"Started "sv, "Starting "sv, "Stopped "sv, "Reloading "sv};
        out.append(context.random.pick(kStates)).append(unit).append(".service.");
    }

    void write_job(const LineContext& context, std::string& out) {
        append_head(context, "CRON", context.random.between(900, 65'000), out);
        out.append("(root) CMD (").append(context.random.pick(kJobs)).append(")");
    }

    void write_device(const LineContext& context, std::string& out) {
        append_uptime(context, out);
        const std::string_view device = context.random.pick(kDevices);
        out.append("blk_update_request: I/O error, dev ").append(device).append(", sector ");
        append_number(context.random.below(1u << 31), out);
    }

    void write_memory(const LineContext& context, std::string& out) {
        append_uptime(context, out);
        out += "Out of memory: Killed process ";
        append_number(context.random.between(900, 65'000), out);
        out += " (java) total-vm:";
        append_number(context.random.between(1u << 20, 1u << 23), out);
        out += "kB, anon-rss:";
        append_number(context.random.between(1u << 19, 1u << 22), out);
        out += "kB";
    }
};

}  // namespace

std::unique_ptr<LogKind> make_sshd_log() {
    return std::make_unique<SshdLog>();
}
std::unique_ptr<LogKind> make_kernel_log() {
    return std::make_unique<KernelLog>();
}

}  // namespace nmstore::benchmarks

#include "server/daemon.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <thread>

#include "ingest/own_rows.h"
#include "server/agent_port.h"
#include "server/alerts.h"
#include "server/change_follower.h"
#include "server/connection_counters.h"
#include "server/entrance.h"
#include "server/freed_memory.h"
#include "server/listener.h"
#include "server/log.h"
#include "server/page_session.h"
#include "server/realtime.h"
#include "server/replication.h"
#include "server/retention_task.h"
#include "server/routes.h"
#include "server/running_work.h"
#include "server/service.h"
#include "server/store_watch.h"

namespace nmstore::server {

namespace {

constexpr std::chrono::milliseconds kWorkersGrace{5000};  // for handlers whose clients have been sent away
constexpr std::chrono::milliseconds kSignalPoll{50};

// SIGTERM and SIGINT stop, SIGHUP reloads; taken by waiting, so that no code runs inside a signal handler.
class Signals {
  public:
    Signals() {
        sigemptyset(&set_);
        for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, number);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        signal(SIGPIPE, SIG_IGN);
    }
    int wait() const {
        int number = 0;
        while (sigwait(&set_, &number) != 0) {
        }
        return number;
    }
    // 0 if none comes in this time.
    int wait(std::chrono::milliseconds time) const {
        const timespec limit{static_cast<time_t>(time.count() / 1000),
                             static_cast<long>(time.count() % 1000) * 1000000};
        const int number = sigtimedwait(&set_, nullptr, &limit);
        return number > 0 ? number : 0;
    }

  private:
    sigset_t set_{};
};

LogLevel level_of(const std::string& name) {
    if (name == "debug") return LogLevel::debug;
    if (name == "warning") return LogLevel::warning;
    if (name == "error") return LogLevel::error;
    return name == "off" ? LogLevel::off : LogLevel::info;
}

std::string sync_name(const Config& config) {
    if (config.sync == SyncMode::always) return "always";
    if (config.sync == SyncMode::off) return "off";
    return "interval:" + std::to_string(config.sync_interval_ms);
}

// As many open files as the system lets us have: connections and the store's files share them.
void raise_open_files() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// true once all is answered; false if something still runs when the time is over.
bool drain(const Config& config, const Signals& signals, Listener& listener, WorkerPool& pool) {
    listener.begin_drain();
    const auto end = std::chrono::steady_clock::now() + config.drain_timeout;
    bool drained = listener.wait_drained(std::chrono::milliseconds(0));
    while (!drained && std::chrono::steady_clock::now() < end) {
        drained = listener.wait_drained(kSignalPoll);
        const int number = drained ? 0 : signals.wait(std::chrono::milliseconds(0));
        if (number == SIGTERM || number == SIGINT) {
            log_event(LogLevel::warning, "stopped at once", {{"why", "a second signal"}});
            _exit(kExitFailure);
        }
    }
    if (!drained) {
        log_event(LogLevel::warning, "requests cut off", {{"why", "drain-timeout is over"}});
        listener.abandon();
    }
    return pool.close(kWorkersGrace);
}

void tell_writable(bool writable, const std::string& why) {
    if (writable) {
        log_event(LogLevel::info, "store is writable again");
    } else {
        log_event(LogLevel::warning, "store is read-only", {{"why", why}});
    }
}

void tell_damage(const std::string& file) {
    log_event(LogLevel::error, "store is damaged",
              {{"file", file}, {"what to do", "nm-tool verify names the rows that are hurt"}});
}

int failed(const Error& error) {
    log_event(LogLevel::error, "cannot start",
              {{"why", error.message}, {"code", std::string(code_name(error.code))}});
    // What is asked for is wrong in itself, as a wrong option is; all else is the machine's fault.
    return error.code == Code::invalid_argument ? kExitUsage : kExitFailure;
}

int serve(const Config& config, const Signals& signals) {
    auto credentials = load_credentials(config.tokens, config.auth);
    if (!credentials.ok()) return failed(credentials.error());
    const auto address = listen_address(config.listen, **credentials);
    if (!address.ok()) return failed(address.error());
    std::optional<ListenAddress> tls_address;
    if (!config.tls_listen.empty()) {
        const auto second = listen_address(config.tls_listen, **credentials);
        if (!second.ok()) return failed(second.error());
        tls_address = *second;
    }
    const auto agents_at = agent_address(config);
    if (!agents_at.ok()) return failed(agents_at.error());
    const auto tls = open_tls(config);
    if (!tls.ok()) return failed(tls.error());
    CredentialSource source(std::move(*credentials));
    const WebhookOptions hooks{config.webhook_ca, config.webhook_timeout};
    if (const auto checked = check_webhook_options(hooks); !checked.ok()) return failed(checked.error());

    for (const ReplicationTargetOptions& target : config.replication.targets) {
        if (const auto checked = check_replication_ca(target.ca_file); !checked.ok())
            return failed(checked.error());
    }

    StoreOptions options;
    options.directory = config.data;
    options.sync = config.sync;
    options.sync_interval_ms = config.sync_interval_ms;
    options.memory_bytes = config.memory;
    options.sealing = config.sealing;
    options.ballast_bytes = config.ballast;
    options.changes = config.changes;
    options.journal.on = config.replication.keeps_journal();
    options.journal.keep_bytes = config.replication.keep_bytes;
    options.journal.own_rows = ingest::own_rows();
    options.upkeep.compact_after_ms = config.compact_after_ms;
    options.owner = "nm-stored " + address->text();
    auto store = Store::open(options);
    if (!store.ok()) return failed(store.error());

    Metrics metrics;
    WorkerPool pool(config.workers, config.queue, metrics);
    const auto run_job = [&pool](std::function<void()> job) { return pool.try_run(std::move(job)); };
    const auto post = [&hooks](const WebhookRequest& request, const std::atomic<bool>& stopping) {
        return post_webhook(request, hooks, stopping);
    };
    auto alerts = Alerts::open(**store, system_clock(), metrics, post);
    if (!alerts.ok()) return failed(alerts.error());
    ChangeFollower follower(**store);
    Realtime realtime(**store, follower, run_job);
    follower.add(realtime);
    ChangeFollower alerts_follower(**store);  // rules that take long hold up no tails
    alerts_follower.add(**alerts);
    auto replication = Replication::open(**store, system_clock(), config.replication);
    if (!replication.ok()) return failed(replication.error());
    OpenConnections connections(system_clock());
    RunningWork running_work(system_clock());
    Context context{**store,      config,       metrics,       system_clock(),
                    run_job,      &realtime,    alerts->get(), replication->get(),
                    &connections, &running_work, &source};
    std::optional<ConnectionCounters> counters;
    counters.emplace(**store);
    counters->reset_at_start();
    std::optional<PageUsers> users;
    users.emplace(**store, system_clock());
    users->reset_at_start();
    Pages pages{context, *users, *counters};
    Router router;
    router.add(operation_routes(context));
    router.add(cloudsandra_routes(context));
    router.add(api_routes(context));
    router.add(comet_routes(context));
    router.add(page_routes(pages));
    const Service service(router, source, metrics);
    auto listener = Listener::start(
        {*address, TransportLimits::from(config), config.access_log, *tls, tls_address, &connections},
        service, pool, metrics);
    if (!listener.ok()) return failed(listener.error());
    const ListenAddress real = (*listener)->address();
    const ListenAddress tls_real = (*listener)->tls_address().value_or(ListenAddress{});
    if (tls_address && !config.tls_port_file.empty()) {
        const auto written = write_port_file(config.tls_port_file, tls_real.port);
        if (!written.ok()) return failed(written.error());
    }
    std::unique_ptr<AgentPort> agents;
    if (*agents_at) {
        AgentPortLimits limits;
        limits.max_connections = config.agent_max_connections;
        auto started = AgentPort::start(**agents_at, limits, **store, metrics, *counters,
                                        [&context] { return may_write(context); });
        if (!started.ok()) return failed(started.error());
        agents = std::move(*started);
        if (!config.agent_port_file.empty()) {
            const auto written = write_port_file(config.agent_port_file, agents->address().port);
            if (!written.ok()) return failed(written.error());
        }
    }
    const bool all_tls = *tls && !tls_address;
    if (!real.loopback && !all_tls) {
        log_event(LogLevel::warning, "credentials can be read on the network",
                  {{"listen", real.text()}, {"why", "it speaks no TLS: see --tls-cert"}});
    }
    if (!config.port_file.empty()) {
        const auto written = write_port_file(config.port_file, real.port);
        if (!written.ok()) return failed(written.error());
    }
    (*replication)->start();
    follower.start();  // from here on nothing returns early, so that it ends before those whom it tells
    alerts_follower.start();
    log_event(LogLevel::info, "started",
              {{"version", NM_VERSION},
               {"listen", real.text()},
               {"tls", tls_address ? tls_real.text()
                       : all_tls   ? real.text()
                                   : "none"},
               {"agents", agents ? agents->address().text() : "none"},
               {"data", config.data},
               {"sync", sync_name(config)},
               {"credentials", source.get()->empty() ? "none" : "yes"},
               {"workers", std::to_string(config.workers)},
               {"pid", std::to_string(getpid())}});

    std::optional<RetentionTask> retention;
    if (!config.retention.empty()) {
        retention.emplace(
            [&store = **store, &config, &running_work](const Progress& progress) {
                RunningWork::Entry entry(running_work, "retention", "", "");
                return store.retain(config.retention, false, [&](const ProgressReport& report) {
                    entry.report(report);
                    return progress(report);
                });
            },
            [&metrics](const Result<RetentionReport>& report) {
                metrics.note_retention(report);
                tell_retention(report);
            },
            config.retention_interval);
    }
    std::optional<StoreWatch> watch;
    watch.emplace([&store = **store] { return store.stats(); },
                  [&retention](bool writable, const std::string& why) {
                      tell_writable(writable, why);
                      if (!writable && retention) retention->hurry();  // it may be what gives room
                  },
                  tell_damage);
    int number = signals.wait();
    for (; number == SIGHUP; number = signals.wait()) {
        reload_credentials(config, source);
        if (*tls) reload_tls(config, **tls);
    }
    log_event(LogLevel::info, "stopping", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
    agents.reset();
    if (!drain(config, signals, **listener, pool)) {
        // A handler that cannot be stopped may not see its store closed; what was answered is safe either
        // way.
        log_event(LogLevel::error, "stopped", {{"why", "a request did not end"}});
        _exit(kExitFailure);
    }
    (*replication)->stop();
    listener->reset();  // with it the last connections, which are counted
    users.reset();
    counters.reset();
    watch.reset();
    retention.reset();
    follower.stop();
    alerts_follower.stop();
    (*alerts)->stop();
    const auto closed = (*store)->close();
    if (!closed.ok()) {
        log_event(LogLevel::error, "stopped", {{"why", closed.error().message}});
        return kExitFailure;
    }
    log_event(LogLevel::info, "stopped", {});
    return kExitOk;
}

}  // namespace

int run_daemon(const Config& config) {
    set_log(level_of(config.log_level), config.log_format == "json" ? LogFormat::json : LogFormat::text);
    keep_little_freed_memory();
    const Signals signals;
    const FreedMemory freed_memory;
    raise_open_files();
    try {
        return serve(config, signals);
    } catch (const std::exception& e) {
        return failed(Error{Code::io, e.what()});
    }
}

}  // namespace nmstore::server

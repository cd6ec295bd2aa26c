#include "server/replication.h"

#include <algorithm>

#include "server/log.h"
#include "server/routes.h"

namespace nmstore::server {
namespace {

// A journal that ends takes with it what targets have still to read. Of a store that was opened just now
// nothing else was let go.
void warn_of_end(const JournalRange& journal) {
    if (journal.let_go_bytes == 0) return;
    log_event(LogLevel::warning, "the journal has ended, with all that was in it",
              {{"bytes", std::to_string(journal.let_go_bytes)},
               {"why", "this start has neither a target nor --journal"},
               {"what to do",
                "a target that has not read all of it needs a full copy: nm-tool replication resync, once "
                "this hub is started with it again"}});
}

}  // namespace

Replication::Replication(Store& store, const Clock& clock, const ReplicationOptions& options)
    : store_(store),
      journal_on_(options.keeps_journal()),
      journal_limit_(options.keep_bytes),
      standby_(store, options.standby),
      receiver_(store, clock, journal_on_) {}

Result<std::unique_ptr<Replication>> Replication::open(Store& store, const Clock& clock,
                                                       const ReplicationOptions& options,
                                                       const ReplicationSender::MakeCall& make_call) {
    std::unique_ptr<Replication> replication(new Replication(store, clock, options));
    if (!replication->journal_on_) warn_of_end(store.journal());
    NM_TRY(replication->standby_.load());
    NM_TRY(replication->receiver_.load());
    for (const ReplicationTargetOptions& target : options.targets) {
        replication->senders_.push_back(std::make_unique<ReplicationSender>(
            store, clock, target, make_call, [whole = replication.get()] { whole->forget_what_is_sent(); }));
        NM_TRY(replication->senders_.back()->load());
    }
    return replication;
}

Replication::~Replication() {
    stop();
}

void Replication::start() {
    for (const auto& sender : senders_) sender->start();
}

void Replication::stop() {
    for (const auto& sender : senders_) sender->begin_stop();
    for (const auto& sender : senders_) sender->stop();
}

ReplicationSender* Replication::target(std::string_view name) {
    const auto found = std::find_if(senders_.begin(), senders_.end(),
                                    [name](const auto& sender) { return sender->name() == name; });
    return found == senders_.end() ? nullptr : found->get();
}

ReplicationStatus Replication::status() const {
    ReplicationStatus status;
    status.hub = store_.hub_id();
    status.standby = standby_.on();
    status.journal_on = journal_on_;
    status.journal = store_.journal();
    status.journal_limit = journal_limit_;
    for (const auto& sender : senders_) status.targets.push_back(sender->status());
    status.sources = receiver_.sources();
    if (auto copies = store_.incoming_copies(); copies.ok()) status.copies = std::move(*copies);
    return status;
}

void Replication::forget_what_is_sent() {
    ChangeNumber before = store_.journal().end;
    for (const auto& sender : senders_) before = std::min(before, sender->needs_from().value_or(before));
    store_.forget_journal(before);
}

Result<void> may_write(const Context& context) {
    return context.replication == nullptr ? Result<void>{} : context.replication->standby().may_write();
}

Handler refusing_on_standby(Context& context, Method method, Role role, std::string_view pattern,
                            Handler handler, Response (*refuse)(const Error& error)) {
    if (!changes_data(method, role, pattern)) return handler;
    return [&context, handler = std::move(handler), refuse](Request& request) {
        const auto may = may_write(context);
        return may.ok() ? handler(request) : refuse(may.error());
    };
}

}  // namespace nmstore::server

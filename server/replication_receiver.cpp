#include "server/replication_receiver.h"

#include <algorithm>

#include "server/log.h"
#include "server/replication_notes.h"
#include "server/replication_pack.h"
#include "server/replication_untrusted.h"

namespace nmstore::server {
namespace {

constexpr std::string_view kSourceNote = "source ";

// Greater ones have bits that say something else where a record was made (docs/formats.md).
constexpr ChangeNumber kMostNumber = ChangeNumber{1} << 62;
constexpr std::size_t kHubIdDigits = 32;

std::string note_of(const std::pair<std::string, std::string>& link) {
    return std::string(kSourceNote) + link.first + " " + link.second;
}

Error not_bound(const std::string& hub, const std::string& who) {
    return {Code::conflict, "the hub " + hub + " is not bound to the credentials \"" + who +
                                "\", which lack the role admin; to let them speak for it, say at the target: "
                                "nm-tool replication bind " +
                                hub + " " + who};
}

}  // namespace

// Holds a link for as long as it lives, if it was free.
class ReplicationReceiver::Turn {
  public:
    Turn(ReplicationReceiver& receiver, Key key) : receiver_(receiver), key_(std::move(key)) {
        const std::lock_guard guard(receiver_.mutex_);
        has_ = receiver_.busy_.insert(key_).second;
    }
    ~Turn() {
        if (!has_) return;
        const std::lock_guard guard(receiver_.mutex_);
        receiver_.busy_.erase(key_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    bool has() const { return has_; }

  private:
    ReplicationReceiver& receiver_;
    const Key key_;
    bool has_ = false;
};

// Of those who are no administrators only so many: the others' posts would have no thread left.
class ReplicationReceiver::AtWork {
  public:
    AtWork(ReplicationReceiver& receiver, const ReplicationPost& post) : receiver_(receiver) {
        if (post.trusted) return;
        const std::lock_guard guard(receiver_.mutex_);
        auto& posts = receiver_.untrusted_posts_;
        may_ = posts.size() < kMostUntrustedPosts && posts.count(post.who) < kMostUntrustedPostsOfName;
        if (may_) own_ = posts.insert(post.who);
    }
    ~AtWork() {
        if (!own_) return;
        const std::lock_guard guard(receiver_.mutex_);
        receiver_.untrusted_posts_.erase(*own_);
    }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    bool may() const { return may_; }

  private:
    ReplicationReceiver& receiver_;
    std::optional<std::multiset<std::string>::iterator> own_;
    bool may_ = true;
};

ReplicationReceiver::ReplicationReceiver(Store& store, const Clock& clock, bool keeps_journal)
    : store_(store), clock_(clock), keeps_journal_(keeps_journal), untold_(store), owners_(store) {}

Result<void> ReplicationReceiver::load() {
    NM_ASSIGN(const std::vector<Store::Note> notes, store_.notes(kReplicationArea));
    NM_TRY(untold_.load(notes));
    owners_.load(notes);
    const std::lock_guard guard(mutex_);
    for (const Store::Note& note : notes) {
        if (!note.name.starts_with(kSourceNote)) continue;
        const std::string link = note.name.substr(kSourceNote.size());
        const std::size_t blank = std::min(link.find(' '), link.size());
        sources_[{link.substr(0, blank), link.substr(std::min(blank + 1, link.size()))}] = 0;
    }
    if (!sources_.empty()) warn_without_journal(sources_.begin()->first.first);
    return {};
}

void ReplicationReceiver::warn_without_journal(const std::string& hub) const {
    if (keeps_journal_) return;
    log_event(
        LogLevel::warning, "another hub sends here, and no journal is kept",
        {{"hub", hub},
         {"why", "how late this hub's own writes are is not known, and older ones of the other replace them"},
         {"what to do", "start with --journal, or with that hub as a target"}});
}

Result<std::optional<ChangeNumber>> ReplicationReceiver::position(const JournalLink& link) const {
    return store_.journal_position(link);
}

// The link's turn is taken.
Result<void> ReplicationReceiver::heard_of(const ReplicationPost& post) {
    if (post.link.stream.starts_with(kCopyStream)) return {};
    const Key key{post.link.hub, post.link.stream};
    {
        const std::lock_guard guard(mutex_);
        const auto known = sources_.find(key);
        if (known != sources_.end()) {
            known->second = clock_.now_ms();
            return {};
        }
        const auto begin = sources_.lower_bound({key.first, ""});
        const auto end = std::find_if(begin, sources_.end(),
                                      [&](const auto& source) { return source.first.first != key.first; });
        const auto streams = static_cast<std::size_t>(std::distance(begin, end));
        if (!post.trusted && streams >= kMostUntrustedStreams)
            return Error{Code::conflict, "too many streams of this hub come here already"};
        if (post.trusted && sources_.size() >= kMaxReplicationSources) return {};
    }
    warn_without_journal(post.link.hub);
    NM_TRY(store_.put_notes(kReplicationArea, {{note_of(key), ""}}));
    const std::lock_guard guard(mutex_);
    sources_[key] = clock_.now_ms();
    return {};
}

// Who may not remove anything may not speak for another hub either, also if nobody has heard of it yet: what
// that writes would not be taken any more.
Result<void> ReplicationReceiver::check_owner(const ReplicationPost& post) const {
    if (post.link.hub == store_.hub_id())
        return Error{Code::invalid_argument, "hub: that is the id of the hub that you send to"};
    if (post.trusted) return {};
    if (post.link.stream.starts_with(kCopyStream)) return lack_replication_admin("a full copy");
    const std::optional<std::string> owner = owners_.of(post.link.hub);
    if (!owner || *owner != post.who) return not_bound(post.link.hub, post.who);
    return {};
}

Result<ReplicationReceived> ReplicationReceiver::receive(const ReplicationPost& post) {
    NM_TRY(check_owner(post));
    const Turn turn(*this, {post.link.hub, post.link.stream});
    if (!turn.has()) return Error{Code::busy, "an earlier post of this hub is not done"};
    const AtWork at_work(*this, post);
    if (!at_work.may()) return Error{Code::busy, "other posts of hubs without the role admin are not done"};
    NM_TRY(heard_of(post));
    ReplicationReceived received;
    NM_ASSIGN(received.position, store_.journal_position(post.link));
    const bool fits = received.position ? *received.position == post.from && !post.begin : post.begin;
    if (!fits) {
        received.elsewhere = true;
        return received;
    }
    if (post.end < post.from) return Error{Code::invalid_argument, "end is before from"};
    if (post.end > kMostNumber) return Error{Code::invalid_argument, "end is more than a number can be"};
    // One after the other, as they are written: some kilobytes may be the most that there can be. What others
    // than administrators send is looked at apart, so that nobody waits for that but they.
    std::unique_lock looking(looking_, std::defer_lock);
    if (!post.trusted) looking.lock();
    std::unique_lock writing(writing_, std::defer_lock);
    if (post.trusted) writing.lock();
    NM_ASSIGN(const std::string unpacked,
              unpack_records(post.body, post.trusted ? kMaxUnpackedBytes : kMostUntrustedBytes));
    NM_ASSIGN(const std::vector<JournalRecordView> records, split_records(unpacked));
    if (!records.empty() && (records.front().number < post.from || records.back().number >= post.end))
        return Error{Code::invalid_argument, "there are records that are not in [from, end)"};
    if (!post.trusted) {
        NM_TRY(check_untrusted_records(records, clock_.now_ms()));
        writing.lock();
        NM_TRY(check_owner(post));  // that may have been changed meanwhile
    }
    // Also where nothing is refused: that it goes on from here says that it knows what was before.
    const auto note = [&](const ReplicationUntold::Refused& refused) {
        return untold_.set(post.link, refused);
    };
    NM_ASSIGN(received.applied,
              store_.apply_journal(post.link, records, post.end, kReplicationArea, note, {post.trusted}));
    tell_of_retelling(received.applied);
    received.position = received.applied.position;
    return received;
}

void ReplicationReceiver::tell_of_retelling(const AppliedJournal& applied) {
    if (applied.retold == 0 && !applied.retold_in_part) return;
    log_event(applied.retold_in_part ? LogLevel::warning : LogLevel::info,
              applied.retold_in_part
                  ? "a full copy has come, and the journal does not reach back to where it began: what was "
                    "written here "
                    "meanwhile may be missing"
                  : "a full copy has come: what it did not know, and had overwritten, was written again",
              {{"records", std::to_string(applied.retold)}});
}

Result<void> ReplicationReceiver::set_position(const JournalLink& link,
                                               std::optional<ChangeNumber> position) {
    const Turn turn(*this, {link.hub, link.stream});
    if (!turn.has()) return Error{Code::busy, "an earlier post of this hub is not done"};
    NM_TRY(untold_.forget(link));
    return store_.set_journal_position(link, position);
}

Result<void> ReplicationReceiver::forget(const std::string& hub) {
    std::vector<Key> links;
    {
        const std::lock_guard guard(mutex_);
        for (const auto& [key, last_ms] : sources_) {
            if (key.first != hub) continue;
            if (last_ms != 0 && clock_.now_ms() < last_ms + kSourceGoneMs)
                return Error{Code::busy, "that hub still sends: it was heard of within the last minute"};
            links.push_back(key);
        }
    }
    NM_ASSIGN(const std::vector<IncomingCopy> copies, store_.incoming_copies());
    for (const IncomingCopy& copy : copies) {
        if (copy.hub != hub) continue;
        if (clock_.now_ms() < copy.last_ms + kSourceGoneMs)
            return Error{Code::busy,
                         "a part of that hub's copy has come, or it was given up, within the last minute"};
        if (links.empty()) links.push_back({hub, ""});
    }
    if (links.empty() && owners_.of(hub)) return owners_.forget(hub);
    if (links.empty()) return Error{Code::not_found, "no hub with the id \"" + hub + "\" has sent anything"};
    for (const Key& key : links) {
        const Turn turn(*this, key);
        if (!turn.has()) return Error{Code::busy, "that hub still sends"};
        NM_TRY(untold_.forget({key.first, key.second}));
        // The first gives up what has come of a copy, perhaps with all links; said again that counts as
        // whole.
        NM_ASSIGN(const auto position, store_.journal_position({key.first, key.second}));
        if (position || key == links.front())
            NM_TRY(store_.set_journal_position({key.first, key.second}, std::nullopt));
        NM_TRY(store_.put_notes(kReplicationArea, {{note_of(key), std::nullopt}}));
        const std::lock_guard guard(mutex_);
        sources_.erase(key);
    }
    return owners_.forget(hub);
}

Result<void> ReplicationReceiver::bind(const std::string& hub, const std::string& name) {
    NM_TRY(parse_journal_link(hub, ""));
    if (hub == store_.hub_id())
        return Error{Code::invalid_argument, "hub: that is the id of this hub itself"};
    const bool is_plain = std::none_of(name.begin(), name.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < ' ' || byte == 0x7f || byte == ':';
    });
    if (name.empty() || name.size() > ReplicationOwners::kMaxNameBytes || !is_plain)
        return Error{Code::invalid_argument, "credentials: expected the name of a token, at most " +
                                                 std::to_string(ReplicationOwners::kMaxNameBytes) +
                                                 " bytes without colons and control characters"};
    return owners_.bind(hub, name);
}

std::vector<ReplicationSource> ReplicationReceiver::sources() const {
    std::map<Key, std::int64_t> known;
    {
        const std::lock_guard guard(mutex_);
        known = sources_;
    }
    std::map<std::string, std::string> owners = owners_.all();
    std::vector<ReplicationSource> all;
    for (const auto& [key, last_ms] : known) {
        ReplicationSource source{{key.first, key.second}, std::nullopt, last_ms};
        if (const auto owner = owners.find(key.first); owner != owners.end()) source.owner = owner->second;
        if (const auto position = store_.journal_position(source.link); position.ok())
            source.position = *position;
        all.push_back(std::move(source));
    }
    for (auto& [hub, name] : owners) {
        const auto first = known.lower_bound({hub, ""});
        if (first == known.end() || first->first.first != hub)
            all.push_back({{hub, ""}, std::nullopt, 0, std::move(name)});
    }
    return all;
}

Result<JournalLink> parse_journal_link(std::string_view hub, std::string_view stream) {
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (hub.size() != kHubIdDigits || !std::all_of(hub.begin(), hub.end(), is_hex))
        return Error{Code::invalid_argument, "hub: expected the id of a hub, 32 hexadecimal digits"};
    const auto is_plain = [](char c) { return c >= ' ' && c < 0x7f; };
    if (stream.size() > kMaxStreamBytes || !std::all_of(stream.begin(), stream.end(), is_plain))
        return Error{Code::invalid_argument,
                     "stream: expected at most " + std::to_string(kMaxStreamBytes) + " characters of ASCII"};
    return JournalLink{std::string(hub), std::string(stream)};
}

}  // namespace nmstore::server

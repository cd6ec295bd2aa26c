// The tags of clients (row client-tags) as filters that stand for long see them: each as it is when a line is
// asked about, and not as it was when the filter came.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "nmstore/store.h"
#include "query/matcher.h"

namespace nmstore::server {

// Used by one thread at a time. Knows those that its names() were asked for, of the last some thousand
// clients.
class ClientTags {
  public:
    static constexpr std::size_t kMaxClients = 10'000;

    // The store must outlive it.
    explicit ClientTags(const Store& store) : store_(store) {}
    ClientTags(const ClientTags&) = delete;
    ClientTags& operator=(const ClientTags&) = delete;

    // For filters; it must outlive what is given back.
    query::ClientNames names();
    // To be called before a line of this client is asked about: whether something that names() has told is
    // not so any more. Costs a look into the store if names() was asked for the client, else nothing.
    bool have_changed(std::string_view client);
    void forget() { known_.clear(); }

  private:
    // Of a tag that cannot be read the last one known counts.
    std::string read(const std::string& client, const std::string& known) const;

    const Store& store_;
    std::unordered_map<std::string, std::string> known_;  // by client; "": none
};

}  // namespace nmstore::server

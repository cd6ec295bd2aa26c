// What the process has freed goes back to the system: glibc keeps it for what comes next, which after a few
// large requests may be hundreds of megabytes.
#pragma once

#include <thread>

namespace nmstore::server {

// Has it keep less by itself. Before other threads begin.
void keep_little_freed_memory();

// Gives back what is kept all the same, now and then while this lives: queries over thousands of rows free it
// in small pieces. Does nothing where the C library is another one.
class FreedMemory {
  public:
    FreedMemory();

  private:
    std::jthread thread_;
};

}  // namespace nmstore::server

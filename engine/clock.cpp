#include "nmstore/clock.h"

#include <chrono>

namespace nmstore {

const Clock& system_clock() {
    class SystemClock final : public Clock {
      public:
        std::int64_t now_ms() const override {
            using namespace std::chrono;
            return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        }
        std::int64_t elapsed_ms() const override {
            using namespace std::chrono;
            return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
        }
    };
    static const SystemClock clock;
    return clock;
}

}  // namespace nmstore

#include "server/running_work.h"

#include <utility>

namespace nmstore::server {

RunningWork::Entry::Entry(RunningWork& all, std::string_view what, std::string token, const std::string& peer)
    : all_(all) {
    RunningJob job;
    job.what = what;
    job.token = std::move(token);
    job.address = peer.substr(0, peer.rfind(':'));
    job.begun_ms = all_.clock_.now_ms();
    const std::lock_guard guard(all_.mutex_);
    id_ = job.id = ++all_.last_id_;
    place_ = all_.all_.insert(all_.all_.end(), std::move(job));
}

RunningWork::Entry::~Entry() {
    const std::lock_guard guard(all_.mutex_);
    all_.all_.erase(place_);
}

void RunningWork::Entry::report(const ProgressReport& report) {
    const std::lock_guard guard(all_.mutex_);
    place_->stage = report.stage;
    place_->done = report.done;
    place_->total = report.total;
    place_->unit = report.unit;
}

std::vector<RunningJob> RunningWork::list() const {
    const std::lock_guard guard(mutex_);
    return {all_.begin(), all_.end()};
}

}  // namespace nmstore::server

#include "query/block_jobs.h"

#include <algorithm>

namespace nmstore::query {

BlockJobs::BlockJobs(BlockPool& pool, Read read)
    : pool_(pool), jobs_(std::make_shared<Jobs>(std::move(read))) {}

BlockJobs::~BlockJobs() {
    std::unique_lock lock(jobs_->mutex);
    jobs_->all.remove_if([](const Job& job) { return !job.started; });
    jobs_->done.wait(lock, [this] { return jobs_->running == 0; });
    // The pool may hold its turns a while longer, but nothing of the store, which may be closed next.
    jobs_->all.clear();
    jobs_->read = nullptr;
}

BlockJobs::Job* BlockJobs::add(const LogRow& row, const BlockInfo& block) {
    Job* added = nullptr;
    {
        const std::lock_guard lock(jobs_->mutex);
        added = &jobs_->all.emplace_back(Job{row, block, false, std::nullopt});
    }
    pool_.run([jobs = jobs_] {
        std::unique_lock lock(jobs->mutex);
        do_next(*jobs, lock);
    });
    return added;
}

bool BlockJobs::do_next(Jobs& jobs, std::unique_lock<std::mutex>& lock) {
    const auto waiting =
        std::find_if(jobs.all.begin(), jobs.all.end(), [](const Job& job) { return !job.started; });
    if (waiting == jobs.all.end()) return false;
    waiting->started = true;
    ++jobs.running;
    lock.unlock();
    Result<BlockAnswer> answer = jobs.read(waiting->row, waiting->block);
    lock.lock();
    waiting->answer = std::move(answer);
    --jobs.running;
    jobs.done.notify_all();
    return true;
}

std::size_t BlockJobs::size() const {
    const std::lock_guard lock(jobs_->mutex);
    return jobs_->all.size();
}

Result<BlockAnswer> BlockJobs::take(Job* job) {
    std::unique_lock lock(jobs_->mutex);
    while (!job->answer) {
        if (!do_next(*jobs_, lock)) jobs_->done.wait(lock);
    }
    Result<BlockAnswer> answer = std::move(*job->answer);
    jobs_->all.remove_if([job](const Job& one) { return &one == job; });
    return answer;
}

}  // namespace nmstore::query

// AND, OR and NOT over what is known of a template's lines: the cheapest part first, the others only of lines
// that it has not decided.
#include <algorithm>

#include "query/block_condition.h"
#include "query/condition.h"

namespace nmstore::query {
namespace {

class Constant final : public BlockCondition {
  public:
    explicit Constant(bool truth) : truth_(truth) {}
    Result<Bounds> in(BlockWords&, std::size_t, const RankSet&) const override {
        return Bounds::always(truth_);
    }
    Result<bool> may_hold(BlockWords&) const override { return truth_; }
    unsigned cost() const override { return cost::kNothing; }

  private:
    bool truth_;
};

class OfRow final : public BlockCondition {
  public:
    explicit OfRow(std::size_t number) : number_(number) {}
    Result<Bounds> in(BlockWords& block, std::size_t, const RankSet&) const override {
        return Bounds::always(block.of_row(number_));
    }
    Result<bool> may_hold(BlockWords& block) const override { return block.of_row(number_); }
    unsigned cost() const override { return cost::kRow; }

  private:
    std::size_t number_;
};

class Not final : public BlockCondition {
  public:
    explicit Not(BlockConditionPtr negated) : negated_(std::move(negated)) {}
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        const std::size_t lines = block.made(number).lines;
        NM_ASSIGN(const Bounds of, negated_->in(block, number, within));
        Bounds bounds{RankSet::all(), RankSet::all()};
        bounds.sure.subtract(of.maybe, lines);
        bounds.maybe.subtract(of.sure, lines);
        return bounds;
    }
    unsigned cost() const override { return negated_->cost(); }

  private:
    BlockConditionPtr negated_;
};

class Junction : public BlockCondition {
  public:
    explicit Junction(std::vector<BlockConditionPtr> parts) : parts_(std::move(parts)) {
        std::stable_sort(parts_.begin(), parts_.end(),
                         [](const auto& a, const auto& b) { return a->cost() < b->cost(); });
        for (const auto& part : parts_) cost_ += part->cost();
    }
    unsigned cost() const final { return cost_; }

  protected:
    std::vector<BlockConditionPtr> parts_;

  private:
    unsigned cost_ = 0;
};

class Both final : public Junction {
  public:
    using Junction::Junction;
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        const std::size_t lines = block.made(number).lines;
        Bounds bounds{RankSet::all(), within};
        for (const auto& part : parts_) {
            NM_ASSIGN(const Bounds of, part->in(block, number, bounds.maybe));
            bounds.maybe.intersect(of.maybe, lines);
            bounds.sure.intersect(of.sure, lines);
            if (bounds.maybe.is_none()) return Bounds::always(false);
        }
        bounds.sure.intersect(bounds.maybe, lines);
        return bounds;
    }
    Result<bool> may_hold(BlockWords& block) const override {
        for (const auto& part : parts_) {
            NM_ASSIGN(const bool may, part->may_hold(block));
            if (!may) return false;
        }
        return true;
    }
};

class Either final : public Junction {
  public:
    using Junction::Junction;
    Result<Bounds> in(BlockWords& block, std::size_t number, const RankSet& within) const override {
        const std::size_t lines = block.made(number).lines;
        Bounds bounds{RankSet::none(), RankSet::none()};
        RankSet open = within;
        for (const auto& part : parts_) {
            NM_ASSIGN(const Bounds of, part->in(block, number, open));
            bounds.maybe.unite(of.maybe, lines);
            bounds.sure.unite(of.sure, lines);
            open.subtract(of.sure, lines);
            if (open.is_none()) break;
        }
        bounds.maybe.unite(bounds.sure, lines);
        return bounds;
    }
    Result<bool> may_hold(BlockWords& block) const override {
        for (const auto& part : parts_) {
            NM_ASSIGN(const bool may, part->may_hold(block));
            if (may) return true;
        }
        return false;
    }
};

}  // namespace

BlockConditionPtr make_block_constant(bool truth) {
    return std::make_unique<Constant>(truth);
}
BlockConditionPtr make_block_source(std::size_t number) {
    return std::make_unique<OfRow>(number);
}
BlockConditionPtr make_block_negation(BlockConditionPtr negated) {
    return std::make_unique<Not>(std::move(negated));
}
BlockConditionPtr make_block_both(std::vector<BlockConditionPtr> parts) {
    return std::make_unique<Both>(std::move(parts));
}
BlockConditionPtr make_block_either(std::vector<BlockConditionPtr> parts) {
    return std::make_unique<Either>(std::move(parts));
}

}  // namespace nmstore::query

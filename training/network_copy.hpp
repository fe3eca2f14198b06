#pragma once
#include "engine/host_copy.hpp"
#include "models/network.hpp"

namespace poseaug {

/// A network as it stood, in the host's memory: files are made of it while the network learns on.
template <class T> class NetworkCopy {
public:
    explicit NetworkCopy(const Network<T>& network)
        : placements_(network.placements()), values_(network.device(), network.values().size()),
          statistics_(network.device(), network.statistics().size()) {}

    /// Queues the copying; the arrays below have it after the device's next `synchronize`.
    void queue(const Network<T>& network) {
        values_.queue(network.values());
        statistics_.queue(network.statistics());
    }

    const std::vector<Placement>& placements() const { return placements_; }
    /// The elements of one of the placements.
    std::span<const T> at(const Placement& p) const {
        return (p.spec.learned ? values_ : statistics_)
            .values()
            .subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(p.spec.size()));
    }
    /// The parts of a flat array in the order of the layout, as a file has them.
    using Parts = std::vector<std::span<const T>>;
    Parts values() const { return in_layout_order(values_, true); }
    Parts statistics() const { return in_layout_order(statistics_, false); }

protected:
    Parts in_layout_order(const HostCopy<T>& flat, bool learned) const {
        Parts parts;
        for (const Placement& p : placements_)
            if (p.spec.learned == learned)
                parts.push_back(
                    flat.values().subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(p.spec.size())));
        return parts;
    }

private:
    std::vector<Placement> placements_;
    HostCopy<T> values_, statistics_;
};

/// The same with what Adam keeps.
template <class T> class LearningNetworkCopy : public NetworkCopy<T> {
public:
    explicit LearningNetworkCopy(const Network<T>& network)
        : NetworkCopy<T>(network), first_moment_(network.device(), network.first_moment().size()),
          second_moment_(network.device(), network.second_moment().size()), adam_(network.device(), 1) {}

    void queue(const Network<T>& network) {
        NetworkCopy<T>::queue(network);
        first_moment_.queue(network.first_moment());
        second_moment_.queue(network.second_moment());
        adam_.queue(network.adam_array());
    }
    auto first_moment() const { return this->in_layout_order(first_moment_, true); }
    auto second_moment() const { return this->in_layout_order(second_moment_, true); }
    const AdamState& adam_state() const { return adam_.values()[0]; }

private:
    HostCopy<T> first_moment_, second_moment_;
    HostCopy<AdamState> adam_;
};

} // namespace poseaug

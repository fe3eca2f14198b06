#include "kernels/row_driver.hpp"
#include "kernels/step/procedure.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {
namespace {

struct GatherCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<Gather>();
        const std::int64_t first = first_item(p.state, p.batch);
        const auto take = [&](const View<T>& out, const void* data, int c) {
            const T* item = static_cast<const T*>(data) + item_element(item_at(p.order, first + c), out.rows, 0);
            for (int r = 0; r < out.rows; ++r) out(r, c) = item[r];
        };
        for_column_runs(queue, call.out[0].cols, [&](int begin, int end) {
            for (int c = begin; c < end; ++c) {
                take(call.out[0], p.data, c);
                if (call.out[1]) take(call.out[1], p.beside, c);
            }
        });
    }
};

struct ScatterCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<Scatter>();
        const auto& in = call.in[0];
        T* data = static_cast<T*>(p.data) + item_element(first_item(p.state, p.batch), in.rows, 0);
        for_column_runs(queue, in.cols, [&](int begin, int end) {
            for (int c = begin; c < end; ++c)
                for (int r = 0; r < in.rows; ++r) data[item_element(c, in.rows, r)] = in(r, c);
        });
    }
};

struct FetchCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<Fetch>();
        const auto& out = call.out[0];
        const std::int64_t first = first_item(p.state, p.batch) + p.ahead * p.batch;
        const auto there = static_cast<int>(std::clamp<std::int64_t>(p.items - first, 0, out.rows));
        for_column_runs(queue, there, [&](int begin, int end) {
            for (int i = begin; i < end; ++i)
                std::copy_n(static_cast<const T*>(p.data) + item_element(p.order[first + i], out.cols, 0), out.cols,
                            out.row(i));
        });
    }
};

struct AppendKeptCpu {
    template <class T> static void run(Queue&, const Call<T>& call) {
        const auto p = call.attributes.template as<AppendKept>();
        const auto &image = call.in[0], &pose = call.in[1];
        for (int c = 0; c < image.cols; ++c) {
            bool inside = true;
            for (int r = 0; r < image.rows; ++r) {
                const T v = image(r, c);
                inside &= v <= T(1) && (!p.two_sided || v >= T(-1));
            }
            if (!inside) continue;
            const std::int64_t at = (*p.count)++;
            for (int r = 0; r < image.rows; ++r)
                static_cast<T*>(p.images)[item_element(at, image.rows, r)] = image(r, c);
            for (int r = 0; r < pose.rows; ++r) static_cast<T*>(p.poses)[item_element(at, pose.rows, r)] = pose(r, c);
        }
    }
};

struct ReplayPoolCpu {
    template <class T> static void run(Queue&, const Call<T>& call) {
        const auto p = call.attributes.template as<ReplayPool>();
        const auto &fake = call.in[0], &draws = call.in[1];
        auto* items = static_cast<T*>(p.items);
        for (int c = 0; c < fake.cols; ++c) {
            const bool filling = *p.filled < p.capacity;
            const bool trading = !filling && draws(0, c) > T(0.5);
            const std::int64_t slot = filling ? (*p.filled)++ : static_cast<std::int64_t>(draws(1, c));
            T* item = items + item_element(slot, fake.rows, 0);
            for (int r = 0; r < fake.rows; ++r) {
                const T mine = fake(r, c);
                call.out[0](r, c) = trading ? item[r] : mine;
                if (filling || trading) item[r] = mine;
            }
        }
    }
};

} // namespace

const Procedure& gather_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<Gather, GatherCpu>(
            "pose-major files, batch-last tensors: docs/design.md",
            [](int batch) {
                return UsualShapes{{}, {{32, batch}, {48, batch}}, {}};
            },
            {"Takes a batch from the resident data set.",
             "a[r, c] = data[item, r],  b[r, c] = beside[item, r],  item = order[batch * number of the batch + c]; "
             "without an order, in the items' own",
             "Choosing the batch's items, gathering them from two arrays, and the transpositions from pose-major to "
             "batch-last.",
             {},
             {{"a", "(R1, B)"}, {"b", "(R2, B), optional"}},
             {}});
        p.moved_elsewhere = 1;
        return p;
    }();
    return procedure;
}
const Procedure& scatter_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<Scatter, ScatterCpu>(
            "pose-major files, batch-last tensors: docs/design.md",
            [](int batch) {
                return UsualShapes{{{48, batch}}, {}, {}};
            },
            {"Puts a batch back into a resident data set: the inverse of gather.",
             "data[batch * number of the batch + c, r] = in[r, c]",
             "The transposition from batch-last to pose-major, and the copy to its place.",
             {{"in", "(R, B)"}},
             {},
             {}});
        p.moved_elsewhere = 1;
        return p;
    }();
    return procedure;
}
const Procedure& fetch_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<Fetch, FetchCpu>(
            "data beyond the device's memory: docs/design.md",
            [](int batch) {
                return UsualShapes{{}, {{batch, 48}}, {}};
            },
            {"Brings a batch of a data set in the host's memory near, ahead of the step that gathers it.",
             "out[i, r] = data[item, r],  item = order[batch * (number of the batch + ahead) + i], while there are "
             "items",
             "A copy of scattered items by the host, and its upload.",
             {},
             {{"out", "(B, R)"}},
             {}});
        p.moved_elsewhere = 1;
        return p;
    }();
    return procedure;
}
const Procedure& append_kept_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<AppendKept, AppendKeptCpu>(
            "PoseAug section 4, public training procedure: poses beyond the image are dropped",
            [](int batch) {
                return UsualShapes{{{32, batch}, {48, batch}}, {}, {}};
            },
            {"Keeps the augmented poses that lie within the image.",
             "column c is kept where -1 <= image[r, c] <= 1 for all r (as the public code does: where image[r, c] <= "
             "1), and appended in order",
             "The test, the compaction of what passed, and two transpositions to pose-major; the count stays on the "
             "device.",
             {{"image", "(32, B)"}, {"pose", "(48, B)"}},
             {},
             {}});
        p.moved_elsewhere = 1;
        return p;
    }();
    return procedure;
}
const Procedure& replay_pool_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<ReplayPool, ReplayPoolCpu>(
            "history of fakes (Shrivastava et al. 2017); PoseAug section 4, public training procedure",
            [](int batch) {
                return UsualShapes{{{48, batch}, {2, batch}}, {{48, batch}}, {}};
            },
            {"Shows a discriminator a mixture of new fakes and of older ones.",
             "while the pool fills: shown = fake, which is stored\n"
             "once full, where coin > 0.5: shown = the item in the slot, whose place fake takes; else shown = fake",
             "A walk over the batch on the host, with the copies there and back.",
             {{"fake", "(R, B)"}, {"draws", "(2, B): coin, slot"}},
             {{"shown", "(R, B)"}},
             {}});
        p.moved_elsewhere = 1;
        return p;
    }();
    return procedure;
}

} // namespace poseaug

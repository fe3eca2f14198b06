#include "kernels/network/rows.hpp"
#include "kernels/pose/kcs.hpp"
#include "kernels/row_driver.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

void gram_columns_shapes(const Attributes&, const Shape* in, Shape* out) {
    expect_shape(GramColumns::name, 0, in[0], {-1, kBones * kBones});
    if (in[0].rows % kParts != 0)
        throw Error("gram_columns: " + std::to_string(in[0].rows) + " rows do not divide into " +
                    std::to_string(kParts) + " weights");
    const int rows = in[0].rows / kParts;
    for (int k = 0; k < kGramSizes; ++k) out[k] = {parts_of_gram(k) * rows, entries_of_gram(k)};
}

struct GramColumnsValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto& w = call.in[0];
        const int rows = w.rows / kParts;
        for_rows(queue, w.rows, entries_of_gram(kGramSizes - 1), [&](int r) {
            const int part = r / rows, k = gram_of_part(part);
            T* const compact = call.out[k].row(r - first_part_of_gram(k) * rows);
            for (int e = 0; e < entries_of_gram(k); ++e) compact[e] = w(r, kcs_full_index(part, e));
        });
    }
};

struct GramColumnsVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto& d_w = call.d_in[0];
        const int rows = d_w.rows / kParts;
        for_rows(queue, d_w.rows, d_w.cols, [&](int r) {
            if (!call.adds(0)) std::fill(d_w.row(r), d_w.row(r) + d_w.cols, T(0));
            const int part = r / rows, k = gram_of_part(part);
            if (!call.d_out[k]) return;
            const T* const compact = call.d_out[k].row(r - first_part_of_gram(k) * rows);
            for (int e = 0; e < entries_of_gram(k); ++e) d_w(r, kcs_full_index(part, e)) += compact[e];
        });
    }
};

std::vector<Sample> gram_columns_samples() {
    return {sample("three units a part", {}, {sampling::normal(3 * kParts, kBones * kBones)})};
}

} // namespace

Op gram_columns_op() {
    Op op = network_op<GramColumns, GramColumnsValue, GramColumnsVjp>(
        "PoseAug section 3.3: the columns that meet entries of a part's Gram matrix", 1, kGramSizes);
    op.differentiable = 0b1;
    op.shapes = gram_columns_shapes;
    op.make_samples = gram_columns_samples;
    op.flops = no_flops;
    op.text = {"Picks the columns of the 3D discriminator's first weights that meet Gram entries other than zero.",
               "part p of y[:, k] = part p of w[:, i * 15 + j] for entry k = (i, j) of the part's bones;\n"
               "the other columns get a gradient of zero",
               "A selection for each part; backward, a fill and a scatter for each.",
               {{"w", "(5 R, 225)"}},
               {{"arms", "(2 R, 16)"}, {"legs", "(2 R, 25)"}, {"torso", "(R, 49)"}},
               {}};
    return op;
}

} // namespace poseaug

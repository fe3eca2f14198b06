#include "engine/registry.hpp"
#include "engine/stream.hpp"
#include "kernels/cuda/resources.hpp"
#include "kernels/step/procedures.hpp"
#include "kernels/step/shuffle.hpp"
#include "tests/workbench.hpp"

#include <set>

using namespace poseaug;

namespace {

/// The kernels that a dry run notes for every op and procedure, on batches of so many columns. Nothing is run, so that
/// operands need no memory.
template <class T> class DryCalls {
public:
    explicit DryCalls(Device& device) : stream_(device) { stream_.note_calls(&calls_); }

    void run(const Op& op, int cols) {
        for (const Sample& sample : op.samples()) {
            Call<T> call;
            call.attributes = sample.attributes;
            Shape in[kMaxInputs], out[kMaxOutputs];
            for (std::size_t i = 0; i < sample.in.size(); ++i) {
                const Sample::Matrix& m = sample.in[i];
                if (m.values.empty()) continue;
                in[i] = {m.rows, m.cols};
                const bool wide = m.cols > 1 && m.cols % sample.in[0].cols == 0;
                const View<T> view = matrix({m.rows, wide ? m.cols * cols : m.cols});
                call.in[i] = view;
                if (op.differentiable >> i & 1U) call.d_in[i] = view;
            }
            op.shapes(sample.attributes, in, out);
            for (int k = 0; k < op.states; ++k) call.state[k] = matrix({1, 1});
            for (int k = 0; k < op.outputs; ++k) {
                call.out[k] = matrix({out[k].rows, out[k].cols > 1 ? out[k].cols * cols : 1});
                call.d_out[k] = call.out[k];
            }
            call.scratch = &element_;
            stream_.run(op, Direction::value, call);
            if (op.differentiable != 0 && !op.weight) stream_.run(op, Direction::vjp, call);
        }
    }
    void run(const Procedure& procedure) {
        Call<T> call;
        call.in[0] = call.out[0] = matrix({48, 1024});
        call.in[1] = matrix({48, 1024});
        call.scratch = &element_;
        stream_.run(procedure, call);
    }
    std::set<std::string> kernels() const {
        std::set<std::string> names;
        for (const SentCall& call : calls_)
            for (const Launch& launch : call.launches)
                if (launch.kernel.find("cuBLAS") != 0) names.insert(launch.kernel);
        return names;
    }

private:
    View<T> matrix(Shape shape) { return {&element_, shape.rows, shape.cols, shape.cols}; }

    Stream<T> stream_;
    std::vector<SentCall> calls_;
    T element_{};
};

template <class T> std::set<std::string> kernels_of_all(Device& device) {
    DryCalls<T> calls(device);
    for (const Op& op : registry())
        for (const int cols : {1, 1000}) calls.run(op, cols);
    for (const Procedure* procedure : procedures()) calls.run(*procedure);
    return calls.kernels();
}

} // namespace

TEST_CASE("the compiler's notes are read for the newest architecture, by the names of launches") {
    const ResourceTable table =
        parse_resources("sm_90 _ZN7poseaug4cuda12block_kernelINS_11GatherBlockIfEEEEvNT_4ArgsE 40 4224 0 0\n"
                        "sm_80 _ZN7poseaug4cuda12block_kernelINS_11GatherBlockIfEEEEvNT_4ArgsE 38 4224 0 0\n"
                        "sm_100a _ZN7poseaug4cuda12block_kernelINS_11GatherBlockIfEEEEvNT_4ArgsE 50 4224 8 12\n"
                        "sm_100a _ZN7poseaug4cuda15elements_kernelINS_11FillElementIdEEEEvT_ii 22 0 0 0\n"
                        "sm_100a _ZN3cub11EmptyKernelIvEEvv 4 0 0 0\n");
    CHECK(table.architecture == "sm_100a");
    REQUIRE(table.kernels.size() == 3);
    const auto& gather = table.kernels[0];
    CHECK(gather.kernel == "block_kernel<poseaug::GatherBlock<float>>");
    CHECK(gather.registers == 50);
    CHECK(gather.shared_bytes == 4224);
    CHECK(gather.stack_bytes == 8);
    CHECK(gather.spill_bytes == 12);
    CHECK(table.kernels[1].kernel == "elements_kernel<poseaug::FillElement<double>>");
    CHECK(table.kernels[2].kernel == "void cub::EmptyKernel<void>()");
    CHECK(parse_resources("").kernels.empty());
    CHECK(test::contains(test::error_of([] { parse_resources("sm_90 name 4 zero 0 0\n"); }), "damaged at 'sm_90 name"));
}

TEST_CASE("a kernel of a body in a file's own namespace has the name of its launch") {
    CHECK(
        launch_name("_ZN7poseaug4cuda15elements_kernelINS0_43_GLOBAL__N__f64b07d8_10_shuffle_cu_1236a8de10KeyElementEEE"
                    "vT_ii") == "elements_kernel<poseaug::cuda::(anonymous namespace)::KeyElement>");
    CHECK(launch_name("not mangled") == "not mangled");
}

TEST_CASE("no kernel of a pose op has a stack frame or spills") {
    if (kernel_resources().empty()) {
        MESSAGE("skipped: this build has no notes of GPU kernels");
        return;
    }
    std::size_t pose_kernels = 0;
    for (const KernelResources& k : kernel_resources()) {
        if (k.kernel.find("poseaug::Column") == std::string::npos) continue; // bodies of block/column.hpp
        ++pose_kernels;
        CHECK_MESSAGE(k.stack_bytes == 0, k.kernel);
        CHECK_MESSAGE(k.spill_bytes == 0, k.kernel);
    }
    CHECK(pose_kernels > 80);
}

TEST_CASE("the resources of every kernel that a step launches are known") {
    if (!built_with_cuda()) {
        CHECK(kernel_resources().empty());
        return;
    }
    if (resource_notes().empty()) {
        MESSAGE("skipped: this build keeps no notes of its kernels (no bash or objcopy, or PTX alone)");
        return;
    }
    const auto device = open_dry_device("cuda");
    auto kernels = kernels_of_all<float>(*device);
    kernels.merge(kernels_of_all<double>(*device));
    CHECK(kernels.size() > 150);
    LaunchLog log;
    Queue queue = device->queue();
    queue.launches = &log;
    cuda::random_choice(queue, {}, nullptr, 5, 3); // the body of a file's own namespace
    for (const Launch& launch : log) kernels.insert(launch.kernel);
    for (const std::string& kernel : kernels) {
        const KernelResources* const found = find_resources(kernel);
        REQUIRE_MESSAGE(found != nullptr, kernel);
        CHECK_MESSAGE(found->registers > 0, kernel);
        if (kernel.find("block_kernel") == 0) CHECK_MESSAGE(found->shared_bytes > 0, kernel);
    }
    CHECK(find_resources("elements_kernel<poseaug::FillElement<float> >") ==
          find_resources("elements_kernel<poseaug::FillElement<float>>"));
    CHECK(find_resources("elements_kernel<poseaug::NoSuchElement>") == nullptr);
}

#include "kernels/variant/entries.hpp"

#include "kernels/backends.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/product/few_columns.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

void add_backends(Op&) {}
void add_backends(Procedure&) {}

} // namespace poseaug

/// The CPU's entry points in this variant's instructions. It gets the variant's name when the variant is joined.
extern "C" void poseaug_cpu_entries(std::vector<poseaug::CpuEntries>& entries) {
    using namespace poseaug;
    for (const auto part : {skeleton_entries, augmentation_entries, measure_entries})
        for (const CpuEntries& pose_op : part()) entries.push_back(pose_op);
    for (const Op& op : network_ops()) entries.push_back({op.name, op.f32, op.f64});
    entries.push_back(few_columns_entries());
    for (const Procedure* procedure : procedures())
        entries.push_back({procedure->name, {procedure->f32, {}}, {procedure->f64, {}}});
}

#include "bench/roofline.hpp"

#include <algorithm>

namespace poseaug::bench {

bool on_device_of_ceilings(const BenchResults& results, const BenchRow& row) {
    const auto name = parse_name(row.name);
    return !name || results.device_kind.empty() || name->device == results.device_kind;
}

std::optional<RooflineShare> roofline_share(const BenchResults& results, const BenchRow& row) {
    const double median = row.median();
    if ((row.bytes <= 0 && row.flops <= 0) || median <= 0 || !on_device_of_ceilings(results, row)) return std::nullopt;
    const auto name = parse_name(row.name);
    const auto product = results.ceilings.product_flops.find(name ? name->precision : "float32");
    const double copy = results.ceilings.copy_bytes_per_second;
    const double flops = product == results.ceilings.product_flops.end() ? 0 : product->second;
    if ((row.bytes > 0 && copy <= 0) || (row.flops > 0 && flops <= 0)) return std::nullopt;
    const double moving = row.bytes > 0 ? row.bytes / copy : 0;
    const double computing = row.flops > 0 ? row.flops / flops : 0;
    const double floor = std::max(moving, computing);
    return RooflineShare{floor, floor / median, moving >= computing};
}

} // namespace poseaug::bench

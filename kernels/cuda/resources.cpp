#include "kernels/cuda/resources.hpp"

#include "kernels/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <map>
#include <memory>
#include <sstream>

namespace poseaug {
namespace {

/// One past the bracket that closes the one at `open`.
std::size_t end_of_arguments(std::string_view name, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < name.size(); ++i) {
        if (name[i] == '<') ++depth;
        if (name[i] == '>' && --depth == 0) return i + 1;
    }
    return name.size();
}

/// The name with closing brackets side by side, which demanglers write either way.
std::string without_gaps(std::string_view name) {
    std::string closed(name);
    for (std::size_t at = closed.find("> >"); at != std::string::npos; at = closed.find("> >", at))
        closed.erase(at + 1, 1);
    return closed;
}

/// 90 of "sm_90" and "sm_90a".
int generation(const std::string& architecture) {
    const std::size_t digits = architecture.find_first_of("0123456789");
    return digits == std::string::npos ? 0 : std::atoi(architecture.c_str() + digits);
}

} // namespace

std::string launch_name(const std::string& mangled) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> demangled(
        abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
    if (status != 0) return mangled;
    const std::string_view signature = demangled.get(), ours = "void poseaug::cuda::";
    const std::size_t open = signature.find('<');
    if (!signature.starts_with(ours) || open == std::string_view::npos) return std::string(signature);
    return without_gaps(signature.substr(ours.size(), end_of_arguments(signature, open) - ours.size()));
}

ResourceTable parse_resources(std::string_view notes) {
    std::map<std::string, std::map<std::string, KernelResources>> by_architecture;
    std::istringstream lines{std::string(notes)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string architecture, mangled;
        KernelResources k;
        if (!(words >> architecture >> mangled >> k.registers >> k.shared_bytes >> k.stack_bytes >> k.spill_bytes))
            throw Error("this program's notes on its GPU kernels are damaged at '" + line + "'; build it anew");
        k.kernel = launch_name(mangled);
        by_architecture[architecture].emplace(k.kernel, k);
    }
    ResourceTable table;
    const auto newest =
        std::max_element(by_architecture.begin(), by_architecture.end(),
                         [](const auto& a, const auto& b) { return generation(a.first) < generation(b.first); });
    if (newest == by_architecture.end()) return table;
    table.architecture = newest->first;
    for (auto& [name, resources] : newest->second) table.kernels.push_back(std::move(resources));
    return table;
}

const ResourceTable& resource_table() {
    static const ResourceTable table = parse_resources(resource_notes());
    return table;
}

const KernelResources* find_resources(std::string_view launch) {
    const auto& all = kernel_resources();
    const std::string name = without_gaps(launch);
    const auto found = std::lower_bound(all.begin(), all.end(), name,
                                        [](const KernelResources& k, const std::string& n) { return k.kernel < n; });
    return found != all.end() && found->kernel == name ? &*found : nullptr;
}

} // namespace poseaug

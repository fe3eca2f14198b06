#pragma once
#include "bench/place.hpp"
#include "bench/results.hpp"
#include "engine/work.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace benchmark {
class State;
}

// The benchmarks, registered with Google Benchmark under the names
//   op/<name>/<forward|backward>/<batch>/<device>
//   one_core/<name>/<forward|backward>/<batch>/<packs|scalar>
//   <gan_step|fit_step|iteration|products|infer|epoch|memory>/<model>/<batch>/<device>/<precision>
//   read/npz/<poses>/cpu/float32
// A device may be used otherwise than by default: cpu_1_thread, cuda_cudnn (cuDNN's convolutions and batch norms).
// Every row counts `bytes` and `flops`, those of one call at least (engine/work.hpp), and reports them by the second and
// as `share` of the time that the place's ceilings allow. Times are the device's own: on a GPU from events around
// replays of a graph.

namespace poseaug::bench {

/// A benchmark.
struct SuiteRow {
    std::string name;
    std::function<void(benchmark::State&)> run; ///< sets the time of each iteration itself
};
using Places = std::vector<std::shared_ptr<Place>>;

/// Every op of the registry by itself, in float32, on its usual call (usual_call.hpp) with operands that no cache holds.
std::vector<SuiteRow> op_rows(const Places& places, int batch);

/// The same at 2^20 poses, of the pose ops.
std::vector<SuiteRow> many_pose_rows(const Places& places);

/// The pose ops on one thread of the CPU, in the chosen SIMD instructions and as a plain loop, operands in the cache.
std::vector<SuiteRow> one_core_rows(const Places& places, int batch);

/// The steps of a training of each estimator at published widths: augmentor (half of them with discriminators),
/// estimator, an iteration of both, and an estimate, that of a single pose, too. On the CPU iteration and estimate on one
/// thread as well, and the iteration's products by themselves; on a GPU videopose's steps with cuDNN as well.
std::vector<SuiteRow> step_rows(const Places& places, int batch);

/// A whole epoch of each estimator: swap, shuffles, augmentor, filter, and the estimator on both sets.
std::vector<SuiteRow> epoch_rows(const Places& places, int batch);

/// On the CPU, what memory a training of one epoch takes (training_memory.hpp). Measured once, however often repeated.
std::vector<SuiteRow> memory_rows(const Places& places, int batch);

/// On the CPU, loading a data folder: compressed bytes.
std::vector<SuiteRow> read_rows(const Places& places);

/// All of the above.
std::vector<SuiteRow> all_rows(const Places& places, int batch);

/// Of which devices these are, when, and what they can do: measures their ceilings. All but ceilings in other precisions
/// are the last place's.
BenchResults describe(const Places& places);

/// Hands a row to Google Benchmark: `seconds` of each repetition at least; 0: as its flags say.
void register_row(const SuiteRow& row, double seconds = 0);

/// Reports what one call of a row works, beside what the place could do in the time.
void set_counters(benchmark::State& state, Place& place, const Work& work, double poses);

inline constexpr int kManyPoses = 1 << 20;

} // namespace poseaug::bench

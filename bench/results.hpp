#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace poseaug::bench {

/// The best that a device was seen to do, measured by the suite itself; 0 or absent where it was not measured.
struct Ceilings {
    double copy_bytes_per_second = 0;            ///< read and written by a large copy
    std::map<std::string, double> product_flops; ///< FLOP/s of a large matrix product: "float32", "tf32", "bf16"
};

/// Bytes that a training cannot do without, and what it took.
struct TrainingMemory {
    double parameters = 0;  ///< of all four networks, with their running statistics
    double moments = 0;     ///< both of Adam
    double data = 0;        ///< the training poses and the test sets: 3D, 2D, cameras
    double activations = 0; ///< of one step, with their gradients: the most that either kind of step asks for
    double peak = 0;        ///< by how much the process grew, at most; 0: not measured
    double made = 0;        ///< the poses that an epoch makes and keeps: the swapped and the augmented ones

    /// What a training cannot do without: all but the peak and what is made of the data.
    double base() const { return parameters + moments + data + activations; }
};

/// A figure of it: its column in tables; as a counter of Google Benchmark it is called memory_<name>.
struct MemoryPart {
    const char* name;
    double TrainingMemory::*bytes;
};
std::string memory_counter(const MemoryPart& part);
inline constexpr MemoryPart kMemoryParts[] = {{"parameters", &TrainingMemory::parameters},
                                              {"moments", &TrainingMemory::moments},
                                              {"data", &TrainingMemory::data},
                                              {"activations", &TrainingMemory::activations},
                                              {"peak", &TrainingMemory::peak},
                                              {"made", &TrainingMemory::made}};

/// What was measured of one benchmark.
struct BenchRow {
    std::string name;                       ///< as `parse_name` reads it
    std::vector<double> seconds;            ///< of one call, a repetition each
    double bytes = 0;                       ///< read and written by one call; 0: not counted
    double flops = 0;                       ///< of one call; 0: none, or not counted
    double poses = 0;                       ///< of one call; 0: not counted
    std::optional<TrainingMemory> memory{}; ///< of rows that measure it

    /// Seconds of one call; 0 without a repetition.
    double median() const;
    /// First and third quartile of the seconds, interpolated between neighbours.
    std::pair<double, double> quartiles() const;
    /// Half the distance of the quartiles over the median: 0.01 is 1 %. Robust to single outliers. 0 where fewer than two
    /// repetitions say nothing about it.
    double spread() const;
};

/// One run of the suite on one device.
struct BenchResults {
    std::string date;        ///< ISO 8601
    std::string device;      ///< its name, for people
    std::string device_kind; ///< "cpu", "cuda": that of the ceilings, and of the rows that are held against them
    std::string version;     ///< of poseaug
    std::string build;       ///< what kind of build it was: optimisation, target processor
    int threads = 0;         ///< of the CPU; 0: not known
    Ceilings ceilings;
    std::vector<BenchRow> rows;
};

/// The parts of a row's name, op/<subject>/<direction>/<batch>/<device> or
/// <kind>/<subject>/<batch>/<device>/<precision>.
struct BenchName {
    std::string kind;    ///< "op", "gan_step", "fit_step", "iteration", "products", "infer", "epoch", "memory", "read"
    std::string subject; ///< the op, the model, or the kind of file
    std::string direction; ///< of ops: "forward", "backward"
    int batch = 0;         ///< of "read": poses
    std::string device;    ///< "cpu", "cuda", or one of these used otherwise: "cpu_1_thread", "cuda_cudnn"
    std::string precision; ///< of ops: "float32"

    bool is_op() const { return kind == "op"; }
};

/// None if it is not a name of this suite.
std::optional<BenchName> parse_name(std::string_view name);

/// The name of a row from that of a Google Benchmark run, which appends how it was run: "/real_time", "/repeats:3".
std::string row_name(std::string_view run_name);

/// What of the results stands in a file's "context": `benchmark::AddCustomContext` of each makes a file written by
/// `poseaug_bench --benchmark_out=FILE` one that `read_results` understands in full.
std::vector<std::pair<std::string, std::string>> context_entries(const BenchResults& results);

/// Reads a file in Google Benchmark's JSON layout, written by `write_results` or by poseaug_bench. Repetitions of a name
/// become one row; aggregates and runs that ended with an error are passed over; absent counters are 0. Throws Error,
/// naming what is wrong, if the file is not readable, not JSON, not of this suite, or holds no measurement.
BenchResults read_results(const std::filesystem::path& path);

/// Writes results as `read_results` reads them, to the last bit. The file appears whole or not at all. Throws Error if it
/// cannot be written.
void write_results(const std::filesystem::path& path, const BenchResults& results);

} // namespace poseaug::bench

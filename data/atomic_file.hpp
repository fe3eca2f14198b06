#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace poseaug {

/// A file written beside its target and renamed when complete: a reader sees the old or the new whole, never half.
/// Destroyed without `commit`, it removes what it wrote.
class AtomicFile {
public:
    /// Throws Error if the folder is missing or not writable.
    explicit AtomicFile(std::filesystem::path target);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    /// Throws Error (a full disk, say), naming the target.
    void write(const void* bytes, std::size_t count);
    void write(std::string_view text) { write(text.data(), text.size()); }
    /// Flushes, syncs and renames onto the target.
    void commit();

private:
    std::filesystem::path target_, temporary_;
    int descriptor_ = -1;
};

} // namespace poseaug

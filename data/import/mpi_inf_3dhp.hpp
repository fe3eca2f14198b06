#pragma once
#include "data/import/progress.hpp"
#include "data/import/test_set_import.hpp"

#include <filesystem>
#include <string>

namespace poseaug {

/// Writes `test_3dhp.npz` into the folder `out` from MPI-INF-3DHP's test set in `source`: a folder of
/// `TS1/annot_data.mat` to `TS6` (or one that holds it as `mpi_inf_3dhp_test_set`; only frames marked valid), or the
/// .npz of 24 joints that many projects pass on (`imgname`, `part`, `S`). `annotation` chooses between the original's
/// `annot3` and `univ_annot3` (people scaled to one size); empty: `univ_annot3`, which the published numbers use and the
/// .npz holds. Throws Error naming the file that does not fit.
TestSetImport import_3dhp(const std::filesystem::path& source, const std::filesystem::path& out,
                          const std::string& annotation, const ImportProgress& progress = {});

} // namespace poseaug

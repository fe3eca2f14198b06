#pragma once
#include "data/import/progress.hpp"
#include "data/import/test_set_import.hpp"

#include <filesystem>

namespace poseaug {

/// Where the 2D of 3DPW's test set comes from: SMPL's joints projected by the camera, or OpenPose's detections.
enum class Pw3dKeypoints { projected, detected };

/// Writes `test_3dpw.npz` into the folder `out` from 3DPW's sequences in `source`: a pickle, a folder of them, or the
/// data set's folder (`sequenceFiles/test`). 16 of SMPL's 24 joints in camera space, a clip for every run of an actor's
/// frames without a gap. Frames without a valid camera pose are left out, also those with a joint behind the camera
/// (projected), or not detected (detected). Images are padded to a square, the middle staying in the middle. Throws
/// Error naming the file that does not fit.
TestSetImport import_3dpw(const std::filesystem::path& source, const std::filesystem::path& out,
                          Pw3dKeypoints keypoints, const ImportProgress& progress = {});

} // namespace poseaug

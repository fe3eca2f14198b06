#pragma once
#include <Eigen/Core>

#include <array>
#include <string>

namespace poseaug {

inline constexpr int kH36mCameras = 4;

/// A lens and its image: focal lengths, centre and size in pixels, radial (k1 k2 k3) and tangential (p1 p2) distortion.
struct PixelCamera {
    std::array<double, 2> focal, center;
    std::array<double, 3> radial;
    std::array<double, 2> tangential;
    int width, height;
};

/// Where a camera stands: its orientation (unit quaternion w x y z, camera to world) and place in world millimetres.
struct CameraPlacement {
    std::array<double, 4> orientation;
    std::array<double, 3> position;
};

/// Human3.6M's four cameras, in the order of the public files.
const std::array<PixelCamera, kH36mCameras>& h36m_intrinsics();

/// Where the four cameras stood for a subject ("S1"). Throws Error for a subject without calibration.
const std::array<CameraPlacement, kH36mCameras>& h36m_placements(const std::string& subject);

/// The nine numbers fx fy cx cy k1 k2 k3 p1 p2 in normalised units (focal 2f/w, centre as a pixel).
std::array<double, 9> normalised_intrinsics(const PixelCamera& camera);

/// A pixel in normalised image coordinates: (2u/w - 1, 2v/w - h/w).
Eigen::Vector2d normalise_pixel(const Eigen::Vector2d& pixel, int width, int height);

/// The same for a picture of any shape: one in portrait is first padded on both sides to a square, since estimators
/// expect |x| <= 1 and |y| <= 1. Pictures at most a hundredth higher than wide, as two of Human3.6M's cameras take, are
/// left as they are.
Eigen::Vector2d normalise_padded(const Eigen::Vector2d& pixel, int width, int height);

/// A world point (metres) in camera space (metres; x right, y down, z forward).
Eigen::Vector3d world_to_camera(const CameraPlacement& placement, const Eigen::Vector3d& point);

/// Pixel where a camera-space point appears: x/z and y/z clamped to [-1, 1], then distorted.
Eigen::Vector2d project_to_pixel(const PixelCamera& camera, const Eigen::Vector3d& point);

} // namespace poseaug

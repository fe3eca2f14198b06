#pragma once
#include "kernels/pose/adversarial.hpp"
#include "kernels/pose/augmentor_loss.hpp"
#include "kernels/pose/bone_angle.hpp"
#include "kernels/pose/bone_length.hpp"
#include "kernels/pose/bones.hpp"
#include "kernels/pose/feedback.hpp"
#include "kernels/pose/flip.hpp"
#include "kernels/pose/kcs.hpp"
#include "kernels/pose/losses.hpp"
#include "kernels/pose/metrics.hpp"
#include "kernels/pose/move_and_project.hpp"
#include "kernels/pose/neck.hpp"
#include "kernels/pose/pad_hip.hpp"
#include "kernels/pose/project.hpp"
#include "kernels/pose/rodrigues.hpp"
#include "kernels/type_list.hpp"

namespace poseaug {

// Three lists, so that the host's instantiations spread over three translation units.
using SkeletonOps = TypeList<BonesOfJoints, JointsOfBones, UnitBones, HipRelative, PoseFeatures, Kcs, MirrorImage,
                             FlipAverage, PadHip, InsertNeck, RemoveNeck>;
using AugmentationOps = TypeList<Rodrigues, BoneAngleStep, BoneLengthStep, SwapLengths, MoveAndProject, Project>;
using MeasureOps = TypeList<MeanSquare, LeastSquares, AugmentorLoss, DiscriminatorLoss<1>, DiscriminatorLoss<5>,
                            Feedback, ExponentialFeedback, PoseErrors>;

/// Every pose op: what the CPU's and the GPU's translation units instantiate.
using PoseOps = decltype(SkeletonOps{} + AugmentationOps{} + MeasureOps{});

} // namespace poseaug

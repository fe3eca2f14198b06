#include "kernels/pack.hpp" // before the op, which must see the packs' select()

#include "kernels/pose/metrics.hpp"
#include "kernels/pose/rodrigues.hpp"
#include "tests/kernels/pose/poses.hpp"

#include <Eigen/Dense>
#include <doctest/doctest.h>

using namespace poseaug;

namespace {

struct Errors {
    double joint[16], pa[16], n_mpjpe[1], pck[1], auc[1];
    Errors(const double (&estimate)[48], const double (&truth)[48]) {
        PoseErrors::value({}, estimate, truth, joint, pa, n_mpjpe, pck, auc);
    }
    bool finite() const {
        return all_finite(joint) && all_finite(pa) && all_finite(n_mpjpe) && all_finite(pck) && all_finite(auc);
    }
};

/// Joint errors after Procrustes by the textbook route: singular values, the last one's sign fixed to forbid
/// reflection.
void pa_by_svd(const double (&estimate)[48], const double (&truth)[48], double (&error)[16]) {
    using Pose = Eigen::Map<const Eigen::Matrix<double, 3, 16>>;
    const Pose e(estimate), t(truth);
    const Eigen::Vector3d from = e.rowwise().mean(), to = t.rowwise().mean();
    const Eigen::Matrix<double, 3, 16> b = e.colwise() - from, a = t.colwise() - to;
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(a * b.transpose(), Eigen::ComputeFullU | Eigen::ComputeFullV);
    Eigen::Vector3d signs(1, 1, (svd.matrixU() * svd.matrixV().transpose()).determinant() < 0 ? -1 : 1);
    const Eigen::Matrix3d rotation = svd.matrixU() * signs.asDiagonal() * svd.matrixV().transpose();
    const double scale = svd.singularValues().dot(signs) / b.squaredNorm();
    for (int j = 0; j < 16; ++j) error[j] = 1000 * (scale * rotation * b.col(j) + to - t.col(j)).norm();
}

double disagreement(const Sample::Matrix& estimates, const Sample::Matrix& truths) {
    double worst = 0;
    for (int c = 0; c < estimates.cols; ++c) {
        const auto estimate = column<48>(estimates, c), truth = column<48>(truths, c);
        double by_svd[16];
        pa_by_svd(estimate.rows, truth.rows, by_svd);
        worst = std::max(worst, largest_difference(Errors(estimate.rows, truth.rows).pa, by_svd));
    }
    return worst;
}

Sample::Matrix flattened(Sample::Matrix joints) {
    for (int j = 0; j < kJoints; ++j)
        for (int c = 0; c < joints.cols; ++c) joints.values[(3 * j + 2) * joints.cols + c] = 0;
    return joints;
}

} // namespace

TEST_CASE("Procrustes agrees with the singular value form") {
    constexpr int count = 500;
    const auto truth = sampling::poses(count);
    CHECK(disagreement(sampling::perturbed(truth, 0.05), truth) < 1e-9);
    CHECK(disagreement(sampling::poses(count), truth) < 1e-9);
    CHECK(disagreement(sampling::mirrored(truth), truth) < 1e-9);
    CHECK(disagreement(sampling::perturbed(sampling::mirrored(truth), 0.05), truth) < 1e-9);
    CHECK(disagreement(flattened(truth), truth) < 1e-9);
    CHECK(disagreement(flattened(sampling::poses(count)), flattened(truth)) < 1e-9);
    CHECK(disagreement(truth, truth) < 1e-9);
}

TEST_CASE("a turned, scaled and moved pose has no error after Procrustes") {
    const auto truths = sampling::poses(100);
    double worst = 0;
    for (int c = 0; c < truths.cols; ++c) {
        const auto truth = column<48>(truths, c);
        const auto axis = column<3>(sampling::of_length(3, 1, c % 2 == 0 ? 3.14159265358979 : 0.03 * c), 0);
        double rotation[9], moved[48];
        rodrigues(axis.rows, rotation);
        for (int j = 0; j < kJoints; ++j)
            for (int k = 0; k < 3; ++k) moved[3 * j + k] = 0.4 * dot(&rotation[3 * k], &truth.rows[3 * j]) + k;
        for (double e : Errors(moved, truth.rows).pa) worst = std::max(worst, e);
    }
    CHECK(worst < 1e-9);
}

TEST_CASE("Procrustes never reflects") {
    const auto truth = sampling::poses(1);
    const auto mirror = sampling::mirrored(truth);
    double sum = 0;
    for (double e : Errors(column<48>(mirror, 0).rows, column<48>(truth, 0).rows).pa) sum += e;
    CHECK(sum > 10);
    Similarity<double> fit;
    centroid(column<48>(mirror, 0).rows, fit.from);
    centroid(column<48>(truth, 0).rows, fit.to);
    fit_about_centroids(column<48>(mirror, 0).rows, column<48>(truth, 0).rows, fit);
    const Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>> rotation(fit.rotation);
    CHECK(rotation.determinant() == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("poses without extent give finite errors") {
    const auto pose = column<48>(sampling::poses(1), 0), point = column<48>(sampling::filled(48, 1, 0.5), 0);
    const auto nowhere = column<48>(sampling::filled(48, 1, 0), 0);
    CHECK(Errors(pose.rows, point.rows).finite());
    CHECK(Errors(point.rows, pose.rows).finite());
    CHECK(Errors(nowhere.rows, pose.rows).finite());
    CHECK(Errors(nowhere.rows, nowhere.rows).finite());
    for (double e : Errors(pose.rows, point.rows).pa) CHECK(e < 1e-12);
}

TEST_CASE("largest eigenvector of known and random matrices") {
    for (int trial = 0; trial < 200; ++trial) {
        const auto values = sampling::normal(16, 1);
        Eigen::Matrix4d m = Eigen::Map<const Eigen::Matrix4d>(values.values.data());
        m = (m + m.transpose()).eval();
        const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(m);
        double matrix[16], vector[4];
        for (int i = 0; i < 16; ++i) matrix[i] = m(i / 4, i % 4);
        largest_eigenvector(matrix, vector);
        const Eigen::Map<const Eigen::Vector4d> v(vector);
        CHECK((m * v - solver.eigenvalues()[3] * v).norm() < 1e-12);
    }
}

TEST_CASE("joint errors, PCK and AUC of known distances") {
    double truth[48], estimate[48];
    for (int i = 0; i < 48; ++i) estimate[i] = truth[i] = i;
    for (int j = 0; j < 4; ++j) estimate[3 * j + 2] += 0.2; // 200 mm: beyond every threshold
    for (int j = 4; j < 8; ++j) estimate[3 * j] -= 0.0625;  // 62.5 mm: within 65, ..., 150: 18 of 31 thresholds
    const Errors errors(estimate, truth);
    CHECK(errors.joint[0] == doctest::Approx(200));
    CHECK(errors.joint[5] == doctest::Approx(62.5));
    CHECK(errors.joint[15] == 0);
    CHECK(errors.pck[0] == doctest::Approx(75));
    CHECK(errors.auc[0] == doctest::Approx(100 * (4 * 18 + 8 * 30) / 16.0 / 31)); // an error of 0 is not below 0
}

TEST_CASE("N-MPJPE forgives a wrong scale alone") {
    const auto truth = column<48>(sampling::poses(1), 0);
    double scaled[48];
    for (int i = 0; i < 48; ++i) scaled[i] = 0.7 * truth.rows[i];
    CHECK(Errors(scaled, truth.rows).n_mpjpe[0] < 1e-9);
    CHECK(Errors(scaled, truth.rows).joint[3] > 1);
}

TEST_CASE("a pack measures as one pose at a time does") {
    using Lanes = Pack<double>;
    const auto estimates = sampling::poses(static_cast<int>(Lanes::size())), truths = sampling::poses(estimates.cols);
    Lanes estimate[48], truth[48], joint[16], pa[16], n_mpjpe[1], pck[1], auc[1];
    for (int r = 0; r < 48; ++r)
        for (int c = 0; c < estimates.cols; ++c) {
            estimate[r][c] = estimates.values[r * estimates.cols + c];
            truth[r][c] = truths.values[r * truths.cols + c];
        }
    PoseErrors::value({}, estimate, truth, joint, pa, n_mpjpe, pck, auc);
    for (int c = 0; c < estimates.cols; ++c) {
        const Errors one(column<48>(estimates, c).rows, column<48>(truths, c).rows);
        for (int j = 0; j < kJoints; ++j) CHECK(double(pa[j][c]) == doctest::Approx(one.pa[j]).epsilon(1e-12));
        CHECK(double(auc[0][c]) == doctest::Approx(one.auc[0]));
    }
}

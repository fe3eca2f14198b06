"""Runs an exported estimator in onnxruntime beside what `poseaug predict` said.

usage: onnx_export_test.py images FILE.npz COUNT     writes pose2d (COUNT, 16, 2)
       onnx_export_test.py compare MODEL.onnx IMAGES.npz POSES.npz
"""

import sys

import numpy as np


def write_images(file, count):
    joints = np.random.default_rng(5).normal(0, 0.3, (count, 16, 2))
    np.savez(file, pose2d=joints.astype(np.float32))


def compare(file, images, poses):
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (given,), (returned,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape, given.type) == ("image", ["batch", 16, 2], "tensor(float)"), given
    assert (returned.name, returned.shape) == ("pose", ["batch", 16, 3]), returned
    image, wanted = np.load(images)["pose2d"], np.load(poses)["pose3d"]
    spread = np.abs(wanted).max()
    assert spread > 1e-3, f"the poses of predict are all near zero ({spread}): nothing is compared"
    for batch in (1, 7, 300):
        (pose,) = session.run(["pose"], {"image": image[:batch]})
        off = np.abs(pose - wanted[:batch]).max()
        assert pose.shape == (batch, 16, 3), pose.shape
        assert off < 1e-5, f"batch {batch}: off by {off} of {spread}"
        assert np.all(pose[:, 0] == 0), "the hip is not at zero"
    print(f"{file}: off by {off:.1e} of {spread:.2f}")
    return session


if __name__ == "__main__":
    if sys.argv[1] == "images":
        write_images(sys.argv[2], int(sys.argv[3]))
    else:
        compare(*sys.argv[2:5])

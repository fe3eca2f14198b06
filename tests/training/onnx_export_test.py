"""Runs an exported estimator in onnxruntime beside what `poseaug predict` said.

usage: onnx_export_test.py images FILE.npz COUNT     writes pose2d (COUNT, 16, 2)
       onnx_export_test.py compare MODEL.onnx IMAGES.npz POSES.npz
"""

import sys

import numpy as np


def write_images(file, count):
    joints = np.random.default_rng(5).normal(0, 0.3, (count, 16, 2))
    np.savez(file, pose2d=joints.astype(np.float32))


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """Number and value of each field of a protobuf message: an integer, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            value, at = data[at : at + value], at + value
        yield key >> 3, value


def opset(file):
    """The version in ModelProto.opset_import (field 8), an OperatorSetIdProto."""
    (imported,) = [value for number, value in fields(open(file, "rb").read()) if number == 8]
    return dict(fields(imported))[2]


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
        assert off < 1e-5 * min(1, spread), f"batch {batch}: off by {off} of {spread}"
        assert np.all(pose[:, 0] == 0), "the hip is not at zero"
    assert opset(file) == 17, opset(file)
    print(f"{file}: off by {off:.1e} of {spread:.2f}")


if __name__ == "__main__":
    if sys.argv[1] == "images":
        write_images(sys.argv[2], int(sys.argv[3]))
    else:
        compare(*sys.argv[2:5])

"""What the tests of `poseaug import` share: running it, expecting complaints, and Human3.6M's projection in NumPy."""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

POSEAUG = os.path.join(os.environ["POSEAUG_BUILD_DIR"], "bin", "poseaug")
SOURCE = os.environ["POSEAUG_SOURCE_DIR"]


def check(truth, what):
    if not truth:
        sys.exit("FAILED: " + what)


def poseaug(*words):
    return subprocess.run([POSEAUG, *map(str, words)], capture_output=True, text=True)


def done(*words):
    """Runs what has to work; its output."""
    result = poseaug(*words)
    check(result.returncode == 0, f"{words}: exit {result.returncode}, {result.stderr}")
    return result.stdout


def refused(message, *words, status=1):
    """Runs what has to fail with one line that matches `message`, and without a trace of its --out."""
    out = str(words[words.index("--out") + 1])
    result = poseaug(*words)
    lines = [line for line in result.stderr.splitlines() if line.startswith("poseaug: ")]
    check(result.returncode == status, f"{words}: exit {result.returncode}, not {status}: {result.stderr}")
    check(len(lines) == 1 and len(result.stderr.splitlines()) <= 2 and re.search(message, lines[0]),
          f"{words}: expected one line with '{message}', but it says: {result.stderr}")
    check(not os.path.exists(out), f"{words}: left {out} behind")


def skip_without_libraries():
    """Ends the test as skipped where the program was built without what reads HDF5 and MATLAB files."""
    for path in ("S1/MyPoses/3D_positions/a.h5", "S1/MyPoseFeatures/D3_Positions/a.cdf.mat"):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, os.path.dirname(path)))
            open(os.path.join(folder, path), "w").write("text")
            complaint = poseaug("import", "h36m", folder, "--out", os.path.join(folder, "out")).stderr
        if "built without" in complaint:
            print("skipped: " + complaint.strip())
            sys.exit(77)


def close(found, expected, tolerance, what):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    check(found.shape == expected.shape, f"{what}: shape {found.shape}, not {expected.shape}")
    worst = np.abs(found - expected).max()
    check(worst <= tolerance, f"{what}: differs by {worst}")


def cameras():
    """Human3.6M's calibration, out of the program's source: intrinsics by camera, and placements by subject."""
    text = open(os.path.join(SOURCE, "data", "cameras.cpp")).read()
    number = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+(?=[,}])")
    numbers = lambda part: [float(n) for n in number.findall(part)]
    lenses = np.array(numbers(re.sub(r"//.*", "", text[text.index("kIntrinsics = "):text.index("constexpr SubjectCameras kSubjects")])))
    places = {}
    for part in text[text.index("kSubjects[] = "):text.index("} // namespace")].split('{"S')[1:]:
        name, values = part.split('"', 1)
        places["S" + name] = np.array(numbers(values)).reshape(4, 7)
    return lenses.reshape(4, 11), places


def to_pixels(world, lens, place):
    """World metres to pixels: turned by the inverse of the quaternion's matrix, clamped, distorted."""
    w, x, y, z = place[:4]
    rotation = np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                         [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                         [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
    camera = (world - place[4:] / 1000) @ rotation
    flat = np.clip(camera[..., :2] / camera[..., 2:], -1, 1)
    focal, center, k, p = lens[:2], lens[2:4], lens[4:7], lens[7:9]
    r2 = (flat ** 2).sum(-1, keepdims=True)
    factor = 1 + k[0] * r2 + k[1] * r2 ** 2 + k[2] * r2 ** 3 + (flat * p).sum(-1, keepdims=True)
    return focal * (flat * factor + p * r2) + center

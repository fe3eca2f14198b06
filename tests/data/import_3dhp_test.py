import os
import shutil

import h5py
import numpy as np

from import_check import check, close, done, poseaug, refused, skip_without_libraries

skip_without_libraries()
random = np.random.default_rng(6)
FROM_17 = [14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 5, 6, 7, 2, 3, 4]
FROM_24 = [14, 2, 1, 0, 3, 4, 5, 16, 12, 18, 9, 10, 11, 8, 7, 6]


def normalised(pixels, sequence):
    w, h = (1920, 1080) if sequence > 4 else (2048, 2048)
    return pixels / w * 2 - [1, h / w]


def poses(frames, joints, unit=1000):
    return (random.uniform(-0.7, 0.7, (frames, joints, 3)) + [0, 0, 4]) * unit


def write_mat(path, arrays):
    """As MATLAB 7.3 does: 512 bytes of its own, then HDF5, whose dimensions are MATLAB's in reverse."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values, **(dict(compression="gzip") if values.size > 100 else {}))
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


def sequence_arrays(frames, valid):
    return {"annot2": random.uniform(0, 1000, (frames, 1, 17, 2)), "annot3": poses(frames, 17)[:, None],
            "univ_annot3": poses(frames, 17)[:, None], "valid_frame": np.array(valid, "u1")[:, None]}


def compare(folder, pose3d, pose2d, sequence, what):
    stored = np.load(folder + "/test_3dhp.npz")
    check(stored["pose3d"].dtype == np.float32, "pose3d is " + str(stored["pose3d"].dtype))
    close(stored["pose3d"], np.concatenate(pose3d), 1e-6, what + ": pose3d")
    close(stored["pose2d"], np.concatenate(pose2d), 1e-6, what + ": pose2d")
    check(stored["annotation"].item() == ("annot3" if folder == "annot3" else "univ_annot3"), what + ": annotation")
    check(list(stored["sequence"]) == sequence, f"{what}: sequences are {list(stored['sequence'])}")


# The original annotations.
given = {1: sequence_arrays(6, [1, 1, 0, 0, 1, 1]), 3: sequence_arrays(2, [1, 1]), 6: sequence_arrays(4, [0, 1, 1, 1])}
for number, arrays in given.items():
    write_mat(f"original/mpi_inf_3dhp_test_set/TS{number}/annot_data.mat", arrays)
runs = ["TS1", "TS1", "TS1 part 2", "TS1 part 2", "TS3", "TS3", "TS6", "TS6", "TS6"]
for options, annotation in (((), "univ_annot3"), (("--annotation", "annot3"), "annot3"),
                            (("--annotation", "univ_annot3"), "univ_annot3")):
    output = done("import", "3dhp", "original", "--out", annotation, *options)
    check(f"annotation: {annotation}\n" in output, f"the annotation is not named: {output}")
    for words in ("9 poses of 16 joints", "TS1: 4 poses", "left out because the frame is not marked valid: 3\n"):
        check(words in output, f"the report lacks '{words}': {output}")
    kept = {n: a["valid_frame"][:, 0] == 1 for n, a in given.items()}
    compare(annotation, [a[annotation][kept[n], 0][:, FROM_17] / 1000 for n, a in given.items()],
            [normalised(a["annot2"][kept[n], 0][:, FROM_17], n) for n, a in given.items()], runs, annotation)
done("import", "3dhp", "original/mpi_inf_3dhp_test_set", "--out", "inner")
check(open("inner/test_3dhp.npz", "rb").read() == open("univ_annot3/test_3dhp.npz", "rb").read(), "the inner folder")


# The .npz that is passed around.
def common(images, **changes):
    n = len(images)
    part, positions = np.ones((n, 24, 3)), np.ones((n, 24, 4))
    part[..., :2], positions[..., :3] = random.uniform(0, 1000, (n, 24, 2)), poses(n, 24, 1) - [0, 0, 4]
    return {"imgname": np.array(images), "part": part, "S": positions, "scale": np.ones(n), **changes}


def image(sequence, frame):
    return f"mpi_inf_3dhp_test_set/TS{sequence}/imageSequence/img_{frame:06}.jpg"


images = [image(2, 10), image(2, 11), image(2, 12), image(5, 13), image(5, 20), image(5, 21)]
arrays = common(images)
arrays["part"][:, [13, 15, 17, 19, 20, 21, 22, 23], 2] = 0  # joints that are not of the 16
arrays["part"][2, 14, 2] = 0
np.savez("mpi_inf_3dhp_valid.npz", **arrays)
output = done("import", "3dhp", "mpi_inf_3dhp_valid.npz", "--out", "common")
check("univ_annot3" in output and "because a joint is not annotated: 1\n" in output, output)
rows = [0, 1, 3, 4, 5]
expected = [normalised(arrays["part"][i:i + 1, FROM_24, :2], 2 if i < 3 else 5) for i in rows]
runs = ["TS2", "TS2", "TS5", "TS5 part 2", "TS5 part 2"]
compare("common", [arrays["S"][rows][:, FROM_24, :3]], expected, runs, "common")
np.savez("bytes.npz", **{**arrays, "imgname": np.array(images, "S")})  # Python 2's texts
done("import", "3dhp", "bytes.npz", "--out", "bytes")
compare("bytes", [arrays["S"][rows][:, FROM_24, :3]], expected, runs, "bytes")
np.savez("objects.npz", **{**arrays, "imgname": np.array(images, object)})
done("import", "3dhp", "objects.npz", "--out", "objects")
compare("objects", [arrays["S"][rows][:, FROM_24, :3]], expected, runs, "objects")


# What is broken.
def refuse_original(message, options=(), **changes):
    shutil.rmtree("bad", ignore_errors=True)
    write_mat("bad/TS1/annot_data.mat", {k: v for k, v in {**sequence_arrays(3, [1, 1, 1]), **changes}.items() if v is not None})
    refused(message, "import", "3dhp", "bad", "--out", "broken", *options)


refuse_original("no dataset 'annot2'", annot2=None)
refuse_original("no dataset 'annot3'", ("--annotation", "annot3"), annot3=None)
refuse_original("no dataset 'valid_frame'", valid_frame=None)
refuse_original("expected \\(frames, 17, 2\\)", annot2=np.zeros((3, 1, 28, 2)))
refuse_original("should be as many", annot2=np.zeros((4, 1, 17, 2)))
refuse_original("should be as many", valid_frame=np.ones((5, 1)))
refuse_original("no valid pose", valid_frame=np.zeros((3, 1)))
refuse_original("not a number \\(frame 1\\)", univ_annot3=np.where(np.arange(3)[:, None, None, None] == 1, np.nan, poses(3, 17)[:, None]))
refuse_original("millimetres", univ_annot3=poses(3, 17, 1e-3)[:, None])
refuse_original("more than 100 m", univ_annot3=poses(3, 17, 1e6)[:, None])
write_mat("bad/TS1/annot_data.mat", sequence_arrays(300, [1] * 300))
whole = open("bad/TS1/annot_data.mat", "rb").read()
for size in (0, 200, len(whole) // 3, len(whole) - 100):
    open("bad/TS1/annot_data.mat", "wb").write(whole[:size])
    refused("annot_data.mat.*(HDF5|cut short)", "import", "3dhp", "bad", "--out", "broken")
os.makedirs("nothing/TS1")
refused("holds no TS1/annot_data.mat", "import", "3dhp", "nothing", "--out", "broken")


def refuse_common(message, options=(), **changes):
    np.savez("bad.npz", **common(images, **changes))
    refused(message, "import", "3dhp", "bad.npz", "--out", "broken", *options)


refuse_common("one annotation", ("--annotation", "annot3"))
refuse_common("expected \\(frames, 24, 3\\)", part=np.zeros((6, 17, 3)))
refuse_common("has 5 poses, imgname has 6", S=np.ones((5, 24, 4)))
refuse_common("none of TS1 to TS6", imgname=np.array(images[:5] + ["TS9/img_000001.jpg"]))
refuse_common("holds no texts", imgname=np.arange(6))
refuse_common("not a number", part=np.concatenate([np.full((6, 24, 2), np.nan), np.ones((6, 24, 1))], 2))
refuse_common("no valid pose", part=np.zeros((6, 24, 3)))
np.savez("bad.npz", imgname=arrays["imgname"])
refused("has no member 'part'", "import", "3dhp", "bad.npz", "--out", "broken")
open("bad.npz", "wb").write(open("mpi_inf_3dhp_valid.npz", "rb").read()[:3000])
refused("bad.npz", "import", "3dhp", "bad.npz", "--out", "broken")
refused("no such file", "import", "3dhp", "nowhere", "--out", "broken")
check(poseaug("import", "3dhp", "original", "--out", "x", "--annotation", "annot4").returncode == 2, "annot4 was accepted")
check(not os.path.exists("x"), "wrong usage left a folder")
print("imports of MPI-INF-3DHP hold what the files say")

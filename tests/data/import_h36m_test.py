import io
import os
import shutil
import zipfile

import h5py
import numpy as np
import scipy.io

from import_check import cameras, check, close, done, poseaug, refused, skip_without_libraries, to_pixels

skip_without_libraries()
random = np.random.default_rng(5)
SIXTEEN = [0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27]
LENSES, PLACES = cameras()


def motion(frames):
    """(frames, 96) world millimetres: somebody about the middle of the studio, a metre above the floor."""
    body = random.uniform(-600, 600, (1, 32, 3)) + [0, 0, 1000]
    return (body + random.normal(0, 40, (frames, 32, 3)).cumsum(0)).reshape(frames, 96)


def h5(dataset, name="3D_positions", **options):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        if dataset is not None:
            file.create_dataset(name, data=dataset, **options)
    return stream.getvalue()


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def member(subject, action):
    return f"h36m/{subject}/MyPoses/3D_positions/{action}.h5"


def compare(folder, motions):
    """A folder against motions by (subject, public action), in the order expected."""
    positions = np.load(folder + "/data_3d_h36m.npz", allow_pickle=True)["positions_3d"].item()
    seen = np.load(folder + "/data_2d_h36m_gt.npz", allow_pickle=True)
    pixels, metadata = seen["positions_2d"].item(), seen["metadata"].item()
    for stored in (positions, pixels):
        names = [(subject, action) for subject in stored for action in stored[subject]]
        check(names == list(motions), f"{folder}: clips are {names}, not {list(motions)}")
    for (subject, action), values in motions.items():
        metres = (values.reshape(-1, 32, 3) / 1000).astype("f4")
        found = positions[subject][action]
        check(found.dtype == np.float32, f"positions are {found.dtype}")
        close(found, metres, 1e-6, f"{subject} {action}")
        check(len(pixels[subject][action]) == 4, "not four cameras")
        for c in range(4):
            expected = to_pixels(metres[:, SIXTEEN].astype("f8"), LENSES[c], PLACES[subject][c])
            close(pixels[subject][action][c], expected, 1e-3, f"{subject} {action} camera {c}")
    check(metadata["num_joints"] == 16 and metadata["keypoints_symmetry"][0] == [4, 5, 6, 10, 11, 12], "metadata")


# The archive, as it is passed around, and the same unpacked.
motions = {("S1", "Photo"): motion(7), ("S1", "WalkDog 1"): motion(5), ("S9", "Directions"): motion(3),
           ("S11", "Directions 1"): motion(4), ("S11", "Walking"): motion(6)}
names = {"Photo": "TakingPhoto", "WalkDog 1": "WalkingDog 1"}
members = {member(s, names.get(a, a)): h5(values.T) for (s, a), values in reversed(motions.items())}
members[member("S1", "TakingPhoto")] = h5(motions["S1", "Photo"].T.astype("f4"), chunks=(96, 2), compression="gzip")
members[member("S11", "Directions")] = h5(motion(9).T)
members[member("S2", "Walking")] = h5(motion(9).T)
members["__MACOSX/" + member("S1", "._Walking")] = b"of no use"
members["h36m/readme.txt"] = b"text"
archive("h36m.zip", members)
motions["S1", "Photo"] = motions["S1", "Photo"].astype("f4").astype("f8")
output = done("import", "h36m", "h36m.zip", "--out", "data")
compare("data", motions)
for words in ("5 HDF5 files", "S1: 2 actions, 12 frames", "25 frames of 32 joints", "S11 Directions: known to be corrupt",
              "left out: S2"):
    check(words in output, f"the report lacks '{words}': {output}")
check(sorted(os.listdir("data")) == ["data_2d_h36m_gt.npz", "data_3d_h36m.npz"], str(os.listdir("data")))
zipfile.ZipFile("h36m.zip").extractall("unpacked")
done("import", "h36m", "unpacked", "--out", "data2")
done("import", "h36m", "unpacked/h36m", "--out", "data3")
for file in os.listdir("data"):
    for other in ("data2", "data3"):
        check(open(f"data/{file}", "rb").read() == open(f"{other}/{file}", "rb").read(), f"{other}/{file} differs")

# What was imported can be evaluated on.
done("pretrain", "--data", "data", "--model", "mlp", "--width", "8", "--epochs", "1", "--batch", "4", "--subjects", "S1",
     "--out", "run", "--device", "cpu", "--quiet")
check("52 poses" in poseaug("evaluate", "--data", "data", "--model", "mlp", "--weights", "run/last.safetensors", "--device",
                            "cpu").stderr, "evaluation of the imported folder")


# MATLAB's files.
def matlab(root, content, variable="data", subject="S5", action="WalkingDog", **options):
    folder = f"{root}/{subject}/MyPoseFeatures/D3_Positions"
    os.makedirs(folder, exist_ok=True)
    scipy.io.savemat(f"{folder}/{action}.cdf.mat", {variable: content}, **options)
    return f"{folder}/{action}.cdf.mat"


def cell(values):
    content = np.empty((1, 1), object)
    content[0, 0] = values
    return content


values = {("S5", "Greeting 2"): motion(6), ("S5", "WalkDog"): motion(4).astype("f4"), ("S8", "Photo"): motion(2)}
matlab("mat", cell(values["S5", "Greeting 2"]), action="Greeting 2", do_compression=True)
matlab("mat", cell(values["S5", "WalkDog"]))
matlab("mat", values["S8", "Photo"], subject="S8", action="TakingPhoto")
matlab("mat", cell(motion(3)), action="_ALL 1")
output = done("import", "h36m", "mat", "--out", "data4")
compare("data4", {key: value.astype("f8") for key, value in values.items()})
check("3 MATLAB files" in output and "_ALL 1" in output, output)


# What is broken.
def refuse_archive(message, content, name=member("S1", "Walking")):
    refused(message, "import", "h36m", archive("broken.zip", {member("S1", "Eating"): h5(motion(3).T), name: content}),
            "--out", "broken")


good = h5(motion(200).T)
refuse_archive("Walking.h5.*not an HDF5 file", b"text")
refuse_archive("not an HDF5 file", b"")
refuse_archive("damaged or cut short", good[:len(good) // 2])
refuse_archive("no dataset '3D_positions'", h5(None))
refuse_archive("no dataset", h5(motion(3).T, name="positions"))
refuse_archive("expected 96 numbers", h5(motion(3)))
refuse_archive("expected \\(96, frames\\)", h5(np.zeros(96)))
refuse_archive("at least one frame", h5(np.zeros((96, 0))))
refuse_archive("something else than numbers", h5(np.array([b"text"] * 96)))
refuse_archive("millimetres", h5(motion(3).T / 1000))
refuse_archive("millimetres", h5(motion(3).T * 1000))
broken = motion(3)
broken[2, 50] = np.nan
refuse_archive("not a number \\(frame 2\\)", h5(broken.T))
refuse_archive("leads out of the archive", good, "../" + member("S1", "Walking"))
refuse_archive("leads out of the archive", good, "/" + member("S1", "Walking"))
for name, layout in (("absurd", dict(shape=(96, 1 << 40), dtype="f8", chunks=(96, 64))),
                     ("unwritten", dict(shape=(96, 1000), dtype="f8", chunks=(96, 64)))):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("3D_positions", **layout)
    refuse_archive("more than the" if name == "absurd" else "no values are stored", stream.getvalue())
h5py.File("other.h5", "w").create_dataset("3D_positions", data=motion(3).T)
stream = io.BytesIO()
with h5py.File(stream, "w") as file:
    file["3D_positions"] = h5py.ExternalLink(os.path.abspath("other.h5"), "3D_positions")
refuse_archive("no dataset of this file", stream.getvalue())
motion(3).T.copy().tofile("values.bin")
stream = io.BytesIO()
with h5py.File(stream, "w") as file:
    file.create_dataset("3D_positions", (96, 3), "f8", external=[(os.path.abspath("values.bin"), 0, h5py.h5f.UNLIMITED)])
refuse_archive("stand in other files", stream.getvalue())

archive("twice.zip", {member("S1", "Photo"): good, member("S1", "TakingPhoto"): good})
refused("both the clip 'Photo' of S1", "import", "h36m", "twice.zip", "--out", "broken")
whole = open("h36m.zip", "rb").read()
open("cut.zip", "wb").write(whole[:len(whole) // 2])
refused("cannot be read as a zip archive", "import", "h36m", "cut.zip", "--out", "broken")
damaged = bytearray(whole)
for place in range(2000, 2400):
    damaged[place] ^= 0x55
open("damaged.zip", "wb").write(damaged)
refused("cannot be unpacked|cannot be read", "import", "h36m", "damaged.zip", "--out", "broken")
refused("holds no 3D positions", "import", "h36m", archive("empty.zip", {"a.txt": "text"}), "--out", "broken")
os.mkdir("empty")
refused("holds no 3D positions", "import", "h36m", "empty", "--out", "broken")
refused("no such file", "import", "h36m", "nowhere", "--out", "broken")

for message, content, variable in (("no variable 'data'", cell(motion(3)), "other"),
                                   ("one cell", np.array([[motion(3)], [motion(4)]], object), "data"),
                                   ("no real matrix|not a real matrix", cell(np.array([["text"]])), "data"),
                                   ("not a real matrix", cell(motion(3) + 1j), "data"),
                                   ("expected 96 numbers", cell(motion(3).T), "data")):
    shutil.rmtree("bad", ignore_errors=True)
    matlab("bad", content, variable)
    refused(message, "import", "h36m", "bad", "--out", "broken")
path = matlab("bad", cell(motion(300)), do_compression=True)
whole = open(path, "rb").read()
for size in (0, 100, len(whole) // 2):
    open(path, "wb").write(whole[:size])
    refused("MATLAB file|cut short|WalkingDog", "import", "h36m", "bad", "--out", "broken")

# A folder of other things is left as it was.
os.makedirs("mine")
open("mine/notes", "w").write("keep")
check(poseaug("import", "h36m", "cut.zip", "--out", "mine").returncode == 1, "cut.zip was accepted")
check(os.listdir("mine") == ["notes"], f"left in the folder: {os.listdir('mine')}")
print("imports of Human3.6M hold what the files say")

import json
import os
import pickle
import shutil
import struct

import numpy as np

from import_check import check, close, done, poseaug, refused

random = np.random.default_rng(7)
FROM_SMPL = [0, 2, 5, 8, 1, 4, 7, 6, 12, 15, 16, 18, 20, 17, 19, 21]


class Python2(pickle._Pickler):
    """Writes texts as Python 2 did, as bytes of no known encoding, with NumPy's arrays as they were then."""

    def save_bytes(self, value):
        text = value.encode("latin-1") if isinstance(value, str) else value
        short = len(text) < 256
        self.write((b"U" + bytes([len(text)]) if short else b"T" + struct.pack("<i", len(text))) + text)
        self.memoize(value)

    dispatch = {**pickle._Pickler.dispatch, bytes: save_bytes, str: save_bytes}


def write(path, content):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        Python2(file, protocol=2).dump(content)
    return path


def sequence(name, frames, actors=1, portrait=True):
    """Actors three to five metres before a camera that moves and turns."""
    poses = np.zeros((frames, 4, 4))
    for f in range(frames):
        a = 0.3 + 0.05 * f
        poses[f] = [[np.cos(a), 0, np.sin(a), 0.1 * f], [0, 1, 0, -0.2], [-np.sin(a), 0, np.cos(a), 4], [0, 0, 0, 1]]
    w, h = (1080, 1920) if portrait else (1920, 1080)
    detected = random.uniform(100, 900, (actors, frames, 3, 18))
    detected[:, :, 2] = random.uniform(0.1, 1, (actors, frames, 18))
    return {
        "sequence": name, "genders": ["m"] * actors, "betas": [random.normal(size=300) for _ in range(actors)],
        "cam_poses": poses, "cam_intrinsics": np.array([[1969.2, 0, w / 2], [0, 1961.9, h / 2], [0, 0, 1]]),
        "jointPositions": [random.uniform(-0.8, 0.8, (frames, 72)) for _ in range(actors)],
        "poses2d": list(detected), "campose_valid": [np.ones(frames, bool) for _ in range(actors)],
        "img_frame_ids": np.arange(frames), "texture_maps": [],
    }


def camera_space(s, actor):
    world = s["jointPositions"][actor].reshape(-1, 24, 3)[:, FROM_SMPL]
    return np.einsum("fij,fkj->fki", s["cam_poses"][:, :3, :3], world) + s["cam_poses"][:, None, :3, 3]


def squared(pixels, s):
    """Pixels of the image padded to a square about its middle, then normalised."""
    w, h = 2 * s["cam_intrinsics"][0, 2], 2 * s["cam_intrinsics"][1, 2]
    side = max(w, h)
    return (pixels + [(side - w) / 2, (side - h) / 2]) / side * 2 - 1


def projected(s, actor):
    image = camera_space(s, actor) @ s["cam_intrinsics"].T
    return image[..., :2] / image[..., 2:]


def from_openpose(detected):
    """The 16 joints from (frames, 3, 18); the head's top from the ears."""
    p = detected[:, :2].transpose(0, 2, 1)
    middle = lambda a, b: (p[:, a] + p[:, b]) / 2
    hip, thorax = middle(8, 11), p[:, 1]
    head = thorax + 1.55 * (middle(16, 17) - thorax)
    legs, arms = [p[:, k] for k in (8, 9, 10, 11, 12, 13)], [p[:, k] for k in (5, 6, 7, 2, 3, 4)]
    return np.stack([hip, *legs, (hip + thorax) / 2, thorax, head, *arms], 1)


def compare(folder, pose3d, pose2d, names, what):
    stored = np.load(folder + "/test_3dpw.npz")
    close(stored["pose3d"], np.concatenate(pose3d), 1e-5, what + ": pose3d")
    close(stored["pose2d"], np.concatenate(pose2d), 1e-6, what + ": pose2d")
    check(list(stored["sequence"]) == names, f"{what}: sequences are {list(stored['sequence'])}")


walk, talk = sequence("downtown_walking_00", 6), sequence("office_phoneCall_00", 4, actors=2, portrait=False)
walk["campose_valid"][0][2] = False
talk["campose_valid"][1] = np.array([1, 1, 1, 0])  # some are numbers
talk["jointPositions"][0][3, 2::3] -= 9  # behind the camera
walk["poses2d"][0][4, 2, 3] = 0  # the right elbow, not detected
talk["poses2d"][1][0, 2, 0] = 0  # the nose, which is not needed where the ears are seen
write("3DPW/sequenceFiles/test/downtown_walking_00.pkl", walk)
write("3DPW/sequenceFiles/test/office_phoneCall_00.pkl", talk)
write("3DPW/sequenceFiles/train/other.pkl", sequence("other", 5))

output = done("import", "3dpw", "3DPW", "--out", "projected")
for words in ("11 poses of 16 joints", "projected by the camera", "downtown_walking_00: 5 poses", "office_phoneCall_00: 6",
              "left out because the camera's pose is not valid: 2\n", "because a joint is behind the camera: 1\n"):
    check(words in output, f"the report lacks '{words}': {output}")
rows = [(walk, 0, [0, 1, 3, 4, 5]), (talk, 0, [0, 1, 2]), (talk, 1, [0, 1, 2])]
names = ["downtown_walking_00 actor 1"] * 2 + ["downtown_walking_00 actor 1 part 2"] * 3 + \
    ["office_phoneCall_00 actor 1"] * 3 + ["office_phoneCall_00 actor 2"] * 3
compare("projected", [camera_space(s, a)[kept] for s, a, kept in rows],
        [squared(projected(s, a)[kept], s) for s, a, kept in rows], names, "projected")
for source in ("3DPW/sequenceFiles", "3DPW/sequenceFiles/test"):
    done("import", "3dpw", source, "--out", "same")
    check(open("same/test_3dpw.npz", "rb").read() == open("projected/test_3dpw.npz", "rb").read(), source)

output = done("import", "3dpw", "3DPW", "--out", "detected", "--keypoints", "poses2d")
check("OpenPose" in output and "because a joint was not detected: 1\n" in output, output)
rows = [(walk, 0, [0, 1, 3, 5]), (talk, 0, [0, 1, 2, 3]), (talk, 1, [0, 1, 2])]
names = ["downtown_walking_00 actor 1"] * 2 + ["downtown_walking_00 actor 1 part 2"] + ["downtown_walking_00 actor 1 part 3"] + \
    ["office_phoneCall_00 actor 1"] * 4 + ["office_phoneCall_00 actor 2"] * 3
compare("detected", [camera_space(s, a)[kept] for s, a, kept in rows],
        [squared(from_openpose(s["poses2d"][a])[kept], s) for s, a, kept in rows], names, "detected")
with open("three.pkl", "wb") as file:
    pickle.dump(walk, file, protocol=2)  # the same from Python 3
output = done("import", "3dpw", "three.pkl", "--out", "three")
check("5 poses of 16 joints" in output, output)


# What was imported can be evaluated on, as sequences.
done("synth", "--out", "data", "--poses", "280")
done("pretrain", "--data", "data", "--model", "mlp", "--width", "8", "--epochs", "1", "--out", "run", "--device", "cpu", "--quiet")
done("evaluate", "--data", "projected", "--on", "3dpw", "--weights", "run/last.safetensors", "--device", "cpu", "--json", "errors")
errors = json.load(open("errors"))
check(errors["poses"] == 11 and errors["mpjve"] > 0, f"evaluation gives {errors}")
check(set(errors["per_action"]) == {"downtown_walking_00", "office_phoneCall_00"}, str(errors["per_action"]))


# What is broken.
def refuse(message, **changes):
    content = {**sequence("walk", 3), **changes}
    write("bad.pkl", {key: value for key, value in content.items() if value is not None})
    refused(message, "import", "3dpw", "bad.pkl", "--out", "broken")


for key in ("cam_poses", "cam_intrinsics", "jointPositions", "poses2d", "campose_valid"):
    refuse(f"has no '{key}'", **{key: None})
refuse("expected \\(3, 72\\)", jointPositions=[np.zeros((4, 72))])
refuse("expected \\(3, 3, 18\\)", poses2d=[np.zeros((3, 18, 3))])
refuse("expected \\(3, 4, 4\\)", cam_poses=np.zeros((3, 3, 4)))
refuse("expected \\(3, 3\\)", cam_intrinsics=np.zeros(9))
refuse("have to be positive", cam_intrinsics=np.zeros((3, 3)))
refuse("2 actors", jointPositions=[np.zeros((3, 72))] * 2)
refuse("a list", jointPositions=5)
refuse("metres are expected", jointPositions=[np.full((3, 72), np.nan)])
refuse("metres are expected", jointPositions=[np.full((3, 72), 1000.0)])
refuse("no valid pose", campose_valid=[np.zeros(3)])
refuse("os.system|posix", sequence=type("Evil", (), {"__reduce__": lambda self: (os.system, ("touch ran",))})())
check(not os.path.exists("ran"), "a pickle was run")
whole = open("three.pkl", "rb").read()
for size in (0, 10, len(whole) // 2, len(whole) - 1):
    open("bad.pkl", "wb").write(whole[:size])
    refused("bad.pkl", "import", "3dpw", "bad.pkl", "--out", "broken")
open("bad.pkl", "wb").write(pickle.dumps([1, 2], 2))
refused("has no 'cam_poses'", "import", "3dpw", "bad.pkl", "--out", "broken")
os.mkdir("empty")
refused("holds no sequences", "import", "3dpw", "empty", "--out", "broken")
check(poseaug("import", "3dpw", "3DPW", "--out", "x", "--keypoints", "hr").returncode == 2, "--keypoints hr was accepted")
check(poseaug("import", "3dpw", "3DPW").returncode == 2, "no --out was accepted")
check(poseaug("import").returncode == 2 and poseaug("import", "4dpw", "a", "--out", "x").returncode == 2, "no such kind")
print("imports of 3DPW hold what the files say")

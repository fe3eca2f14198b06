"""Writes keypoints as VideoPose3D's prepare_data_2d_custom.py and its Human3.6M tools do, and checks what was made of
them, with the mapping written out once more."""
import sys

import numpy as np

COCO_SIDES = [[1, 3, 5, 7, 9, 11, 13, 15], [2, 4, 6, 8, 10, 12, 14, 16]]
H36M_SIDES = [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]


def keypoints(frames, seed):
    return np.random.RandomState(seed).uniform(50, 650, (frames, 17, 2)).astype(np.float32)


def custom():
    return {"walk.mp4": {"custom": [keypoints(30, 0)]}, "portrait.mp4": {"custom": [keypoints(20, 1)]}}


def h36m():
    return {subject: {action: [keypoints(5, 10 * s + 4 * a + camera) for camera in range(4)]
                      for a, action in enumerate(["Walking 1", "Eating"])} for s, subject in enumerate(["S9", "S11"])}


def save(name, positions, layout=None, sides=None, sizes=None):
    metadata = {"num_joints": 17}
    if layout:
        metadata.update(layout_name=layout, keypoints_symmetry=sides)
    if sizes:
        metadata["video_metadata"] = sizes
    np.savez_compressed(name, positions_2d=positions, metadata=metadata)


def write():
    sizes = {"walk.mp4": {"w": 1280, "h": 720}, "portrait.mp4": {"w": np.int64(720), "h": np.int64(1280), "fps": 25.0}}
    positions = custom()
    lost = positions["walk.mp4"]["custom"][0]
    lost[12, 9] = np.nan  # the left wrist
    save("data_2d_custom_mine", positions, "coco", COCO_SIDES, sizes)
    save("data_2d_custom_swapped", positions, "coco", COCO_SIDES[::-1], sizes)
    save("data_2d_custom_humaneva", positions, "humaneva15", COCO_SIDES, sizes)
    save("data_2d_custom_flat", {"walk.mp4": {"custom": [np.zeros((3, 34))]}}, "coco", COCO_SIDES, sizes)
    save("data_2d_custom_bare", positions)
    save("data_2d_h36m_some", h36m(), "h36m", H36M_SIDES)
    np.savez("other", other=np.zeros(3))


def from_coco(k):
    joint = lambda j: k[:, j]
    middle = lambda a, b: (a + b) / 2
    hip, thorax = middle(joint(11), joint(12)), middle(joint(5), joint(6))
    head = thorax + 1.55 * (middle(joint(3), joint(4)) - thorax)
    return np.stack([hip, joint(12), joint(14), joint(16), joint(11), joint(13), joint(15), middle(hip, thorax), thorax,
                     head, joint(5), joint(7), joint(9), joint(6), joint(8), joint(10)], 1)


def normalise(points, width, height):
    return points / width * 2 - [1, height / width]


def close(found, expected):
    assert found.shape == expected.shape, (found.shape, expected.shape)
    assert np.abs(found - expected).max() < 1e-5, np.abs(found - expected).max()


def check_custom(data):
    walk, portrait = (from_coco(custom()[name]["custom"][0].astype(float)) for name in ("walk.mp4", "portrait.mp4"))
    walk[12, 12] = (walk[11, 12] + walk[13, 12]) / 2
    square = portrait + [(1280 - 720) / 2, 0]
    close(data["pose2d"], np.concatenate([normalise(walk, 1280, 720), normalise(square, 1280, 1280)]))
    assert list(data["sequence"]) == ["walk.mp4"] * 30 + ["portrait.mp4"] * 20
    assert list(data["frame"]) == list(range(30)) + list(range(20))
    assert data["valid"].all() and data["valid"].dtype == bool


def check_h36m(data, only=None):
    kept = [j for j in range(17) if j != 9]
    expected, names = [], []
    for subject, actions in h36m().items():
        for action, cameras in actions.items():
            for camera, points in enumerate(cameras):
                name = f"{subject}/{action}/{camera}"
                if only and name != only:
                    continue
                height = 1002 if camera in (0, 3) else 1000
                expected.append(normalise(points[:, kept].astype(float), 1000, height))
                names += [name] * len(points)
    close(data["pose2d"], np.concatenate(expected))
    assert list(data["sequence"]) == names, data["sequence"]


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write()
    else:
        content = np.load(sys.argv[2])
        checks = {"custom": check_custom, "h36m": check_h36m, "one": lambda d: check_h36m(d, "S9/Walking 1/2")}
        checks[sys.argv[1]](content)

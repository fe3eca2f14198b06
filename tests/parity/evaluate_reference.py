"""Compares `poseaug evaluate` with the same evaluation by the PyTorch reference.

usage: evaluate_reference.py REFERENCE_FOLDER DATA_FOLDER WEIGHTS EVALUATION.json
DATA_FOLDER is in the public layout, EVALUATION.json what `poseaug evaluate --json` wrote for its sets h36m and 3dhp.
"""
import json
import os
import sys

import numpy as np
import torch

reference, folder, weights, evaluation = sys.argv[1:]
sys.path.insert(0, reference)
import poseaug_reference as R  # noqa: E402

USED = [0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27]
calibration = json.load(open(os.path.join(reference, '..', 'spec', 'h36m_cameras.json')))


def to_camera(points, placement):
    """World metres to camera space by the unit quaternion (w x y z) and place (mm) of a camera."""
    w, x, y, z = np.array(placement['orientation'])
    turn = np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                     [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                     [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]])
    return (points - np.array(placement['translation']) / 1000) @ turn


def h36m_test():
    """Joints in camera space and normalised images of S9 and S11, seen by four cameras."""
    world = np.load(f'{folder}/data_3d_h36m.npz', allow_pickle=True)['positions_3d'].item()
    pixels = np.load(f'{folder}/data_2d_h36m_gt.npz', allow_pickle=True)['positions_2d'].item()
    joints, images = [], []
    for subject in ('S9', 'S11'):
        for action, positions in world[subject].items():
            for i, lens in enumerate(calibration['intrinsics']):
                seen = np.asarray(pixels[subject][action][i])[..., :2]
                n = min(len(seen), len(positions))
                joints.append(to_camera(positions[:n, USED].astype('f8'), calibration['extrinsics'][subject][i]))
                w, h = lens['res_w'], lens['res_h']
                images.append(seen[:n] / w * 2 - [1, h / w])
    return np.concatenate(joints), np.concatenate(images)


def errors(parameters, joints, images, flip):
    estimate = lambda x: R.gcn(parameters, x)  # noqa: E731
    joints, images = torch.tensor(joints).double(), torch.tensor(images).double()
    with torch.no_grad():
        found = torch.cat([R.flip_average(estimate, x) if flip else estimate(x) for x in images.split(2048)])
        found, truth = found - found[:, :1], joints - joints[:, :1]
        return {name: float(getattr(R, name)(found, truth)) for name in ('mpjpe', 'pa_mpjpe', 'n_mpjpe', 'pck', 'auc')}


loaded = torch.load(weights, map_location='cpu')
state = next((loaded[k] for k in ('state_dict', 'model_pos') if k in loaded), loaded)
parameters = {k.removeprefix('module.'): v.double() for k, v in state.items() if 'num_batches' not in k}
other = np.load(f'{folder}/test_3dhp.npz')
sets = {'h36m': (*h36m_test(), False), '3dhp': (other['pose3d'], other['pose2d'], True)}
ours, failed = json.load(open(evaluation)), False
for name, data in sets.items():
    for metric, expected in errors(parameters, *data).items():
        found = ours[name][metric]
        close = abs(found - expected) <= 0.01
        failed |= not close
        print(f'{name} {metric}: {found:.4f}, reference {expected:.4f}{"" if close else "  DIFFERS"}')
sys.exit(failed)

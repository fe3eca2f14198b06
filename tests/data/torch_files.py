"""Writes PyTorch files of many kinds (write FOLDER), and compares what was made of them (check FOLDER)."""
import argparse
import os
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch


def network():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.BatchNorm1d(7), torch.nn.Conv1d(7, 3, 1))


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    return OrderedDict(whole=base, transposed=base.t(), offset=base[1:3, 2:5], steps=base[::2, 1::3],
                       expanded=base[0, :1].expand(3, 2), scalar=base[2, 3], empty=base[:0],
                       alone=torch.ones(2, 3, 4).permute(2, 0, 1))


def types():
    kinds = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64, torch.int32, torch.int16,
             torch.int8, torch.uint8, torch.bool]
    values = torch.tensor([[0.0, 1.0, 2.5], [100.0, 7.0, 0.125]])
    return OrderedDict((str(kind), values.to(kind)) for kind in kinds)


def trained():
    """A network after a step of Adam, so that the optimiser has state."""
    model = network()
    optimizer = torch.optim.Adam(model.parameters())
    model[1](model[0](torch.randn(4, 5))).sum().backward()
    optimizer.step()
    return model, optimizer


def contents():
    """By name: what is saved, and the tensors that should be read of it."""
    model, optimizer = trained()
    state = model.state_dict()
    parallel = OrderedDict(("module." + name, tensor) for name, tensor in state.items())
    beside = {"epoch": 7, "error": np.float64(41.5), "optimizer": optimizer.state_dict(), "lr": 1e-3,
              "name": "run", "nothing": None, "shape": torch.Size([3, 4]), "device": torch.device("cpu"),
              "type": torch.float32}
    return {
        "bare": (state, state),
        "plain_dict": (dict(state), state),
        "state_dict": ({"state_dict": state, **beside}, state),
        "model_pos": ({**beside, "model_pos": state}, state),
        "model": ({"model": state, "epoch": torch.tensor(3)}, state),
        "parallel": ({"state_dict": parallel, **beside}, state),
        "parameters": (OrderedDict(model.named_parameters()), OrderedDict(model.named_parameters())),
        "views": (views(), views()),
        "types": (types(), types()),
        "half": (OrderedDict((n, t.half()) for n, t in state.items()),
                 OrderedDict((n, t.half()) for n, t in state.items())),
        "arrays": ({"a": torch.ones(2), "b": np.arange(6).reshape(2, 3)}, {"a": torch.ones(2), "b": torch.arange(6).reshape(2, 3)}),
    }


class Call:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def write(folder):
    for name in ("good", "refused", "back"):
        (folder / name).mkdir()
    for name, (content, _) in contents().items():
        for zipped in (False, True):
            for protocol in (2, 4):
                file = folder / "good" / f"{name}.{'zip' if zipped else 'legacy'}{protocol}.pth"
                torch.save(content, file, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
    trace = str(folder / "trace")
    refused = {
        f"{os.system.__module__}.system": Call(os.system, "touch " + trace),
        "__builtin__.eval": Call(eval, f"open({trace!r}, 'w')"),  # as protocol 2 names it
        "torch.nn.modules.container.Sequential": network(),
        "argparse.Namespace": {"state_dict": network().state_dict(), "args": argparse.Namespace(lr=1)},
    }
    for name, content in refused.items():
        torch.save(content, folder / "refused" / f"{name}.pth")


def same(array, tensor):
    expected = tensor.detach()
    if expected.dtype in (torch.float16, torch.bfloat16):
        expected = expected.float()
    expected = expected.numpy()
    return array.dtype == expected.dtype and array.shape == expected.shape and np.array_equal(array, expected)


def check(folder):
    count = 0
    for name, (_, tensors) in contents().items():
        for file in sorted((folder / "good").glob(name + ".*")):
            with np.load(folder / "back" / (file.name + ".npz")) as arrays:
                assert list(arrays) == list(tensors), (file.name, list(arrays))
                for key, tensor in tensors.items():
                    assert same(arrays[key], tensor), (file.name, key)
            for weights_only in (False, True):
                back = torch.load(folder / "back" / (file.name + ".pth"), weights_only=weights_only)
                assert type(back) is OrderedDict and list(back) == list(tensors), file.name
                for key, tensor in tensors.items():
                    assert same(back[key].numpy(), tensor) and back[key].is_contiguous(), (file.name, key)
            count += 1
    assert count == 4 * len(contents())


{"write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))

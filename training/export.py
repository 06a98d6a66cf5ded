"""Writes a trained encoder as ONNX, with weights stored in half precision, and checks it.

    python -m training.export .train/out/encoder.pt detector/data/logo_encoder.onnx
    python -m training.export --imagenet .train/pack/trunk.npz .train/imagenet.onnx    # the trunk as it was, for comparison

Batch normalisation is folded into the convolutions before it; the graph takes RGB in 0..255 as float32, N x 3 x side x side,
and gives N x 256 vectors that are not normalised yet.
"""

from __future__ import annotations

import argparse
import copy
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from training.model import Encoder, Trunk

SMALL = 256
"""Tensors of so few elements stay in single precision."""


class Folded(nn.Module):
    """The encoder without normalisation layers and without the last division by the length."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        encoder = copy.deepcopy(encoder).eval()
        fold(encoder.trunk)
        self.trunk = encoder.trunk
        self.pool = fuse_conv_bn_eval(encoder.pool, encoder.pool_norm)
        self.embed = fuse_linear_bn_eval(encoder.embed, encoder.embed_norm)

    def forward(self, pictures: Tensor) -> Tensor:
        vectors: Tensor = self.embed(self.pool(self.trunk(pictures)).flatten(1))
        return vectors


def fold(module: nn.Module) -> None:
    """Join every convolution with the normalisation that follows it in its sequence, in place."""
    for child in module.children():
        fold(child)
    if isinstance(module, nn.Sequential):
        for at in range(len(module) - 1):
            norm = module[at + 1]
            if not isinstance(norm, nn.BatchNorm2d):
                continue
            before = module[at]
            joined = fuse_conv_bn_eval(before[-1] if isinstance(before, nn.Sequential) else before, norm)
            if isinstance(before, nn.Sequential):
                # stands in for the layer that pads: the right numbers are written by padded()
                joined.padding = (joined.kernel_size[0] // 2,) * 2
            module[at] = joined
            module[at + 1] = nn.Identity()


def padded(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Give strided convolutions TensorFlow's padding (right and below), which torch can only say with a layer of its own."""
    for node in graph.graph.node:
        found = {attribute.name: attribute for attribute in node.attribute}
        if node.op_type == "Conv" and list(found["strides"].ints) == [2, 2]:
            kernel = found["kernel_shape"].ints[0]
            before, after = (kernel - 2) // 2, (kernel - 1) // 2
            node.attribute.remove(found["pads"])
            node.attribute.append(helper.make_attribute("pads", [before, before, after, after]))
    return graph


def halved(graph: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with large weights stored as float16 and a Cast behind each; runtimes fold the casts when they load it."""
    casts = []
    for index, tensor in enumerate(graph.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size <= SMALL:
            continue
        stored = f"{tensor.name}.half"
        casts.append(helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT))
        graph.graph.initializer[index].CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    onnx.checker.check_model(graph)
    return graph


def load_encoder(path: Path) -> Encoder:
    """An ``encoder.pt`` as ``training.train`` saves it."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    encoder = Encoder(int(saved["about"]["options"]["side"]))
    encoder.load_state_dict(saved["state"])
    return encoder.eval()


def check(encoder: Encoder, path: Path) -> float:
    """Largest difference between a component of torch's unit vectors and OpenCV's for the written file."""
    import cv2

    rng = np.random.default_rng(5)
    pictures = rng.integers(0, 256, (3, 3, encoder.side, encoder.side)).astype(np.float32)
    with torch.no_grad():
        wanted = encoder(torch.from_numpy(pictures)).numpy()
    net = cv2.dnn.readNetFromONNX(str(path))
    worst = 0.0
    for batch in (pictures[:1], pictures):
        net.setInput(batch)
        found = net.forward()
        found = found / np.linalg.norm(found, axis=1, keepdims=True)
        worst = max(worst, float(np.abs(found - wanted[: len(batch)]).max()))
    return worst


class Untrained(nn.Module):
    """ImageNet's features: the trunk and a mean over places."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.trunk.load_imagenet(path)
        fold(self.trunk.eval())

    def forward(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.trunk(pictures)
        return features.mean(dim=(2, 3))


def write(model: nn.Module, side: int, target: Path) -> None:
    """One ONNX file, any number of pictures at a time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            (torch.zeros(1, 3, side, side),),
            str(target),
            input_names=["pictures"],
            output_names=["vectors"],
            dynamic_axes={"pictures": {0: "n"}, "vectors": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )
    onnx.save(halved(padded(onnx.load(target))), target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a trained encoder as ONNX.")
    parser.add_argument("source", type=Path, help="encoder.pt, or trunk.npz with --imagenet")
    parser.add_argument("target", type=Path)
    parser.add_argument("--imagenet", action="store_true", help="write the trunk as it was before training")
    options = parser.parse_args()
    if options.imagenet:
        write(Untrained(options.source), 224, options.target)
        return
    encoder = load_encoder(options.source)
    write(Folded(encoder), encoder.side, options.target)
    size = options.target.stat().st_size / 1e6
    print(f"{size:.1f} MB, differs from torch by {check(encoder, options.target):.1e} at most")


if __name__ == "__main__":
    main()

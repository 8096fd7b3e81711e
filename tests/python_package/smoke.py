# SPDX-License-Identifier: BSD-3-Clause
"""What a wheel must be able to do where nothing but NumPy is installed."""

import tempfile
from pathlib import Path

import numpy as np

import nullcline as nc


def foreign_libraries() -> list[str]:
    """Libraries of ours that came from the system and not from the wheel."""
    ours = ("openblas", "hdf5", "libzip", "libtbb", "fmt", "lapacke", "toml")
    paths = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "/" in line}
    system = [path for path in paths if any(name in Path(path).name for name in ours)]
    return sorted(path for path in system if "site-packages" not in path)


network = nc.Network("vanilla", input_weights=4 * np.eye(2), recurrent_weights=2 * np.eye(2), readout_weights=np.eye(2))
points = nc.find_fixed_points(network)
assert points.n_fixed == 9 and set(points.verdict) == {"proven"}, points
with tempfile.TemporaryDirectory() as folder:
    points.save(f"{folder}/points.nc")
    assert nc.load(f"{folder}/points.nc") == points
    nc.report(f"{folder}/page.html", network, points, nc.topology(network, points))
assert "site-packages" in nc.__file__, nc.__file__
assert not foreign_libraries(), foreign_libraries()
print(f"{points!r} with nullcline {nc.__version__} from {nc.__file__}")

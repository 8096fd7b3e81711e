# SPDX-License-Identifier: BSD-3-Clause
"""Writes the files beside it with numpy, h5py, netCDF4 and xarray: what other programs write, our
readers must read. Run by Debian's Python; the values are those that the tests expect."""

from pathlib import Path

import h5py
import netCDF4
import numpy as np
import xarray as xr

HERE = Path(__file__).parent

TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def numbers(dtype: str) -> np.ndarray:
    values = np.arange(6).reshape(2, 3)
    return (values if dtype[1] == "u" else values - 2).astype(dtype)


def arrays() -> dict[str, np.ndarray]:
    result = {}
    for order, name in (("<", "little"), (">", "big")):
        for dtype in TYPES:
            result[f"{name}_{dtype}"] = numbers(order + dtype)
    result["bool"] = np.array([True, False, True])
    result["scalar"] = np.float64(0.1)
    result["empty"] = np.zeros((0, 3))
    result["fortran"] = np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
    result["special"] = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
    # Zero, the smallest subnormal, the largest subnormal, one, the largest number, infinities, NaN.
    half = np.array([0x0000, 0x8000, 0x0001, 0x03FF, 0x3C00, 0x7BFF, 0x7C00, 0xFC00, 0x7E00], "<u2")
    result["half"] = half.view("<f2")
    result["group/inside"] = np.arange(3)
    return result


def main() -> None:
    np.savez(HERE / "numpy_stored.npz", **arrays())
    np.savez_compressed(HERE / "numpy_deflated.npz", **arrays())
    for version in (1, 2, 3):
        with (HERE / f"numpy_version_{version}.npy").open("wb") as file:
            np.lib.format.write_array(file, numbers("<f8"), version=(version, 0))

    with h5py.File(HERE / "h5py_earliest.h5", "w", libver="earliest") as file:
        for dtype in TYPES:
            file[f"types/{dtype}"] = numbers("<" + dtype)
            file[f"types/big_{dtype}"] = numbers(">" + dtype)
        file["flags"] = np.array([True, False, True])
        file["text"] = np.array([b"one", b"three"])
        file["scalar"] = 0.1
        file.attrs["count"] = 3
        file.attrs["fixed"] = np.bytes_("text")
        file.attrs["of_variable_length"] = "left out"

    with netCDF4.Dataset(HERE / "netcdf4.nc", "w") as file:
        file.createDimension("unit", 3)
        file.createDimension("step", 2)
        file.createVariable("unit", "i8", ("unit",))[:] = [10, 20, 30]
        rates = file.createVariable("rates", "f8", ("step", "unit"))
        rates[:] = numbers("<f8")
        rates.units = "Hz"
        group = file.createGroup("inner")
        group.createVariable("bias", "f4", ("unit",))[:] = [0.5, 1.5, 2.5]

    dataset = xr.Dataset(
        {"rates": (("step", "unit"), numbers("<f8"), {"units": "Hz"})},
        coords={"unit": [10, 20, 30]},
    )
    dataset.to_netcdf(HERE / "xarray_h5netcdf.nc", engine="h5netcdf")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-3-Clause
"""xarray opens our result files as they are, with every engine that people use, and h5py and netCDF4
see in them what was put in (tests/support/result_file.hpp)."""

import math
import os
import subprocess
import warnings

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr

ENGINES = ["netcdf4", "h5netcdf"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    target = tmp_path_factory.mktemp("results") / "one of everything.nc"
    subprocess.run([os.environ["NULLCLINE_WRITE_RESULT_FILE"], target], check=True)
    return target


def open_dataset(path, engine, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return xr.open_dataset(path, engine=engine, **options).load()


def test_opens_without_being_told_an_engine(path):
    assert xr.open_dataset(path)["spectral_radius"].item() == 1.25


@pytest.mark.parametrize("engine", ENGINES)
class TestXarray:
    def test_numbers_with_names_units_and_special_values(self, path, engine):
        states = open_dataset(path, engine)["states"]
        assert states.dims == ("step", "unit")
        assert states.dtype == np.float64
        assert states.attrs == {"long_name": "states of the network", "units": "Hz"}
        expected = [[1, math.nan, math.inf], [-math.inf, -0.0, 5e-324]]
        np.testing.assert_array_equal(states.values, expected)
        assert np.signbit(states.values[1, 1])

    def test_coordinates_select(self, path, engine):
        dataset = open_dataset(path, engine)
        assert list(dataset.indexes["unit"]) == [10, 20, 30]
        assert dataset["states"].sel(unit=10).values[0] == 1

    def test_types_stay(self, path, engine):
        dataset = open_dataset(path, engine)
        assert dataset["single"].dtype == np.float32
        assert dataset["flags"].dtype == np.uint8
        assert dataset["flags"].values.tolist() == [[1, 0, 1], [0, 255, 1]]
        assert dataset["cube"].shape == (1, 2, 2)
        assert dataset["spectral_radius"].shape == ()

    def test_text(self, path, engine):
        dataset = open_dataset(path, engine)
        assert dataset["stability"].dims == ("unit",)
        assert dataset["stability"].values.tolist() == ["stable", "", "Sattel ☡"]
        assert dataset["label"].item() == "one text"
        assert "_Encoding" not in dataset["label"].attrs

    def test_text_selects(self, path, engine):
        dataset = open_dataset(path, engine)
        assert list(dataset.indexes["model"]) == ["gru", "vanilla"]
        assert dataset["accuracy"].sel(model="gru").item() == 0.5

    def test_empty_arrays(self, path, engine):
        dataset = open_dataset(path, engine)
        assert dataset["none"].shape == (0, 3)
        assert dataset["no_labels"].shape == (0,)
        assert dataset.sizes["found"] == 0

    def test_attributes_of_the_file(self, path, engine):
        attributes = open_dataset(path, engine).attrs
        assert attributes["title"] == "Größe, 大きさ"
        assert attributes["empty"] == ""
        assert attributes["seed"] == -7
        assert attributes["loss"] == 0.1
        assert set(attributes) == {"title", "empty", "seed", "loss"}

    def test_groups_have_their_own_dimensions(self, path, engine):
        inner = open_dataset(path, engine, group="network")
        assert inner.attrs == {"note": "inside"}
        assert inner["bias"].dims == ("unit",)
        assert inner["bias"].values.tolist() == [0, 1, 2, 3]
        assert open_dataset(path, engine, group="network/deep")["depth"].item() == 2
        assert open_dataset(path, engine, group="only_attributes").attrs == {"answer": 42}

    def test_nothing_is_there_that_was_not_put_in(self, path, engine):
        assert set(open_dataset(path, engine).variables) == {
            "states", "unit", "stability", "spectral_radius", "single", "flags", "label", "none",
            "no_labels", "cube", "model", "accuracy",
        }  # fmt: skip

    def test_xarray_writes_it_again(self, path, engine, tmp_path):
        dataset = open_dataset(path, engine).drop_vars(["none", "no_labels"])
        dataset.to_netcdf(tmp_path / "again.nc", engine=engine)
        again = open_dataset(tmp_path / "again.nc", engine)
        np.testing.assert_array_equal(again["states"].values, dataset["states"].values)


def test_netcdf4_knows_the_dimensions(path):
    with netCDF4.Dataset(path) as file:
        sizes = {name: len(dimension) for name, dimension in file.dimensions.items()}
        assert sizes == {"step": 2, "unit": 3, "found": 0, "a": 1, "b": 2, "c": 2,
                         "model": 2, "string1": 1, "string7": 7, "string8": 8, "string10": 10}


def test_h5py_finds_the_scales_of_every_axis(path):
    with h5py.File(path) as file:
        assert [axis[0].name for axis in file["states"].dims] == ["/step", "/unit"]
        assert file["network/bias"].dims[0][0].name == "/network/unit"


def test_readable_by_tools_of_hdf5_1_8(path):
    # Version 2 of the first block came with HDF5 1.8, version 3 with 1.10.
    assert path.read_bytes()[8] == 2

# SPDX-License-Identifier: BSD-3-Clause
"""Help, version, unknown words, and what the machine can do."""

import json
import os
import re

import pytest
from command import COMMAND, fail, run, succeed, succeed_json

SUBCOMMANDS = ["train", "force", "simulate", "fixed-points", "topology", "state-machine", "portrait", "census", "report", "reproduce", "info", "doctor"]


def test_version_is_one_line():
    assert re.fullmatch(r"nullcline \d+\.\d+\.\d+\n", succeed("--version"))


def test_help_lists_every_subcommand():
    text = succeed("--help")
    for name in SUBCOMMANDS:
        assert re.search(rf"^  {name} ", text, re.M), name


@pytest.mark.parametrize("name", [*SUBCOMMANDS, "train flip-flop"])
def test_each_help_has_an_example(name):
    assert re.search(rf"Examples?: nullcline {name} ?", succeed(name, "--help"))


def test_help_shows_defaults():
    text = succeed("train flip-flop --help")
    assert re.search(r"--units INTEGER \[64\]", text)
    assert re.search(r"--cell vanilla \| leaky \| leaky-outside \| ugrnn \| gru \| lstm \[gru\]", text)
    assert re.search(r"--learning-rate NUMBER \[0.002\]", text)
    assert re.search(r"--train-initial-state.*\n?.*\[on\]", text)
    assert re.search(r"--n-starts INTEGER \[\d+\]", succeed("fixed-points --help"))


def test_examples_of_the_help_name_flags_that_exist():
    for name in SUBCOMMANDS:
        for line in re.findall(r"nullcline [a-z-]+ .*", succeed(name, "--help")):
            words = line.split()[1:]
            own = " ".join(words[: 2 if words[0] == "train" else 1])
            known = succeed(own, "--help")
            for flag in re.findall(r"(?<=\s)--?[a-z][a-z-]*", line):
                assert flag in known, (line, flag)


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ("", "nullcline: a subcommand is missing"),
        ("trian", "nullcline: unknown subcommand 'trian', did you mean 'train'?"),
        ("--verison", "nullcline: unknown flag '--verison', did you mean '--version'?"),
        ("train flipflop", "nullcline: unknown subcommand 'flipflop', did you mean 'flip-flop'?"),
        ("train flipflop -o x.nc", "nullcline: unknown subcommand 'flipflop', did you mean 'flip-flop'?"),
        ("train flip-flop --unist 3 -o x.nc", "nullcline: unknown flag '--unist', did you mean '--units'?"),
        ("train flip-flop --learning_rate=3 -o x.nc", "nullcline: unknown flag '--learning_rate', did you mean '--learning-rate'?"),
        ("train flip-flop -o x.nc --units", "nullcline: --units"),
        ("doctor now", "nullcline: unknown argument 'now'"),
        ("train", "nullcline: A subcommand is required"),
        ("info", "nullcline: file is required"),
        ("train flip-flop --units many -o x.nc", "nullcline: --units: found 'many', expected an integer"),
        ("train flip-flop --units 1 --units 2 -o x.nc", "nullcline: --units: given 2 times, expected once"),
        ("train flip-flop --cell GRU -o x.nc", "nullcline: --cell: found 'GRU', expected vanilla | leaky | leaky-outside | ugrnn | gru | lstm"),
        ("train flip-flop --learning-rate nan -o x.nc", "nullcline: --learning-rate: found 'nan', expected a finite number"),
        ("train flip-flop --bits 3", "nullcline: --output: missing"),
        ("simulate x.nc -o y.nc", "nullcline: --inputs: missing"),
    ],
)
def test_wrong_words_are_named(arguments, expected, tmp_path):
    assert fail(2, arguments, cwd=tmp_path).startswith(expected)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flag", ["--input", "--states", "--seed"])
def test_an_empty_value_is_no_value(flag, tmp_path):
    assert fail(2, "fixed-points", "x.npz", flag, "", cwd=tmp_path).startswith(f"nullcline: {flag}: missing, expected")


def test_doctor_says_what_is_in_use():
    document = succeed_json("doctor")
    assert document["simd"] in ("sse2", "avx2", "avx512")
    assert "sse2" in document["cpu_features"]
    assert document["threads"] >= 1
    assert document["blas_core"]
    for key in ("nullcline", "simd", "blas_core", "threads"):
        assert key in succeed("doctor")


def test_the_kernels_of_blas_suit_the_cpu():
    """A CPU with AVX-512 does not run older kernels, unless the environment says so."""
    document = succeed_json("doctor")
    has_avx512 = {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"} <= set(document["cpu_features"])
    assert not has_avx512 or document["blas_core"] in ("SkylakeX", "Cooperlake", "SapphireRapids")
    if "avx2" in document["cpu_features"]:
        told = succeed_json("doctor", env={**os.environ, "OPENBLAS_CORETYPE": "HASWELL"})
        assert told["blas_core"] == "Haswell"


def test_simd_can_be_lowered():
    assert succeed_json("doctor", env={**os.environ, "NULLCLINE_SIMD": "sse2"})["simd"] == "sse2"


def test_a_full_standard_output_is_an_error():
    import subprocess

    with open("/dev/full", "w") as full:
        done = subprocess.run([COMMAND, "doctor"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 3
    assert done.stderr == "nullcline: standard output: No space left on device\n"


def test_json_is_one_document():
    json.loads(run("doctor --json").stdout)

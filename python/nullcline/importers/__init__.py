# SPDX-License-Identifier: BSD-3-Clause
"""Networks from other frameworks, each proven by steps that the framework itself takes."""

from __future__ import annotations

from nullcline.importers.arrays import from_arrays
from nullcline.importers.equinox import from_equinox
from nullcline.importers.files import from_file
from nullcline.importers.flax import from_flax
from nullcline.importers.haiku import from_haiku
from nullcline.importers.keras import from_keras
from nullcline.importers.torch import from_torch

__all__ = ["from_arrays", "from_equinox", "from_file", "from_flax", "from_haiku", "from_keras", "from_torch"]

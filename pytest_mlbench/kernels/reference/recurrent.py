"""Calls of svdf.c."""

from __future__ import annotations

from pytest_mlbench.models.operators.svdf import Svdf

from .kernel import kernel

HEADER = "mlbench_recurrent.h"

KERNELS = (kernel(Svdf, "svdf", header=HEADER),)

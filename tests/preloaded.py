"""Imports the whole package, for runs of pytest inside a test.

pytester forgets what such a run imports. The next would import it again, and classes would exist
twice: a module that stayed loaded knows the first, one that is loaded anew the second. numpy cannot
be imported twice at all.
"""

from __future__ import annotations

import importlib
import pkgutil

import tabulate  # noqa: F401

import pytest_mlbench
from pytest_mlbench.builtin import registry

for module in pkgutil.walk_packages(pytest_mlbench.__path__, "pytest_mlbench."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
registry()

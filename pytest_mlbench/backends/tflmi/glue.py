"""Generates the C++ between start-up code and interpreter, and the model as a C array."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .operators import variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from pytest_mlbench.models.tflite.graph import Graph

TEMPLATES = Path(__file__).with_name("templates")


def glue(graph: Graph, methods: Sequence[str], arena: int) -> str:
    """The C++ text for a model that needs these resolver methods; `arena` is in bytes."""
    return _template().render(
        name="".join(c if c.isalnum() else "_" for c in graph.name)[:60] or "model",
        methods=methods,
        inputs=len(graph.inputs),
        outputs=len(graph.outputs),
        arena=arena,
        variables=variables(graph),
    )


def model_source(data: bytes) -> str:
    """The .tflite file as a constant array."""
    rows = (
        ",".join(str(byte) for byte in data[start : start + 24])
        for start in range(0, len(data), 24)
    )
    return (
        "/* The model file. */\n"
        "extern const unsigned char mlbench_model[];\n"
        f"const unsigned char mlbench_model[{len(data)}] __attribute__((aligned(16))) = {{\n"
        + ",\n".join(rows)
        + "};\n"
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("glue.cc.j2")

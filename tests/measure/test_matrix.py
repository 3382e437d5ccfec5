"""Which cases come of choices, and which choices are refused. Pure."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from named import NamedBackend, NamedLibrary

from pytest_mlbench.case import Case
from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import Feature
from pytest_mlbench.measure import matrix
from pytest_mlbench.measure import rules as compat
from pytest_mlbench.measure.axes import Axes, axes
from pytest_mlbench.measure.mark import Mark
from pytest_mlbench.measure.registry import Registry
from pytest_mlbench.models.model import Model
from pytest_mlbench.settings import COMMAND, CORE, Settings


def library(name: str, *features: Feature) -> Any:
    return NamedLibrary(name, features=features)


KNOWN = Registry(
    models={
        "aww": Model("aww", build=bytes, twin=bytes),
        "aww_twin": Model("aww_twin", build=bytes),
        "vww": Model("vww", build=bytes),
    },
    backends={
        "aot": NamedBackend("aot"),
        "tflmi": NamedBackend(
            "tflmi", takes=lambda library: library.name == "cmsisnn", config=("arena",)
        ),
    },
    libraries={
        "tuned": library(
            "tuned",
            Feature("tuned", "", library="tuned"),
            Feature(
                "dext",
                "",
                library="tuned",
                requires=("tuned",),
                config=("winograd",),
                values={"winograd": ("on", "off")},
            ),
            Feature(
                "vext", "", refines=("tuned", "cmsisnn"), extensions=("v",), excludes=("dext",)
            ),
        ),
        "cmsisnn": library(
            "cmsisnn", Feature("cmsisnn", "", library="cmsisnn", excludes=("tuned",))
        ),
    },
    targets={"spike": SpikeTarget()},
)


def asked(*, config: Any = None, **values: Any) -> Axes:
    """Axes by the options' names in the plural, as a mark has them."""
    known = {row.attribute: row.name for row in CORE}
    return Axes({known[name]: value for name, value in values.items()}, config or {})


def names(**wanted: Any) -> list[str]:
    return [case.name for case in matrix.cases(asked(**{"models": ("aww",), **wanted}), KNOWN)]


def test_the_product_in_the_order_given() -> None:
    assert names(models=("vww", "aww"), optimize=("s", "3"), features=((), ("tuned",))) == [
        "vww-aot-_-Os",
        "vww-aot-_-O3",
        "vww-aot-tuned-Os",
        "vww-aot-tuned-O3",
        "aww-aot-_-Os",
        "aww-aot-_-O3",
        "aww-aot-tuned-Os",
        "aww-aot-tuned-O3",
    ]


def test_pairs_that_cannot_be_are_left_out() -> None:
    assert names(backends=("aot", "tflmi"), features=((), ("tuned",), ("cmsisnn",))) == [
        "aww-aot-_-O3",
        "aww-aot-tuned-O3",
        "aww-aot-cmsisnn-O3",
        "aww-tflmi-_-O3",
        "aww-tflmi-cmsisnn-O3",
    ]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"models": ("awx",)}, "unknown model 'awx'. Did you mean 'aww'?"),
        ({"backends": ("aott",)}, "unknown backend 'aott'. Did you mean 'aot'?"),
        ({"features": (("tunde",),)}, "unknown feature 'tunde'. Did you mean 'tuned'?"),
        ({"targets": ("spice",)}, "unknown target 'spice'. Did you mean 'spike'?"),
        ({"isas": ("x86",)}, "'x86' is not an ISA"),
        ({"features": (("dext",),)}, "'dext' requires 'tuned'. Write --mlbench-features tuned,"),
        ({"features": (("vext",),)}, "'vext' refines tuned or cmsisnn, and none of them is chosen"),
        ({"features": (("cmsisnn", "tuned"),)}, "'cmsisnn' and 'tuned' exclude each other"),
        ({"backends": ("tflmi",), "features": (("tuned",),)}, "can use none of the chosen"),
        ({"backends": ("tflmi",), "features": (("tuned",), ())}, "'tuned' can be used by none"),
        ({"vlens": (256,)}, "vector length 256 is chosen, but no case uses the V extension"),
        ({"config": {"winograt": "1"}}, "config key 'winograt'. Did you mean 'winograd'?"),
        ({"config": {"winograd": "on"}}, "config key 'winograd'. It belongs to feature dext"),
        (
            {"features": (("tuned", "dext"),), "config": {"winograd": "no"}},
            "--mlbench-config: unknown winograd value 'no'. Known: off, on",
        ),
    ],
)  # fmt: skip
def test_nonsense_is_refused_not_dropped(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        names(**wanted)
    assert message in str(refused.value)


def test_vector_lengths_are_for_cases_with_vectors() -> None:
    features = ((), ("tuned", "vext"))
    assert names(features=features, vlens=(128, 512)) == [
        "aww-aot-_-O3",
        "aww-aot-tuned+vext-O3-rv32gcv_zvl128b",
        "aww-aot-tuned+vext-O3-rv32gcv_zvl512b",
    ]
    assert names(isas=("rv32gcv",), vlens=(256,)) == ["aww-aot-_-O3-rv32gcv_zvl256b"]


def test_a_vector_length_that_the_isa_contradicts_is_refused() -> None:
    assert names(isas=("rv32gcv_zvl256b",), vlens=(256,)) == ["aww-aot-_-O3-rv32gcv_zvl256b"]
    with pytest.raises(UsageError, match="names the vector length 256, but 128 is chosen"):
        names(isas=("rv32gcv_zvl256b",), vlens=(128, 512))


def test_config_is_for_cases_that_understand_it() -> None:
    features = (("tuned",), ("tuned", "dext"))
    assert names(features=features, config={"winograd": "on"}) == [
        "aww-aot-tuned-O3",
        "aww-aot-tuned+dext-O3-winograd=on",
    ]


def test_the_effective_isa_has_the_features_extensions() -> None:
    case = Case("aww", features=("tuned", "vext"))
    assert compat.effective_isa(case, KNOWN) == "rv32gcv"
    assert compat.effective_isa(Case("aww", isa="rv64gc"), KNOWN) == "rv64gc"


@pytest.mark.parametrize(
    ("base", "added", "expected"),
    [
        ("rv32gc", ["v"], "rv32gcv"),
        ("rv32gc", ["d", "m"], "rv32gc"),
        ("rv32ic", ["m", "a"], "rv32imac"),
        ("rv32imc_zicsr", ["zba", "v", "zba"], "rv32imcv_zba_zicsr"),
        ("rv64gcv_zvl128b", ["v", "zvl128b"], "rv64gcv_zvl128b"),
    ],
)
def test_extensions_are_added_once_and_in_order(base: str, added: list[str], expected: str) -> None:
    isa = Isa.parse(base)
    assert str(isa.with_extensions(added)) == expected
    assert str(isa.with_extensions(reversed(added))) == expected


def test_all_registered_models_but_twins_are_the_default() -> None:
    assert axes(Settings(), Mark(), KNOWN, folder=Path())["model"] == ("aww", "vww")


def test_the_command_line_wins_over_the_mark_and_the_mark_over_the_ini() -> None:
    mark = Mark({"optimize": ("s",)}, config={"winograd": "mark", "arena": "mark"})
    ini = Settings(optimize=("0",), config={"winograd": "ini"})
    chosen = Settings(
        optimize=("0",),
        config={"winograd": "command"},
        origins={"optimize": COMMAND, "config": COMMAND},
    )
    assert axes(ini, mark, KNOWN, folder=Path())["optimize"] == ("s",)
    assert axes(chosen, mark, KNOWN, folder=Path())["optimize"] == ("0",)
    assert axes(ini, Mark(), KNOWN, folder=Path())["optimize"] == ("0",)
    assert axes(ini, mark, KNOWN, folder=Path()).config["winograd"] == "mark"
    found = axes(chosen, mark, KNOWN, folder=Path()).config
    assert found == {"winograd": "command", "arena": "mark"}


def test_paths_become_models_named_after_their_file() -> None:
    registry, found = matrix.with_paths(KNOWN, ["aww", "/a/mine.tflite", "/b/aww.tflite"])
    assert found == ("aww", "mine", "aww.tflite")
    assert registry.models["mine"].path == Path("/a/mine.tflite")
    assert registry.models["aww"] is KNOWN.models["aww"]


def test_files_of_one_stem_are_named_by_their_folders_in_any_order() -> None:
    paths = ["/x/a/mine.tflite", "/x/b/mine.tflite", "/x/d/mine.tflite"]
    for order in itertools.permutations(paths):
        registry, found = matrix.with_paths(KNOWN, order)
        assert dict(zip(order, found, strict=True)) == dict(
            zip(paths, ["a/mine", "b/mine", "d/mine"], strict=True)
        )
        assert registry.models["b/mine"].path == Path("/x/b/mine.tflite")


def test_a_file_that_is_known_keeps_its_name() -> None:
    registry, found = matrix.with_paths(KNOWN, ["/a/mine.tflite"])
    assert found == ("mine",)
    _, found = matrix.with_paths(registry, ["/b/mine.tflite", "/a/mine.tflite"])
    assert found == ("b/mine", "mine")


def test_partials_are_the_product_of_the_other_axes() -> None:
    wanted = asked(models=("aww", "vww"), optimize=("3", "s"), features=(("tuned",),))
    found = matrix.partials(wanted, ["model", "features"])
    assert [partial.name for partial in found] == ["aot-O3", "aot-Os"]
    case = matrix.compose(found[1], {"model": "vww", "features": ()}, KNOWN)
    assert case.name == "vww-aot-_-Os"


def test_a_twin_takes_the_case_over() -> None:
    wanted = asked(models=("aww",))
    (case,) = matrix.cases(wanted, KNOWN, resolve=lambda name: f"{name}_twin")
    assert case.name == "aww_twin-aot-_-O3"


def test_features_are_checked_against_the_backends_that_were_named() -> None:
    """Features alone may fit any backend; features with a backend have to fit that one."""
    origins = {"features": COMMAND, "backend": COMMAND}
    features = (("tuned",),)
    alone = Settings(features=features, origins={"features": COMMAND})
    matrix.check_chosen(alone, KNOWN)
    both = Settings(features=features, backends=("tflmi",), origins=origins)
    with pytest.raises(UsageError, match="'tflmi' can use none of the chosen features"):
        matrix.check_chosen(both, KNOWN)
    other = Settings(features=features, backends=("aot",), origins=origins)
    matrix.check_chosen(other, KNOWN)
    contradicting = Settings(features=(("tuned", "cmsisnn"),), origins={"features": COMMAND})
    with pytest.raises(UsageError, match="exclude each other"):
        matrix.check_chosen(contradicting, KNOWN)

"""What goes with what, and the sentences that refuse what does not. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from named import NamedBackend, NamedLibrary

from pytest_mlbench.case import Case
from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.kernels.interface import Feature
from pytest_mlbench.measure import rules
from pytest_mlbench.measure.axes import Axes
from pytest_mlbench.measure.registry import Registry
from pytest_mlbench.models.model import Model
from pytest_mlbench.settings import CORE

if TYPE_CHECKING:
    from pathlib import Path


class Small(SpikeTarget):
    """A target with one ISA and one key."""

    config = ("rom_wait",)

    def check(self, isa: str) -> None:
        if isa != "rv32imc":
            raise UsageError(f"small executes rv32imc, not {isa}")

    def for_case(self, config: Any, samples: int | None, name: str = "") -> Small:
        assert samples is None
        if config.get("rom_wait", "0") == "x":
            raise UsageError("rom_wait takes a number")
        return self


KNOWN = Registry(
    models={"aww": Model("aww", build=bytes), "vww": Model("vww", build=bytes)},
    backends={
        "aot": NamedBackend("aot"),
        "tflmi": NamedBackend(
            "tflmi",
            takes=lambda library: library.name == "cmsisnn",
            config=("arena", "prefer"),
            values={"prefer": ("cycles", "ram")},
            sources=("tflm",),
        ),
        "alone": NamedBackend("alone", takes=lambda _library: False),
    },
    libraries={
        "tuned": NamedLibrary(
            "tuned",
            features=(
                Feature("tuned", "", library="tuned"),
                Feature(
                    "dext",
                    "",
                    library="tuned",
                    requires=("tuned",),
                    extensions=("d",),
                    config=("winograd",),
                    values={"winograd": ("on", "off")},
                ),
                Feature("vext", "", refines=("tuned", "cmsisnn"), extensions=("v",)),
            ),
        ),
        "cmsisnn": NamedLibrary(
            "cmsisnn",
            source="CMSIS-NN",
            features=(Feature("cmsisnn", "", library="cmsisnn", excludes=("tuned",)),),
        ),
    },
    targets={
        "spike": SpikeTarget(),
        "small": Small("small", "rv32imc", "ilp32", default=False),
    },
)


def asked(*, config: Any = None, **values: Any) -> Axes:
    """Axes by the options' names in the plural, as a mark has them."""
    known = {row.attribute: row.name for row in CORE}
    return Axes({known[name]: value for name, value in values.items()}, config or {})


@pytest.mark.parametrize(
    ("features", "sentence"),
    [
        (
            ("dext",),
            "here: feature 'dext' requires 'tuned'. Write --mlbench-features tuned,dext",
        ),
        (
            ("vext",),
            (
                "here: feature 'vext' refines tuned or cmsisnn, and none of them is chosen. "
                "Write --mlbench-features tuned,vext"
            ),
        ),
        (
            ("cmsisnn", "tuned"),
            (
                "here: features 'cmsisnn' and 'tuned' exclude each other. "
                "Give each its own --mlbench-features"
            ),
        ),
        (("tunde",), "here: unknown feature 'tunde'. Did you mean 'tuned'?"),
    ],
)
def test_features_that_do_not_agree(features: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        rules.check_features(features, KNOWN, where="here")
    assert str(refused.value) == sentence


@pytest.mark.parametrize("features", [(), ("tuned",), ("tuned", "dext"), ("cmsisnn", "vext")])
def test_features_that_agree(features: tuple[str, ...]) -> None:
    rules.check_features(features, KNOWN)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"models": ("awx",)}, "here: unknown model 'awx'. Did you mean 'aww'?"),
        ({"backends": ("aott",)}, "here: unknown backend 'aott'. Did you mean 'aot'?"),
        ({"targets": ("spice",)}, "here: unknown target 'spice'. Did you mean 'spike'?"),
        ({"features": (("tunde",),)}, "here: unknown feature 'tunde'. Did you mean 'tuned'?"),
        ({"isas": ("rv32imd",)}, "here: ISA 'rv32imd' has D, which needs F"),
    ],
)
def test_names_that_nothing_has(wanted: dict[str, Any], sentence: str) -> None:
    axes = asked(
        **{"models": (), "backends": (), "targets": (), "features": (), "isas": (), **wanted}
    )
    with pytest.raises(UsageError) as refused:
        rules.check_names(axes, KNOWN, where="here")
    assert str(refused.value) == sentence


def test_a_file_without_a_suffix_is_told_from_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "awx").write_bytes(b"")
    axes = asked(models=("awx",), backends=(), targets=(), features=(), isas=())
    with pytest.raises(UsageError, match=r"unknown model 'awx'\. For the file, write \./awx$"):
        rules.check_names(axes, KNOWN)


def test_names_that_are_known_and_empty_ones() -> None:
    axes = asked(
        models=("aww", "vww"),
        backends=("aot",),
        targets=("", "small"),
        features=((), ("tuned",)),
        isas=("", "rv32imc"),
    )
    rules.check_names(axes, KNOWN)


def test_a_backend_accepts_what_it_says_it_takes() -> None:
    assert rules.accepts("aot", ("tuned", "dext"), KNOWN)
    assert rules.accepts("tflmi", (), KNOWN)
    assert rules.accepts("tflmi", ("cmsisnn",), KNOWN)
    assert not rules.accepts("tflmi", ("tuned",), KNOWN)
    assert not rules.accepts("tflmi", ("cmsisnn", "tuned"), KNOWN)
    assert rules.taken("tflmi", KNOWN) == ("cmsisnn",)
    assert rules.taken("aot", KNOWN) == ("tuned", "cmsisnn")
    assert rules.taken("alone", KNOWN) == ()


def test_what_a_case_is_built_from() -> None:
    assert rules.uses(Case("aww", features=("cmsisnn",)), "CMSIS-NN", KNOWN)
    assert not rules.uses(Case("aww", features=("tuned", "vext")), "CMSIS-NN", KNOWN)
    assert not rules.uses(Case("aww"), "tflm", KNOWN)
    assert rules.uses(Case("aww", backend="tflmi"), "tflm", KNOWN)


def test_a_case_keeps_the_config_that_it_understands() -> None:
    config = {"winograd": "on", "lto": "off", "arena": "9", "rom_wait": "3", "other": "1"}

    def kept(backend: str, features: tuple[str, ...], target: str) -> dict[str, str]:
        return dict(rules.understood(config, backend, features, target, KNOWN))

    assert kept("aot", (), "") == {"lto": "off"}
    assert kept("aot", ("tuned", "dext"), "") == {"lto": "off", "winograd": "on"}
    assert kept("tflmi", (), "") == {"arena": "9", "lto": "off"}
    assert list(kept("tflmi", ("dext",), "small")) == ["arena", "lto", "rom_wait", "winograd"]


@pytest.mark.parametrize(
    ("config", "target", "sentence"),
    [
        ({"lto": "yes"}, "", "--mlbench-config: unknown lto value 'yes'. Known: off, on"),
        ({"winograd": "of"}, "", "--mlbench-config: unknown winograd value 'of'. Known: off, on"),
        ({"rom_wait": "x"}, "small", "rom_wait takes a number"),
    ],
)
def test_a_value_that_a_key_does_not_take(
    config: dict[str, str], target: str, sentence: str
) -> None:
    with pytest.raises(UsageError) as refused:
        rules.understood(config, "aot", ("tuned", "dext"), target, KNOWN)
    assert str(refused.value).replace("Did you mean 'off'?", "Known: off, on") == sentence


def test_a_value_that_a_backends_key_does_not_take() -> None:
    assert rules.understood({"prefer": "ram"}, "tflmi", (), "", KNOWN) == {"prefer": "ram"}
    with pytest.raises(UsageError, match=r"unknown prefer value .speed.\. Known: cycles, ram"):
        rules.understood({"prefer": "speed"}, "tflmi", (), "", KNOWN)
    assert rules.understood({"prefer": "speed"}, "aot", (), "", KNOWN) == {}


def test_what_nothing_can_execute() -> None:
    def why(case: Case) -> str:
        error = rules.unfit(case, KNOWN)
        return str(error) if error is not None else ""

    assert why(Case("aww", features=("tuned", "dext"))) == ""
    assert why(Case("aww", target="small")) == ""
    assert why(Case("aww", target="small", isa="rv32gc")) == ("small executes rv32imc, not rv32gc")
    assert why(Case("aww", isa="rv32imac", features=("tuned", "dext"))) == (
        "feature 'dext' needs D, and D needs F, which rv32imac does not have. "
        "Write another --mlbench-isa"
    )
    assert why(Case("aww", isa="rv32imd", features=("tuned",))) == (
        "ISA rv32imd has D, and D needs F, which rv32imd does not have. Write another --mlbench-isa"
    )


def test_who_understands_a_config_key() -> None:
    assert rules.config_keys(KNOWN) == {"winograd", "lto", "reset", "arena", "rom_wait"}
    assert rules.takers("winograd", KNOWN) == [("features", "tuned,dext")]
    assert rules.takers("arena", KNOWN) == [("backend", "tflmi")]
    assert rules.takers("rom_wait", KNOWN) == [("target", "small")]
    assert rules.takers("nothing", KNOWN) == []


def test_the_backends_that_can_use_a_set_of_features() -> None:
    wanted = asked(backends=("aot", "tflmi", "alone"), features=(("tuned",), ("cmsisnn",)))
    assert rules.useful(wanted, KNOWN) == ("aot", "tflmi")


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (
            {"backends": ("tflmi",), "features": (("tuned",),)},
            "backend 'tflmi' can use none of the chosen features. It can use: cmsisnn",
        ),
        (
            {"backends": ("alone",)},
            "backend 'alone' can use none of the chosen features. It can use: no kernel library",
        ),
        (
            {"features": (("tuned", "dext"),)},
            (
                "features 'tuned,dext' can be used by none of the chosen backends: aot. "
                "Add --mlbench-backend aot"
            ),
        ),
        (
            {"vlens": (256,)},
            (
                "vector length 256 is chosen, but no case uses the V extension. "
                "Add a feature that uses V, or an ISA with it (--mlbench-isa rv32gcv)"
            ),
        ),
        (
            {"revisions": ("cmsisnn@old",)},
            (
                "revision cmsisnn@old is chosen, but no case is built from that source. "
                "Add a feature or backend that uses it: --mlbench-features cmsisnn"
            ),
        ),
        (
            {"config": {"winograd": "on"}},
            "no case understands the config key 'winograd'. It belongs to feature dext",
        ),
        (
            {"config": {"rom_wait": "3"}},
            "no case understands the config key 'rom_wait'. It belongs to target small",
        ),
        (
            {"config": {"winograt": "on"}},
            "no case understands the config key 'winograt'. Did you mean 'winograd'?",
        ),
    ],
)
def test_what_was_asked_for_and_is_used_by_no_case(wanted: dict[str, Any], sentence: str) -> None:
    used: set[tuple[str, Any]] = {("backend", "aot"), ("features", ())}
    with pytest.raises(UsageError) as refused:
        rules.refuse_unused(asked(**{"backends": ("aot",), **wanted}), KNOWN, used)
    assert str(refused.value) == sentence


def test_what_is_used_is_not_refused() -> None:
    wanted = asked(
        backends=("aot",),
        features=(("tuned",),),
        vlens=(128,),
        revisions=("cmsisnn@old",),
        config={"lto": "on"},
    )
    used: set[tuple[str, Any]] = {
        ("backend", "aot"),
        ("features", ("tuned",)),
        ("vlen", 128),
        ("revision", "cmsisnn@old"),
        ("config", "lto"),
    }
    rules.refuse_unused(wanted, KNOWN, used)

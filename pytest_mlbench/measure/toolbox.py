"""What cases need in order to run: settings, cache, fetcher, sources and toolchains.

There is one toolbox per process; each part is created when it is first needed. Fixtures, scripts
and commands share it, so that a case is the same wherever it is run.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pytest_mlbench.errors import (
    CompilerLacks,
    FetchRefused,
    NotFetched,
    Unavailable,
    UsageError,
)
from pytest_mlbench.models.model import TWIN, Model
from pytest_mlbench.options import (
    GCC,
    LLVM,
    is_toolchain_name,
    names_clang,
    revision_label,
    toolchain_prefix,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pytest_mlbench.case import Case
    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.firmware.target import Target
    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.provision.cache import Cache
    from pytest_mlbench.provision.fetch import Fetcher
    from pytest_mlbench.provision.sources import SourceTrees
    from pytest_mlbench.provision.toolchain import Toolchain
    from pytest_mlbench.settings import Settings

    from .registry import Registry


class Toolbox:
    """Settings and everything that is derived from them.

    `session` identifies a run: its workers share their knowledge of unreachable hosts. `decided`
    is another process's result of `decide`, so that all workers of a run measure the same models,
    whatever each of them could fetch. Paths in records are relative to `root`, the working
    directory unless given.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        session: str = "",
        decided: Mapping[str, str] | None = None,
        root: Path | None = None,
    ) -> None:
        self.settings = settings
        self.root = root
        self.session = session
        self.fallback = ""
        """Why LLVM is used although it was not chosen; empty if it is not used."""
        self._cxx: dict[str, Toolchain] = {}
        self._models: dict[str, tuple[Model, LoadedModel]] = {}
        self._decided = dict(decided or {})
        self._stand_ins = dict(self._decided)
        self.unavailable: dict[str, str] = {}
        """What could not be fetched in this process -> the reason."""

    @functools.cached_property
    def cache(self) -> Cache:
        """The cache that the settings name, or else the user's own."""
        from pytest_mlbench.provision.cache import Cache, default_root

        return Cache(self.settings.cache or default_root())

    @functools.cached_property
    def fetcher(self) -> Fetcher:
        """Fetches pinned files."""
        from pytest_mlbench.provision.fetch import Fetcher

        return Fetcher(
            self.cache,
            mirror=self.settings.mirror or None,
            offline=self.settings.offline,
            session=self.session,
        )

    @functools.cached_property
    def sources(self) -> SourceTrees:
        """Fetches pinned source trees, or gives the local checkouts that replace them."""
        from pytest_mlbench.provision.pins import newer
        from pytest_mlbench.provision.sources import SourceTrees

        instead = newer(self.settings.pins)
        return SourceTrees(self.fetcher, local=dict(self.settings.sources), instead=instead)

    def toolchain(self, isa: str, choice: str = "") -> Toolchain:
        """The compiler for `isa` and its ABI, found or provisioned once per process.

        `choice` is the toolchain as in a case's name. If no toolchain was chosen and GCC is not
        available, LLVM is used and `fallback` says why.
        """
        from pytest_mlbench.provision import llvm

        if choice == LLVM:
            return llvm.find(cache=self.cache, fetcher=self.fetcher)
        if not self.fallback:
            try:
                return self._named(isa, toolchain_prefix(choice, self.settings.toolchains))
            except Unavailable as error:
                if self.settings.toolchains or choice:
                    raise
                reason = error
            try:
                llvm.find(cache=self.cache, fetcher=self.fetcher)
            except Unavailable as error:
                what = f"{reason.what}; nor is LLVM: {error.what}"
                raise Unavailable(what, where=reason.where, remedy=reason.remedy) from error
            self.fallback = reason.what
        return llvm.find(cache=self.cache, fetcher=self.fetcher)

    @property
    def expects_gcc(self) -> bool:
        """Is GCC installed or provisionable here, or did the user name a compiler?"""
        from pytest_mlbench.provision.toolchain import likely

        return bool(self.settings.toolchains) or likely(self.cache, self.fetcher)

    def _named(self, isa: str, name: str) -> Toolchain:
        """The clang or the prefix `name`; the GCC that is found by itself for ''."""
        from pytest_mlbench.isa import Isa
        from pytest_mlbench.provision import clang, toolchain

        abi, cache, fetcher = Isa.parse(isa).abi, self.cache, self.fetcher
        if names_clang(name):
            return clang.find(name, isa, abi, cache=cache, fetcher=fetcher)
        return toolchain.find(isa, abi, prefix=name or None, cache=cache, fetcher=fetcher)

    def toolchain_for(
        self, isa: str, components: Iterable[Component], choice: str = ""
    ) -> Toolchain:
        """`toolchain(isa, choice)`, or `with_cxx(isa, choice)` if a component has C++."""
        if any(_is_cxx(component) for component in components):
            return self.with_cxx(isa, choice)
        return self.toolchain(isa, choice)

    def with_cxx(self, isa: str, choice: str = "") -> Toolchain:
        """`toolchain(isa, choice)`, with C++ headers added if it has none.

        GCC gets them from packages, LLVM from a GCC. Raises Unavailable if they cannot be fetched,
        CompilerLacks if no GCC can provide them for LLVM.
        """
        from pytest_mlbench.provision.toolchain import with_cxx

        found = self.toolchain(isa, choice)
        key = f"{isa} {found.prefix}"
        if key not in self._cxx:
            self._cxx[key] = (
                with_cxx(found, cache=self.cache, fetcher=self.fetcher)
                if found.family == GCC
                else self._lent_cxx(isa, found)
            )
        return self._cxx[key]

    def _lent_cxx(self, isa: str, found: Toolchain) -> Toolchain:
        from pytest_mlbench.isa import Isa
        from pytest_mlbench.provision import borrowed, toolchain

        prefixes = [each for each in self.settings.toolchains if not is_toolchain_name(each)]
        prefix = next((each for each in prefixes if not names_clang(each)), "")
        try:
            gcc = self._named(isa, prefix)
            gcc = toolchain.with_cxx(gcc, cache=self.cache, fetcher=self.fetcher)
            return borrowed.with_cxx(found, gcc, isa, Isa.parse(isa).abi)
        except Unavailable as error:
            raise CompilerLacks(
                f"{found.compiler} has no C++ library here, this backend is written in it, and no "
                f"RISC-V GCC lends one: {error.what}",
                remedy=error.remedy or "Build it with --mlbench-toolchain gcc",
            ) from error

    def source(self, name: str) -> Path:
        """The folder of the pinned source `name`, or of the local checkout that replaces it."""
        return self.sources.folder(name)

    def sources_of(self, registry: Registry) -> Callable[[str], Path]:
        """`source`, which also knows the sources that `registry` pins."""
        self.sources.add(registry.sources.values())
        return self.source

    def sources_for(self, case: Case, registry: Registry) -> Callable[[str], Path]:
        """`sources_of`, but with the source revision that `case` chooses."""
        usual = self.sources_of(registry)
        chosen = case.choices.get("revision", "")
        for text in self.settings.revisions:
            name, _, revision = text.partition("@")
            if chosen and revision_label(text) == chosen:
                return lambda asked: (
                    self.sources.revision(name, revision) if asked == name else usual(asked)
                )
        if chosen:
            raise UsageError(f"no revision {chosen!r} is named by --mlbench-source")
        return usual

    def target(self, target: Target) -> Target:
        """`target` configured with its own options and the means to provision its simulator."""
        return target.configured(self.settings.extra).provisioned(lambda: self.fetcher)

    def load(self, model: Model) -> LoadedModel:
        """The bytes, graph and samples of `model`, read once per process."""
        from pytest_mlbench.models import load

        cached = self._models.get(model.name)
        if cached is None or cached[0] != model:
            strict = self.settings.strict or model.name in self._decided
            cached = (model, load.load(model, self.fetcher, strict=strict))
            self._models[model.name] = cached
        return cached[1]

    def note(self, error: Exception) -> bool:
        """Remembers what could not be fetched. Returns False for any other error."""
        if not isinstance(error, NotFetched):
            return False
        self.unavailable[error.thing] = error.why
        return True

    def decide(self, models: Iterable[Model]) -> dict[str, str]:
        """Model -> why its twin is used here; empty if it is not. Only models that have a twin."""
        for model in models:
            self.stand_in(model)
        return dict(self._stand_ins)

    def stand_in(self, model: Model) -> tuple[str, str]:
        """The name of the model to measure for `model`, and why it is another one.

        (name, '') if its files can be fetched, otherwise ('<name>_twin', reason). The files are
        fetched here, so workers that share the cache agree. Content that does not match its pin is
        no reason for a twin: the case itself reports it.
        """
        if not model.twin or not model.artifact:
            return model.name, ""
        if model.name not in self._stand_ins:
            try:
                for name in (model.artifact, *model.inputs):
                    self.fetcher.artifact(name)
                self._stand_ins[model.name] = ""
            except FetchRefused:
                self._stand_ins[model.name] = ""
            except Unavailable as error:
                self._stand_ins[model.name] = str(error)
                self.note(error)
        reason = self._stand_ins[model.name]
        if reason and self.settings.strict:
            return model.name, ""
        return (model.name + TWIN if reason else model.name), reason


def _is_cxx(component: Component) -> bool:
    names = [*component.texts, *(path.name for path in component.sources)]
    return any(name.endswith((".cc", ".cpp", ".cxx")) for name in names)

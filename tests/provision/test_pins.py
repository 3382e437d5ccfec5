from __future__ import annotations

import re

import pytest

from pytest_mlbench.errors import UsageError
from pytest_mlbench.provision.pins import ROLES, deb_name, newer, parse, pins

HASH = "0" * 64
COMMIT = "1" * 40


def test_every_pin_of_the_project_has_its_checksum_or_commit() -> None:
    known = pins()
    assert len(known.artifacts) == 44
    for artifact in known.artifacts.values():
        assert re.fullmatch(r"[0-9a-f]{64}", artifact.sha256)
        assert artifact.size > 0
        assert re.match(r"https://\S+/[0-9a-f]{40}/", artifact.url), "a URL that names a commit"
        assert artifact.url.endswith(artifact.name)
        assert artifact.licence
    for package in known.packages.values():
        assert package.files
        assert package.role in ROLES
        for file in package.files.values():
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
    for source in known.sources.values():
        assert re.fullmatch(r"[0-9a-f]{40}", source.commit)
        assert source.repository.startswith("https://")
        assert source.licence
        assert source.why


def test_every_checksum_and_commit_is_pinned_for_one_thing_only() -> None:
    hashes = [artifact.sha256 for artifact in pins().artifacts.values()]
    hashes += [f.sha256 for p in pins().packages.values() for f in p.files.values()]
    hashes += [source.commit for source in pins().sources.values()]
    assert len(set(hashes)) == len(hashes)


def test_each_zoo_model_has_ten_inputs() -> None:
    names = pins().artifacts
    for model in ("aww", "resnet", "toycar", "vww"):
        assert f"{model}/{model}.tflite" in names
        assert all(f"{model}/input/{index}.bin" in names for index in range(10))


def test_the_toolchain_is_pinned_for_common_machines() -> None:
    for package in pins().packages.values():
        for architecture in ("amd64", "arm64"):
            assert package.file(architecture) is not None
        assert "all" in package.files or package.file("mips") is None


def artifact(row: str) -> str:
    return f'[artifacts.a]\nbase = "https://h/"\nlicence = "MIT"\nfiles.f = {row}\n'


def git(rows: str) -> str:
    return f'[git.g]\nrepository = "https://h/o/r"\nlicence = "MIT"\nwhy = "w"\n{rows}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (artifact("{ bytes = 1 }"), "no 'sha256'"),
        (artifact('{ bytes = 1, sha256 = "abc" }'), "'abc' does not have 64"),
        (artifact(f'{{ sha256 = "{HASH}" }}'), "no size"),
        (artifact(f'{{ sha256 = "{HASH}", bytes = 0 }}'), "no size"),
        (artifact(f'{{ sha256 = "{HASH}", bytes = 1, md5 = "x" }}'), "unknown key 'md5'"),
        (artifact("1"), "expected a table"),
        ('[artifacts.a]\nlicence = "MIT"', "no 'base'"),
        ('[artifacts.a]\nbase = "https://h/"', "no 'licence'"),
        (git(""), "no 'commit'"),
        (git('commit = "v6.0.0"'), "not a full commit"),
        (git(f'commit = "{COMMIT[:12]}"'), "not a full commit"),
        (git(f'commit = "{COMMIT}"\ncomit = "x"'), "Did you mean 'commit'"),
        (git(f'commit = "{COMMIT}"\narchive = {{ url = "https://h/a.tgz" }}'), "no 'sha256'"),
        ('[debian.p]\nversion = "1"\nrole = "toolchain"\nlicence = "x"', "has no files"),
        (
            '[debian.p]\nversion = "1"\nrole = "tool"\nlicence = "x"',
            "Known: clang, cxx, library",
        ),
        ("[oddity]", "unknown key 'oddity'"),
        ("a = [", "not TOML"),
    ],
)
def test_an_incomplete_pin_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        parse(text, where="my pins")


def test_a_file_pinned_in_two_groups_is_refused() -> None:
    row = artifact(f'{{ sha256 = "{HASH}", bytes = 1 }}')
    with pytest.raises(UsageError, match="pinned twice"):
        parse(row + row.replace("artifacts.a", "artifacts.b"))


def test_a_complete_pin_is_read() -> None:
    url = "https://h/o/r/archive/v1.tar.gz"
    text = git(
        f'commit = "{COMMIT}"\ntag = "v1"\nverified = false\n'
        f'archive = {{ url = "{url}", sha256 = "{HASH}", bytes = 7 }}'
    )
    pin = parse(text).source("g")
    assert (pin.commit, pin.tag, pin.verified) == (COMMIT, "v1", False)
    assert pin.archive is not None
    assert (pin.archive.name, pin.archive.url, pin.archive.size) == ("v1.tar.gz", url, 7)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'aww/aww\.tflite'"):
        pins().artifact("aww/aww.tflit")
    with pytest.raises(UsageError, match="Did you mean 'cmsisnn'"):
        pins().source("cmsis-nn")


def test_package_files_are_named_as_apt_names_them() -> None:
    assert deb_name("zlib1g", "1:1.2.13", "amd64") == "zlib1g_1%3a1.2.13_amd64.deb"


def test_the_newer_set_names_the_same_repositories_and_says_why() -> None:
    usual, other = pins().sources, newer("2026")
    assert set(other) == {"tflite-micro", "cmsisnn", "muriscvnn"}
    for name, pin in other.items():
        assert pin.repository == usual[name].repository
        assert pin.commit != usual[name].commit
        assert pin.why
    assert newer("2024") == {}


def test_the_usual_sources_were_compared_with_their_repositories() -> None:
    assert [name for name, pin in pins().sources.items() if not pin.verified] == []

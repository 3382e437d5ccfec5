"""What the compiler warns of in the user's own files, and in no other, comes with the firmware."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from bare_metal import HELLO, firmware

from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.diagnose import warnings

LOG = """\
[1/3] Building C object CMakeFiles/part_mine.dir/home/me/mine.c.obj
/home/me/mine.c: In function 'mine':
/home/me/mine.c:12:7: warning: unused variable 'x' [-Wunused-variable]
   12 |   int x;
/cache/sources/theirs.c:3:1: warning: theirs [-Wother]
/home/me/mine.h:2: warning: "SIZE" redefined
[2/3] Building C object CMakeFiles/part_mine.dir/home/me/other.c.obj
/home/me/mine.h:2: warning: "SIZE" redefined
/home/me/other.c:1:1: error: no warning: this one
"""


def test_each_warning_once_by_file_and_line():
    assert warnings(LOG, [PurePath("/cache")]) == (
        "mine.c:12: unused variable 'x' [-Wunused-variable]",
        'mine.h:2: "SIZE" redefined',
    )


@pytest.mark.parametrize("folder", ["/home/me", "/home"])
def test_files_of_nobody_who_could_mend_them_are_left_out(folder):
    assert warnings(LOG, [PurePath("/cache"), PurePath(folder)]) == ()


@pytest.mark.spike
def test_a_users_own_file_is_told_and_again_from_the_cache(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "mine.c").write_text("#warning my own words\nint mine_is_used;\n", encoding="utf-8")
    (folder / "mine.h").write_text("#warning of a header\n", encoding="utf-8")
    text = '#warning generated\n#include "mine.h"\n' + HELLO
    mine = Component("mine", sources=(folder / "mine.c",), headers=(folder,), public=True)
    components = (Component("model", texts={"model.c": text}), mine)

    # The second is from the cache, the third is built from object files of the cache.
    built = [firmware(components, tmp_path / cache) for cache in ("first", "first", "second")]

    told = (
        "mine.c:1: #warning my own words [-Wcpp]",
        "mine.h:1: #warning of a header [-Wcpp]",
    )
    assert [one.warnings for one in built] == [told] * 3

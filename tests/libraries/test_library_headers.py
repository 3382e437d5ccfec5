"""What is read from a checkout's headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libraries import doubles

from pytest_mlbench.errors import UsageError
from pytest_mlbench.kernels.cmsisnn import CMSISNN, headers
from pytest_mlbench.kernels.muriscvnn import MURISCVNN

if TYPE_CHECKING:
    from pathlib import Path

HEADER = """
/* int32_t arm_old(int32_t a); is only a comment */
#define ALIAS arm_real  // not an alias: a comment follows
#define SHORT arm_long
#define CALL(x) arm_long(x)
arm_status arm_long(const int32_t *a,
                    const struct thing *b /* , not a parameter */,
                    int8_t *c);
void arm_none(void);
static inline int arm_defined(int a) { if (a) { return other(a); } return third(a); }
#ifdef __cplusplus
extern "C" {
#endif
int32_t arm_linked(int32_t a);
#ifdef __cplusplus
}
#endif
"""


def test_functions_are_counted_without_comments_and_calls_in_bodies() -> None:
    assert headers.prototypes(HEADER) == {
        "arm_long": 3,
        "arm_none": 0,
        "arm_defined": 1,
        "arm_linked": 1,
    }


def test_an_alias_stands_for_one_name() -> None:
    assert headers.aliases(HEADER) == {"ALIAS": "arm_real", "SHORT": "arm_long"}


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    headers.prototypes(text)
    headers.aliases(text)


@given(st.lists(st.sampled_from(["int32_t a", "const int8_t *b", "int c"]), max_size=9))
def test_parameters_are_counted(parameters: list[str]) -> None:
    text = f"int32_t f({', '.join(parameters) or 'void'});"
    assert headers.prototypes(text) == {"f": len(parameters)}


def test_both_layouts_declare_the_same_functions(tmp_path: Path) -> None:
    other = doubles.muriscv_nn(tmp_path / "m")
    left = CMSISNN.declared(lambda _: doubles.CMSIS_NN)
    right = MURISCVNN.declared(lambda _: other)
    assert left["arm_vector_sum_s8"] == 7
    assert {name: right[name] for name in left} == left


def test_a_changed_header_is_read_again(tmp_path: Path) -> None:
    folder = doubles.variant(tmp_path / "c", without=("arm_softmax_s8",))
    assert "arm_softmax_s8" not in CMSISNN.declared(lambda _: folder)
    header = folder / "Include/arm_nnfunctions.h"
    header.write_text(header.read_text() + "void arm_softmax_s8(int32_t more);\n")
    assert CMSISNN.declared(lambda _: folder)["arm_softmax_s8"] == 1


@pytest.mark.parametrize("library", [CMSISNN, MURISCVNN], ids=lambda library: library.name)
def test_a_folder_that_is_not_the_library_is_refused(library: object, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        library.declared(lambda _: tmp_path)  # type: ignore[attr-defined]
    text = str(caught.value)
    assert "not a checkout of" in text
    assert str(tmp_path) in text
    assert f"--mlbench-source {library.name}=PATH" in text  # type: ignore[attr-defined]


def test_a_checkout_of_the_other_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a checkout of muRISCV-NN"):
        MURISCVNN.declared(lambda _: doubles.CMSIS_NN)
    other = doubles.muriscv_nn(tmp_path / "m")
    with pytest.raises(UsageError, match="not a checkout of CMSIS-NN"):
        CMSISNN.declared(lambda _: other)

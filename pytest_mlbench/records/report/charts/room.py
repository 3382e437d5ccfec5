"""Where a chart has room for the names of its points."""

from __future__ import annotations

from dataclasses import dataclass, field

_SMALL, _CAPITAL = 5.4, 7.0
"""The width of a small letter of a label, and of a capital, on the average."""

_MARK = 6
"""Half the width of a point's mark."""

_Box = tuple[float, float, float, float]

_PLACES = (
    (8, -8, "start"),
    (8, 16, "start"),
    (-8, -8, "end"),
    (-8, 16, "end"),
    (12, 3, "start"),
    (-12, 3, "end"),
    (0, -11, "middle"),
    (0, 19, "middle"),
)
"""Where a label may stand beside its point, the best place first."""


@dataclass(frozen=True)
class Label:
    """A label's place: SVG's `x`, `y` and `text-anchor`."""

    x: float
    y: float
    anchor: str


@dataclass
class Room:
    """The inside of a chart, and what of it is taken: the `marks` first, then each label placed."""

    left: float
    top: float
    right: float
    bottom: float
    marks: list[tuple[float, float]]
    _taken: list[_Box] = field(init=False)

    def __post_init__(self) -> None:
        self._taken = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in self.marks]

    def place(self, text: str, x: float, y: float) -> Label | None:
        """A free place for `text` beside the point at `x`, `y`; None where there is none."""
        capitals = sum(letter.isupper() or letter in "_," for letter in text)
        width = capitals * _CAPITAL + (len(text) - capitals) * _SMALL
        for right, down, anchor in _PLACES:
            at, base = round(x + right, 1), round(y + down, 1)
            start = {"start": at, "end": at - width, "middle": at - width / 2}[anchor]
            box = (start, base - 9, start + width, base + 3)
            if self._holds(box) and not any(_overlap(box, other) for other in self._taken):
                self._taken.append(box)
                return Label(at, base, anchor)
        return None

    def _holds(self, box: _Box) -> bool:
        return (
            box[0] > self.left
            and box[2] < self.right
            and box[1] > self.top
            and box[3] < self.bottom
        )


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

"""Kernel libraries: one folder each, behind one interface.

`layers`     what a backend asks for: one operator, quantisation resolved, all constants at hand
`interface`  what a library answers: the C call that executes it, its constants and its scratch
`reference`  the library every other one is compared with, and falls back to
"""

from __future__ import annotations

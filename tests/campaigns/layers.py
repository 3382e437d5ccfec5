"""Random layers of every kind, beside TensorFlow Lite Micro.

Each trial is a kind: an operator, or a form of one that has a strategy of its own. 2,000 layers of
it (MLBENCH_TEST_LAYERS changes the number) are generated, built for this machine under sanitizers,
and run; outputs are compared bit for bit with the reference interpreter's. As many kinds as there
are processors are tried at a time. The first difference ends the campaign.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from pytest_mlbench.testing import LAYERS, check_layers
from pytest_mlbench.testing.profiles import BATCH, draw_layers

from .tally import chance

if TYPE_CHECKING:
    from .tally import Tally


def kinds() -> list[str]:
    """All kinds, or those that MLBENCH_TEST_KINDS names, with commas between them."""
    named = os.environ.get("MLBENCH_TEST_KINDS", "")
    return named.split(",") if named else sorted(LAYERS)


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Try `count` kinds."""
    wanted = int(os.environ.get("MLBENCH_TEST_LAYERS", "2000"))
    chosen = kinds()[first : first + count]
    context = multiprocessing.get_context("spawn")
    workers = max(1, min(os.cpu_count() or 1, len(chosen)))
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        seeds = [chance(kind, seed, 0).getrandbits(64) for kind in chosen]
        running = [pool.submit(_try, *each, wanted) for each in zip(chosen, seeds, strict=True)]
        for kind, done in zip(chosen, running, strict=True):
            layers, wrong = done.result()
            tally.tried += 1
            tally.facts["layers"] = tally.facts.get("layers", 0) + layers
            fewer = "" if layers == wanted or wrong else " (more different ones were not drawn)"
            print(f"{kind}: {layers:,} layers{fewer}", flush=True)
            tally.expect(not wrong, f"{kind}, seed {seed}: {wrong}")
            if wrong:
                pool.shutdown(cancel_futures=True)
                return


def _try(kind: str, seed: int, count: int) -> tuple[int, str]:
    """The number of layers without a difference, and the first difference."""
    layers, sound = draw_layers(LAYERS[kind], count, seed), 0
    try:
        while sound < len(layers):
            batch = layers[sound : sound + BATCH]
            check_layers(batch)
            sound += len(batch)
    except Exception as error:  # noqa: BLE001 (also a sanitizer's report, a refusal)
        return sound, f"{type(error).__name__}: {str(error)[:2000]}"
    return sound, ""

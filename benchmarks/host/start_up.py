"""What having the plugin installed costs a pytest run that uses none of it.

    python benchmarks/host/start_up.py [rounds]

Runs pytest on an empty test with and without the plugin in turn, no other plugin loaded, and prints
the least processor time of each; at most 30 ms between them is what the project promises.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

from pytest_mlbench import process

ROUNDS = 15
PLUGIN = ("-p", "pytest_mlbench.plugin")


def seconds(folder: Path, *arguments: str) -> float:
    """The processor time of one pytest run."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = process.run(
        [*command, "test_one.py"],
        timeout=60,
        cwd=folder,
        # An installed plugin has its byte code, whatever the caller's shell says about writing it.
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": ""},
    )
    if done.returncode != 0:
        raise SystemExit(done.text)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """Print both times and the difference."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_one.py").write_text("def test_one(): pass\n")
        (folder / "pytest.ini").write_text("[pytest]\n")
        pairs = [(seconds(folder), seconds(folder, *PLUGIN)) for _ in range(rounds + 1)]
    # The first round fills the byte code caches.
    without, with_it = (1000 * min(times) for times in zip(*pairs[1:], strict=True))
    print(
        f"pytest alone {without:.0f} ms, with the plugin {with_it:.0f} ms, "
        f"{with_it - without:.1f} ms more (30 ms promised)"
    )


if __name__ == "__main__":
    main()

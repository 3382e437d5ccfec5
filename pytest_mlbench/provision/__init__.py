"""Everything that comes from outside: toolchain, tools, models, sources. All fetching is here.

What is where:

==============  =================================================================
`cache`         folders that are made once, under a lock, whole or not at all
`pins`          what may be fetched, by checksum or commit (`pins.toml`)
`fetch`         pinned files, from cache, mirror or upstream
`toolchain`     the cross compiler: named, on PATH, or from Debian's packages
`tools`         CMake, Ninja
`sources`       pinned git sources, or a local checkout in place of one
==============  =================================================================

Who uses them needs one `Cache` and one `Fetcher` per process; both are cheap to make and hold no
open file, and any number of processes may share one cache folder. All workers of a run give their
fetcher the same `session` text, so that a host which one of them could not reach costs the others
no time-out. Tests that need real tools share the user's own cache (`MLBENCH_CACHE`, else
`cache.default_root()`): an entry is keyed by the pins, so an old one is never taken for a new one.
What is missing raises `Unavailable`, what is not its pin `FetchRefused`, what the user gave wrongly
`UsageError`; nothing here falls back silently.
"""

from __future__ import annotations

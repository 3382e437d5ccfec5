"""Provides everything that comes from outside: toolchain, tools, models, sources.

Only this package downloads anything. Its modules:

==============  =================================================================
`cache`         folders that are created once, under a lock, completely or not at all
`pins`          what may be fetched, by checksum or commit (`pins.toml`)
`fetch`         pinned files, from cache, mirror or upstream
`toolchain`     the cross compiler: named, on PATH, or from Debian's packages
`tools`         CMake, Ninja
`sources`       pinned git sources, or local checkouts that replace them
==============  =================================================================

A process needs one `Cache` and one `Fetcher`. Both are cheap to create and hold no open file; any
number of processes may share one cache folder. All workers of a run give their fetcher the same
`session` text, so that only one of them waits for an unreachable host. Tests that need real tools
use the user's own cache (`MLBENCH_CACHE`, or else `cache.default_root()`): entries are keyed by the
pins, so outdated ones are never used.

Something missing raises `Unavailable`, content that does not match its pin `FetchRefused`, a wrong
setting `UsageError`. Nothing here falls back silently.
"""

from __future__ import annotations

"""Results over time: one file for each commit and set of results, in a folder that git can merge.

No file is ever changed, and each is named by its content: two writers, or two branches that are
merged, can only add. What git knows of a commit (date, subject, order, tags) is read from git.
"""

from __future__ import annotations

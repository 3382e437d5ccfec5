"""Memory planning: assigns every tensor and buffer of a model a place in one arena.

`lifetimes`  which tensors share a buffer, and the steps during which each buffer is live
`need`       what an operator needs in addition to its tensors
`overlaps`   which of the overlaps that kernels allow are safe
`problem`    the planning problem: buffers with sizes and lifetimes, and allowed overlaps
`bounds`     a lower bound on the arena's size
`orders`     the orders in which buffers are placed
`first_fit`  places one buffer after another, each where the arena grows least
`search`     finds the best plan over all orders
`apart`      for checked builds: separates all buffers and puts guard zones between them
`arrange`    applies all of this to a graph
"""

from __future__ import annotations

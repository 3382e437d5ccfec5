"""Where every tensor and buffer of a model lies in one arena.

`lifetimes`  which tensors share a buffer, and from which step to which each buffer is needed
`problem`    buffers with sizes and lifetimes, and where an output may lie over an input
`bounds`     how few bytes any plan needs
`orders`     the orders in which buffers are placed
`first_fit`  one buffer after another, each where the arena grows least
`search`     the best plan over all orders
`apart`      for checked builds: every buffer in memory of its own, with guard zones
`arrange`    from a graph and its operators' needs to the finished memory
"""

from __future__ import annotations

"""The replay oracle: run a durable handler on the real SDK and say whether a replay goes wrong.

A handler's module is run in worker processes. From one invocation to the next everything changes that
must not matter: hash seed, clock, random seed, request id, host name, order of directory listings, process,
environment variables. Each execution is driven twice, then its finished history is replayed:

* straight: waits are over at once, so that one invocation keeps its memory as long as it can;
* every-op: the handler suspends after every finished operation and starts again from the top.

======================  ====================================================================
verdict                 what was seen
======================  ====================================================================
``diverges``            invocations of one execution differ in operations, values or results
``fails``               the execution, or an item of a ``map`` or ``parallel``, fails
``repeats an effect``   one effect outside steps happens in several invocations
``undecided``           a handler hung or the execution never ended
``clean``               none of these
======================  ====================================================================

The first that holds is the verdict. ``worker`` (with ``world``, ``pictures`` and ``tracing``) runs in the
worker processes, ``pool`` keeps these, ``runner`` drives executions, ``judge`` compares what was recorded.
``hooks`` lists the private parts of the SDK and of its testing library that all this stands on.

Not decided: code that the event doesn't reach, what changes between the attempts of one step, sizes and
quotas of the real service. Chance can hide a difference, for example when two hash seeds order a small
set alike; it can't invent one.
"""

from __future__ import annotations

from .judge import Report
from .pool import Pool
from .runner import replay

__all__ = ["Pool", "Report", "replay"]

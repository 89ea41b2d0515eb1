"""Calls to the agents of hosts: one small interface, several transports.

    local    the agent runs in this process (a function call, through JSON all the same)
    unix     the agent runs in another process of this host
    https    the agent runs elsewhere; both sides show certificates (mTLS)
    amqp     through RabbitMQ: not built yet; a transport is anything that satisfies ``Transport``

A call carries its context and either returns JSON-able data or raises RetryLater, GiveUp, a DomainError, or
Unavailable when the host does not answer. Nothing here is a promise: the durable intent is the operation, and an agent
method may be called twice.
"""

from pileus.kernel.rpc.client import Rpc
from pileus.kernel.rpc.methods import Methods

__all__ = ["Methods", "Rpc"]

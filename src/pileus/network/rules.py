"""Policy defaults of network, under the reference's names."""

from pileus.kernel.policy import Rule

RULES: list[Rule] = []

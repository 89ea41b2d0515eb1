"""Policy defaults of placement, under the reference's names."""

from pileus.kernel.policy import Rule

RULES: list[Rule] = []

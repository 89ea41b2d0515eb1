"""Policy defaults of compute, under the reference's names."""

from pileus.kernel.policy import Rule

RULES: list[Rule] = []

"""Policy defaults of everything but servers."""

from pileus.kernel.policy import Rule

RESOURCE_RULES: list[Rule] = []

"""Policy defaults of image, under the reference's names."""

from pileus.kernel.policy import Rule

RULES: list[Rule] = []

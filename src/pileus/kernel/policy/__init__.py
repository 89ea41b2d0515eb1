"""Who may do what: rules in the oslo.policy language, with overrides from ``policy.yaml`` files."""

from pileus.kernel.policy.enforcer import REFUSAL, Enforcer, Rule

__all__ = ["REFUSAL", "Enforcer", "Rule"]

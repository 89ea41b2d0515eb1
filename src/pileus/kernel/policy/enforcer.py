"""One service's rules in force: its defaults, overridden by the operator's file, re-read when the file changes."""

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pileus.kernel.config import ConfigError
from pileus.kernel.context import Context
from pileus.kernel.errors import Forbidden
from pileus.kernel.policy.language import Check, PolicySyntaxError, compile_any

log = logging.getLogger(__name__)
LOOK_AGAIN = 1.0  # seconds between looks at the file
REFUSAL = "Policy doesn't allow {rule} to be performed."


class Rule(msgspec.Struct, frozen=True):
    """A rule's default. ``scopes``: the token scopes it may be used with, empty for any."""

    name: str
    check: str
    description: str = ""
    scopes: tuple[str, ...] = ()


class Enforcer:
    """Decides whether a context may do something to a target."""

    def __init__(self, rules: Iterable[Rule], path: Path | None = None, refusal: str = REFUSAL) -> None:
        self._refusal = refusal
        self._defaults = {rule.name: rule for rule in rules}
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._next_look = 0.0
        self._checks: dict[str, Check] = {}
        self._texts: dict[str, Any] = {}
        self._started = False
        self._load({})
        self._look()
        self._started = True

    def rules(self) -> dict[str, Any]:
        """Every rule in force, by name, in the language."""
        return dict(self._texts)

    def enforce(self, context: Context, name: str, target: Any) -> None:
        """Raises Forbidden, naming the rule, unless the rule allows it."""
        if not self.allows(context, name, target):
            raise Forbidden(self._refusal.format(rule=name), type="PolicyNotAuthorized")

    def allows(self, context: Context, name: str, target: Any) -> bool:
        return self.decider(context)(name, target)

    def knows(self, name: str) -> bool:
        """Whether a rule of this name is defined, so that it is not the default that decides."""
        return name in self._checks

    def decider(self, context: Context) -> Callable[[str, Any], bool]:
        """``allows`` for one context and many targets: its credentials are made once."""
        credentials, scope = context.policy_credentials(), _scope(context)
        if self._path is not None and time.monotonic() >= self._next_look:
            self._look()

        def allows(name: str, target: Any) -> bool:
            default = self._defaults.get(name)
            if default is not None and default.scopes and scope not in default.scopes:
                return False
            return self._find(name)(target, credentials, self._find)

        return allows

    def _find(self, name: str) -> Check:
        check = self._checks.get(name) or self._checks.get("default")
        if check is None:
            log.warning("policy rule %s is not defined: refusing", name)
            return _refuse
        return check

    def _look(self) -> None:
        """Reads the file when it is new or changed.

        A file that is broken at the start stops the start (ConfigError); one that is broken later is reported, and
        the last good rules stay in force.
        """
        self._next_look = time.monotonic() + LOOK_AGAIN
        if self._path is None:
            return
        try:
            status = self._path.stat()
        except FileNotFoundError:
            if self._stamp is not None:
                self._stamp = None
                self._load({})
            return
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._load(read_file(self._path))
        except ConfigError:
            if not self._started:
                raise
            log.exception("policy file %s is broken: keeping the rules that were in force", self._path)

    def _load(self, overrides: dict[str, Any]) -> None:
        texts = {name: rule.check for name, rule in self._defaults.items()} | overrides
        checks = {}
        for name, text in texts.items():
            try:
                checks[name] = compile_any(text)
            except PolicySyntaxError as error:
                raise ConfigError(f"{self._path or 'defaults'}: rule {name}: {error}") from error
        self._texts, self._checks = texts, checks


def read_file(path: Path) -> dict[str, Any]:
    """Raises ConfigError when the file is not a YAML mapping of names to rules."""
    try:
        document = yaml.safe_load(path.read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: a policy file is a mapping of rule names to rules")
    return document


def _scope(context: Context) -> str:
    if context.system_scope:
        return "system"
    return "domain" if context.domain_id else "project"


def _refuse(target: Any, creds: Any, rules: Any) -> bool:
    return False

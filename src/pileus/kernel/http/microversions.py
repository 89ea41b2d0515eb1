"""Microversion negotiation by header, as the API special interest group's guideline has it.

``OpenStack-API-Version: compute 2.79`` asks; the answer echoes the version used and varies on the header. No header
means the minimum, ``latest`` the maximum; a malformed version is a 400, one out of range a 406.
"""

import re

import msgspec

from pileus.kernel.errors import BadRequest, NotAcceptable

Version = tuple[int, int]
HEADER = "OpenStack-API-Version"
_VERSION = re.compile(r"(0|[1-9][0-9]{0,9})\.([1-9][0-9]{0,9}|0)")


class Microversions(msgspec.Struct, frozen=True):
    """The versions one service speaks.

    header  the name of the header as answers write it.
    legacy_header  an older header name that still counts.
    unacceptable, malformed  the message of a 406 and of a 400, with ``{asked}``, ``{minimum}`` and ``{maximum}``.
    """

    service_type: str
    minimum: Version
    maximum: Version
    legacy_header: str | None = None
    header: str = HEADER
    unacceptable: str = "Version {asked} is not supported by the API. Minimum is {minimum} and maximum is {maximum}."
    malformed: str = "API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum."

    def negotiate(self, header: str | None, legacy: str | None = None) -> Version:
        """The version a request is served at.

        Raises BadRequest for a malformed version, NotAcceptable for one that is not spoken here.
        """
        asked = self._asked(header) or (legacy.strip() if legacy else None)
        if asked is None:
            return self.minimum
        if asked == "latest":
            return self.maximum
        version = parse(asked)
        if version is None:
            raise BadRequest(self._message(self.malformed, asked))
        if not self.minimum <= version <= self.maximum:
            raise NotAcceptable(self._message(self.unacceptable, asked))
        return version

    def _message(self, template: str, asked: str) -> str:
        return template.format(asked=asked, minimum=text(self.minimum), maximum=text(self.maximum))

    def _asked(self, header: str | None) -> str | None:
        for part in (header or "").split(","):
            service, _, version = part.strip().partition(" ")
            if service.lower() == self.service_type and version:
                return version.strip()
        return None

    def headers(self, version: Version) -> list[tuple[str, str]]:
        """The headers that tell which version an answer is in."""
        sent = [(self.header, f"{self.service_type} {text(version)}")]
        if self.legacy_header:
            sent.append((self.legacy_header, text(version)))
        return sent

    @property
    def vary(self) -> str:
        return ", ".join(filter(None, (self.header, self.legacy_header)))


def parse(asked: str) -> Version | None:
    match = _VERSION.fullmatch(asked)
    return None if match is None else (int(match[1]), int(match[2]))


def text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"

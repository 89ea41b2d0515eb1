"""``GET /v3/OS-REVOKE/events``."""

from typing import Any

from pileus.identity.service import Identity
from pileus.identity.store import tokens
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.request import Request

NAMES = ("user_id", "domain_id", "project_id", "audit_id", "audit_chain_id", "trust_id")


def list_events(request: Request[Identity]) -> dict[str, Any]:
    """List what voids tokens, newest last."""
    since = request.param("since")
    try:
        first = clock.parse(since) if since else 0
    except ValueError:
        raise BadRequest(f"invalidate date format {since}") from None
    with request.service.database.read() as tx:
        rows = [row for row in tokens.all_revocations(tx) if row.revoked_at >= first]
    events = []
    for row in sorted(rows, key=lambda row: (row.revoked_at, row.id)):
        event = {name: value for name in NAMES if (value := getattr(row, name)) is not None}
        if "trust_id" in event:
            event["OS-TRUST:trust_id"] = event.pop("trust_id")
        event["issued_before"] = clock.iso_micro(row.issued_before)
        events.append(event)
    links = {"next": None, "self": request.url("/v3/OS-REVOKE/events"), "previous": None}
    return {"events": events, "links": links}

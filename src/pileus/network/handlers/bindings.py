"""Bindings of a port to several hosts: the active one, and others made for a migration."""

from typing import Any

from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.network import query, validators
from pileus.network.attributes import Attribute, prepare_create, table_of
from pileus.network.calls import Call
from pileus.network.errors import fault
from pileus.network.handlers.crud import only, read_body
from pileus.network.resources.port_attributes import VNIC_TYPES
from pileus.network.resources.ports import FAILED
from pileus.network.service import Network
from pileus.network.store import bindings
from pileus.network.store.records import Row

_ATTRIBUTES = table_of(
    Attribute("host", post=True, check=validators.not_empty(255)),
    Attribute("vnic_type", post=True, default="normal", check=validators.one_of(*VNIC_TYPES)),
    Attribute("profile", post=True, default={}, check=validators.or_none(validators.dictionary)),
    Attribute("project_id", post=True, check=validators.string(255)),
)


def _columns(binding: Row) -> dict[str, Any]:
    return {name: binding[name] for name in ("host", "vnic_type", "profile", "vif_type", "vif_details")}


def _shown(binding: Row, status: str) -> dict[str, Any]:
    return {**_columns(binding), "status": status}


def _find(call: Call, port_id: str, rule: str) -> Row:
    port = call.service.ports.find(call, port_id)
    call.authorize([rule], {"project_id": port["project_id"], "tenant_id": port["project_id"]})
    return port


def list_bindings(request: Request[Network], id: str) -> dict[str, Any]:
    """List the bindings of a port."""
    with request.service.database.read() as tx:
        call = Call(request.service, tx, request.context)
        port = _find(call, id, "get_port_binding")
        shown = [_shown(binding, "INACTIVE") for binding in bindings.of_port(tx, id)]
    if port["host"]:
        shown.insert(0, _shown(port, "ACTIVE"))
    return {"bindings": only(query.wanted_fields(request), shown)}


def create_binding(request: Request[Network], id: str) -> Response:
    """Bind a port to one more host."""
    values = prepare_create(request.context, _ATTRIBUTES, read_body(request), "binding")
    host = values["host"]
    with request.service.database.transaction() as tx:
        call = Call(request.service, tx, request.context)
        port = _find(call, id, "create_port_binding")
        if host == port["host"] or bindings.get(tx, id, host) is not None:
            raise fault("PortBindingAlreadyExists", port_id=id, host=host)
        bound = call.service.ports.bound(call, host, values["vnic_type"])
        if bound["vif_type"] == FAILED:
            raise fault("PortBindingError", port_id=id, host=host)
        binding = {
            "port_id": id,
            "host": host,
            "vnic_type": values["vnic_type"],
            "profile": values["profile"] or {},
            **bound,
        }
        bindings.insert(tx, binding)
    return Response({"binding": _shown(binding, "INACTIVE")}, status=201)


def activate(request: Request[Network], id: str, host: str) -> dict[str, Any]:
    """Make a binding of a port the active one."""
    with request.service.database.transaction() as tx:
        call = Call(request.service, tx, request.context)
        port = _find(call, id, "activate")
        if port["host"] == host:
            raise fault("PortBindingAlreadyActive", port_id=id, host=host)
        binding = bindings.get(tx, id, host)
        if binding is None:
            raise fault("PortBindingNotFound", port_id=id, host=host)
        bindings.delete(tx, id, host)
        if port["host"]:
            bindings.insert(tx, {"port_id": id, **_columns(port)})
        new = call.service.ports.records.update(tx, port, {**_columns(binding), "status": "DOWN"})
        call.service.ports.changed(call, new)
        call.finish()
    return {"binding": _shown(binding, "ACTIVE")}


def delete_binding(request: Request[Network], id: str, host: str) -> None:
    """Delete a binding of a port."""
    with request.service.database.transaction() as tx:
        call = Call(request.service, tx, request.context)
        port = _find(call, id, "delete_port_binding")
        if port["host"] == host:
            values = {"host": "", **call.service.ports.bound(call, "", "normal"), "status": "DOWN"}
            call.service.ports.changed(call, call.service.ports.records.update(tx, port, values))
        elif bindings.get(tx, id, host) is None:
            raise fault("PortBindingNotFound", port_id=id, host=host)
        bindings.delete(tx, id, host)
        call.finish()

"""What compute asks of the placement service: providers of hosts, candidates, allocations of servers."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pileus.compute.model import ServerFlavor
from pileus.kernel.context import Context
from pileus.kernel.errors import Conflict, RetryLater
from pileus.kernel.numerals import natural
from pileus.kernel.services import Answer, Directory

VERSION = {"OpenStack-API-Version": "placement 1.39"}


class Candidate(Struct, frozen=True):
    """A host that placement would give the resources of: its provider, what exactly, and what would be left free."""

    provider_id: str
    allocations: Mapping[str, Any]
    free_memory_mb: int


class Placing:
    """The placement API, as compute uses it. Every call is made in the name of the cloud."""

    def __init__(self, services: Directory) -> None:
        self._services = services

    def _call(
        self, context: Context, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
    ) -> Answer:
        client = self._services["placement"]
        return client.request(context.as_service(), method, path, body, params=params, headers=VERSION)

    # -- servers ---------------------------------------------------------------------------------------------------

    def candidates(
        self, context: Context, resources: Mapping[str, int], required: list[str], provider_id: str | None
    ) -> list[Candidate]:
        params: dict[str, Any] = {
            "resources": ",".join(f"{name}:{amount}" for name, amount in sorted(resources.items())),
            "limit": 1000,
        }
        if required:
            params["required"] = ",".join(required)
        if provider_id is not None:
            params["in_tree"] = provider_id
        found = self._call(context, "GET", "/allocation_candidates", params=params).expect(200)
        summaries = found["provider_summaries"]
        candidates = []
        for asked in found["allocation_requests"]:
            provider = next(iter(asked["allocations"]))
            memory = summaries.get(provider, {}).get("resources", {}).get("MEMORY_MB", {"capacity": 0, "used": 0})
            candidates.append(Candidate(provider, asked["allocations"], memory["capacity"] - memory["used"]))
        return candidates

    def claim(
        self, context: Context, consumer_id: str, project_id: str, user_id: str, allocations: Mapping[str, Any]
    ) -> bool:
        """Allocates for a consumer that has nothing yet; False when it has, or when somebody else was faster."""
        return self.put(context, consumer_id, project_id, user_id, allocations, None)

    def put(
        self,
        context: Context,
        consumer_id: str,
        project_id: str,
        user_id: str,
        allocations: Mapping[str, Any],
        generation: int | None,
        consumer_type: str = "INSTANCE",
    ) -> bool:
        body = {
            "allocations": {provider: {"resources": given["resources"]} for provider, given in allocations.items()},
            "project_id": project_id,
            "user_id": user_id,
            "consumer_generation": generation,
            "consumer_type": consumer_type,
        }
        answer = self._call(context, "PUT", f"/allocations/{consumer_id}", body)
        if answer.status == 409:
            return False
        answer.expect(204)
        return True

    def allocations(self, context: Context, consumer_id: str) -> tuple[dict[str, Any], int | None]:
        """Provider -> what a consumer has of it, and the consumer's generation."""
        found = self._call(context, "GET", f"/allocations/{consumer_id}").expect(200)
        return found["allocations"], found.get("consumer_generation")

    def release(self, context: Context, consumer_id: str) -> None:
        """Gives back all that a consumer has; nothing to do when it has nothing."""
        answer = self._call(context, "DELETE", f"/allocations/{consumer_id}")
        if answer.status != 404:
            answer.expect(204)

    def move(
        self, context: Context, source: str, target: str, project_id: str, user_id: str, target_type: str = "INSTANCE"
    ) -> None:
        """Hands all that one consumer has over to another, which has nothing; nothing to do when it was done before.

        Raises RetryLater when somebody else changed either meanwhile.
        """
        given, generation = self.allocations(context, source)
        if not given:
            return
        owner = {"project_id": project_id, "user_id": user_id}
        source_type = "MIGRATION" if target_type == "INSTANCE" else "INSTANCE"
        allocations = {provider: {"resources": one["resources"]} for provider, one in given.items()}
        body = {
            source: {**owner, "allocations": {}, "consumer_generation": generation, "consumer_type": source_type},
            target: {
                **owner,
                "allocations": allocations,
                "consumer_generation": self.allocations(context, target)[1],
                "consumer_type": target_type,
            },
        }
        answer = self._call(context, "POST", "/allocations", body)
        if answer.status == 409:
            raise RetryLater("allocations were changed meanwhile", after=0.1)
        answer.expect(204)

    def usage(self, context: Context, provider_id: str) -> dict[str, tuple[int, int]]:
        """Resource class -> (what can be sold, what is sold) of a provider; empty when there is none."""
        inventories = self._call(context, "GET", f"/resource_providers/{provider_id}/inventories")
        usages = self._call(context, "GET", f"/resource_providers/{provider_id}/usages")
        if 404 in (inventories.status, usages.status):
            return {}
        used = usages.expect(200)["usages"]
        return {
            name: (int((one["total"] - one["reserved"]) * one["allocation_ratio"]), used.get(name, 0))
            for name, one in inventories.expect(200)["inventories"].items()
        }

    # -- hosts -----------------------------------------------------------------------------------------------------

    def provide(
        self,
        context: Context,
        provider_id: str,
        name: str,
        inventories: Mapping[str, Mapping[str, Any]],
        traits: list[str],
    ) -> None:
        """Makes a host's provider with these inventories and traits; traits that operators added stay.

        Raises Conflict when somebody else changed the provider meanwhile, or its name is another provider's.
        """
        made = self._call(context, "POST", "/resource_providers", {"uuid": provider_id, "name": name})
        path = f"/resource_providers/{provider_id}"
        if made.status == 409 and self._call(context, "GET", path).status == 404:
            raise Conflict(f"Placement has another resource provider with the name {name}.")
        now = self._call(context, "GET", f"{path}/inventories").expect(200)
        generation = now["resource_provider_generation"]
        if not _same(now["inventories"], inventories):
            body = {"resource_provider_generation": generation, "inventories": inventories}
            answer = self._call(context, "PUT", f"{path}/inventories", body)
            if answer.status == 409:
                raise Conflict(f"The resource provider of {name} was changed meanwhile.")
            generation = answer.expect(200)["resource_provider_generation"]
        self._set_traits(context, path, traits)

    def _set_traits(self, context: Context, path: str, traits: list[str]) -> None:
        now = self._call(context, "GET", f"{path}/traits").expect(200)
        wanted = sorted({*traits, *(trait for trait in now["traits"] if trait.startswith("CUSTOM_"))})
        if sorted(now["traits"]) != wanted:
            body = {"resource_provider_generation": now["resource_provider_generation"], "traits": wanted}
            if self._call(context, "PUT", f"{path}/traits", body).status == 409:
                raise Conflict("The resource provider was changed meanwhile.")

    def consumers(self, context: Context, provider_id: str) -> list[str]:
        """Who has something of a provider."""
        answer = self._call(context, "GET", f"/resource_providers/{provider_id}/allocations")
        return [] if answer.status == 404 else list(answer.expect(200)["allocations"])

    def forget(self, context: Context, provider_id: str) -> None:
        """Removes a host's provider. Raises Conflict while servers have something of it."""
        answer = self._call(context, "DELETE", f"/resource_providers/{provider_id}")
        if answer.status == 409:
            raise Conflict("Servers still have resources of this host.")
        if answer.status != 404:
            answer.expect(204)


def _same(now: Mapping[str, Any], wanted: Mapping[str, Mapping[str, Any]]) -> bool:
    return set(now) == set(wanted) and all(
        now[name].get(field) == value for name, one in wanted.items() for field, value in one.items()
    )


def resources_of(flavor: ServerFlavor, *, volume_root: bool = False) -> dict[str, int]:
    """What a server of a flavor needs of a host, by resource class; ``resources:`` extra specs have the last word."""
    disk = (0 if volume_root else flavor.disk) + flavor.ephemeral + -(-flavor.swap // 1024)
    wanted = {"VCPU": flavor.vcpus, "MEMORY_MB": flavor.ram, "DISK_GB": disk}
    for name, text in flavor.extra_specs.items():
        prefix, _, resource = name.partition(":")
        amount = natural(text) if prefix == "resources" else None
        if amount is not None:
            wanted[resource] = amount
    return {name: amount for name, amount in wanted.items() if amount}


def traits_of(flavor: ServerFlavor, image_properties: Mapping[str, Any]) -> list[str]:
    """The traits that a server's host must have, or (``!TRAIT``) must not have."""
    found = set()
    for name, value in (*flavor.extra_specs.items(), *image_properties.items()):
        prefix, _, trait = name.partition(":")
        if prefix == "trait" and value in ("required", "forbidden"):
            found.add(trait if value == "required" else f"!{trait}")
    return sorted(found)

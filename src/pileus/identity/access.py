"""What users may reach: where they hold roles, and every assignment worked out to users and projects."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, structs

from pileus.identity.model import SYSTEM, Assignment, Project, Target
from pileus.identity.store import assignments, groups, projects, roles, users
from pileus.identity.store.assignments import closure
from pileus.kernel.database import Tx


class Effective(Struct, frozen=True):
    """An assignment, and what it came from: a group, a target above, a role that implies it."""

    held: Assignment
    group_id: str | None = None
    above: Target | None = None
    prior_role_id: str | None = None


class Wanted(Struct, frozen=True):
    """Which assignments are asked for."""

    user_id: str | None = None
    group_id: str | None = None
    role_id: str | None = None
    target: Target | None = None
    subtree: bool = False
    inherited: bool | None = None


class Access:
    """Looks at assignments from the side of users."""

    def actors(self, tx: Tx, user_id: str) -> list[str]:
        return [user_id, *users.group_ids(tx, user_id)]

    def projects_of(self, tx: Tx, user_id: str) -> list[Project]:
        """The enabled projects that a user holds any role on, itself, by a group or inherited."""
        held = assignments.find(tx, actors=self.actors(tx, user_id))
        direct = {one.target_id for one in held if one.target_kind == "project" and not one.inherited}
        found = projects.entities.many(tx, sorted(direct))
        domains = [one.target_id for one in held if one.target_kind == "domain" and one.inherited]
        if domains:
            found.update((one.id, one) for one in projects.of_domains(tx, domains))
        for one in held:
            if one.target_kind == "project" and one.inherited:
                found.update((below.id, below) for below in projects.subtree(tx, one.target_id))
        return [found[id] for id in sorted(found) if found[id].enabled and not found[id].is_domain]

    def domains_of(self, tx: Tx, user_id: str) -> list[Project]:
        """The enabled domains that a user holds a role on, itself or by a group."""
        held = assignments.find(tx, actors=self.actors(tx, user_id), inherited=False)
        ids = sorted({one.target_id for one in held if one.target_kind == "domain"})
        found = projects.entities.many(tx, ids)
        return [found[id] for id in ids if id in found and found[id].enabled]

    def has_system(self, tx: Tx, user_id: str) -> bool:
        held = assignments.find(tx, actors=self.actors(tx, user_id), inherited=False)
        return any(one.target_kind == SYSTEM for one in held)

    def direct(self, tx: Tx, wanted: Wanted) -> list[Effective]:
        """Assignments as they were made."""
        targets = self._targets(tx, wanted)
        actor = wanted.user_id or wanted.group_id
        kind = "user" if wanted.user_id else "group"
        found = assignments.find(
            tx,
            actors=None if actor is None else [actor],
            targets=targets,
            role_id=wanted.role_id,
            inherited=wanted.inherited,
        )
        return [Effective(one) for one in found if actor is None or one.actor_kind == kind]

    def effective(self, tx: Tx, wanted: Wanted) -> list[Effective]:
        """Assignments with groups as their users, inherited ones as the projects below, implied roles added."""
        targets = self._targets(tx, wanted)
        sources = targets
        if targets is not None and wanted.target is not None and wanted.target.kind == "project":
            project = projects.get(tx, wanted.target.id)
            above = projects.ancestors(tx, project) if project is not None else []
            sources = [
                *targets,
                *(Target("domain" if one.is_domain else "project", one.id) for one in above),
            ]
        actors = None if wanted.user_id is None else self.actors(tx, wanted.user_id)
        found = [Effective(one) for one in assignments.find(tx, actors=actors, targets=sources)]
        found = self._as_users(tx, found, wanted.user_id)
        found = self._as_projects(tx, found, None if targets is None else set(targets), wanted.inherited)
        found = self._of_everyone(tx, self._with_implied(tx, found))
        return [one for one in found if wanted.role_id in (None, one.held.role_id)]

    @staticmethod
    def _targets(tx: Tx, wanted: Wanted) -> list[Target] | None:
        if wanted.target is None:
            return None
        if not wanted.subtree:
            return [wanted.target]
        below = projects.subtree(tx, wanted.target.id)
        return [wanted.target, *(Target("project", one.id) for one in below)]

    @staticmethod
    def _as_users(tx: Tx, found: Sequence[Effective], user_id: str | None) -> list[Effective]:
        group_ids = sorted({one.held.actor_id for one in found if one.held.actor_kind == "group"})
        members = groups.members(tx, group_ids) if group_ids else {}
        shown: list[Effective] = []
        for one in found:
            if one.held.actor_kind == "user":
                shown.append(one)
                continue
            for member in sorted(members.get(one.held.actor_id, ())):
                if user_id in (None, member):
                    held = structs.replace(one.held, actor_kind="user", actor_id=member)
                    shown.append(Effective(held, group_id=one.held.actor_id))
        return shown

    @staticmethod
    def _as_projects(
        tx: Tx, found: Iterable[Effective], targets: set[Target] | None, inherited: bool | None
    ) -> list[Effective]:
        """Inherited assignments as ones on each project below that is asked for (None: on every one)."""
        below: dict[Target, list[str]] = {}
        shown: list[Effective] = []
        for one in found:
            target = Target(one.held.target_kind, one.held.target_id)
            if not one.held.inherited:
                if inherited is not True and (targets is None or target in targets):
                    shown.append(one)
                continue
            if inherited is False:
                continue
            if target not in below:
                look = projects.of_domain if target.kind == "domain" else projects.subtree
                under = look(tx, target.id)
                below[target] = sorted(project.id for project in under)
            for project_id in below[target]:
                if targets is None or Target("project", project_id) in targets:
                    held = structs.replace(one.held, target_kind="project", target_id=project_id, inherited=False)
                    shown.append(structs.replace(one, held=held, above=target))
        return shown

    @staticmethod
    def _of_everyone(tx: Tx, found: Sequence[Effective]) -> list[Effective]:
        """Without the roles of domains: they count for what they imply, and are no roles of tokens themselves."""
        known = roles.entities.many(tx, sorted({one.held.role_id for one in found}))
        return [one for one in found if one.held.role_id in known and known[one.held.role_id].domain_id is None]

    @staticmethod
    def _with_implied(tx: Tx, found: Sequence[Effective]) -> list[Effective]:
        implied = assignments.implications(tx)
        reached: Mapping[str, list[tuple[str, str]]] = {
            role_id: _steps(role_id, implied) for role_id in {one.held.role_id for one in found}
        }
        shown: dict[tuple[Assignment, str | None, Target | None], Effective] = {}
        for one in found:
            shown.setdefault((one.held, one.group_id, one.above), one)
        for one in found:
            for prior, role_id in reached[one.held.role_id]:
                held = structs.replace(one.held, role_id=role_id)
                new = structs.replace(one, held=held, prior_role_id=prior)
                shown.setdefault((held, one.group_id, one.above), new)
        return list(shown.values())


def _steps(role_id: str, implied: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Every role that a role leads to, with the one before it."""
    reached = closure([role_id], implied)
    steps: dict[str, str] = {}
    for prior in sorted(reached):
        for follower in sorted(implied.get(prior, ())):
            if follower != role_id:
                steps.setdefault(follower, prior)
    return [(prior, follower) for follower, prior in steps.items()]

"""Finding which providers could together give what is asked for.

Each group of a request is first met by itself: by single providers, or (a group without suffix) by the providers of one
tree and those that share with it. Then one way for each group is taken at a time, tree by tree, as long as candidates
are wanted: nothing is made that the limit would throw away, and where there is a limit, a few trees at a time are
looked at. A cloud without trees and sharing, which most are, asks the database for just the first providers that fit.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from msgspec import Struct

from pileus.kernel.database import Tx
from pileus.placement.groups import Group, Wide
from pileus.placement.model import Inventory, Provider
from pileus.placement.queries import Filters
from pileus.placement.store import inventories, memberships, providers, search, vocabulary

SMALLEST_PORTION, LARGEST_PORTION = 50, 5000  # trees looked at together

Key = tuple[str, str]  # provider UUID, resource class
Room = dict[Key, tuple[float, int]]  # what is left, and the most that one allocation may be


class Way(Struct, frozen=True):
    """One way to meet one group."""

    suffix: str
    providers: tuple[str, ...]  # of a granular group, exactly one
    amounts: tuple[tuple[Key, int], ...]


Ways = Callable[[], Iterable[Way]]  # of one group below one anchor


class Candidate(Struct, frozen=True):
    """One way to meet all of a request."""

    amounts: Mapping[Key, int]
    mappings: Mapping[str, frozenset[str]]

    def identity(self) -> object:
        return frozenset(self.amounts.items()), frozenset(self.mappings.items())

    @property
    def providers(self) -> set[str]:
        return {uuid for uuid, _ in self.amounts}


class Summary(Struct, frozen=True):
    """A provider of a tree that candidates are of."""

    provider: Provider
    inventories: Sequence[Inventory]
    traits: Sequence[str]


class Search:
    """The search for one request. ``nested``: the client can be given several providers of one tree."""

    def __init__(self, tx: Tx, groups: Sequence[Group], wide: Wide, *, nested: bool) -> None:
        self.tx, self.groups, self.wide, self.nested = tx, groups, wide, nested
        self.has_trees = providers.any_nested(tx)
        self.sharing = memberships.holders(tx, [vocabulary.SHARES])[vocabulary.SHARES]
        self.roots: dict[str, str] = {}  # of every provider that was found
        self._room: Room = {}
        self._anchors: dict[str, set[str]] | None = None
        self._parents: dict[str, str | None] = {}
        self._within: frozenset[str] | None = None  # the roots that are looked at now; None: all

    def run(self, *, most: int, shuffled: bool) -> list[Candidate]:
        """At most ``most`` candidates (-1: all), and no more than the request's limit; shuffled, a random choice.

        Raises UnknownClass, UnknownTraits.
        """
        self._check_names()
        limit = self.wide.limit if most < 0 else min(most, self.wide.limit or most)
        if shuffled:
            found = list(islice(self._candidates(None), most if most >= 0 else None))
            random.shuffle(found)
            return found[:limit]
        return list(islice(self._candidates(limit), limit))

    def summaries(self, candidates: Sequence[Candidate]) -> list[Summary]:
        """Every provider of the trees that candidates are of; only those used when the client knows no trees."""
        used = {uuid for candidate in candidates for uuid in candidate.providers}
        root_uuids = {self.roots[uuid] for uuid in used}
        members = providers.trees(self.tx, root_uuids)
        if self.has_trees and not self.nested:
            members = [member for member in members if member.uuid in used]
        stock = inventories.of_trees(self.tx, root_uuids)
        traits = memberships.traits_of_trees(self.tx, root_uuids) if members else {}
        return [
            Summary(member, stock.get(member.uuid, ()), sorted(traits.get(member.uuid, ()), key=vocabulary.trait_order))
            for member in members
        ]

    def _check_names(self) -> None:
        for group in self.groups:
            search.check_names(self.tx, group)
        search.check_names(self.tx, Filters(required=self.wide.root_required, forbidden=self.wide.root_forbidden))

    def _candidates(self, limit: int | None) -> Iterator[Candidate]:
        group = self.groups[0]
        if len(self.groups) == 1 and not self.sharing and (group.granular or not self.has_trees):
            return self._plain(group, limit)
        return self._distinct(_in_turn(self._trees(limit)))

    def _plain(self, group: Group, limit: int | None) -> Iterator[Candidate]:
        """Where each candidate is one provider, the database finds them all."""
        self.roots = search.matching(
            self.tx,
            group,
            root_required=self.wide.root_required,
            root_forbidden=self.wide.root_forbidden,
            limit=limit,
        )
        for uuid in self.roots:
            amounts = {(uuid, name): amount for name, amount in group.resources.items()}
            yield Candidate(amounts, {group.suffix: frozenset((uuid,))})

    def _trees(self, limit: int | None) -> Iterator[Iterator[Candidate]]:
        """The candidates of each tree, in the order of the roots."""
        for portion in self._portions(limit):
            self._within = portion
            by_group = self._ways_by_anchor()
            if by_group is None:
                continue
            anchors = sorted(set(by_group[0]).intersection(*by_group[1:]))
            if self.wide.same_subtree:
                self._parents |= {member.uuid: member.parent_uuid for member in self._relatives(anchors)}
            for anchor in anchors:
                yield self._below([ways[anchor] for ways in by_group])

    def _portions(self, limit: int | None) -> Iterator[frozenset[str] | None]:
        """The roots to look at, portion by portion, each larger than the one before; None for all at once."""
        required, forbidden = self.wide.root_required, self.wide.root_forbidden
        few = limit is not None and not any(group.in_tree for group in self.groups)
        if not (few or required or forbidden):
            yield None
            return
        roots = sorted(search.roots(self.tx, required, forbidden))
        begin, size = 0, max(SMALLEST_PORTION, 4 * (limit or 0)) if few else LARGEST_PORTION
        while begin < len(roots):
            yield frozenset(roots[begin : begin + size])
            begin, size = begin + size, min(4 * size, LARGEST_PORTION)

    # -- each group by itself

    def _ways_by_anchor(self) -> list[dict[str, Ways]] | None:
        """For each group, the ways to meet it by the root of the tree; None when a group cannot be met at all."""
        found = []
        for group in self.groups:
            ways = self._single(group) if group.granular else self._spread(group)
            if not ways:
                return None
            found.append(ways)
        return found

    def _single(self, group: Group) -> dict[str, Ways]:
        """A granular group: each provider that meets it all, in its tree and in those it shares with."""
        by_anchor: dict[str, list[Way]] = {}
        for offer in self._offers(group):
            amounts = tuple(((offer.uuid, name), amount) for name, amount in group.resources.items())
            way = Way(group.suffix, (offer.uuid,), amounts)
            for anchor in self._anchors_of(offer):
                by_anchor.setdefault(anchor, []).append(way)
        return {anchor: _fixed(ways) for anchor, ways in by_anchor.items()}

    def _spread(self, group: Group) -> dict[str, Ways]:
        """A group without suffix: for each class, the providers of a tree and those that share with it."""
        wanted, unwanted = self._members(group)
        by_class: list[dict[str, list[str]]] = []
        for name, amount in group.resources.items():
            by_anchor: dict[str, list[str]] = {}
            for offer in self._offers(Filters(resources={name: amount}, in_tree=group.in_tree)):
                for anchor in self._anchors_of(offer, shares=group.in_tree is None):
                    # A tree is in the aggregates of its root; what shares with it must be in them itself.
                    places = {offer.uuid, anchor}
                    own = places if anchor == offer.root_uuid else {offer.uuid}
                    if any(own.isdisjoint(any_of) for any_of in wanted) or not places.isdisjoint(unwanted):
                        continue
                    by_anchor.setdefault(anchor, []).append(offer.uuid)
            by_class.append(by_anchor)
        anchors = set(by_class[0]).intersection(*by_class[1:]) if by_class else set()
        holders = memberships.holders(self.tx, group.forbidden.union(*group.required))
        required = [_union(holders, any_of) for any_of in group.required]
        forbidden = _union(holders, group.forbidden)
        return {
            anchor: _combined(group, [by_anchor[anchor] for by_anchor in by_class], required, forbidden)
            for anchor in sorted(anchors)
        }

    def _offers(self, filters: Filters) -> list[search.Offer]:
        within = None if self._within is None else search.Within(self._within, self.sharing)
        found = search.offers(self.tx, filters, within)
        for offer in found:
            self.roots[offer.uuid] = offer.root_uuid
            for name, room in offer.room.items():
                self._room[offer.uuid, name] = room
        return found

    def _anchors_of(self, offer: search.Offer, *, shares: bool = True) -> Iterator[str]:
        """The roots of the trees that a provider can serve."""
        anchors = {offer.root_uuid}
        if shares and offer.uuid in self.sharing:
            if self._anchors is None:
                self._anchors = memberships.anchors(self.tx, self.sharing)
            anchors |= self._anchors.get(offer.uuid, set())
        return (anchor for anchor in sorted(anchors) if self._within is None or anchor in self._within)

    def _members(self, group: Group) -> tuple[list[set[str]], set[str]]:
        """The providers in the aggregates that a group requires, and in those it forbids."""
        by_aggregate = memberships.members(self.tx, group.forbidden_aggregates.union(*group.member_of))
        wanted = [_union(by_aggregate, any_of) for any_of in group.member_of]
        return wanted, _union(by_aggregate, group.forbidden_aggregates)

    # -- all groups together

    def _distinct(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        seen = set()
        for candidate in candidates:
            identity = candidate.identity()
            if identity in seen or not self._understood(candidate):
                continue
            seen.add(identity)
            yield candidate

    def _relatives(self, anchors: Iterable[str]) -> list[Provider]:
        sharing_roots = {self.roots[uuid] for uuid in self.sharing if uuid in self.roots}
        return providers.trees(self.tx, sharing_roots.union(anchors))

    def _below(self, groups: list[Ways]) -> Iterator[Candidate]:
        """The candidates of one tree."""
        return self._extended(groups, [], {})

    def _extended(self, left: list[Ways], chosen: list[Way], amounts: dict[Key, int]) -> Iterator[Candidate]:
        if not left:
            if self._in_same_subtree(chosen):
                yield Candidate(amounts, {way.suffix: frozenset(way.providers) for way in chosen})
            return
        for way in left[0]():
            together = self._together(chosen, way, amounts)
            if together is not None:
                yield from self._extended(left[1:], [*chosen, way], together)

    def _together(self, chosen: list[Way], way: Way, amounts: dict[Key, int]) -> dict[Key, int] | None:
        """The amounts with one way more; None when that is more than a provider can give, or not isolated."""
        if self.wide.isolate and way.suffix:
            taken = {other.providers[0] for other in chosen if other.suffix}
            if way.providers[0] in taken:
                return None
        together = dict(amounts)
        for key, amount in way.amounts:
            total = together.get(key, 0) + amount
            left, most = self._room[key]
            if total > left or total > most:
                return None
            together[key] = total
        return together

    def _in_same_subtree(self, chosen: list[Way]) -> bool:
        """Whether the providers of each named set of groups are all at or below one of them."""
        for suffixes in self.wide.same_subtree:
            uuids = {uuid for way in chosen if way.suffix in suffixes for uuid in way.providers}
            if len(uuids) > 1 and not uuids.intersection(*(self._lineage(uuid) for uuid in uuids)):
                return False
        return True

    def _lineage(self, uuid: str) -> set[str]:
        """A provider and all above it."""
        found, above = {uuid}, self._parents.get(uuid)
        while above is not None:
            found.add(above)
            above = self._parents.get(above)
        return found

    def _understood(self, candidate: Candidate) -> bool:
        """Whether a client can be given this: one that knows no trees takes one provider of a tree at the most."""
        if self.nested or not self.has_trees:
            return True
        used = candidate.providers
        return len({self.roots[uuid] for uuid in used}) == len(used)


def _union(sets: Mapping[str, set[str]], names: Iterable[str]) -> set[str]:
    return set().union(*(sets[name] for name in names))


def _combined(group: Group, by_class: list[list[str]], required: list[set[str]], forbidden: set[str]) -> Ways:
    """One provider for each class, which together have the traits that are required, and none a forbidden one."""

    def ways() -> Iterator[Way]:
        for chosen in product(*([uuid for uuid in uuids if uuid not in forbidden] for uuids in by_class)):
            if all(not any_of.isdisjoint(chosen) for any_of in required):
                amounts = zip(chosen, group.resources.items(), strict=True)
                yield Way(
                    group.suffix,
                    tuple(dict.fromkeys(chosen)),
                    tuple(((uuid, name), amount) for uuid, (name, amount) in amounts),
                )

    return ways


def _fixed(ways: list[Way]) -> Ways:
    return lambda: ways


def _in_turn(several: Iterable[Iterator[Candidate]]) -> Iterator[Candidate]:
    """One of each, then the second of each, and so on: a limited answer holds as many trees as it can."""
    left = several
    while left:
        going = []
        for each in left:
            candidate = next(each, None)
            if candidate is not None:
                yield candidate
                going.append(each)
        left = going

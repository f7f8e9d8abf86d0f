"""A conversation with an SNMP agent: which objects it has, whatever it does wrong.

gufo-snmp drops error-status (tooBig, genErr, v1 noSuchName) and noSuchObject/noSuchInstance without a word. So every
GET carries a witness behind the others, an object that this agent has answered before: an answer without it was an
error or cut off, and the question is halved until the culprit is alone; an answer with it tells exactly which objects
the agent lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from noc.model.counting import counted
from noc.model.reading import Engine, Failure, FailureKind, Raw, SnmpLine
from noc.wire.errors import WireError
from noc.wire.snmp.answers import holds, numbers
from noc.wire.snmp.link import Following
from noc.wire.snmp.linking import link_to
from noc.wire.snmp.memory import REPETITIONS, AgentMemory, Memory
from noc.wire.snmp.model import Agent, Fault, Walk, WalkEnd
from noc.wire.snmp.sizes import ROW_OCTETS, Objects, Sizes, first_rows, next_rows

MAX_ROWS: Final = 20_000
"""Rows of one column at which a walk is cut: more is a broken agent or a table that noc has no use for."""

SMALL: Final = 6
"""Objects of a GET where larger answers get lost on the way."""

WITNESSES: Final = 6
"""Objects that are remembered as answered: one may vanish from a device that is well."""

UNREADABLE: Final = 4
"""Answers in a row that can't be understood, after which the agent must show that it can do better."""

AT_ONCE: Final = 16
"""Objects of a question for what follows them: answers of unknown size, of which these fit an Ethernet frame mostly."""

CANARY: Final = "1.3.6.1.2.1.1.2"
"""sysObjectID, which every agent has: asked beside others, it shows that the agent can answer such a question."""

LOOKS_IN_VAIN: Final = 3
"""Questions for what follows many objects that an agent answers with errors; then each is asked for alone."""

PROBES: Final = ("1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.2.0")
"""sysUpTime and sysObjectID: what is asked of an agent that has answered nothing yet that can be understood."""


class SnmpSession:
    """A conversation with one agent. One request is in flight at a time; not for several tasks at once.

    memory: of agents, from earlier conversations. faults: the objects that the agent did not give for a fault of its
    own, by OID.
    """

    def __init__(self, agent: Agent, memory: Memory | None = None) -> None:
        self._agent, self._address = agent, agent.address
        self._memory = AgentMemory() if memory is None else memory.of(agent.address, agent.port)
        self._transport = link_to(agent, self._memory)
        self._may_grow = agent.octets_at_most is None  # else it is not known before what more objects take
        self._objects = Objects(max(agent.oids_per_request, 1), grows=self._may_grow and not self._memory.sizes.full)
        self._known: list[str] = []  # answered before; the first one is the witness
        self._lost: Failure | None = None
        self._trusted = not self.batched  # an empty answer to a walk is the end of the view
        self.faults: dict[str, Fault] = {}

    @property
    def answered(self) -> bool:
        """Return whether the agent has answered at all in this session."""
        return self._transport.answered

    @property
    def requests(self) -> int:
        """Return how many requests were sent, repeated ones too."""
        return self._transport.requests

    @property
    def octets(self) -> int:
        """Return how many octets went over the wire, both ways, with the headers of UDP and IP."""
        return self._transport.octets

    @property
    def engine(self) -> Engine | None:
        """Return the SNMPv3 engine that answered, once an answer proved it."""
        return self._transport.engine

    @property
    def oids_per_request(self) -> int:
        """Return how many objects are asked for in one request: fewer after larger ones brought errors or got lost."""
        return self._objects.most

    @property
    def octets_per_answer(self) -> int:
        """Return how many octets of varbinds are asked for in one request, as far as one can tell."""
        return self._memory.sizes.octets

    @property
    def line(self) -> SnmpLine | None:
        """Return what is known of the line to the agent; None where it never answered."""
        return self._memory.line(self._agent, self._objects.most)

    def look_anew(self) -> None:
        """Forget how large answers may be, but for one step: what got lost may have been an accident of the line."""
        self._memory.sizes = Sizes()
        self._objects = self._objects.anew(grows=self._may_grow)

    @property
    def batched(self) -> bool:
        """Return whether many objects fit one request: not with v1, where one missing object voids an answer."""
        return self._transport.batched

    async def open(self) -> None:
        """Open the socket; with v3 also find the engine and log in (RFC 3414, section 4).

        Raises WireError: timeout, refused, or auth when the user is unknown or a key is wrong.
        """
        await self._transport.open()

    def close(self) -> None:
        """Give the socket back."""
        self._transport.close()

    async def get(self, oids: Sequence[str], *, known: bool = False) -> dict[str, Raw]:
        """Return the values of the objects that the agent has; those that it lacks are absent.

        Those that it does not give for a fault of its own are absent too, and in `faults`. known: the agent has had all
        of them: an answer with all of them needs no witness.
        Raises WireError when the agent does not answer, refuses the log-in, or can't be understood at all.
        """
        found: dict[str, Raw] = {}
        await self._get_into(found, list(oids), known=known)
        return found

    async def _get_into(self, found: dict[str, Raw], oids: list[str], *, known: bool = False) -> bool:
        """Ask for objects, in smaller questions where that brings an error. Return whether there was none."""
        if len(oids) <= self._objects.most:
            try:
                answer = await self._get_checked(oids, known=known) if oids else {}
            except WireError as error:
                if error.kind is not FailureKind.TIMEOUT or not self.answered or len(oids) <= SMALL:
                    raise
                await self.check()
                self._too_many(len(oids), SMALL)  # the agent is there: large answers get lost
                self._memory.sizes.lost()
            else:
                if not isinstance(answer, Fault):
                    found.update(answer)
                    self._objects.answered(len(oids))
                    return True
                if len(oids) == 1:
                    return await self._get_last(found, oids[0], answer)
                middle = len(oids) // 2
                halves = [await self._get_into(found, oids[:middle]), await self._get_into(found, oids[middle:])]
                if all(halves) and self.batched and isinstance(await self._get_checked(oids), Fault):
                    self._too_many(len(oids), len(oids) - middle)  # no culprit: the question is too big
                return False
        most = self._objects.most
        pieces = [oids[start : start + most] for start in range(0, len(oids), most)]
        return all([await self._get_into(found, piece, known=known) for piece in pieces])

    def _too_many(self, asked: int, least: int) -> None:
        self._objects.failed(asked, least)
        self._memory.sizes.full = True

    async def _get_last(self, found: dict[str, Raw], oid: str, fault: Fault) -> bool:
        """Ask for one object without the witness: the agent may find two too many, or both together too big."""
        answer = fault if self._witness is None else await self._get_once([oid], None)
        if not isinstance(answer, Fault) and oid in answer:
            found[oid] = answer[oid]
            return True
        if self._witness is not None or answer is Fault.GARBAGE:  # else: noSuchName of v1, or nothing is known yet
            self.faults[oid] = answer if isinstance(answer, Fault) else Fault.ERROR
        return False

    async def _get_checked(self, oids: list[str], *, known: bool = False) -> dict[str, Raw] | Fault:
        """Ask for a batch with the witness, and choose another one when it has gone from the device."""
        if known:
            answer = await self._get_once(oids, None)
            if not isinstance(answer, Fault) and len(answer) == len(oids) and all(map(answer.__contains__, oids)):
                self._learn(answer)
                return answer
        witness = self._witness
        answer = await self._get_once(oids, witness)
        if isinstance(answer, Fault):
            return answer
        values = {oid: answer[oid] for oid in oids if oid in answer}
        if witness is None:
            self._learn(values)
            missing = [oid for oid in oids if oid not in values]
            if missing and self._witness is not None:  # does the agent lack them, or did it cut its answer off?
                more = await self._get_checked(missing)
                return more if isinstance(more, Fault) else values | more
            return values or Fault.ERROR
        if witness in answer:
            self._learn(values)
            return values
        if values:
            other = next(iter(values))
            again = await self._get_once(oids, other)
            if isinstance(again, Fault) or other not in again:
                return Fault.ERROR
            self._known = [other]
            return {oid: again[oid] for oid in oids if oid in again}
        if len(oids) == 1:
            await self.check()
            if self._witness != witness:
                return await self._get_checked(oids)
        return Fault.ERROR

    async def _get_once(self, oids: list[str], witness: str | None) -> dict[str, Raw] | Fault:
        asked = oids if witness is None else [*(oid for oid in oids if oid != witness), witness]
        try:
            return await self._transport.get(asked, f"GET of {counted(len(oids), 'object')}")
        except WireError as error:
            await self._tolerate(error)
            return Fault.GARBAGE

    def _learn(self, values: dict[str, Raw]) -> None:
        if len(self._known) < WITNESSES:
            self._known = list(dict.fromkeys([*self._known, *values]))[:WITNESSES]

    @property
    def _witness(self) -> str | None:
        # v1 answers noSuchName for one missing object: there a witness tells nothing. Nor is there room in one object.
        return self._known[0] if self._known and self.batched and self._objects.most > 1 else None

    async def check(self) -> None:
        """Ask for objects that the agent has answered before: has it no answer to one question, or to none at all?

        Raises WireError when it has no answer any more, from then on without asking.
        """
        if self._lost is None:
            try:
                await self._find_witness()
            except WireError as error:
                self._lost = error.failure
        if self._lost is not None:
            raise WireError(self._lost.kind, self._lost.reason)

    async def _find_witness(self) -> None:
        if not self._known:
            await self._find_first()
            return
        together = [self._known] if self.batched and len(self._known) > 1 else []
        for oids in [*together, *([oid] for oid in self._known)]:
            answer = await self._transport.get(
                oids, f"GET of {counted(len(oids), 'object')} that it has answered before"
            )
            still = [oid for oid in oids if oid in answer]
            if still:
                self._known = still
                return
        reason = f"{self._address}: the agent answers with errors, also to what it has answered before"
        raise WireError(FailureKind.PROTOCOL, reason)

    async def _find_first(self) -> None:
        for oid in PROBES:
            try:
                self._known = list(await self._transport.get([oid], f"GET of {oid}"))
            except WireError as error:
                if error.kind is not FailureKind.PROTOCOL or oid == PROBES[-1]:
                    raise
            else:
                return  # whether it has the object or not

    async def _tolerate(self, error: WireError) -> None:
        """Pass over an answer that can't be understood; raise when the agent has no others."""
        if error.kind is not FailureKind.PROTOCOL or self._lost is not None:
            raise error
        if not self.answered or self._transport.unreadable >= UNREADABLE:
            await self.check()

    async def exists(self, subtree: str) -> bool | None:
        """Return whether the agent has anything below an OID; None when it says that nothing exists from there on.

        Raises WireError when the agent does not answer.
        """
        steps = self._transport.steps(subtree, 1, self._transport.tries_in_doubt)
        try:
            batch = await steps.next(f"walk of {subtree}", 1)
        except StopAsyncIteration:
            return None if self.batched else False
        except WireError as error:
            await self._tolerate(error)
            return True  # something is there, if unreadable
        return bool(batch) and batch[0] is not None

    async def look(self, subtrees: Sequence[str]) -> dict[str, bool]:
        """Return whether the agent has anything below these, by few questions for many of them; not all may be told.

        Of all others `exists` tells: what an agent gets wrong here costs some questions more, and nothing else.
        Raises WireError when the agent does not answer.
        """
        waiting = sorted(dict.fromkeys(subtrees), key=numbers)
        found: dict[str, bool] = {}
        at_once, in_vain = AT_ONCE, 0
        # From behind: that the view ends somewhere is believed as long as nothing was seen behind it.
        is_end = True
        while waiting and in_vain < LOOKS_IN_VAIN:
            asked = waiting[-at_once:]
            answer = await self._following([CANARY, *asked])
            if answer.names and (answer.names[0] is not None or await self.exists(CANARY) is None):
                for subtree, name in reversed(list(zip(asked, answer.names[1:], strict=True))):
                    there = False if name is None and is_end else holds(subtree, name)
                    if there is not None:
                        found[subtree] = there
                    is_end = is_end and there is False
                del waiting[-len(asked) :]
            elif not self.batched and 0 < answer.ended <= len(asked):
                # noSuchName of v1: nothing follows this one, and so nothing those behind it, if the next one agrees.
                ended, behind = asked[answer.ended - 1], asked[answer.ended :]
                found[ended] = False
                if behind and (await self._following([CANARY, *behind])).ended == 1:
                    found.update(dict.fromkeys(behind, False))
                del waiting[answer.ended - 1 - len(asked) :]
            else:
                in_vain += 1
                at_once = max(1, len(asked) // 2)
        return found

    async def _following(self, oids: list[str]) -> Following:
        try:
            what = f"GETNEXT of {counted(len(oids), 'object')}"
            return await self._transport.following(oids, what, self._transport.tries_in_doubt)
        except WireError as error:
            if error.kind is FailureKind.TIMEOUT and self.answered:
                await self.check()  # large answers get lost
            else:
                await self._tolerate(error)
            return Following()

    async def walk(self, column: str, at_most: int = MAX_ROWS, rows: int | None = None) -> Walk:
        """Walk one column (or subtree) and return its rows. at_most: rows, beyond which the walk is cut. rows: that are
        likely there, None where nobody knows.

        Answers grow to what fits a frame, or what has proved to come through. Where they get lost, bring an error, or
        can't be decoded (gufo-snmp reads 4 KiB at most, and the objects behind a short table may be large), smaller
        ones follow; losses are remembered.
        Raises WireError when the agent does not answer.
        """
        for repetitions in (self._memory.repetitions if self.batched else REPETITIONS[-1:])[:-1]:
            try:
                walk = await self._walk(column, repetitions, at_most, rows)
            except WireError as error:
                if error.kind is not FailureKind.TIMEOUT or not self.answered:
                    raise
                await self.check()
                self._memory.shrink()  # the agent is there: large answers get lost
                continue
            if walk.end is WalkEnd.END_OF_VIEW and not walk.rows and not self._trusted:
                return await self._walk_doubted(column, at_most)
            if walk.end is not WalkEnd.GARBAGE:
                self._memory.went_well()
                return walk
        return await self._walk(column, REPETITIONS[-1], at_most)

    async def _walk_doubted(self, column: str, at_most: int) -> Walk:
        """Walk a column by single rows: an empty answer is the end of the view, or tooBig of one that cuts nothing.

        Once a conversation: the first such answer tells how the agent means it.
        """
        self._trusted = True
        walk = await self._walk(column, REPETITIONS[-1], at_most)
        while walk.rows and len(self._memory.repetitions) > 1:
            self._memory.shrink()
        return walk

    async def _walk(self, column: str, most: int, at_most: int, likely: int | None = None) -> Walk:
        prefix = f"{column}."
        cut = len(prefix)
        rows: dict[tuple[int, ...], Raw] = {}
        row = ROW_OCTETS + len(column) // 2  # until it is known what the values take
        grows = self._memory.unshrunk and most > 1
        asked = min(first_rows(most, likely) if grows else most, at_most + 1)
        steps = self._transport.steps(column, asked)
        while len(rows) <= at_most:
            try:
                batch = await steps.next(f"walk of {column}", asked, asked * row)
            except StopAsyncIteration:  # with v1 the name behind a column looks the same as none at all
                return Walk(tuple(rows.items()), WalkEnd.END_OF_VIEW if self.batched else WalkEnd.COMPLETE)
            except WireError as error:
                await self._tolerate(error)
                return Walk(tuple(rows.items()), WalkEnd.GARBAGE)
            for item in batch:
                if item is None or not item[0].startswith(prefix):
                    return Walk(tuple(rows.items()), WalkEnd.COMPLETE)
                index = tuple(map(int, item[0][cut:].split(".")))
                if index in rows:
                    return Walk(tuple(rows.items()), WalkEnd.LOOP)
                rows[index] = item[1]
            if not self._known:
                self._known = [batch[0][0]] if batch and batch[0] else []
            row = self._transport.answer_octets // max(len(batch), 1)
            if grows:
                fitting = next_rows(asked, len(batch), self._transport.answer_octets, self._memory.sizes.octets)
                asked = max(1, min(fitting, at_most + 1 - len(rows)))
        return Walk(tuple(rows.items()), WalkEnd.LIMIT)

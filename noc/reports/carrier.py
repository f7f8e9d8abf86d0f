"""Evidence for a claim against a carrier: outages of circuits, whose fault they were, and the records behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import Field

from noc.availability.statement import Statement
from noc.i18n.language import Language
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.reports._claims import Claim, evidence_rows, split, without_others
from noc.reports._claimwords import claims_table, evidence_sections, large_facts
from noc.reports.frame.asked import Answer, Asked, By, Head, Issue, is_none
from noc.reports.frame.directory import Directory, Leased, name_of, told_of
from noc.reports.frame.document import Document, Paragraph, Section
from noc.reports.frame.figures import Line, Looked, line_of
from noc.reports.frame.happened import Read, read
from noc.reports.frame.material import Material
from noc.reports.frame.words import heading, period_words
from noc.state.claimrecords import records_of

PURPOSE: Final = "Pack the evidence for a service-credit claim, by provider and circuit."
BY: Final[tuple[By, ...]] = ()
PERIOD: Final = "month"
FROM_LEDGER: Final = True

PROVIDER: Final = "provider/"
OUTAGES_AT_MOST: Final = 200
"""Of a circuit."""
RECORDS_AT_MOST: Final = 400


class CarrierAnswer(Answer):
    """claims: by provider, those with most down time first.

    unclaimed: circuits with figures of which nobody knows whose they are, by name, and how many; None: only how many.
    """

    claims: tuple[Claim, ...]
    without_provider: int
    unclaimed: Annotated[tuple[str, ...] | None, Field(exclude_if=is_none)] = None


ANSWER: Final = CarrierAnswer


async def gather(material: Material, asked: Asked) -> CarrierAnswer:
    """Read what is asked; `of` may be `provider/NAME` too. Raises UsageError where `of` is nothing, StateError."""
    directory = material.directory
    wanted = _wanted(asked.of, directory)
    head = await material.head(asked)
    found = await material.figures(head)
    material.tell(0.4)
    decided = await read(material, head, lambda _: True, lambda entity: name_of(directory, entity))
    explained = bool(decided.happened.corrections)
    looked = await asyncio.to_thread(Looked, found, decided.policy, decided.rules, head.until_ms, explained=explained)
    circuits = [circuit for circuit in directory.circuits() if wanted(circuit)]
    claims = []
    for number, circuit in enumerate(circuits):
        # By what the inventory said when the record was written, a circuit may not have been there yet.
        if circuit.provider is not None and circuit.entity in found.measured.entities:
            line = _line(circuit, found, material)
            claims.append(await _claim(circuit, line, looked, decided, (material, head)))
        material.tell(0.4 + 0.6 * (number + 1) / len(circuits))
    claims.sort(key=lambda one: (one.provider, -one.carrier_s - one.open_s, one.figures.entity))
    nobodys = {one.entity for one in circuits if one.provider is None and one.entity in found.measured.entities}
    return CarrierAnswer(
        head=head, claims=tuple(claims), without_provider=len(nobodys), unclaimed=tuple(sorted(nobodys))
    )


def _wanted(of: str, directory: Directory) -> Callable[[Leased], bool]:
    if not of.startswith(PROVIDER):
        inside = told_of(of, directory)
        return lambda circuit: inside(circuit.entity)
    name = of.removeprefix(PROVIDER)
    known = {circuit.provider for circuit in directory.circuits() if circuit.provider is not None}
    if name not in known:
        raise UsageError(f"no circuit is of the provider '{name}'{did_you_mean(name, known)}")
    return lambda circuit: circuit.provider == name


def _line(circuit: Leased, found: Statement, material: Material) -> Line:
    entity = circuit.entity
    told = found.measured.entities[entity].figures
    both = (told.durations, found.adjusted.entities[entity].figures.durations)
    return line_of(entity, circuit.name, both, found.causes.get(entity), material.target_of(entity), told)


async def _claim(circuit: Leased, line: Line, looked: Looked, decided: Read, source: tuple[Material, Head]) -> Claim:
    material, head = source
    entity, directory = circuit.entity, material.directory
    outages = sorted(looked.outages(entity, circuit.name, 0), key=lambda one: one.start_ms - one.end_ms)
    records = await records_of(material.connection, entity, head.start_ms, head.until_ms, head.known_at.record)
    whose, concerned = split(line.causes), set(directory.self_and_above(entity))
    kept = sorted(outages[:OUTAGES_AT_MOST], key=lambda one: one.start_ms)
    return Claim(
        entity=entity,
        provider=circuit.provider or "",
        reference=circuit.reference,
        kind=circuit.kind,
        site=name_of(directory, circuit.site),
        figures=line,
        carrier_s=whose["carrier"],
        open_s=whose["open"],
        other_s=whose["other"],
        carrier_pct=without_others(line, whose["carrier"]),
        carrier_floor_pct=without_others(line, whose["carrier"] + whose["open"]),
        outages=tuple(kept),
        outages_left_out=len(outages) - len(kept),
        windows=tuple(one for one in decided.happened.windows if one.entity in concerned),
        corrections=tuple(one for one in decided.happened.corrections if one.entity in concerned),
        records=tuple(evidence_rows(records[-RECORDS_AT_MOST:])),
        records_left_out=max(0, len(records) - RECORDS_AT_MOST),
    )


def document(answer: Answer, issue: Issue | None, language: Language) -> Document:
    """Return the answer as a document. Pure."""
    if not isinstance(answer, CarrierAnswer):
        raise TypeError(f"this is an answer of {type(answer).__name__}")
    say, head = language.say, answer.head
    return Document(
        name=head.asked.report,
        title=say("Evidence for carriers"),
        subtitle=f"{period_words(head.named, language)}{_whom(answer, language)}",
        language=language.tag,
        zone=head.asked.zone,
        heading=heading(answer, issue, language),
        sections=[
            Section(say("Result"), [large_facts(answer.claims, language)]),
            Section(say("Method"), [Paragraph(text) for text in _method(answer, language)]),
            Section(say("All circuits"), [claims_table(answer.claims, language)], begins_page=True),
            *evidence_sections(answer.claims, language),
        ],
        main="circuits",
        made_ms=head.known_at.time_ms,
    )


def _whom(answer: CarrierAnswer, language: Language) -> str:
    providers = list(dict.fromkeys(one.provider for one in answer.claims))
    if len(providers) == 1:
        return f" · {providers[0]}"
    return " · " + language.count("{n} provider", "{n} providers", len(providers)) if providers else ""


def _method(answer: CarrierAnswer, language: Language) -> list[str]:
    say = language.say
    said = [
        say("A circuit is down when its probe fails, or the interfaces at its ends. An outage is dated back to the"
            " first failed check; planned maintenance is no outage. Time that nobody saw is never counted as up or"
            " down."),
        say("The carrier's part is the down time that two people gave to the carrier, in an approved correction; what"
            " nobody has explained stands beside it, and what had another cause is left out of both."),
        say("Each outage can be looked up in the records of the ledger below it: who looked, what was answered, and the"
            " rule that decided. Any change of a record breaks the chain of hashes whose end stands on page one."),
    ]  # fmt: skip
    if answer.without_provider:
        said.append(
            language.count(
                "{n} circuit has no provider in the inventory, and is left out.",
                "{n} circuits have no provider in the inventory, and are left out.",
                answer.without_provider,
            )
        )
    return said

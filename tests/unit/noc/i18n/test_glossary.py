"""One word per thing in each language: where the English text has a term, its translation has the glossary's word.

Only terms stand here for which that holds without exception. A line in which another word would be right has no place
in the table; then the term has none either, for that language.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po

CATALOGUES: Final = Path(__file__).parents[4] / "noc" / "i18n" / "catalogues"
LANGUAGES: Final = ("ar", "es", "fr", "ru", "zh")

GLOSSARY: Final = {
    "incident": ("حادث|حوادث", "incidente", "incident", "инцидент", "事件"),
    "poller": ("مجمّع", "recolector", "collecteur", "сборщик", "采集"),
    "window": ("فترة|فترت|فترات", "ventana", "fenêtre", "окн|окон", "窗口"),
    "outage": ("انقطاع", "interrupci", None, None, "中断"),
    "error budget": ("ميزاني", "presupuesto", "budget", "бюджет", "预算"),
    "availability": ("توافر", "disponib", "disponib", "доступност", "可用"),
    "objective": ("هدف|أهداف", "objetivo", "objectif", "цел", "目标"),
    "rule": ("قاعد|قواعد", "regla", "règle", "правил", "规则"),
    "runbook": ("إجراء", "procedimiento", "marches? à suivre", "инструкц", "手册"),
    "symptom": ("عرض|عَرَض|أعراض", "síntoma", "symptôme", "симптом", "症状"),
    "severity": ("خطورة", "gravedad", "gravité", "серьёзност|серьезност", "严重"),
    "priority": ("أولوي", "prioridad", "priorité", "приоритет", "优先级"),
    "timeline": ("زمني", "cronolog", "chronolog", "хронолог", "时间线"),
    "problem record": ("سجل", "registro", "fiche", "запис", "记录"),
    "on call": ("مناوب", "guardia", "astreinte", "дежур", "值班"),
    "ledger": ("سجل", "registro", "registre", "журнал", "账"),
    "region": ("منطق|مناطق", "regi", "région", "регион", "区域"),
    "circuit": ("دارة|دارت|دارات", "circuito", "circuit", "канал", "电路"),
    "interface": ("واجه", "interfa", "interface", "интерфейс", "接口"),
    "tunnel": ("نفق|أنفاق", "túnel", "tunnel", "туннел", "隧道"),
    "neighbour": ("جار|جيران", "vecin", "voisin", "сосед", "邻居"),
    "passkey": ("مفتاح|مفاتيح", "llave", "clé", "ключ", "通行密钥"),
    "token": ("رمز|رموز", "token", "jeton", "токен", "令牌"),
    "override": ("إناب", "sustit", "remplac", "замещ", "代班"),
}
"""Stems by term, in the order of LANGUAGES, as regular expressions: one word, with its plurals. None: no rule."""

_NOT_WORDS: Final = re.compile(r"\{\w*\}|noc [a-z -]+|\w+[:/]\S*")
"""Of an English text: values, commands, and what is typed as it stands."""

RULES: Final = [
    pytest.param(language, term, stem, id=f"{language}-{term.replace(' ', '-')}")
    for term, stems in GLOSSARY.items()
    for language, stem in zip(LANGUAGES, stems, strict=True)
    if stem is not None
]


def entries(language: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the English texts of a catalogue, each with the forms of its translation."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return [
        (
            " ".join(one.id) if isinstance(one.id, tuple) else one.id,
            (one.string,) if isinstance(one.string, str) else tuple(one.string),
        )
        for one in catalogue
        if one.id
    ]


TEXTS: Final = {language: entries(language) for language in LANGUAGES}


def has(term: str, english: str) -> bool:
    """Tell whether a text has a term, as a word of it, in either number."""
    return re.search(rf"\b{term}s?\b", _NOT_WORDS.sub(" ", english), re.IGNORECASE) is not None


def test_what_is_typed_is_no_word_of_a_text() -> None:
    assert has("rule", "Rules that hold")
    assert not has("rule", "ask for fewer days, or run noc rules what-if")
    assert not has("severity", "conditions such as severity:critical")
    assert not has("window", "in {window}")


@pytest.mark.parametrize(("language", "term", "stem"), RULES)
def test_a_term_has_one_word(language: str, term: str, stem: str) -> None:
    about = [(english, forms) for english, forms in TEXTS[language] if has(term, english)]
    assert about, f"no text has the term {term}"
    other = [(english, form) for english, forms in about for form in forms if not re.search(stem, form, re.IGNORECASE)]
    assert other == []

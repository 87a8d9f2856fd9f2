"""Figures, dates, quotations and addresses in what a model says: the messages that are cited have to hold them."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache

from egregora_llm.chat import Message

_NUMBER = re.compile(r"\d+")
_GROUPS = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)")
_NOT_DIGITS = re.compile(r"\D")
_AT = r"\b(?:at|um|gegen|às|as|a las|à|alle|ore|om|kl)\.?\s"
_CLOCK = re.compile(
    rf"(?:{_AT})?\d{{1,2}}[:h.]\d{{2}}(?!\d)|\d{{1,2}}\s?(?:[ap]\.?m\b|uhr\b|h\b|hours?\b|horas?\b|heures?\b|o[’']clock)"
    rf"|{_AT}\d{{1,2}}\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[./]\d{{1,2}}\b",
    re.IGNORECASE,
)
"""What is a time or a date by how it is written: when a message was sent may be told so."""
_BEFORE_A_MONTH, _AFTER_A_MONTH = 5, 2
"""Letters between a day and its month: *3 de maio*, *May 3*."""
_QUOTED = re.compile(r"“([^“”]+)”|„([^„“”]+)[“”]|\"([^\"]+)\"|«([^«»]+)»")
_LINK = re.compile(
    r"(?i)(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|javascript:|data:)[^\s<>‹›]*|[^\s<>‹›]+@[^\s<>‹›]+\.[^\s<>‹›]+"
    r"|\b(?:[\w-]+\.)+(?-i:[a-z]{2,})(?:/[^\s<>‹›]*)?"
)
_ENDS = ".,;:!?…)»”\"'"
_SHORTEST = 2
_COUNTED = {
    "english": "three four five six seven eight nine ten eleven twelve",
    "portuguese": "três quatro cinco seis sete oito nove dez onze doze",
    "spanish": "tres cuatro cinco seis siete ocho nueve diez once doce",
    "german": "drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "french": "trois quatre cinq six sept huit neuf dix onze douze",
    "italian": "tre quattro cinque sei sette otto nove dieci undici dodici",
    "dutch": "drie vier vijf zes zeven acht negen tien elf twaalf",
    "swedish": "tre fyra fem sex sju åtta nio tio elva tolv",
    "polish": "trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście",
}
"""Three to twelve: one and two are articles, and what is said of any pair."""
_AMBIGUOUS = frozenset({"sei", "once", "sex", "neuf"})
"""You are; eleven or at one time; six or gender; new."""
_CALENDARS = ("de", "en", "es", "fr", "it", "nl", "pt", "pl", "sv", "tr", "ru", "id")
MODAL = "May"
"""Begins an English sentence as a verb, too."""


def tells_date(word: str) -> bool:
    """Tell whether a word is the name of a month or of a day of the week, in some language."""
    return any(_calendar(kind, any_case=False)[0].fullmatch(word) for kind in ("months", "days"))


def figures(text: str, cited: Sequence[Message], *, quotes: bool, languages: frozenset[str]) -> Iterator[str]:
    """Yield what a text tells that the messages it cites do not hold; quotations where `quotes`."""
    held = "\n".join(f"{message.author}: {message.text}" for message in cited)
    if any(link.rstrip(_ENDS).casefold() not in held.casefold() for link in _LINK.findall(text)):
        yield "has a link or an address that the messages it cites do not have"
    if not _numbers_stand(text, held, cited) or not _words_stand(text, held, cited, languages):
        yield "tells a number that the messages it cites do not hold"
    if not _dates_stand(text, held, cited):
        yield "tells a month or a day of the week that the messages it cites do not hold"
    if quotes and not all(_plain(part) in _plain(held) for part in _quotations(text)):
        yield "quotes words that the messages it cites do not have"


def _numbers_stand(text: str, held: str, cited: Sequence[Message]) -> bool:
    """Tell whether each number is one of the messages, counts them or who wrote them, or is when they were sent."""
    text, held = _ungrouped(text), _ungrouped(held)
    times: set[str] = set()
    numbers = {*_counts(cited)}
    spans = [found.span() for found in _CLOCK.finditer(held)]
    for found in _NUMBER.finditer(held):
        inside = any(start < found.start() < end and _NUMBER.search(held, start, found.start()) for start, end in spans)
        (times if inside else numbers).add(_number(found[0]))  # 8:15 is eight, and no fifteen of anything
    when = (
        times
        | {
            str(part)
            for message in cited
            for part in (message.local.day, message.local.month, message.local.hour, message.local.hour % 12 or 12)
        }
        | {str(message.local.minute) for message in cited}
    )
    years = {str(message.local.year) for message in cited}
    months = [found.span() for found, _ in _in_calendar(text, "months")]
    clocks = [found.span() for found in _CLOCK.finditer(text)]
    for found in _NUMBER.finditer(text):
        number = _number(found[0])
        if number in numbers or number in years:
            continue
        told = any(start <= found.start() < end for start, end in clocks) or any(
            0 <= start - found.end() <= _BEFORE_A_MONTH or 0 <= found.start() - end <= _AFTER_A_MONTH
            for start, end in months
        )
        if not (told and number in when):
            return False
    return True


def _ungrouped(text: str) -> str:
    """Return a text in which 1,500 is 1500."""
    return _GROUPS.sub(lambda found: _NOT_DIGITS.sub("", found[0]), text)


def _number(digits: str) -> str:
    return str(int(digits))


def _counts(cited: Sequence[Message]) -> set[str]:
    return {str(len(cited)), str(len({message.author for message in cited if message.author}))}


def _words_stand(text: str, held: str, cited: Sequence[Message], languages: frozenset[str]) -> bool:
    words, known = re.findall(r"\w+", text.casefold()), {*re.findall(r"\w+", held.casefold())}
    counts = _counts(cited)
    for language in languages & _COUNTED.keys():
        for number, word in enumerate(_COUNTED[language].split(), 3):
            fine = word in known or str(number) in known or str(number) in counts or word in _AMBIGUOUS
            if word in words and not fine:
                return False
    return True


def _dates_stand(text: str, held: str, cited: Sequence[Message]) -> bool:
    """Tell whether months and days of the week are those of the messages, or of when they were sent, or a day off."""
    days = {(message.local + timedelta(days=off)) for message in cited for off in (-1, 0, 1)}
    for kind, now in (("months", {day.month for day in days}), ("days", {day.weekday() for day in days})):
        known = now.union(*(which for _, which in _in_calendar(held, kind, any_case=True)))
        for found, which in _in_calendar(text, kind):
            if found[0] == MODAL and (not found.start() or text[: found.start()].rstrip().endswith((".", "!", "?"))):
                continue
            if not which & known:
                return False
    return True


def _in_calendar(text: str, kind: str, *, any_case: bool = False) -> Iterator[tuple[re.Match[str], frozenset[int]]]:
    pattern, which = _calendar(kind, any_case=any_case)
    for found in pattern.finditer(text):
        yield found, which[found[0].casefold() if any_case else found[0]]


@cache
def _calendar(kind: str, *, any_case: bool) -> tuple[re.Pattern[str], dict[str, frozenset[int]]]:
    """Return months (from 1) or days of the week (from 0, Monday) by their names, and a pattern of all these.

    A name that its language writes small is found with a capital, too; another with one alone: *May*. In any case also
    those are found that people write in short: *fri*, *sexta*.
    """
    from babel import Locale

    found: dict[str, set[int]] = {}
    for language in _CALENDARS:
        for names in getattr(Locale(language), kind).values():
            for width in ("wide", "abbreviated") if any_case else ("wide",):
                for number, name in names[width].items():
                    forms = {name, name[:1].upper() + name[1:]}
                    if any_case:
                        forms = {name.casefold().rstrip("."), name.casefold().removesuffix("-feira")}
                    for form in forms:
                        found.setdefault(form, set()).add(number)
    pattern = "|".join(re.escape(name) for name in sorted(found, key=lambda name: (-len(name), name)))
    flags = re.IGNORECASE if any_case else re.NOFLAG
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", flags), {name: frozenset(each) for name, each in found.items()}


def _quotations(text: str) -> Iterator[str]:
    for found in _QUOTED.finditer(text):
        said = next(each for each in found.groups() if each is not None)
        yield from (part for part in re.split(r"\[?(?:…|\.\.\.)\]?", said) if len(_plain(part)) >= _SHORTEST)


def _plain(text: str) -> str:
    """Return a text as quotations are compared: in small letters, with one kind of apostrophe, without what ends it."""
    return " ".join(text.casefold().replace("’", "'").split()).strip(_ENDS)

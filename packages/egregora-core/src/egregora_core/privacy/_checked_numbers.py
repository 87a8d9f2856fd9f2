"""Account, card and national id numbers: a shape, and a check digit that a number of another kind has by chance alone.

The check is made in the engine, on the candidates of a text: the text is split at them, and put together again with a
label for those that pass. Shapes that nothing else has need no check.
"""

from functools import cache
from typing import Any

from egregora_core.privacy._named_numbers import DASHES, NAMED_BANK, NAMED_ID, SPACES

MARK = "\x03"
"""Is in no text that comes in; what is left of it goes when the other numbers are masked."""
_LEFT = (
    r"(^|[^\pL\pN.,:#_+$€£¥₹\x{3}-]|(?:^|[^\pN\x{3}])[.,:#_-]"  # CPF:…
    r"|(?:^|[^\pL\pN\x{3}])\pL{2,})"  # CPF5…, nº4…
)
"""What may stand before a number: a label too, joined to it or run into it, but no other number."""
_RIGHT = r"($|[^\pL\pN_\x{3}-])"
_DATE = "[0-9]{2}[0-9][0-9][0-3][0-9]"

_GROUPED = "|".join(
    rf"[2-6][0-9]{{3}}(?:[{sep}][0-9]{{4}}){{3}}(?:[{sep}][0-9]{{1,3}})?|3[0-9]{{3}}[{sep}][0-9]{{6}}[{sep}][0-9]{{4,5}}"
    for sep in (SPACES, DASHES, ".")
)
_CANDIDATE = "|".join(
    (
        _GROUPED,
        rf"(?:[0-9]{{3}}[.{SPACES}]?){{2}}[0-9]{{3}}[-./{SPACES}]?[0-9]{{2}}",  # CPF
        rf"[0-9]{{2}}[.{SPACES}]?[0-9]{{3}}[.{SPACES}]?[0-9]{{3}}[/{SPACES}]?[0-9]{{4}}[-{SPACES}]?[0-9]{{2}}",  # CNPJ
        r"[0-9]{2}-[0-9]{8}-[0-9]",  # CUIT
        r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}",  # Belgium
        r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}",  # Switzerland
        rf"{_DATE}[-+][0-9]{{4}}",  # Sweden
        r"[0-9]{17}[Xx]",  # China
        r"(?:[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})[ -]?[A-HJ-NP-TV-Z]|[XYZ][ -]?[0-9]{7}[ -]?[A-HJ-NP-TV-Z]",  # Spain
        r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",  # France
        "[0-9]{11}|[0-9]{13,19}",
    )
)

_SHAPES = "|".join(
    (
        r"[A-Z0-9]{2}\.[A-Z0-9]{2}[A-Z]\.[A-Z0-9]{3}/[A-Z0-9]{4}-[0-9]{2}",  # CNPJ with letters
        r"[A-Z0-9]{2}\.[A-Z][A-Z0-9]{2}\.[A-Z0-9]{3}/[A-Z0-9]{4}-[0-9]{2}",
        (
            rf"(?:00[1-9]|0[1-9][0-9]|[1-578][0-9]{{2}}|6[0-57-9][0-9]|66[0-57-9])([{DASHES}])"
            rf"(?:0[1-9]|[1-9][0-9])[{DASHES}](?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{{2}}|[1-9][0-9]{{3}})"
        ),  # SSN
        r"[A-Z]{6}[0-9]{2}[A-EHLMPR-T][0-7][0-9][A-Z][0-9]{3}[A-Z]",  # codice fiscale
        r"[0-3][0-9][01][0-9][0-9]{2}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]",  # HETU
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",  # NINO
        r"[0-9]{2}[01][0-9][0-3][0-9]-[1-8][0-9]{6}",  # RRN
        r"[A-Z]{4}[0-9]{2}[01][0-9][0-3][0-9][HM][A-Z]{5}[A-Z0-9][0-9]",  # CURP
        r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9kK]",  # RUT
        r"[A-Z]{1,2}[0-9]{6}[(][0-9A][)]",  # HKID
    )
).replace("([", "(?:[")
_SHAPE = rf"{_LEFT}(?:{_SHAPES})($|[^\pL\pN_-])"

_IBAN = (
    rf"((?:^|[^\pL\pN])(?i:iban)?)(?:[A-Z]{{2}}[0-9]{{2}}[{SPACES}\-]?[A-Z0-9]{{4}}[{SPACES}\-]?[0-9]{{4}}"
    rf"(?:[{SPACES}\-]?[A-Z0-9]{{4}}){{0,6}}(?:[{SPACES}\-]?[A-Z0-9]{{1,3}})?"
    r"|[a-z]{2}[0-9]{2}[a-z0-9]{4}[0-9]{4}[a-z0-9]{3,19}"
    r"|[a-z]{2}[0-9]{2} [a-z0-9]{4} [0-9]{4}(?: [0-9][a-z0-9]{3}){1,6}(?: [0-9][a-z0-9]{0,2})?)($|[^\pL\pN])"
)

_CARD = (
    "4[0-9]{15}(?:[0-9]{3})?|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[0-2])[0-9]{13}|3[47][0-9]{13}"
    "|3(?:0[0-5]|[689][0-9])[0-9]{11}|35[0-9]{14}|6[0-9]{15,18}|(?:50|5[6-9])[0-9]{11,17}|220[0-4][0-9]{12}"
)

_SIZE = 19


def mask_checked(table: Any) -> Any:
    """Return a table of messages with `[bank]`, `[card]` and `[id]` for what its column `clean_text` held.

    `MARK` may be left in it, for `mask_numbers` to take out.
    """
    text = table.clean_text
    has = text.re_search(r"[0-9][^A-Za-z\n]{0,3}[0-9][^\n]{0,3}[0-9][^\n]{0,3}[0-9]")
    marked = text.replace(MARK, "")
    marked = marked.re_replace(NAMED_BANK, r"\1[bank]\2").re_replace(NAMED_ID, r"\1\2[id]\3")
    for pattern, label in ((_IBAN, "bank"), (_SHAPE, "id")):
        for _ in range(2):
            marked = marked.re_replace(pattern, rf"\1[{label}]\2")
    for _ in range(2):  # two candidates may share the space between them
        marked = marked.re_replace(rf"{_LEFT}({_CANDIDATE}){_RIGHT}", rf"\1{MARK}\2{MARK}\3")
    table = table.mutate(clean_text=has.ifelse(marked, text))
    text = table.clean_text
    return table.mutate(clean_text=text.contains(MARK).ifelse(_labelled(text.split(MARK)), text))


def _labelled(pieces: Any) -> Any:
    """Return the pieces in one, a label for each second one that passes its check."""
    import ibis

    def digits_of(piece: Any) -> Any:
        digits = piece.re_replace("[^0-9]", "")
        padded = ("0" * _SIZE + digits).right(_SIZE)
        doubled = padded.translate("0123456789", "0246813579")
        numbers = {name: text.split("").cast("array<float64>") for name, text in (("d", padded), ("e", doubled))}
        return ibis.struct({"text": piece, "digits": digits, "tail": padded.right(15).cast("int64"), **numbers})

    def piece_of(found: Any, index: Any) -> Any:
        text = found["text"]
        # Four groups of four that are no card are no phone number either: the mark keeps the groups apart.
        rest = ibis.ifelse(text.re_search("^[0-9]{4}[^0-9]"), text.re_replace("([^0-9])", rf"{MARK}\1"), text)
        label = ibis.ifelse(_is_card(found), "[card]", ibis.ifelse(_is_id(found), "[id]", rest))
        return ibis.ifelse(index % 2 == 1, label, text)

    return pieces.map(digits_of).map(piece_of).join("")


def _weighed(digits: Any, *weights: int) -> Any:
    """Return the sum of the last digits, each times its weight, as a whole number."""
    import ibis

    padded = [0.0] * (_SIZE - len(weights)) + [float(weight) for weight in weights]
    return _inner_product()(digits, ibis.literal(padded, type=_FLOATS)).cast("int64")


@cache
def _inner_product() -> Any:
    import ibis

    @ibis.udf.scalar.builtin(signature=((_FLOATS, _FLOATS), "float64"))
    def list_inner_product(digits, weights): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

    return list_inner_product


_FLOATS = "array<float64>"


def _digit(number: Any, place: int) -> Any:
    """Return the digit at a place counted from the end, 1 for the last."""
    return _weighed(number["d"], 1, *[0] * (place - 1))


def _luhn(number: Any) -> Any:
    plain = [0, 1] * 9
    doubled = [1, 0] * 9
    return (_weighed(number["d"], 1, *plain) + _weighed(number["e"], *doubled)) % 10 == 0


def _is_card(number: Any) -> Any:
    return number["digits"].re_search(f"^(?:{_CARD})$") & _luhn(number)


def _by_eleven(number: Any, *weights: int, place: int) -> Any:
    """Tell whether a digit is ten times the weighed ones before it, modulo eleven (CPF, CNPJ)."""
    return _weighed(number["d"], *weights, *[0] * place) * 10 % 11 % 10 == _digit(number, place)


def _is_id(number: Any) -> Any:
    d, tail = number["d"], number["tail"]

    def shaped(pattern: str) -> Any:
        return number["text"].re_search(f"^(?:{pattern})$")

    cpf_shaped = shaped(r"[0-9]{3}[^0-9]?[0-9]{3}[^0-9]?[0-9]{3}[^0-9]?[0-9]{2}")
    cnpj_shaped = shaped(r"[0-9]{2}[^0-9]?[0-9]{3}[^0-9]?[0-9]{3}[^0-9]?[0-9]{4}[^0-9]?[0-9]{2}")
    stamp = shaped("20[0-9]{2}[01][0-9][0-3][0-9][0-2][0-9][0-5][0-9]{3}")  # in the names of files
    cpf = (
        _by_eleven(number, *range(10, 1, -1), place=2)
        & _by_eleven(number, *range(11, 1, -1), place=1)
        & ~number["digits"].re_search("^(?:0{11}|1{11}|2{11}|3{11}|4{11}|5{11}|6{11}|7{11}|8{11}|9{11})$")
    )
    company = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    cnpj = _by_eleven(number, *company, place=2) & _by_eleven(number, 6, *company, place=1)
    pesel = _weighed(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1) % 10 == 0
    turkish = (_weighed(d, 7, -1, 7, -1, 7, -1, 7, -1, 7, -1, 0) % 10 == 0) & (
        _weighed(d, *[1] * 10, 0) % 10 == _digit(number, 1)
    )
    norwegian = (_weighed(d, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0) % 11 == 0) & (
        _weighed(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0
    )
    belgian = (97 - tail // 100 % 97 == tail % 100) | (97 - (tail // 100 + 2_000_000_000) % 97 == tail % 100)
    french = 97 - tail // 100 % 97 == tail % 100
    chinese = _weighed(d, 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1) % 11 == 1
    chinese_x = _weighed(d, 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2) % 11 == 2  # noqa: PLR2004 - what the letter X stands for
    return (
        (cpf_shaped & cpf)
        | (cnpj_shaped & ~stamp & cnpj)
        | (shaped("[0-9]{2}(?:[02468][1-9]|[13579][0-2])[0-3][0-9]{6}") & pesel)
        | (shaped("[1-9][0-9]{10}") & turkish)
        | (shaped("[0-7][0-9]{10}") & norwegian)
        | (shaped(rf"{_DATE}[0-9]{{5}}|[0-9]{{2}}\.[0-9]{{2}}\.[0-9]{{2}}-.*") & belgian)
        | (shaped(r"[0-9]{2}-[0-9]{8}-[0-9]") & (_weighed(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0))
        | (shaped("[0-9]{2}[01][0-9][0-3][0-9][0-9]{4}[01][89][0-9]") & _luhn(number))
        | (shaped(rf"{_DATE}[-+][0-9]{{4}}") & _luhn(number))
        | (shaped("[12] ?[0-9]{2} ?(?:[0-9] ?){12}") & french)
        | (shaped(r"756\.?.*") & (_weighed(d, *[1, 3] * 6, 1) % 10 == 0))
        | (shaped("[1-9][0-9]{5}(?:19|20)[0-9]{10}") & chinese)
        | (shaped("[1-9][0-9]{5}(?:19|20)[0-9]{9}[Xx]") & chinese_x)
        | _is_spanish(number)
    )


def _is_spanish(number: Any) -> Any:
    """Tell whether a DNI or NIE ends in its letter: X, Y and Z stand for 0, 1 and 2 before the digits."""
    import ibis

    text = number["text"].re_replace("[ .-]", "")
    digits = text.left(8).translate("XYZ", "012").re_replace("[^0-9]", "0")
    place = digits.cast("int64") % 23
    letters = ibis.literal("TRWAGMYFPDXBNJZSQVHLCKE")
    shaped = text.re_search("^[0-9XYZ][0-9]{7}[A-Z]$")
    return shaped & (letters.substr(place, 1) == text.right(1))

"""E-mail addresses and numbers that identify someone are replaced; dates, times, prices and order numbers stay."""

import re
from collections.abc import Sequence

import ibis
from egregora_core.privacy._checked_numbers import mask_checked
from egregora_core.privacy._pii import mask_addresses, mask_numbers
from egregora_core.privacy._places import mask_places
from labelled_numbers import MASKED, PLAIN, lines

BACKEND = ibis.duckdb.connect()


def mask_all(texts: Sequence[str | None], *, mask_urls: bool = False) -> list[str | None]:
    table = BACKEND.create_table("t", schema={"place": "int64", "clean_text": "string"}, overwrite=True)
    BACKEND.con.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(texts)))
    placeless = mask_places(table.clean_text, is_place=ibis.literal(False))  # noqa: FBT003 - a literal of the engine
    table = table.mutate(clean_text=mask_addresses(placeless, mask_urls=mask_urls))
    table = mask_checked(table)
    table = table.select("place", text=mask_numbers(table.clean_text))
    query = f"SELECT text FROM ({BACKEND.compile(table)}) ORDER BY place"
    return [text for (text,) in BACKEND.con.execute(query).fetchall()]


def mask(text: str, *, mask_urls: bool = False) -> str:
    return str(mask_all([text], mask_urls=mask_urls)[0])


def test_every_labelled_number_is_masked() -> None:
    """Inside a sentence and alone: none of its digits stays, and the label is that of its kind."""
    cases = [
        (label, text.format(number, number))
        for label, numbers in MASKED.items()
        for text in ("see {} ok", "{}", "({}), {}")
        for number in lines(numbers)
    ]
    found = mask_all([text for _, text in cases])
    left = [
        (label, text, masked)
        for (label, text), masked in zip(cases, found, strict=True)
        if f"[{label}]" not in str(masked) or re.search(r"[0-9]{2}", re.sub(r"\[\w+\]", "", str(masked)))
    ]
    assert left == []


def test_no_plain_number_is_masked() -> None:
    """Dates, prices, ids of things and what only looks like a card: nothing of them goes."""
    texts = [f"see {number} ok" for number in lines(PLAIN)]
    assert mask_all(texts) == texts


PHONES = [
    "+55 11 91234-5678",
    "+5511912345678",
    "5511912345678",
    "11912345678",
    "(11) 91234-5678",
    "11 91234-5678",
    "91234-5678",
    "+1 (555) 123-4567",
    "(555) 123-4567",
    "555-123-4567",
    "555.123.4567",
    "555-1234",
    "020 7946 0958",
    "0171 2345678",
    "0171/2345678",
    "+49 (0)171 1234567",
    "0049 171 1234567",
    "06 12 34 56 78",
    "612 345 678",
    "+55\u00a011\u00a091234\u20115678",
    "\u202a+55 11 91234\u20115678\u202c",
    "+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧",
    "٠١٢٣٤٥٦٧٨٩",
]


def test_phone_numbers() -> None:
    """International and local shapes, wrapped in marks, with any dash or space, in other digits."""
    found = mask_all([f"call {phone}, or {phone}." for phone in PHONES])
    plain = [str(text).replace("\u202a", "").replace("\u202c", "") for text in found]
    assert dict(zip(PHONES, plain, strict=True)) == dict.fromkeys(PHONES, "call [phone], or [phone].")


ADDRESSES = {
    "a.b+c@x-y.co.uk, [name].z@[name].com": "[email], [email]",
    "https://x.org/?m=ana%40x.org": "https://x.org/?m=[email]",
    "4111 1111 1111 1111 4111111111111111 5500-0000-0000-0004": "[card] [card] [card]",
    "3782 822463 10005": "[card]",
    "DE89 3704 0044 0532 0130 00 GB29NWBK60161331926819": "[bank] [bank]",
    "FR14 2004 1010 0505 0001 3M02 606": "[bank]",
    "192.168.0.1, 10.0.0.1:80": "[ip], [ip]:80",
    "2001:db8::1 fe80::1ff:fe23:4567:890a ::1": "[ip] [ip] [ip]",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334": "[ip]",
    "wa.me/5511912345678 tel:0171-2345678": "wa.me/[phone] tel:[phone]",
}


def test_whatever_stands_between_the_parts_of_a_place_or_before_a_number() -> None:
    """A new line, a sign of another script or an arrow between two coordinates; words in any script before a number."""
    signs = ("\n", ",\n", "\r\n", "，", "、", " → ", "｜", " ⇒ ", "🌍", "\u2009", "؛ ")
    found = mask_all([f"lat: 40.41{between}lon: -3.70" for between in signs])
    assert dict(zip(signs, found, strict=True)) == dict.fromkeys(signs, "[location]")
    assert mask_all(["📞 тел 612345678", "☎ το 612345678"]) == ["📞 тел [phone]", "☎ το [phone]"]


def test_addresses_and_account_numbers() -> None:
    """Each kind has its own label."""
    assert dict(zip(ADDRESSES, mask_all([*ADDRESSES]), strict=True)) == ADDRESSES


ORDINARY = [
    "01/02/2024 02-03-2024 2024-01-31 12:34:56 31.12.2024 20240131 1/2/24 09/2024",
    "10:00 12:30-13:45 2023-2024 1999-2000 1914-1918 24/7 9-5",
    "R$ 1.234.567,89 1,234,567.89 $100 5000-6000 12 345 678 € 50% 3.14159265 1500 100.000",
    "#1234567890 550e8400-e29b-41d4-a716-446655440000 v1.2.3 2+2=4 1234 56789",
    "IMG-20240131-WA0001.jpg 00001234-PHOTO-2024-01-31-10-11-12.jpg",
    "std::vector me@home 12:34:56:78 3x4 room 101",
]


def test_ordinary_numbers_stay() -> None:
    """Dates, times, years, prices, order numbers, uuids, versions and file stamps are nobody's."""
    assert mask_all(ORDINARY) == ORDINARY


def test_urls_are_masked_on_demand() -> None:
    """`mask_urls` takes whole addresses; they stay otherwise."""
    text = "see https://x.org/a?b=c, or www.y.org"
    assert mask(text) == text
    assert mask(text, mask_urls=True) == "see [url] or [url]"


def test_null_stays_null() -> None:
    """A message without text has none afterwards."""
    assert mask_all([None], mask_urls=True) == [None]

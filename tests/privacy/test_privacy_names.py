"""No name gets out of the privacy stage, and no ordinary word is taken for one."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import ibis
import pytest
from egregora_core.messages import IR_MESSAGES
from egregora_core.privacy import KnownName, names_of, occurring_names, two_words
from egregora_core.privacy._event_words import EVENT_WORDS, mask_unknown_words
from egregora_core.privacy._name_patterns import name_patterns
from egregora_core.privacy._stage import privacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Row = tuple[str, str | None, Mapping[str, Any]]


class Chat:
    """One real database, refilled for each chat."""

    def __init__(self) -> None:
        self.backend = ibis.duckdb.connect()
        self.backend.raw_sql("SET timezone = 'UTC'")
        self.backend.con.execute(IR_MESSAGES.ddl())

    def fill(self, rows: Sequence[Row]) -> Any:
        self.backend.con.execute("DELETE FROM ir_messages")
        if not rows:
            return self.backend.table("ir_messages")
        stamp = "'2024-01-31 12:00:00+00'"
        self.backend.con.executemany(
            f"INSERT INTO ir_messages VALUES (?, 'default', 'whatsapp', ?, ?, {stamp}, ?, ?, ?, ?, ?, 'image/jpeg', ?, "
            f"NULL, {stamp}, NULL)",
            [
                [
                    str(uuid5(NAMESPACE_DNS, f"event {number}")),
                    str(uuid5(NAMESPACE_DNS, attrs.get("chat", "thread"))),
                    f"m{number}",
                    number,
                    author,
                    str(uuid5(NAMESPACE_DNS, author)),
                    text,
                    attrs.get("media", {}).get("name"),
                    json.dumps({"kind": "text" if author else "system", **attrs}),
                ]
                for number, (author, text, attrs) in enumerate(rows)
            ],
        )
        return self.backend.table("ir_messages")

    def masked(self, rows: Sequence[Row], **options: Any) -> list[dict[str, Any]]:
        out = privacy(self.fill(rows), **options)
        columns = ", ".join(f"{name}::VARCHAR" for name in out.columns)
        query = f"SELECT {columns} FROM ({self.backend.compile(out)}) ORDER BY seq::INTEGER"
        return [dict(zip(out.columns, row, strict=True)) for row in self.backend.con.execute(query).fetchall()]

    def texts(self, authors: Sequence[str], *texts: str, **options: Any) -> list[str]:
        rows: list[Row] = [(author, None, {}) for author in authors]
        out = self.masked([*rows, *((authors[0], text, {}) for text in texts)], **options)
        called = {row["author_raw"]: f"<{number}>" for number, row in enumerate(out[: len(authors)], 1)}
        return [with_numbers(row["text"], called) for row in out[len(authors) :]]


def with_numbers(text: str, called: Mapping[str, str]) -> str:
    """Return a text with `<1>` for the pseudonym of the first author, and so on."""
    for pseudonym, number in called.items():
        text = text.replace(pseudonym, number)
    return text


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    opened = Chat()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ibis.options.sql, "fuse_selects", False)  # as for every stage: it is compiled sooner
        yield opened
    opened.backend.disconnect()


# --- the property -------------------------------------------------------------------------------------------------

PLACEHOLDERS = {
    "name",
    "email",
    "phone",
    "card",
    "bank",
    "url",
    "kind",
    "text",
    "thread",
    "media",
    "size",
    "missing",
}
PLACEHOLDERS |= {
    "mentions",
    "reactions",
    "author",
    "emoji",
    "system",
    "default",
    "whatsapp",
    "image",
    "jpeg",
    "count",
}

WORDS = st.sampled_from(
    [
        "Ana",
        "Anabela",
        "Müller",
        "José",
        "Zoë",
        "O'Brien",
        "Jean-Luc",
        "Łukasz",
        "Ñandú",
        "Straße",
        "İbrahim",
        "Işıl",
        "Ωμέγα",
        "Σωκράτης",
        "Иван",
        "Елена",
        "محمد",
        "فاطمة",
        "דוד",
        "נועה",
        "राजेश",
        "प्रिया",
        "陈大文",
        "山田太郎",
        "김민수",
        "สมชาย",
        "แก้ว",
        "გიორგი",
        "Ĳsbrand",
        "a.b",
        "C++",
        "[x]",
        "x|y",
        "(Bob)",
        "$Cash",
        "\\d+",
        "^Eva^",
        "R2D2",
        "Work:",
        "Carla:",
        "Nina_99",
        "ana",
        "%20Leo",
        "Mc'Donald",
        "Zé́lia",
        "Đặng",
        "Nguyễn",
        "Tom&Jerry",
        "'quoted'",
        '"Max"',
        "Ka*ren",
        "Jo",
    ]
)
DECORATION = st.sampled_from(["", "", "", " 🌸", "❤️", " 👩‍💻", "~ ", "~\u202f", " (work)", " 2", "!", " 🇧🇷", "\u200e"])
WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
LETTERS = st.text(
    st.characters(categories=["Lu", "Ll", "Lo", "Mn"], exclude_characters="\u037a"), min_size=3, max_size=8
)


@st.composite
def names(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.one_of(WORDS, WORDS, LETTERS), min_size=1, max_size=3))
    decoration = draw(DECORATION)
    name = " ".join(words)
    return decoration + name if decoration.startswith("~") else name + decoration


def core(name: str) -> str:
    """Return the name without what stands around its letters and digits."""
    solid = [index for index, char in enumerate(name) if joins(char)]
    return name[solid[0] : solid[-1] + 1] if solid else ""


def joins(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM" and not "\ufe00" <= char <= "\ufe0f"


def occurs(name: str, cell: str) -> bool:
    """Whether a name stands in a cell, in any case, not as a part of a longer word."""
    wanted, cell = (unicodedata.normalize("NFC", text.casefold()) for text in (name, cell))
    start = cell.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (start and joins(cell[start - 1])) and not (end < len(cell) and joins(cell[end])):
            return True
        start = cell.find(wanted, start + 1)
    return False


def is_testable(name: str) -> bool:
    """Whether the name is long enough to be masked everywhere, and no word of the table's own."""
    letters = sum(unicodedata.category(char)[0] == "L" for char in name)
    return letters > 2 and name.casefold() not in PLACEHOLDERS


CONTEXTS = st.sampled_from(
    ["{}", "{} {}", "hi {}!", "{}'s idea", "({})", "@{}", "@\u2068{}\u2069", "see {}, {}, {}", "❤️{}❤️", "a\n{}\nb",
     "https://x.org/{}/y", "IMG_{}.jpg", "«{}»", "{}: yes", "call {} on +55 11 91234-5678", "我说{}。", "\u200e{} left"]
)  # fmt: skip
CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str, str.upper, str.lower, str.title])


@pytest.mark.slow  # a second for each example, which has names and so patterns of its own
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), people=st.lists(names(), min_size=1, max_size=12, unique=True))
def test_no_name_gets_out(chat: Chat, data: st.DataObject, people: list[str]) -> None:
    """Whatever the script, case and place: text, system lines, mentions, reactions, forwards, titles, file names."""
    rows: list[Row] = [
        (person, None, {"thread": people[0], "src_file": f"Chat with {person}.zip"}) for person in people
    ]
    for person in people:
        context = data.draw(CONTEXTS)
        other = data.draw(st.sampled_from(people))
        attrs = {
            "mentions": [person, other],
            "reactions": [{"emoji": "👍", "author": person}],
            "forwarded_from": person,
            "media": {"name": f"{person}.jpg", "size": 5, "missing": False},
            "unheard_of": {"by": person},
            "reply_to": f"{person} said",
        }
        rows.append((other, context.format(person, other, person), attrs))
        rows.append((other, context.format(unicodedata.normalize("NFD", person), other, person), {}))
        rows.append(("", f"{person} added {other}", {"thread": people[0]}))
        whole = core(person)
        if all(char.lower() == char.upper().lower() for char in whole):  # a case that can be undone
            rows.append((other, context.format(data.draw(CASES)(whole), other, person), {}))

    cells = [(column, str(cell)) for row in chat.masked(rows) for column, cell in row.items() if cell is not None]

    whole_names = {form for person in people for form in (person, core(person)) if is_testable(form)}
    capitalised = {word for person in people for word in person.split() if word.isalpha() and word.istitle()}
    leaks = [(name, *cell) for name in whole_names for cell in cells if occurs(name, cell[1])]
    leaks += [
        (name, *cell) for name in capitalised if is_testable(name) for cell in cells if name in WORD.findall(cell[1])
    ]
    assert leaks == []


# --- how a name is written ----------------------------------------------------------------------------------------


WRITTEN = {
    "Ana Müller, ana müller, ANA MÜLLER": "<1>, <1>, <1>",
    "Ana  Müller and Ana\u00a0Müller": "<1> and <1>",
    "Ana Muller and Ana Mu\u0308ller": "<1> and <1>",
    "Ana and Müller and MÜLLER": "<1> and <1> and <1>",
    "Ana Ana Ana,Ana": "<1> <1> <1>,<1>",
    "Ana's and @Ana and @\u2068Ana Müller\u2069": "<1>'s and @<1> and @<1>",
    "https://x.org/ana%20m%C3%BCller and cv_Ana_Müller.pdf": "https://x.org/[name] and cv_<1>.pdf",
    "#AnaMüller": "#<1>",
    "ana.muller@x.com": "[email]",
    "❤️Ana❤️": "❤️<1>❤️",
    "Ana说 我是Ana": "<1>说 我是<1>",
    "@\u2068Someone Else\u2069": "@[name]",
    "banana Anaconda Anas müllern": "banana Anaconda <1> müllern",
    "ana went home": "ana went home",
}


def test_a_name_is_found_however_it_is_written(chat: Chat) -> None:
    """Whole names in any case, spacing and form; words of a name as they are capitalised; never inside a word."""
    assert dict(zip(WRITTEN, chat.texts(["Ana Müller"], *WRITTEN), strict=True)) == WRITTEN


SHAPES = {
    "陈大文": ("我是陈大文吗", "我是<1>吗"),
    "김 민수": ("민수야", "<2>야"),
    "สมชาย": ("คุณสมชายไป", "คุณ<3>ไป"),
    "محمد علي": ("قال محمد علي نعم ومحمد", "قال <4> نعم ومحمد"),
    "~ Nina": ("Nina, nina", "<5>, <5>"),
    "Bob 🌸": ("bob 🌸 and Bob", "<6> and <6>"),
    "Work: Carla": ("Work: Carla and Carla", "<7> and <7>"),
    "Jean-Luc": ("Jean and Luc and jean luc", "<8> and <8> and <8>"),
    "A+B (x)*": ("a+b (x)* or aab, A+B (x)", "<9> or aab, <9>)"),
    "Name": ("my Name is", "my <10> is"),
    "Vincent van Gogh": ("a van in La Paz, Gogh", "a van in La Paz, <11>"),
    "Işıl": ("IŞIL", "<12>"),
    "+55 11 91234-5678": ("5511912345678 or +55 (11) 91234 5678", "<13> or <13>"),
}


def test_names_of_many_shapes(chat: Chat) -> None:
    """Scripts without spaces need no word's edge; decoration is no part of a name; particles name nobody."""
    assert chat.texts([*SHAPES], *(text for text, _ in SHAPES.values())) == [masked for _, masked in SHAPES.values()]


SHORT = {
    "Jo": ("Jo, jo and John", "<1>, jo and John"),
    "J": ("J or @J or @\u2068J\u2069 or @June", "J or @<2> or @<2> or @June"),
    "🌸": ("🌸 @🌸", "🌸 @<3>"),
    "42": ("42 @42 @421", "42 @<4> @421"),
    "文": ("文 文化 @文", "文 文化 @<5>"),
}


@pytest.mark.slow  # several commands, or many cases
def test_short_names_are_masked_where_only_a_name_can_stand(chat: Chat) -> None:
    """Two letters as they are written; one letter, emoji and small numbers only after `@` and in system lines."""
    assert chat.texts([*SHORT], *(text for text, _ in SHORT.values())) == [masked for _, masked in SHORT.values()]
    rows: list[Row] = [(author, None, {}) for author in SHORT]
    rows += [("", f"{author} added {author}", {}) for author in SHORT]
    people, lines = (chat.masked(rows)[part] for part in (slice(len(SHORT)), slice(len(SHORT), None)))
    assert [line["text"] for line in lines] == [f"{who['author_raw']} added {who['author_raw']}" for who in people]


EVENTS = {
    "Ana added Carla Dias": "<1> added [name]",
    "Ana added 张伟明": "<1> added [name]",
    "Ana added zorblax": "<1> added [name]",
    "Ana added أحمد القحطاني": "<1> added [name]",
    "Ana added Vorpal McTavish and hendrika": "<1> added [name] and [name]",
    "~\u202fwibblewob left": "~\u202f[name] left",
    "田中太郎 left": "[name] left",
    "You added मोहन कुमार": "You added [name]",
    "🦄 left": "[name] left",
    "Ana added \x01zorblax, 7zorblax and \u200dzorblax": "<1> added [name], 7[name] and [name]",
    "Jean-Luc O’Brien's security code changed": "[name]'s security code changed",
    "Ana hat Zorblax hinzugefügt": "<1> hat [name] hinzugefügt",
    "Ana加入了群组": "<1>[name]",
    "ana changed the subject from “Trip” to “the group”": "<1> changed the subject from “[name]” to “[name]”",
    "+55 11 91234-5678 joined": "[phone] joined",
    "Your code with carlota changed. Tap to learn more.": "Your code with [name] changed. Tap to learn more.",
    "zorblax turned on messages. New messages disappear.": "[name] turned on messages. New messages disappear.",
}


def test_system_lines_lose_people_who_never_write(chat: Chat) -> None:
    """Of what the platform wrote only the words of events stay, as they are written in the list."""
    ana, *lines = chat.masked([("Ana", None, {}), *(("", line, {}) for line in EVENTS)])
    texts = [with_numbers(line["text"], {ana["author_raw"]: "<1>"}) for line in lines]
    assert dict(zip(EVENTS, texts, strict=True)) == EVENTS
    (line,) = chat.masked([("", "Left joined", {})])
    assert line["text"] == "[name] joined"


NOTICES = """
Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can\
 read or listen to them. Tap to learn more.
Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them.
As mensagens e ligações são protegidas com a criptografia de ponta a ponta. Somente as pessoas que fazem parte da\
 conversa podem ler, ouvir e compartilhar esse conteúdo. Saiba mais
As mensagens e as chamadas são protegidas com a criptografia de ponta a ponta e ficam somente entre você e os\
 participantes desta conversa. Nem mesmo o WhatsApp pode ler ou ouvi-las. Toque para saber mais.
As mensagens e chamadas são encriptadas de ponta a ponta. Ninguém fora desta conversa, nem mesmo o WhatsApp,\
 pode ler ou ouvi-las. Toque para saber mais.
Seu código de segurança mudou. Toque para saber mais.
Seu código de segurança com alguns contatos mudou.
Você bloqueou este contato. Toque para desbloquear.
Chamada de voz perdida
Ligação de voz perdida
Ligação de vídeo perdida às 10:00
Aguardando mensagem. Essa ação pode levar alguns instantes.
Los mensajes y las llamadas están cifrados de extremo a extremo. Nadie fuera de este chat, ni siquiera\
 WhatsApp, puede leerlos ni escucharlos. Toca para obtener más información.
Los mensajes y las llamadas están cifrados de extremo a extremo. Solo las personas en este chat pueden\
 leerlos, escucharlos o compartirlos. Obtén más información.
Llamada perdida
Videollamada perdida
Videollamada perdida a las 10:00
Bloqueaste a este contacto. Toca para desbloquearlo.
Tu código de seguridad cambió. Toca para obtener más información.
I messaggi e le chiamate sono crittografati end-to-end. Nessuno al di fuori di questa chat, nemmeno WhatsApp,\
 può leggerne o ascoltarne il contenuto. Tocca per saperne di più.
I messaggi e le chiamate sono crittografati end-to-end. Solo le persone in questa chat possono leggerne il\
 contenuto, ascoltarle o condividerle. Scopri di più
I messaggi che invii in questa chat e le chiamate sono ora protetti con la crittografia end-to-end. Tocca per\
 maggiori informazioni.
Chiamata vocale persa
Hai bloccato questo contatto. Tocca per sbloccare.
Il tuo codice di sicurezza è cambiato. Tocca per saperne di più.
Ora sei un amministratore
Berichten en oproepen zijn end-to-end versleuteld. Niemand buiten deze chat kan ze lezen of beluisteren,\
 zelfs WhatsApp niet. Tik voor meer informatie.
Berichten en gesprekken worden end-to-end versleuteld. Alleen mensen in deze chat kunnen ze lezen,\
 beluisteren of delen. Meer informatie
Gemiste video-oproep
Je hebt dit contact geblokkeerd. Tik om te deblokkeren.
Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Niemand außerhalb dieses Chats kann sie lesen oder\
 anhören, nicht einmal WhatsApp. Tippe, um mehr zu erfahren.
Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Nur Personen in diesem Chat können sie lesen, anhören\
 oder teilen. Mehr erfahren
Verpasster Videoanruf
Du hast diesen Kontakt blockiert. Tippe, um die Blockierung aufzuheben.
Auf Nachricht warten. Dies kann etwas dauern.
Les messages et les appels sont chiffrés de bout en bout. Seules les personnes de cette discussion peuvent\
 les lire, les écouter ou les partager. En savoir plus
Appel vocal manqué
Vous avez bloqué ce contact. Appuyez pour le débloquer.
You blocked this contact. Tap to unblock.
You changed the group description. Tap to view.
Your security code changed. Tap to learn more.
Missed voice call
Missed video call at 10:00
Only admins can send messages
Você atualizou a duração das mensagens temporárias. Todas as novas mensagens desaparecerão desta conversa 24 horas\
 após o envio, exceto se salvas na conversa.
You were added
"""


def test_notices_without_names_stay(chat: Chat) -> None:
    """With or without a full stop at the end."""
    notices = NOTICES.strip().split("\n")
    assert [row["text"] for row in chat.masked([("", notice, {}) for notice in notices])] == notices


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.one_of(names(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)))
def test_no_unknown_word_is_left_in_a_system_line(chat: Chat, name: str) -> None:
    """Whatever stands there: what is left are event words, labels, and what has no letters."""
    line = ibis.literal(f"{name} left", type="string")
    (text,) = chat.backend.con.execute(chat.backend.compile(mask_unknown_words(line))).fetchone() or ("?",)
    left = WORD.findall(re.sub(r"\[[a-z]+\]", " ", text))
    assert {word for word in left if any(char.isalpha() for char in word)} <= set(EVENT_WORDS)


def test_people_whom_system_lines_name_are_known_everywhere(chat: Chat) -> None:
    """Who was added or went, in the commonest lines, is masked in texts and polls; groups are not."""
    lines = [
        "Ana added Vorpal McTavish and hendrika",
        "~\u202fwibblewob left",
        "田中太郎 joined using this group's invite link",
        "You removed zorblax",
        "Quirin hat Oda entfernt",
        "gulliver's security code changed. Tap to learn more.",
        "You were added",
        "+62 8xx-xxxx-xx37 left",
        "Ana added this group to the community: Trip",
        "Messages to this group are now secured",
    ]
    rows: list[Row] = [("", line, {}) for line in lines]
    found = {entry.name for entry in names_of(chat.fill(rows)) if entry.role == "person"}
    people = {"Ana", "Vorpal McTavish", "hendrika", "wibblewob", "田中太郎", "zorblax", "Quirin", "Oda", "gulliver"}
    assert found == people
    rows.append(("Bea", "@Vorpal McTavish: zorblax?", {"kind": "poll"}))
    assert chat.masked(rows)[-1]["text"] == "@[name]: [name]?"


def test_a_word_of_events_never_becomes_a_name(chat: Chat) -> None:
    """A name that is cut out of a line loses such words at its ends, and is none where nothing else is left."""
    lines = [
        "Ann Quill was added",
        "Bob Yu has been removed",
        "Nobody left",
        "Everyone was removed",
        "Ana added the new member Kim Poe",
        "Your security code changed",
        "Your security code with Zoe Quark changed. Tap to learn more.",
        "Seu código de segurança com Lia Voss mudou. Toque para saber mais.",
    ]
    rows: list[Row] = [("", line, {}) for line in lines]
    found = {entry.name for entry in names_of(chat.fill(rows)) if entry.role == "person"}
    assert found == {"Ann Quill", "Bob Yu", "Ana", "Kim Poe", "Zoe Quark", "Lia Voss"}
    text = "Was it good? Nobody has. Has it Been new, Everyone? Seu código, Your code"
    assert chat.masked([*rows, ("Bea", text, {})])[-1]["text"] == text


def test_a_shared_location_is_masked(chat: Chat) -> None:
    """Its address and numbers go, its words stay; coordinates go wherever they stand."""
    rows: list[Row] = [
        ("Ana", "Location: https://maps.google.com/?q=-23.550520,-46.633308", {"kind": "location"}),
        ("Ana", "at Elm Road 12, 23.55° -46.63°", {"kind": "location"}),
        ("Ana", "https://maps.google.com/?q=-23.550520,-46.633308 or -23.550520, -46.633308", {}),
        ("Ana", "3.5, 4.5 and 12", {}),
    ]
    out = chat.masked(rows)
    assert [row["text"] for row in out] == [
        "Location: [location]",
        "at Elm Road [location]",
        "https://maps.google.com/?q=[location] or [location]",
        "3.5, 4.5 and 12",
    ]
    assert json.loads(out[2]["pii_flags"]) == {"location": 2}


def test_titles_are_masked_whole(chat: Chat) -> None:
    """A chat's title gives way to its pseudonym where it is named; its words, and a small letter, do not."""
    rows: list[Row] = [
        ("Ana", "família silva: a família, a Família", {"thread": "Família Silva 🎉"}),
        ("Ana", "Work, work", {"thread": "Work"}),
        ("", 'Ana created group "Work"', {}),
    ]
    first, second, event = chat.masked(rows)
    chat_name = json.loads(first["attrs"])["thread"]
    assert (first["text"], second["text"]) == (f"{chat_name}: a família, a Família", f"{chat_name}, work")
    assert event["text"] == f'{first["author_raw"]} created group "{chat_name}"'


NAMESAKES = [
    ("Rodrigo Alves", None, {"chat": "a", "thread": "Hill"}),
    ("Rodrigo Braga", None, {"chat": "b", "thread": "Lake"}),
    ("Rodrigo Costa", None, {"chat": "b", "thread": "Lake"}),
    ("Martin Alves", None, {"chat": "a", "thread": "Hill"}),
    ("Martin Braga", None, {"chat": "b", "thread": "Lake"}),
    ("Zoe Quist", None, {"chat": "c", "thread": "Wood"}),
]


def test_a_name_of_several_people_is_told_in_a_chat_of_one_of_them(chat: Chat) -> None:
    """Who else is called so in another chat changes nothing; in a chat of two of them, or of none, it is nobody's."""
    said = "Rodrigo, @rodrigo and Rodrigos Hund; Martina, Martin; Rodrigo Braga; Zoe"
    rows: list[Row] = [*NAMESAKES, *(("Zoe Quist", said, {"chat": each}) for each in "abc")]
    masked = chat.masked(rows)
    called = {row["author_raw"]: f"<{number}>" for number, row in enumerate(masked[: len(NAMESAKES)], 1)}
    assert [with_numbers(row["text"], called) for row in masked[-3:]] == [
        "<1>, @<1> and <1> Hund; [name], <4>; <2>; <6>",
        "[name], @[name] and [name] Hund; [name], <5>; <2>; <6>",
        "[name], @[name] and [name] Hund; [name], [name]; <2>; <6>",
    ]


def test_somebody_who_writes_nowhere_may_be_meant_anywhere(chat: Chat) -> None:
    """A member who never wrote and has the same name keeps it from being told."""
    rows: list[Row] = [*NAMESAKES, ("Zoe Quist", "hi Rodrigo and Martin", {"chat": "a"})]
    data = chat.fill(rows)
    silent = KnownName("Rodrigo Dias", str(uuid5(NAMESPACE_DNS, "Rodrigo Dias")), "person", "Odd Owl")
    known = occurring_names(data, [*names_of(data), silent])
    (text,) = {row["text"] for row in chat.masked(rows, known=known) if row["text"]}
    assert text.startswith("hi [name] and ")
    assert not text.endswith("[name]")


@pytest.mark.slow
def test_what_many_chats_are_called_is_a_word(chat: Chat) -> None:
    """A channel called as channels are has a pseudonym, and the word stays in texts; a title of its own does not."""
    said = "a random thought in general: github.com, Acmeville"
    rows: list[Row] = [("Ana", said, {"thread": title}) for title in ("random", "#general", "GitHub", "acmeville")]
    texts = {row["text"] for row in chat.masked(rows)}
    titles = {json.loads(row["attrs"])["thread"] for row in chat.masked(rows)}
    (text,) = texts
    assert text.startswith("a random thought in general: github.com, ")
    assert "Acmeville" not in text
    assert not titles & {"random", "#general", "GitHub", "acmeville"}


def test_settings_add_and_keep_names(chat: Chat) -> None:
    """`names` are masked like authors; `keep` spares a word in prose, not in a mention or in a longer name."""
    text = "Will you, will Zorro? @Will Hope, Hope Floats"
    (masked,) = chat.texts(["Will", "Hope Floats"], text, names=["Zorro"], keep=["will", "HOPE"])
    assert masked == "Will you, will [name]? @<1> Hope, <2>"


SPELLINGS = {
    "ana Reis": {
        "hi ana, ANA and Ana": "hi <1>, <1> and <1>",
        "reis came": "reis came",
        "ana's and Reis": "<1>'s and <1>",
    },
    "Anna Quist": {
        "Quists Hund, QUISTS, Quistin talo": "<1> Hund, <1>, <1> talo",
        "quist's dog, Quist’in, Quistnek": "<1>'s dog, <1>’in, <1>",
        "Annę, Anny, Annou": "<1>, <1>, <1>",
        "Annalisa, quistify, can't": "Annalisa, quistify, can't",
        "x.org/quist-anna and x.org/in/so-quist": "x.org/<1> and x.org/in/so-<1>",
        "An\u200bna or Qui\u00adst or Ａｎｎａ or 𝐐𝐮𝐢𝐬𝐭": "<1> or <1> or <1> or <1>",
        "#anna #annas #AnnaQuist2024 @anna": "#<1> #[name] #<1>2024 @<1>",
        "Anna99 and quist": "<1>99 and quist",
    },
    "José Ñandú": {
        "https://x.org/wiki/Jos%C3%A9_%C3%91and%C3%BA": "https://x.org/wiki/[name]",
        "https://x.org/?u=jos%25C3%25A9": "https://x.org/?u=[name]",
        "Jose Nandu": "<1>",
        "Ñandu, Nandú, ÑANDU": "<1>, <1>, <1>",
        "100% sure, %C3 and %ZZ%E2%82": "100% sure, %C3 and %ZZ%E2%82",
    },
    "Bob Müller": {
        "linkedin.com/in/bob-m%C3%BCller-12345": "linkedin.com/in/<1>-12345",
        "x.org/bob_mueller, Mueller": "x.org/<1>, <1>",
    },
    "Анна Соколова": {"Анны, Анной, Соколову, соколовой": "<1>, <1>, <1>, соколовой"},
    "Łukasz Nowak": {"lukasz nowak, Łukasza, Nowakowi": "<1>, <1>, <1>"},
    "Vera Doe": {"Does it? Very well, Doe’s and Veras": "Does it? Very well, <1>’s and <1>"},
    "Renée Désirée": {"Rénee or Désiree or Desirée or De\u0301sire\u0301e": "<1> or <1> or <1> or <1>"},
    "Łukasz Żółć": {"Żolc and Zólć": "<1> and <1>"},
    "Μαρία Παπά": {"ΜΑΡΙΑ, Μαρια, μαρια παπα": "<1>, <1>, <1>"},
    "Фёдор Кузнецов": {"Федор с Кузнецовым": "<1> с <1>"},
    "أحمد علي": {"قال احمد": "قال <1>"},
    "Marek Kowalski": {"Marka, Markiem, Kowalskiego, Market": "<1>, <1>, <1>, Market"},
    "Kasia Nowak": {"dla Kasi, z Kasią i Nowakiem": "dla <1>, z <1> i <1>"},
    "Željko Horn": {"od Željka, sa Željkom, Zeljku": "od <1>, sa <1>, <1>"},
    "Gábor Virtanen": {"Gáborral, Virtasen, Virtaselle": "<1>, <1>, <1>"},
    "Павел Достоевский": {"Павла, Достоевского": "<1>, <1>"},
    "Ana Quill": {
        "quill.ana and Quill, Ana": "<1> and <1>",
        "x.org/quillana @quillana #anaquill99": "x.org/<1> @<1> #<1>99",
    },
    "Lia Maria Voss": {"@liavoss @vosslia voss.lia": "@<1> @<1> <1>"},
    "Hedwig Tormald": {
        "@htormald @99tormald #HTormald2": "@<1> @99<1> #<1>2",
        "x.org/u/htormald?a=1 and htormald": "x.org/u/<1>?a=1 and htormald",
        "@tormaldry": "@tormaldry",
    },
    "João Pedro de Quadros": {"@jquadros @jpquadros @jdequadros @dequadros": "@<1> @<1> @<1> @<1>"},
    "Girl with Pearl": {"With it, Pearl": "With it, <1>"},
    "+44 7700 900123": {
        "7700 900123, 7700900123 or 07700 900123": "<1>, <1> or <1>",
        "177009001234": "177009001234",
    },
    "+55 11 91234-5678": {"11912345678, 912345678": "<1>, <1>"},
    "Νίκος": {"Νίκου, Νίκο": "<1>, <1>"},
}


@pytest.mark.slow  # each time the whole stage is compiled
@pytest.mark.parametrize("group", range(6))
def test_a_name_is_found_with_endings_in_addresses_and_split(chat: Chat, group: int) -> None:
    """As it is saved, in a case, in other letters, in an address, in a hashtag, with what cannot be seen inside.

    Several people write in one chat, of whom none has a word of another's name.
    """
    authors = list(SPELLINGS)[group::6]
    texts = {
        text: told.replace("<1>", f"<{number}>")
        for number, author in enumerate(authors, 1)
        for text, told in SPELLINGS[author].items()
    }
    assert dict(zip(texts, chat.texts(authors, *texts), strict=True)) == texts


def test_what_holds_no_name_keeps_its_odd_letters(chat: Chat) -> None:
    """Joiners, encoded addresses and styled letters stay where they are no name's."""
    texts = ["می\u200cخواهم", "https://x.org/%C3%A9t%C3%A9%20x", "ｗｏｗ 𝐰𝐨𝐰", "a\x02b 👩\u200d💻"]
    assert chat.texts(["Anna Quist"], *texts) == texts


ORDINARY = {
    "you will see it in may, mãe": "you will see it in may, mãe",
    "Will you come? What you have is this.": "Will you come? What you have is this.",
    "I asked Will and @will and @Mãe": "I asked <1> and @<1> and @<3>",
    "a casa da Mãe não é para você": "a casa da <3> não é para você",
    "#will https://x.org/will-you": "#will https://x.org/will-you",
    "meu amor, isso não": "meu amor, isso não",
    "e o Meu Amor não foi": "e o <5> não foi",
    "quist and Quist": "<6> and <6>",
}


def test_names_that_are_words_of_the_language_are_masked_where_a_name_stands(chat: Chat) -> None:
    """In small letters and at the beginning of a sentence they are words; other names are masked as ever."""
    authors = ["Will", "May", "Mãe", "You", "Meu Amor", "Quist"]
    assert dict(zip(ORDINARY, chat.texts(authors, *ORDINARY), strict=True)) == ORDINARY


@pytest.mark.slow  # the stage is made several times
def test_a_word_of_another_language_is_a_name(chat: Chat) -> None:
    """Indonesian has a word `dan`; in an English chat it is somebody."""
    assert chat.texts(["Dan"], "the car that you have, dan") == ["the car that you have, <1>"]
    assert chat.texts(["Dan"], "aku dan kamu tidak ada di rumah") == ["aku dan kamu tidak ada di rumah"]


@pytest.mark.slow  # several commands, or many cases
def test_a_chat_tells_which_name_is_a_word(chat: Chat) -> None:
    """Who writes one name with a capital, and another word without, does not mean a name by it; in any language."""
    rows: list[Row] = [("Blorb", None, {}), ("Quist", None, {}), ("Zed", None, {})]
    rows += [("Zed", "ot Quist ab blorb", {})] * 3
    assert KnownName("blorb", None, "word") in names_of(chat.fill(rows))
    blorb, quist, _, *texts = (row["text"] or row["author_raw"] for row in chat.masked(rows))
    assert texts[-1] == f"ot {quist} ab blorb"
    careless: list[Row] = [*rows[:3], *([("Zed", "ot quist ab blorb", {})] * 3)]
    assert chat.masked(careless)[-1]["text"] == f"ot {quist} ab {blorb}"


ADDITIONS = {
    "Very long username": ("My username is not this short", "what was your username?"),
    "Rita carpool": ("the carpool is here", "are you in this carpool"),
    "Bruno padel tênis": ("não vou, cada tênis tem uma cor", "uma foto com esse tênis"),
    "Frau Klee (yogakurs)": ("ich bin nicht da, das ist ein yogakurs", "und wir haben kein yogakurs"),
}


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize("author", ADDITIONS)
def test_what_was_added_to_a_saved_name_stays_where_people_call_something_so(chat: Chat, author: str) -> None:
    """In small letters, behind a name: several people use the word for a thing; the name itself is masked as ever."""
    rows: list[Row] = [(author, ADDITIONS[author][0], {}), ("Zed", ADDITIONS[author][1], {})]
    assert [row["text"] for row in chat.masked(rows)] == list(ADDITIONS[author])
    first = author.split(maxsplit=1)[0]
    more: list[Row] = [*rows, ("Zed", f"not you: {author.upper()}, and {first}", {})]
    who, *_, last = chat.masked(more)
    assert last["text"] == f"not you: {who['author_raw']}, and {who['author_raw']}"


NO_ADDITIONS = {
    "first": ("ana reis", ["where is my ana", "this is your ana"]),
    "with a capital somewhere": ("Maria silva", ["this is your silva", "where is my silva", "Silva will not come"]),
    "with a capital in a name": ("Maria Silva", ["this is your silva", "where is my silva"]),
    "mostly alone": ("Rui mãe do caio", ["this is your caio", "my caio is here", *(["what will caio have"] * 3)]),
    "of another language": ("Rita um dia", ["this is um dia", "you have um dia"]),
}


@pytest.mark.slow  # the stage is made several times
def test_a_name_that_is_saved_in_small_letters_is_no_word_for_being_written_so(chat: Chat) -> None:
    """Whoever is saved as *zorblax* is meant by it, also by somebody who writes other names with a capital."""
    rows: list[Row] = [("zorblax 🌸", None, {}), ("Nina Quist", None, {})]
    rows += [("Tom", text, {}) for text in ("Nina and zorblax", "Nina, zorblax", "ask Nina or zorblax", "«zorblax»")]
    zorblax = chat.masked(rows)[0]["author_raw"]
    assert [row["text"] for row in chat.masked(rows)[-1:]] == [f"«{zorblax}»"]


@pytest.mark.parametrize("case", NO_ADDITIONS)
def test_a_surname_in_small_letters_is_masked(chat: Chat, case: str) -> None:
    """A name that somebody is fond of (`my ana`) is one all the same, and is found as it is saved."""
    author, texts = NO_ADDITIONS[case]
    rows: list[Row] = [(author, texts[0], {}), *(("Zed", text, {}) for text in texts[1:])]
    assert not [entry for entry in names_of(chat.fill(rows)) if entry.role == "addition"]


LISTED = {
    "User name": "what is your name and what do they call you",
    "Caio academia": "não vou na academia hoje, você vai?",
    "Jens (handy)": "ich habe mein handy nicht, das ist weg",
    "Mia uni": "she is not at uni, and that is what they have",
}


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize("author", LISTED)
def test_a_listed_word_behind_a_name_stays_in_a_chat_of_its_language(chat: Chat, author: str) -> None:
    """In small letters alone; in another language, and as the name itself, it is somebody's."""
    text, word = LISTED[author], author.rsplit(maxsplit=1)[-1].strip("()")
    assert chat.texts([author], text, f"and {word.title()} is not there") == [text, "and <1> is not there"]
    assert chat.texts([author], f"ot {word} ab") == ["ot <1> ab"]
    assert chat.texts([word, "Zed"], text)[0] != text


def test_one_person_s_darling_is_somebody(chat: Chat) -> None:
    """What only one person calls theirs is masked."""
    rows: list[Row] = [("Maria mom of caio", None, {}), *([("Zed", "will you have my caio there", {})] * 4)]
    who, *_, last = chat.masked(rows)
    assert last["text"] == f"will you have my {who['author_raw']} there"


@pytest.mark.slow  # the stage is made several times
def test_a_script_without_capitals_does_not_tell_which_name_is_a_word(chat: Chat) -> None:
    """However often it is written: it could not be written otherwise."""
    rows: list[Row] = [("Ana", None, {}), ("陈大文", None, {}), *([("Ana", "Ana 陈大文", {})] * 3)]
    ana, other, *texts = chat.masked(rows)
    assert texts[-1]["text"] == f"{ana['author_raw']} {other['author_raw']}"


def test_a_name_that_the_user_gives_is_no_word(chat: Chat) -> None:
    """`names` are masked in any case: whoever lists a word knows what it does."""
    assert chat.texts(["Will"], "you will not have this", names=["will"]) == ["you <1> not have this"]


def test_a_line_of_the_platform_about_a_thing_names_nobody(chat: Chat) -> None:
    """What was added is masked in that line, and stays a word in what people write."""
    rows: list[Row] = [("", line, {}) for line in ("milk for the cake was added", "new milk was added")]
    rows.append(("Bea", "new milk for the cake, and milk", {}))
    assert chat.masked(rows)[-1]["text"] == "new milk for the cake, and milk"


def test_the_platform_s_message_id_goes(chat: Chat) -> None:
    """It may hold an address (an e-mail's does): afterwards a message is called by its event."""
    (row,) = chat.masked([("Ana", "hi", {})])
    assert row["msg_id"] == row["event_id"]


# --- attrs and the other columns ----------------------------------------------------------------------------------


EVENT = "5f0c1c1e-6d3b-4a57-9f36-6a52b0d1c111"


def test_attrs_are_rebuilt_from_what_may_stay(chat: Chat) -> None:
    """Allowed keys with the shape they may have; pseudonyms of known authors; nothing else."""
    attrs = {
        "thread": "Ana", "src_file": "Ana.zip", "edited": True, "reply_to": EVENT, "x": "Ana",
        "thread_root": "Ana said",
        "tz_source": "option", "mentions": ['Ana "A" \\', "Zed"], "forwarded_from": "Zed",
        "media": {"name": "a", "size": 1},
        "reactions": [{"emoji": "👍", "author": 'Ana "A" \\', "count": 2},
                      {"emoji": ":ana:", "author": "Zed", "by": 123456789}],
    }  # fmt: skip
    author = 'Ana "A" \\'
    (row,) = chat.masked([(author, "hi", attrs)])
    assert json.loads(row["attrs"]) == {
        "kind": "text",
        "edited": True,
        "tz_source": "option",
        "reply_to": EVENT,
        "thread": json.loads(row["attrs"])["thread"],
        "mentions": [row["author_raw"], "[name]"],
        "reactions": [
            {"emoji": "👍", "author": row["author_raw"], "count": 2},
            {"emoji": "[name]", "author": "[name]", "[name]": None},
        ],
        "forwarded_from": "[name]",
        "media": {"size": 1},
    }


def test_the_remark_on_a_doubtful_hour_stays(chat: Chat) -> None:
    """A zone's name, alone or with one of the two remarks; anything else goes."""
    kept = ["America/Sao_Paulo (fold: first)", "Etc/GMT+3 (gap: offset before)", "UTC"]
    rows: list[Row] = [("Ana", "hi", {"tz_source": zone}) for zone in (*kept, "UTC (Ana)")]
    found = [json.loads(row["attrs"]).get("tz_source") for row in chat.masked(rows)]
    assert found == [*kept, None]


def test_columns_carry_pseudonyms_and_flags(chat: Chat) -> None:
    """An author has a pseudonym, the platform none; media_url goes; flags count what was masked."""
    rows: list[Row] = [
        ("Ana", "Ana, Ana, a@b.org", {"media": {"name": "Ana.jpg"}}),
        ("", "You left", {}),
        ("Bob", "[name]", {}),
    ]
    first, second, third = chat.masked(rows)
    assert re.fullmatch(two_words(), first["author_raw"])
    assert (first["text"], second["author_raw"]) == (f"{first['author_raw']}, {first['author_raw']}, [email]", "")
    assert (first["media_url"], first["media_type"]) == (None, "image/jpeg")
    assert json.loads(first["pii_flags"]) == {"name": 2, "email": 1}
    assert (second["pii_flags"], third["pii_flags"]) == (None, None)


def test_known_names_come_from_authors_mentions_and_titles(chat: Chat) -> None:
    """Each with the author's id where it is known, sorted, once; who is only spoken of has no pseudonym."""
    found = names_of(
        chat.fill([("Bob", None, {"thread": "Trip", "mentions": ["Zed", "Bob"]}), ("", "x", {}), ("Bob", None, {})])
    )
    thread = str(uuid5(NAMESPACE_DNS, "thread"))
    untitled, bob, trip, zed = found
    assert (untitled[:3], trip[:3]) == (("", thread, "title"), ("Trip", thread, "title"))
    assert (bob[:3], zed) == (("Bob", str(uuid5(NAMESPACE_DNS, "Bob")), "person"), KnownName("Zed"))
    assert untitled.pseudonym == trip.pseudonym
    assert len({bob.pseudonym, trip.pseudonym, None}) == 3


def test_the_expression_is_the_same_for_the_same_names(chat: Chat) -> None:
    """The order in which names are given changes nothing, so an unchanged stage stands."""
    table = chat.fill([])
    known = [KnownName(name) for name in ("Ana Müller", "Bob", "陈大文", "J", "🌸")]
    one, other = (chat.backend.compile(privacy(table, known=order)) for order in (known, known[::-1]))
    assert one == other


@pytest.mark.slow  # thousands of patterns
def test_thousands_of_names_stay_within_the_engine_s_memory(chat: Chat) -> None:
    """RE2 slows down a hundredfold past its memory: alternations are bounded, whatever the number of names."""
    known = [
        KnownName(f"Ana{chr(97 + i % 26)}{chr(97 + i // 26 % 26)} Si{chr(97 + i // 676)}lva") for i in range(2_000)
    ]
    patterns = name_patterns(known)
    assert max(map(len, patterns.text)) < 12_000
    out = privacy(chat.fill([("x", "Anaba Siclva Anab", {})]), known=known)
    assert chat.backend.con.execute(f"SELECT text FROM ({chat.backend.compile(out)})").fetchall() == [("[name] Anab",)]


@pytest.mark.slow  # the stage is made several times
@pytest.mark.parametrize("many", [8, 600])
def test_numbers_of_many_people_are_masked(chat: Chat, many: int) -> None:
    """However many people are called by their numbers, each is found: with its country, at home, and grouped."""
    numbers = [f"+1 555 {100 + n // 10}-{4000 + n}" for n in range(many)]
    told: list[Row] = [
        (number, f"{number} and {number[3:]} or ({number[3:6]}) {number[7:]}: 10:30, 2024", {})
        for number in numbers[-3:]
    ]
    rows: list[Row] = [*((number, "hello", {}) for number in numbers), *told]
    for row in chat.masked(rows)[many:]:
        who = row["author_raw"]
        assert row["text"] == f"{who} and {who} or ({who}: 10:30, 2024"

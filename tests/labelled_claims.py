"""What a model may say of four chats, by hand: what their messages hold, and what it made up. All of it is invented."""

from datetime import UTC, datetime, timedelta

from egregora_llm.chat import Message

_START = datetime(2024, 3, 1, 18, 5, tzinfo=UTC)  # a Friday


def _chat(*lines: str) -> dict[int, Message]:
    found = {}
    for number, line in enumerate(lines, 1):
        author, _, text = line.partition(": ")
        found[number] = Message(number, f"e{number}", _START + timedelta(minutes=7 * number), author, text)
    return found


ENGLISH = _chat(
    "Amber Heron: Shall we hike to the old mill on Sunday?",
    "Quiet Otter: Yes! I bring the soup, about 4 litres, and my sister brings bread",
    "Amber Heron: The train to Porto leaves at 8:15, tickets are 1,500 escudos haha",
    "Witty Pelican: sorry I'm late again, the dentist kept me forever",
    "Quiet Otter: https://example.org/mill says: closed in winter",
    "Witty Pelican: then we cook at home, I still have that pumpkin from Marco",
    "Amber Heron: ok",
)
PORTUGUESE = _chat(
    "Lontra Calma: Vamos à praia no sábado? A Marta empresta o carro",
    "Garça Azul: Não posso, tenho exame de química às 9h",
    "Lontra Calma: então domingo, levo 2 melancias",
    "Garça Azul: combinado, e eu levo a bola",
)
GERMAN = _chat(
    "Stiller Otter: Wir treffen uns am Bahnhof, ich bringe die Suppe und das Brot mit",
    "Kluge Eule: Der Zug kommt um acht am Gleis zwei an",
    "Stiller Otter: Gut, dann backe ich noch einen Kuchen für die Kinder",
    "Kluge Eule: Meine Mutter leiht uns das große Zelt aus Lübeck",
)
SPANISH = _chat(
    "Nutria Serena: ¿Cenamos el viernes en casa? Hago paella para 6",
    "Garza Gris: sí, llevo vino y el postre de mi abuela",
    "Nutria Serena: perfecto, a las 21:00 entonces",
)

HELD = (
    (ENGLISH, "Amber Heron proposes a hike to the old mill.", [1]),
    (ENGLISH, "Quiet Otter will bring 4 litres of soup.", [2]),
    (ENGLISH, "They take the train to Porto at 8:15.", [3]),
    (ENGLISH, "Two people plan a hike; the soup is on Quiet Otter.", [1, 2]),
    (ENGLISH, "On 1 March somebody asks about a hike.", [1]),
    (ENGLISH, "On Friday evening Amber Heron suggested hiking to the mill on Sunday.", [1]),
    (ENGLISH, "Plans for a Sunday hike were made.", [1]),
    (ENGLISH, "Everyone is told that tickets cost 1500 escudos.", [3]),
    (ENGLISH, "Meanwhile, Witty Pelican apologised: the dentist had taken forever.", [4]),
    (ENGLISH, "Later Quiet Otter found out that the mill is closed in winter.", [5]),
    (ENGLISH, "A link, https://example.org/mill, says that it is closed.", [5]),
    (ENGLISH, "Someone shares that the mill is “closed in winter”.", [5]),
    (ENGLISH, "Cooking at home, with a pumpkin from Marco, was the answer.", [6]),
    (ENGLISH, "Marco's pumpkin will be cooked at home.", [6]),
    (ENGLISH, "Soup and bread are promised. Hikers may count on Quiet Otter's sister.", [2, 1]),
    (ENGLISH, "Finally they decided to cook at home. Agreement came from Amber Heron.", [6, 7]),
    (ENGLISH, "It was said at 6 pm that a hike might be nice.", [1]),
    (ENGLISH, "Three people talk about the hike, the soup and the dentist.", [1, 2, 4]),
    (ENGLISH, "I'm late again, Witty Pelican says, because of the dentist.", [4]),
    (ENGLISH, "Because the mill was closed, the group switched to a dinner at home.", [5, 6]),
    (ENGLISH, "Trains leave for Porto at quarter past eight, and tickets are dear.", [3]),
    (ENGLISH, "Nobody minded. Dinner moved to Witty Pelican's home.", [6]),
    (ENGLISH, "Friends hike on Sundays, if the mill is open.", [1]),
    (ENGLISH, "Food was shared out: soup here, bread there.", [2]),
    (ENGLISH, "Transport was settled as well, by train.", [3]),
    (ENGLISH, "Amber proposes a hike to the old mill.", [1]),
    (ENGLISH, "With the mill closed, plans changed.", [5]),
    (ENGLISH, "Winter closing was the reason, as a website tells.", [5]),
    (PORTUGUESE, "Lontra Calma propõe ir à praia no sábado, com o carro da Marta.", [1]),
    (PORTUGUESE, "Combinam a praia para domingo.", [3, 4]),
    (PORTUGUESE, "A Garça Azul não pode: tem exame de química às 9h.", [2]),
    (PORTUGUESE, "Depois da conversa, ficam 2 melancias e uma bola na lista.", [3, 4]),
    (PORTUGUESE, "Na sexta-feira surge a ideia da praia.", [1]),
    (PORTUGUESE, "Amigos planeiam um dia de praia.", [1]),
    (PORTUGUESE, "Quanto ao exame, é às 9h.", [2]),
    (PORTUGUESE, "No dia 1 de março falam de praia.", [1]),
    (GERMAN, "Man trifft sich am Bahnhof zum Ausflug.", [1]),
    (GERMAN, "Kluge Eule sagt, dass der Zug um acht ankommt.", [2]),
    (GERMAN, "Für das Treffen werden eine Suppe und ein frisches Brot mitgebracht.", [1]),
    (GERMAN, "Einen Kuchen für die Kinder gibt es auch.", [3]),
    (GERMAN, "Das große Zelt kommt aus Lübeck, von der Mutter.", [4]),
    (GERMAN, "Der Zug, ein wichtiges Thema, hält am Gleis zwei.", [2]),
    (GERMAN, "Stiller Otter backt den Kuchen. Anschließend geht es um die Suppe.", [3, 1]),
    (GERMAN, "Pläne für die Reise: Suppe, Brot, Kuchen.", [1, 3]),
    (SPANISH, "Nutria Serena invita a cenar el viernes y hace paella para 6.", [1]),
    (SPANISH, "Quedan a las 21:00.", [3]),
    (SPANISH, "El vino y el postre los lleva Garza Gris.", [2]),
    (SPANISH, "Además habrá vino y un postre de la abuela.", [2]),
)
"""Chat, claim, and what it cites: a reader would find nothing wrong."""

MADE_UP = (
    (ENGLISH, "Jamie brings bread and soup to the hike.", [1, 2], "sentence with a word that may be a name"),
    (ENGLISH, "Jamie Stone will hike to the mill.", [1], "name"),
    (ENGLISH, "They hike to the mill with Alex.", [1], "a name"),
    (ENGLISH, "A hike to the mill is planned. Alexandra will bring soup.", [1, 2], "name"),
    (ENGLISH, "The soup is ready; Boris brings it on the hike.", [1, 2], "name"),
    (ENGLISH, "The plan: Katherine hikes to the mill.", [1], "name"),
    (ENGLISH, "\"Nadia will hike\", they say.", [1], ""),
    (ENGLISH, "They hike to the mill (Tobias, too).", [1], "name"),
    (ENGLISH, "JOHN brings the soup on the hike.", [1, 2], "name"),
    (ENGLISH, "The soup comes from McDowell.", [2], "a name"),
    (ENGLISH, "The soup comes from O'Brien.", [2], "a name"),
    (ENGLISH, "They hike to the mill in Coimbra.", [1], "a name"),
    (ENGLISH, "They hike to the mill near Porto.", [1], "a name"),
    (ENGLISH, "Marco wants to hike to the mill.", [1], "name"),
    (ENGLISH, "Quiet Otter wants to hike to the mill.", [1], "tells of a person"),
    (ENGLISH, "quiet otter wants to hike to the mill.", [1], "tells of a person"),
    (ENGLISH, "Amber Otter wants to hike to the mill.", [1, 2], "name"),
    (ENGLISH, "Amber Heron Senior wants to hike to the mill.", [1], "a name"),
    (ENGLISH, "Otter wants to hike to the mill.", [1], "name"),
    (ENGLISH, "Will brings the soup.", [2], "name"),
    (ENGLISH, "Rose brings the soup.", [2], "name"),
    (ENGLISH, "Hans, Otto and Mia bring the soup.", [2], "name"),
    (ENGLISH, "Lily, who hikes, asks about the mill.", [1], "name"),
    (ENGLISH, "Quiet Otter brings 5 litres of soup.", [2], "tells a number"),
    (ENGLISH, "Quiet Otter brings five litres of soup.", [2], "tells a number"),
    (ENGLISH, "Quiet Otter brings 18 litres of soup.", [2], "tells a number"),
    (ENGLISH, "Tickets are 15 escudos.", [3], "tells a number"),
    (ENGLISH, "The train to Porto leaves at 9:45.", [3], "tells a number"),
    (ENGLISH, "On 14 March somebody asks about a hike.", [1], "tells a number"),
    (ENGLISH, "The hike to the mill was in 2019.", [1], "tells a number"),
    (ENGLISH, "In April somebody asks about a hike.", [1], "tells a month"),
    (ENGLISH, "The hike to the mill is on Tuesday.", [1], "tells a month or a day"),
    (ENGLISH, "They eat the cake together.", [1], "shares no word"),
    (ENGLISH, "They were with them about that.", [5], "shares no word"),
    (ENGLISH, "Amber Heron says “I hate soup and the mill”.", [1], "quotes words"),
    (ENGLISH, "Amber Heron: \"the mill is haunted\".", [1], "quotes words"),
    (ENGLISH, "The mill is described at https://evil.example/mill.", [1], "has a link"),
    (ENGLISH, "The mill is described at evil.example/mill.", [1], "has a link"),
    (ENGLISH, "Write to mill@evil.example about the hike.", [1], "has a link"),
    (ENGLISH, "The mill is at https://example.org/mill.", [1], "has a link"),
    (ENGLISH, "They plan a hike.", [], "cites no message"),
    (ENGLISH, "They plan hikes.", [0], "cites message 0"),
    (ENGLISH, "They plan one hike.", [1, 99], "cites message 99"),
    (ENGLISH, "They all plan a hike.", [-1], "cites message -1"),
    (PORTUGUESE, "Joaquim propõe ir à praia no sábado.", [1], "name"),
    (PORTUGUESE, "Vão à praia com a Beatriz.", [1], "a name"),
    (PORTUGUESE, "A Marta tem exame de química às 9h.", [2], "a name"),
    (PORTUGUESE, "Vão à praia na quarta-feira.", [1], "a day"),
    (PORTUGUESE, "Lontra Calma leva cinco melancias.", [3], "tells a number"),
    (PORTUGUESE, "Em agosto vão à praia.", [1], "tells a month"),
    (GERMAN, "Man trifft Erika Mustermann am Bahnhof.", [1], "a name"),
    (GERMAN, "Man trifft Erika am Bahnhof.", [1], "a name"),
    (GERMAN, "Jürgen bringt die Suppe zum Bahnhof mit.", [1], "name"),
    (GERMAN, "Die Suppe bringt Jürgen mit.", [1], "a name"),
    (GERMAN, "Der Zug kommt am Bahnhof in Rostock an.", [2], "a name"),
    (GERMAN, "Das große Zelt kommt aus Kiel.", [4], "a name"),
    (GERMAN, "Der Zug kommt um neun am Gleis zwei an.", [2], "tells a number"),
    (SPANISH, "Alejandro invita a cenar el viernes.", [1], "name"),
    (SPANISH, "Cenan el viernes con Lucía.", [1], "a name"),
    (SPANISH, "Hace paella para 12.", [1], "tells a number"),
    (SPANISH, "Quedan el martes a cenar.", [1], "a day"),
)
"""Chat, claim, what it cites, and the beginning of what is wrong with it."""

TITLES = (
    ("A hike to the old mill", True),
    ("A Hike To The Old Mill", True),
    ("Soup, Trains and a Closed Mill", True),
    ("Planning a hike", True),
    ("Dinner at home instead", True),
    ("From the mill to a dinner at home", True),
    ("How Alex and Jamie plan a trip", False),
    ("Alex And Jamie Go Hiking", False),
    ("Jamie plans a hike", False),
    ("Soup By Katherine Stone", False),
    ("A hike in April", False),
    ("9 hikes to the mill", False),
)
"""Of a post about the English chat, and whether it may be believed."""

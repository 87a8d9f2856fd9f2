"""What the platforms themselves write into a chat, in the languages in which that is known.

Nothing but the sentence marks it: it stands in the text of whoever did it, and begins with their name, or with "You".
A sentence in another language stays what it is in the download, a text of theirs.
"""

import re
from collections.abc import Sequence
from functools import cache

_YOU = ("You", "Você", "Tú", "Vous", "Du", "Hai")

_DONE = {
    "create": r"created (?:the|this) group|criou o grupo|creó el grupo|a créé le groupe|has?t die Gruppe erstellt",
    "rename": r"named the group .+|changed the group name to .+|(?:deu ao grupo o nome|nomeou o grupo) .+"
    r"|deu o nome .+ ao grupo|nombró (?:al|el) grupo .+|a nommé le groupe .+|has?t die Gruppe .+ (?:ge|be)nannt"
    r"|ha chiamato il gruppo .+",
    "role": r"(?:added|removed) .+ as (?:a group|an) admin|made .+ (?:a group|an) admin",
    "add": r"added .+ to (?:the|this) group|adicionou .+ ao grupo|(?:agregó|añadió) a .+ al grupo"
    r"|a ajouté .+ au groupe|has?t .+ (?:zur Gruppe )?hinzugefügt|ha aggiunto .+ al gruppo",
    "join": r"joined (?:the|this) group|entrou no grupo|se unió al grupo|a rejoint le groupe",
    "leave": r"left (?:the|this) group|saiu do grupo|(?:abandonó el|salió del) grupo|a quitté le groupe"
    r"|has?t die Gruppe verlassen|ha (?:lasciato|abbandonato) il gruppo",
    "remove": r"removed .+ from (?:the|this) group|removeu .+ do grupo|eliminó a .+ del grupo"
    r"|a (?:retiré|supprimé) .+ du groupe|has?t .+ aus der Gruppe entfernt|ha rimosso .+ dal gruppo",
    "picture": r"(?:changed|updated) the group (?:photo|image|picture)|alterou a foto do grupo"
    r"|cambió la foto del grupo|a (?:modifié|changé) la photo du groupe|has?t das Gruppen(?:foto|bild) geändert",
    "settings": r"(?:changed|set) the (?:chat )?theme(?: to .+)?|set the (?:quick reaction|emoji) to .+"
    r"|changed the chat colors?(?: to .+)?|(?:set|cleared) (?:the nickname (?:for|of) .+"
    r"|(?:your|his|her|their)(?: own)? nickname(?: to .+)?)|turned (?:on|off) .+|definiu o apelido .+|mudou o tema .+",
    "pin": r"pinned a message|fixou uma mensagem|fijó un mensaje|a épinglé un message"
    r"|has?t eine Nachricht (?:angepinnt|fixiert)",
    "unpin": r"unpinned a message",
    "missed_call": r"missed (?:a|your|his|her) (?:video |audio |voice )?(?:call|chat)(?: (?:from|with) .{1,60})?"
    r"|perdeu (?:uma|sua) (?:chamada|ligação)(?: de .{1,60})?",
    "call": r"(?:started|joined) (?:a|an|the) (?:video |audio |voice |group )*(?:call|chat)|called \S.{0,60}"
    r"|ligou para você|te llamó|vous a appelée?|hat dich angerufen|ti ha chiamato",
    "other": r"created a (?:poll|plan).*|voted (?:for )?.+ in (?:the|a) poll.*|waved at .{1,60}",
}
"""By event: what follows the name of who did it, to the end of the sentence."""

_ALONE = {
    "call": r"(?:The |Your )?(?:video|audio|voice|group) (?:call|chat) (?:has )?(?:ended|started)",
    "missed_call": r"Missed (?:video |audio |voice )?(?:call|chat)",
    "other": r"(?:.{1,60} and you|You) are now connected on Messenger|You can now (?:message|call) .*each other.*"
    r"|Say hi to your new (?:Facebook friend|connection).*",
}
"""By event: sentences about nobody in particular."""

_REACTED = (
    r"reacted .{1,40} to (?:your|a|the|his|her) (?:message|photo|video|story)"
    r"|liked (?:a|your) (?:message|photo|video|story)"
    r"|reagiu com .{1,40} (?:à|a) (?:sua |uma )?mensagem|curtiu (?:uma|sua) mensagem"
    r"|reaccionó (?:con )?.{1,40} a (?:tu|un) mensaje|le gustó (?:un|tu) mensaje"
    r"|a réagi .{1,40} à (?:votre|un|ton) message|a aimé (?:un|votre) message"
    r"|hat mit .{1,40} auf (?:deine|eine) Nachricht reagiert|ha reagito .{1,40} al (?:tuo )?messaggio"
)
_SENT = (
    r"sent (?:an attachment|a (?:photo|video|voice message|sticker|GIF|file|link|location|live location))"
    r"|enviou (?:um anexo|uma foto|um vídeo|um link)|(?:ha enviado|envió) (?:un archivo adjunto|una foto|un video)"
    r"|a envoyé (?:une pièce jointe|une photo|une vidéo)|has?t (?:einen Anhang|ein Foto|ein Video) gesendet"
    r"|ha inviato (?:un allegato|una foto|un video)|heeft een bijlage verzonden"
)


@cache
def _any_of(table: str) -> re.Pattern[str]:
    """Return one expression whose groups are called after events."""
    found = {"done": _DONE, "alone": _ALONE}[table]
    return re.compile("|".join(f"(?P<{event}>{pattern})" for event, pattern in found.items()), re.IGNORECASE)


@cache
def _alone(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LONGEST = 400
"""The platform says nothing at more length."""


_BEGINNINGS = (
    *("The ", "Your ", "Video ", "Audio ", "Voice ", "Group ", "Missed ", "You ", "Say hi "),
    *("Reacted ", "Liked ", "Reagiu ", "Curtiu ", "Reaccionó ", "Le gustó ", "A réagi ", "A aimé ", "Hat mit "),
    "Ha reagito ",
)
"""How sentences begin that name nobody: few texts do, so the others cost nothing."""
_FIRST_WORDS = (*_BEGINNINGS, *(f"{name} " for name in _YOU))
_FIRST_LETTERS = frozenset(word[0] for word in _FIRST_WORDS)
_CONNECTED = "connected on Messenger"


def places_of_sentences(texts: Sequence[str | None], authors: Sequence[str | None]) -> list[int]:
    """Return the places of texts that the platform wrote: hardly any begins with one of a few letters."""
    letters = _FIRST_LETTERS.union(author[0] for author in set(authors) if author)
    maybe = [(n, text) for n, text in enumerate(texts) if text and (text[0] in letters or _CONNECTED in text)]
    return [place for place, text in maybe if event_of(text, authors[place])]


def event_of(text: str, author: str | None) -> str | None:
    """Return what a text tells that the platform wrote: an event, `reaction` or `attachment`; None for all others."""
    is_alike = text.startswith(_FIRST_WORDS) or (author and text.startswith(author)) or _CONNECTED in text
    if not is_alike or len(text) > _LONGEST:
        return None
    said = text.strip()
    done = _after_the_name(said, author)
    if done is None:
        bare = said.removesuffix(".")
        if _alone(_REACTED).fullmatch(bare):
            return "reaction"
        return _group(_any_of("alone").fullmatch(bare))
    if _alone(_REACTED).fullmatch(done):
        return "reaction"
    if _alone(_SENT).fullmatch(done):
        return "attachment"
    return _group(_any_of("done").fullmatch(done)) or _group(_any_of("alone").fullmatch(said.removesuffix(".")))


def _group(found: re.Match[str] | None) -> str | None:
    return found.lastgroup if found else None


def _after_the_name(said: str, author: str | None) -> str | None:
    """Return what follows who did it. "You" is what people begin with, too: it counts in whole sentences."""
    if author and said.startswith(f"{author} "):
        return said[len(author) + 1 :].removesuffix(".")
    if said.endswith("."):
        for name in _YOU:
            if said.startswith(f"{name} "):
                return said[len(name) + 1 : -1]
    return None

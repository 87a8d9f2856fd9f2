"""Numbers that the word before them explains: the name of an id (it is masked), or a thing (it is nobody's).

The name of an id makes a check digit needless: `BSN 111222333` is one, whatever the formula says.
"""

from typing import Any

SPACES = r" \x{A0}\x{2007}\x{2009}\x{202F}"
DASHES = r"\x{2010}-\x{2015}\x{2212}\-"
"""What separates the groups of a number, as the insides of character classes."""

THING = "\x04"
"""Stands before the number of a thing while others are looked for."""

_IDS = (
    r"cpf|cnpj|cuit|cuil|curp|rfc|a?ad[dh]?h?aar|ssn|itin|tin|bsn|oib|nric|hkid|pesel|nino|cnp|cns|nhs|tfn"
    r"|abn|acn|sin|sus|pis|pasep|nis|nit|nif|nipc|nie|dni|rut|run|rg|cnh|pan|ppsn?|egn|jmbg|embg|amka|afm|nir|nss|hetu|inn|idnr|cpr|ahv|avs"
    r"|(?:t\.?c\.? )?kimlik|t[ií]tulo de eleitor|renavam|c[eé]dula|codice fiscale|partita iva|p\.? ?iva|tva"
    r"|ust\.?[ -]?id|vat(?: id)?|tax id|steuer[ -]?id|steuernummer|identifikationsnummer"
    r"|steueridentifikationsnummer|personnumm?er|f[øo]dselsnummer|henkil[öo]tunnus|rodn[eé] [cč][ií]slo|social security"
    r"|national insurance|national id"
    r"|s[eé]curit[eé] sociale|seguridad social|seguro social|medicare|burgerservicenummer|sozialversicherungsnummer"
    r"|passport|passaporte|pasaporte|passeport|passaporto|reisepass|paspoort|paszport|personalausweis"
    r"|инн|снилс|паспорт|егн|αφμ|αμκα|身份证|身份證|주민등록번호|マイナンバー"
)
_BETWEEN = (
    r"[^\pL\pN\n]{1,4}(?:(?:\pL{1,3}|number|numero|número|numéro|nummer|numer|dele|dela|card|cart[aã]o|código|code)"
    r"[^\pL\pN\n]{1,3}){0,2}"
)
_SEP = rf"[{SPACES}{DASHES}./]"
_DIGITS = (
    rf"(?:[0-9](?:{_SEP}?[0-9]){{8,17}}|[0-9]{{8}}|[0-9]{{1,2}}\.[0-9]{{3}}\.[0-9]{{3}}|[0-9]{{7}}-[kK])"
    rf"(?:{_SEP}?[A-Za-z]|\([0-9A]\))?"
)
_LETTERED = (
    rf"(?:[A-Z]{{1,3}}{_SEP}?|[a-z]{{1,2}}-?)[0-9](?:{_SEP}?[0-9]){{5,13}}(?:{_SEP}?[A-Za-z]|\([0-9A]\))?"
    r"|[A-Za-z]{3,5}[0-9]{4,6}[A-Za-z0-9]{1,3}"
)
NAMED_ID = (
    rf"((?:^|[^\pL\pN])(?i:{_IDS})(?:-?(?i:n(?:umme|ume)?r|no|n[º°]))?)"
    rf"(?:({_BETWEEN})(?:{_DIGITS}|{_LETTERED})|{_DIGITS})($|[^\pL\pN])"
)
r"""An id after its name; the groups are what is around it: replace by `\1\2[id]\3`."""

NAMED_BANK = (
    rf"((?:^|[^\pL\pN])(?:(?i:iban)[^\pL\pN\n]{{0,4}}|(?i:clabe)(?:{_BETWEEN})))"
    rf"(?:[A-Za-z]{{2}}[0-9]{{2}}(?:{_SEP}?[A-Za-z0-9]{{1,4}}){{3,8}}|[0-9]{{3}}(?:{_SEP}?[0-9]){{15}})($|[^\pL\pN])"
)
r"""The same for an account: replace by `\1[bank]\2`."""

_THINGS = (
    r"rooms?|chapter|page|order|ticket|invoice|tracking|version|build|firmware|release|kernel|section|lottery|ratio|scores?|rates?"
    r"|grades?|average|mean|ph|years?|parcel|item|model|serial|article|macos|ios|android|windows|chrome|firefox|safari|node|python"
    r"|quarto|sala|cap[ií]tulo|p[aá]gina|pedido|nota|notas|vers[aã]o|versi[oó]n|loteria|loter[ií]a|bilhete|se[cç][aã]o|raz[aã]o|m[eé]dia"
    r"|fatura|factura|protocolo|habitaci[oó]n|puntuaci[oó]n|zimmer|kapitel|seite|bestellung|rechnung|verh[aä]ltnis|noten?|durchschnitt"
    r"|chambre|chapitre|commande|facture|moyenne|stanza|capitolo|pagina|ordine|fattura|versione|media|kamer|hoofdstuk|bestelling"
    r"|v|ver|art|nr"
)
_THING_NUMBER = (
    r"[0-9]{7,13}(?:$|[^0-9-])|[0-9]{3}[ -][0-9]{4}(?:$|[^0-9])"
    r"|-?[0-9]{1,6}\.[0-9]"
)
_THING = rf"((?:^|[^\pL\pN])(?i:{_THINGS})[^\pL\pN\n+(-]{{1,3}})({_THING_NUMBER})"


def leave_things(text: Any) -> Any:
    """Return an ibis text expression with `THING` before the number of a thing: of a chapter, an order, a version."""
    return text.replace(THING, "").re_replace(_THING, rf"\1{THING}\2")

"""What WhatsApp says itself in a line that nobody wrote, told by what it is made of: an action, and what it is done to.

No sentence is listed whole, as each has a name in it and many forms. A person's name may hold a word for a group, or
one for what was done, hardly both.
"""

import re
import unicodedata

from egregora_core.sources.whatsapp.stems import ENCRYPTED
from egregora_core.sources.whatsapp.words import MARKS

_ACTIONS = (
    # English
    r"added|created|joined|removed|changed|pinned|invited|linked|requested|updated|deactivated|turned (?:on|off)|"
    r"made|is now|are now|you're now|now part|welcome to|"
    # Portuguese, Spanish, Catalan
    r"adicion(?:ou|aste|ad[oa]s?)|criou|criaste|entr(?:ou|aste)|removeu|removeste|mud(?:ou|aste)|alter(?:ou|aste)|"
    r"fix(?:ou|aste)|afix(?:ou|aste)|convid(?:ou|aste)|vincul(?:ou|aste)|ativ(?:ou|aste)|desativ(?:ou|aste)|"
    r"boas[- ]vindas|bem[- ]vind[oa]s?|aderiu|agora faz|"
    r"añadi(?:ó|ste)|añadid[oa]s?|agreg(?:ó|aste)|cre(?:ó|aste)|uni(?:ó|ste)|elimin(?:ó|aste)|cambi(?:ó|aste)|"
    r"fij(?:ó|aste)|invit(?:ó|aste)|vincul(?:ó|aste)|solicit(?:ó|aste)|actualiz(?:ó|aste)|"
    r"bienvenid[oa]s?|ahora (?:es|eres|forma)|"
    r"(?:va|ha|has|heu) (?:afegir|afegit|crear|creat|canviar|canviat|eliminar|eliminat|convidat)|s'ha unit|t'has unit|"
    # French, Italian, Romanian
    r"(?:a|as|avez|été|êtes) (?:été )?(?:ajouté|créé|rejoint|retiré|supprimé|changé|modifié|épinglé|invité)e?s?|"
    r"a activé|a désactivé|bienvenue|fait désormais|faites désormais|"
    r"(?:ha|hai|è stat[oa]|sei stat[oa]) (?:aggiunto|aggiunta|creato|rimosso|rimossa|cambiato|modificato|fissato|"
    r"invitato|invitata|collegato)|(?:è|sei) entrat[oa]|(?:si è|ti sei) unit[oa]|benvenut[oaie]|"
    r"(?:a|ai|v|ați) (?:adăugat|creat|eliminat|schimbat|modificat|fixat|invitat)|s-a alăturat|te-ai alăturat|"
    r"v-ați alăturat|bun venit|"
    # German, Dutch, Afrikaans
    r"hinzugefügt|erstellt|beigetreten|entfernt|geändert|angeheftet|eingeladen|verknüpft|aktiviert|deaktiviert|"
    r"willkommen|ist jetzt|bist jetzt|"
    r"toegevoegd|aangemaakt|gemaakt|deelgenomen|lid geworden|toegetreden|verwijderd|gewijzigd|vastgemaakt|vastgezet|"
    r"uitgenodigd|gekoppeld|welkom|"
    r"bygevoeg|geskep|aangesluit|verwyder|verander|genooi|"
    # Swedish, Danish, Norwegian, Finnish
    r"lade till|la till|lagt till|tillagd|la til|lagt til|tilføjede|tilføjet|skapade|oprettede|opprettet|gick med|"
    r"ble med|blev medlem|deltog|deltar nå|tog bort|fjernet|fjernede|ändrade|endret|ændrede|fäste|festet|"
    r"fastgjorde|bjöd in|inviterte|inviterede|inviteret|välkommen|velkommen|"
    r"lisäsi\w*|lisätty|loi|loit|liitty\w+|liityi\w+|poisti\w*|vaihto\w+|vaihdoi\w+|muutti\w*|muuti\w+|kiinnit\w+|"
    r"kutsu\w+|tervetuloa|"
    # Polish, Czech, Slovak, Croatian, Serbian, Slovenian
    r"doda[łl]\w*|dodan[oa]|utworzy[łl]\w*|do[łl]ączy[łl]\w*|usun\w+|zmieni[łl]\w*|przypi\w+|zaprosi[łl]\w*|witam\w*|"
    r"p[řr]idal\w*|vytvo[řr]il\w*|p[řr]ipojil\w*|odebral\w*|odstránil\w*|odstranil\w*|zm[ěe]nil\w*|p[řr]ipnul\w*|"
    r"pozval\w*|v[íi]t[ae]jte|"
    r"stvori\w*|kreira\w*|napravi\w*|pridruži\w*|ukloni\w*|promijeni\w*|promeni\w*|prikvači\w*|zakači\w*|pozva\w*|"
    r"dobrodošli|ustvari\w*|odstrani\w*|spremeni\w*|povabi\w*|dobrodošl\w+|"
    # Russian, Ukrainian, Bulgarian, Serbian
    r"добав\w+|созда(?:л|ли|ла)|присоедини\w+|вступил\w*|удалил\w*|изменил\w*|закрепил\w*|пригласил\w*|"
    r"добро пожаловать|дода(?:в|ла|ли|но)|створи\w+|приєдна\w+|вилучи\w+|видали\w+|зміни\w+|закріпи\w+|запроси\w+|"
    r"ласкаво просимо|вітаємо|създаде\w*|премахна\w*|промени\w*|закачи\w*|покани\w*|добре дошли|додао|додала|"
    r"направи\w*|придружи\w*|уклони\w*|"
    # Greek, Hungarian, Turkish
    r"πρόσθεσ\w+|προσθέσ\w+|δημιούργησ\w+|δημιουργήσ\w+|συμμετείχ\w+|συμμετέχ\w+|μπήκ\w+|εντάχθηκ\w+|αφαίρεσ\w+|"
    r"αφαιρέσ\w+|άλλαξ\w+|αλλάξ\w+|καρφίτσωσ\w+|προσκάλεσ\w+|καλώς|"
    r"hozzáad\w+|létrehoz\w+|csatlakoz\w+|eltávolít\w+|megváltoztat\w+|módosít\w+|kitűz\w+|meghív\w+|üdvöz\w+|"
    r"ekle(?:di|din|diniz|ndi|ndin|ndiniz)|oluştur(?:du|dun|dunuz)|katıl(?:dı|dın|dınız)|çıkar(?:dı|dın|dınız)|"
    r"değiştir(?:di|din|diniz)|sabitle(?:di|din|diniz)|davet etti\w*|hoş geldin\w*|"
    # Indonesian, Malay, Swahili, Filipino, Vietnamese
    r"menambah(?:kan)?|ditambahkan|membuat|mencipta|bergabung|menyertai|mengeluarkan|mengubah|menukar|menyematkan|"
    r"mengundang|menjemput|selamat datang|"
    r"(?:ali|uli|ume|ame|wali)(?:ku|m)?(?:ongeza|unda|jiunga|badilisha|ondoa|alika)|karibu|"
    r"nagdagdag|idinagdag|idinadag|gumawa|ginawa|sumali|binago|inalis|inimbitahan|"
    r"đã (?:được )?(?:thêm|tạo|tham gia|xóa|xoá|đổi|thay đổi|ghim|mời)|chào mừng"
)
_THINGS = (
    r"groups?|community|communities|subject|invite|invitation|description|icon|settings|security code|phone number|"
    r"admins?|channel|"
    r"grupos?|comunidade?|convite|assunto|descrição|descripción|código|invitación|asunto|grup|comunitat|invitació|"
    r"descripció|assumpte|administrador(?:a|es)?|"
    r"groupe|communauté|invitation|sujet|objet|gruppo|comunità|invito|oggetto|descrizione|codice|grupul\w*|"
    r"comunit\w+|invitați\w+|subiect\w*|descrier\w+|"
    r"grupp\w*|gruppe\w*|communit\w*|betreff|beschreibung|einladung\w*|groep\w*|uitnodiging\w*|onderwerp|"
    r"beschrijving|gemeenskap|"
    r"gemenskap\w*|fællesskab\w*|fellesskap\w*|inbjudan|invitasjon\w*|ämne\w*|emne\w*|beskrivning\w*|beskrivelse\w*|"
    r"ryhmä\w*|yhteisö\w*|kutsu\w*|aihe\w*|aiheen|kuvau\w+|"
    r"grup\w*|społeczno\w+|zaprosze\w+|temat\w*|opis\w*|skupin\w*|komunit\w*|pozvánk\w*|předmět\w*|predmet\w*|popis\w*|"
    r"zajednic\w*|pozivnic\w*|skupnost\w*|povabil\w*|"
    r"груп\w+|сообществ\w*|приглашени\w*|тем[уаыи]|описани\w*|спільнот\w*|запрошення|опис|общност\w*|покан\w*|"
    r"заједниц\w*|"
    r"ομάδ\w+|κοινότητ\w+|πρόσκλησ\w+|θέμα|περιγραφή\w*|csoport\w*|közösség\w*|meghívó\w*|tárgy\w*|leírás\w*|"
    r"grub\w*|toplulu\w+|davet\w*|konu\w*|açıklama\w*|"
    r"kumpulan|komunitas|komuniti|undangan|jemputan|subjek|deskripsi|perihal|"
    r"kikundi|jumuiya|mwaliko|kundi|komunidad|imbitasyon|nhóm|cộng đồng|lời mời|chủ đề|mô tả"
)
_OTHER_ACTIONS = (
    # Scripts whose words are not set apart, or take their little words as prefixes.
    "הוסיפ|הוסיף|הוספת|צירף|צירפ|צורפ|יצר|הצטרפ|הצטרף|הסיר|שינה|שינתה|שינית|הצמיד|הזמין|הזמינ|ברוכים הבאים|"
    "أضاف|أضفت|إضافت|اضاف|أنشأ|انضم|أزال|غيّر|غيَّر|غير |غيرت|ثبّت|ثبت|دعا|مرحب|"
    "اضافه کرد|افزود|ایجاد کرد|ساخت|پیوست|حذف کرد|تغییر داد|سنجاق کرد|دعوت کرد|خوش آمدید|"
    "شامل کیا|شامل ہو|بنایا|ہٹایا|تبدیل ک|مدعو|خوش آمدید|"
    "जोड़ा|जोड़ दिया|जोड़े|बनाया|शामिल ह|हटाया|हटा दिया|बदला|बदल दिया|पिन किया|न्योता|स्वागत|जॉइन|"
    "যোগ কর|তৈরি কর|যোগ দি|যোগদান|সরিয়ে|পরিবর্তন কর|আমন্ত্রণ জানি|স্বাগত|"
    "เพิ่มคุณ|ได้เพิ่ม|สร้างกลุ่ม|เข้าร่วม|เปลี่ยนหัวข้อ|เปลี่ยนชื่อ|ปักหมุด|เชิญคุณ|ยินดีต้อนรับ|"
    "追加しました|追加されました|作成しました|参加しました|削除しました|変更しました|固定しました|招待しました|ようこそ|"
    "추가했|추가하|추가되|만들었|만드셨|생성했|생성하|참여했|참여하|참가했|참가하|변경했|변경하|삭제했|초대했|초대하|환영합|"
    "添加了|已添加|将您添加|将你添加|您已加入|你已加入|加入了|新增了|已新增|將您加入|將你加入|已將|创建了|您已创建|建立了|您已建立|"
    "你已建立|你已创建|更改了|已更改|變更了|已變更|移除了|置顶了|邀请了|邀請了|欢迎加入|歡迎加入|透过邀请|通过邀请|透過邀請"
)
_OTHER_THINGS = (
    "קבוצ|קהיל|הזמנה|נושא|תיאור|مجموعة|المجتمع|مجتمع|دعوة|الموضوع|موضوع|وصف|گروه|انجمن|جامعه|دعوت|توضیحات|گروپ|کمیونٹی|"
    "ग्रुप|समूह|कम्यूनिटी|कम्युनिटी|समुदाय|न्योते|आमंत्रण|विषय|विवरण|গ্রুপ|কমিউনিটি|আমন্ত্রণ|กลุ่ม|ชุมชน|คอมมูนิตี้|คำเชิญ|หัวข้อ|"
    "グループ|コミュニティ|招待|件名|説明|그룹|커뮤니티|단체|초대|제목|설명|群组|群組|群|社群|社区|社區|主題|主题|邀请|邀請"
)
_SECURITY = (
    r"security code with|código de segurança (?:com|de)|código de seguridad (?:con|de)|codi de seguretat amb|"
    r"sicherheitsnummer (?:für|von|mit)|code de sécurité (?:avec|de)|codice di sicurezza (?:con|di)|"
    r"beveiligingscode (?:met|van)|код безопасности с|код безпеки|kod zabezpieczeń|kod bezpieczeństwa|güvenlik kodu|"
    r"kode keamanan|säkerhetskod|sikkerhedskode|sikkerhetskode|turvakood|bezpečnostní kód|bezpečnostný kód|"
    r"biztonsági kód|codul (?:tău |dvs\. )?de securitate|κωδικός ασφαλείας|код за сигурност|sigurnosni kod|"
    r"קוד האבטחה|رمز الأمان|رمز حماية|کد امنیتی|सिक्योरिटी कोड|सुरक्षा कोड|รหัสความปลอดภัย|mã bảo mật|"
    r"セキュリティコード|보안 코드|安全代码|安全代碼|安全碼|安全码"
)
_YOU = (
    r"you|your|você|vocês|seu|sua|tú|te|tu|usted|du|ihr|dein|deine|vous|votre|hai|sei|ti|il tuo|je|jij|jouw|u|вы|ви|"
    r"вас|ty|vy|siz|sen|anda|kamu|din|ditt|sinä|te|ön|ai|ați|εσείς|ti|vi"
)
_ACTION = re.compile(rf"(?<!\w)(?:{_ACTIONS})(?!\w)|{_OTHER_ACTIONS}")
_THING = re.compile(rf"(?<!\w)(?:{_THINGS})(?!\w)|{_OTHER_THINGS}")
_FIXED = re.compile(f"{_SECURITY}|{ENCRYPTED}")
_PERSONAL = frozenset({"settings", "security code", "phone number", "channel", "código", "codice"})
"""Things that the app writes of in a chat of two, too."""
_YOU_FIRST = re.compile(rf"(?:{_YOU}) ")
_YOU_DID = re.compile(
    r"^(?:te )?(?:cre|cri|agreg|adicion|añad|un|aderi|entr|cambi|mud|alter)[ai]?ste(?!\w)|"
    r"^(?:ai creat|te-ai alăturat) |"
    r"^(?:loit|liityit)(?:te)? |^(?:utworzy|stworzy|dołączy)ł[ae]ś |(?:oluştur|katıl)d[ıu]n[ıu]z$|"
    r"^(?:لقد )?(?:أنشأت|انضممت) |^[您你]已"
)
"""What you did, in languages that leave out the word for you: two words can be a whole notice."""
_NUMBER_FIRST = re.compile(r"[~+]")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_FEWEST_WORDS = 4
_FEWEST_LETTERS = 8
"""Of a sentence in a script without spaces."""
_LONG = 50
_VERY_LONG = 100
_PAIRS = (('"', '"'), ("“", "”"), ("«", "»"), ("「", "」"), ("„", "“”"), ("'", "'"), ("‘", "’"))
_APOSTROPHE = re.compile(r"(?:\S+ ){3,}['‘][^'’]*$")
"""Only after a few words, and before one, does it start a quotation."""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(MARKS + " ").casefold().replace("’", "'")


def is_notice(text: str) -> bool:
    """Tell whether a text, or its beginning, is the app's by its words alone: `Ana added you to a group in the …`."""
    folded = _folded(text)
    if _YOU_DID.search(folded):
        return bool(_THING.search(folded))
    if not _is_long_enough(text):
        return False
    text = folded
    return bool(_FIXED.search(text)) or bool(_ACTION.search(text) and _THING.search(text))


def tells_of_group(text: str) -> bool:
    """Tell whether a notice is about a group, not about somebody's number or security code."""
    text = _folded(text)
    return bool(_ACTION.search(text) and any(thing not in _PERSONAL for thing in _THING.findall(text)))


def _is_long_enough(text: str) -> bool:
    return text.count(" ") >= _FEWEST_WORDS - 1 or bool(len(text) >= _FEWEST_LETTERS and _UNSPACED.search(text))


def tells_of(text: str, name: str) -> bool:
    """Tell whether a text says what somebody did: `Ana added Bob`, where `Ana` is the name."""
    start = f"{name} "
    return text.startswith(start) and bool(_ACTION.search(unicodedata.normalize("NFC", text[len(start) :])))


def tells_of_you(text: str) -> bool:
    """Tell whether a text says what you, or a number, did: `You added Bob`."""
    text = _folded(text)
    first = _YOU_FIRST.match(text) or _NUMBER_FIRST.match(text)
    return bool(first and _ACTION.search(text, first.end()))


def is_cut(text: str, rest: str) -> bool:
    """Tell whether a quotation starts in a text and ends in the rest: `Ana changed the subject from "a`, `b"`."""
    for start, ends in _PAIRS:
        if start in "'‘" and not _APOSTROPHE.match(text):
            continue
        if start in ends:
            if text.count(start) % 2 and rest.count(start) % 2:
                return True
        elif _unclosed(text, start, ends) > 0 > _unclosed(rest, start, ends):
            return True
    return False


def _unclosed(text: str, start: str, ends: str) -> int:
    return text.count(start) - sum(text.count(end) for end in ends)


def is_sentence(text: str) -> bool:
    """Tell whether what stands once before a colon is too much like prose for a name, however long names are.

    Names are written in capitals, prose is not; where a script has none, a long text that ends and goes on is prose.
    """
    if len(text) <= _LONG or not (len(text) > _VERY_LONG or re.search(r"[.。।] ?\w", text)):
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1]
    small, capital = sum(map(str.islower, words)), sum(word[0].isupper() for word in words)
    return small > capital or not (small or capital)

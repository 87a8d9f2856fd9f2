"""What WhatsApp writes into bodies itself, told from what people write: by structure first, by words last.

`LRM` before a text is the app's own signature on iOS, and stands before attachments on Android; a person does not type it.
The words below are stems or whole phrases, in lower case, and only speak where structure leaves a choice.
"""

from dataclasses import dataclass

from egregora_core.sql import literal

_DELETED = """
this message was deleted|you deleted this message|message deleted|diese Nachricht wurde gelöscht|du hast diese Nachricht gelöscht
|se eliminó este mensaje|eliminaste este mensaje|este mensaje fue eliminado|este mensaje se eliminó|esta mensagem foi apagada
|mensagem apagada|você apagou esta mensagem|apagou esta mensagem|esta mensagem foi eliminada|eliminou esta mensagem|mensagem eliminada
|ce message a été supprimé|vous avez supprimé ce message|questo messaggio è stato eliminato|hai eliminato questo messaggio
|dit bericht is verwijderd|dit bericht werd verwijderd|u hebt dit bericht verwijderd|je hebt dit bericht verwijderd
|jij hebt dit bericht verwijderd|данное сообщение удалено|вы удалили данное сообщение|сообщение удалено|это сообщение удалено
|вы удалили это сообщение|bu mesaj silindi|bu mesajı sildiniz|ta wiadomość została usunięta|wiadomość usunięta|usunąłeś tę wiadomość
|usunięto tę wiadomość|pesan ini telah dihapus|anda menghapus pesan ini|mesej ini telah dipadam|anda memadam mesej ini
|detta meddelande raderades|det här meddelandet raderades|du raderade detta meddelande|du tog bort detta meddelande
|denne besked blev slettet|du slettede denne besked|denne meldingen ble slettet|du slettet denne meldingen|tämä viesti poistettiin
|poistit tämän viestin|tato zpráva byla odstraněna|tuto zprávu jste odstranil(a)|tato zpráva byla smazána|táto správa bola odstránená
|odstránili ste túto správu|ezt az üzenetet törölték|törölted ezt az üzenetet|ez az üzenet törölve lett|acest mesaj a fost șters
|ai șters acest mesaj|αυτό το μήνυμα διαγράφηκε|διαγράψατε αυτό το μήνυμα|це повідомлення видалено|ви видалили це повідомлення
|това съобщение беше изтрито|изтрихте това съобщение|ova poruka je izbrisana|izbrisali ste ovu poruku|ова порука је избрисана
|to sporočilo je bilo izbrisano|see sõnum kustutati|šī ziņa tika izdzēsta|ši žinutė buvo ištrinta|aquest missatge s'ha eliminat
|aquest missatge s’ha suprimit|heu suprimit aquest missatge|هذه الرسالة محذوفة|تم حذف هذه الرسالة|لقد حذفت هذه الرسالة|حذفت هذه الرسالة
|این پیام حذف شد|این پیام حذف شده است|شما این پیام را حذف کردید|הודעה זו נמחקה|מחקת הודעה זו|यह संदेश हटाया गया|यह मैसेज हटा दिया गया
|यह मैसेज मिटा दिया गया|आपने यह मैसेज मिटा दिया|आपने यह संदेश हटाया|ข้อความนี้ถูกลบแล้ว|คุณลบข้อความนี้แล้ว|tin nhắn này đã bị xóa|bạn đã xóa tin nhắn này
|このメッセージは削除されました|このメッセージを削除しました|삭제된 메시지입니다|이 메시지는 삭제되었습니다|이 메시지를 삭제했습니다|此消息已删除|您已删除此消息
|你已删除这条消息|这条消息已被删除|此訊息已刪除|您已刪除此訊息|你已刪除這則訊息|這則訊息已刪除|你已刪除此訊息|ujumbe huu ulifutwa|umefuta ujumbe huu
|hierdie boodskap is geskrap|jy het hierdie boodskap geskrap|na-delete ang mensaheng ito|binura mo ang mensaheng ito
"""
DELETED = tuple(phrase for phrase in _DELETED.replace("\n", "").split("|") if phrase)

_EDITED = (
    "edit|bearbeitet|modific|modifié|bewerkt|измен|отредакт|редагов|відредаг|редактир|düzenlen|edyt|redig|redak|uprav|muokat|"
    "szerkeszt|επεξεργ|تعديل|عُدل|ویرایش|נערכה|संपादित|संपादन|बदल|編集|编辑|編輯|已修改|수정|แก้ไข|chỉnh sửa|diedit|disunting|uređen|"
    "urejen|измењ|уређен|muudet|rediģē|labota|redaguot|wysig|gewysig|imehaririwa|tahrir|өңдел|խմբագր|რედაქტ|সম্পাদ|திருத்த|సవరించ|تدوین"
)
_ATTACHED = (
    "attached|angehängt|anexad|adjunt|joint|allegat|bijgevoegd|добавлен|прикреп|вкладен|прикачен|ekli|eklendi|załączon|dołączon|terlampir|"
    "dilampirkan|bifogad|vedhæftet|vedlagt|liitetty|přiložen|priložen|priloží|csatol|atașat|συνημμέν|επισυνάφ|مرفق|پیوست|مصורף|מצורף|संलग्न|"
    "अटैच|แนบ|đính kèm|添付|첨부|附件|附加|附帶|已附|lisatud|pievienot|pridėt|aangeheg|imeambatishwa"
)
_STICKER = "sticker|figurinha|autocollant|adesiv|стикер|наклейк|наліпк|çıkartma|naklejk|klistermärk|klistremerke|tarra|nálepk|matrica|αυτοκόλλητ|ملصق|استیکر|מדבקה|स्टिकर|สติกเกอร์|nhãn dán|ステッカー|スタンプ|스티커|贴图|表情贴|貼圖|stiker"
_CONTACT = "contact card|contact omitted|kontakt|contato|contacto|contatto|contactpersoon|carte de contact|контакт|kişi kartı|wizytówk|kontak|επαφή|جهة اتصال|מידע על איש קשר|संपर्क|連絡先|연락처|联系人|聯絡人"
_CALL = (
    "call|anruf|llamada|chamada|ligação|appel|chiamata|oproep|звонок|дзвінок|arama|połączenie|panggilan|samtal|opkald|anrop|puhelu|hovor|"
    "hívás|apel|κλήση|مكالمة|تماس|שיחה|שיחת|कॉल|โทร|cuộc gọi|通話|通话|통화|语音通话|視訊"
)
_LOCATION = "location|standort|ubicación|localização|localisation|position|posizione|locatie|местополож|геопоз|місцезнах|konum|lokaliz|lokasi|plats|sijainti|poloha|hely|τοποθεσία|الموقع|موقعیت|מיקום|लोकेशन|स्थान|ตำแหน่ง|vị trí|位置|위치"

_NAME = r"[^<>/\\:*?\x22|\x{200e}\x{200f}]+\.[A-Za-z0-9]{1,5}"
_BIDI = r"[\x{200e}\x{200f}]"
_MARKED = rf"(?s)^(.*?) ?{_BIDI}*<[^<>:：/\\]+[:：] ?{_BIDI}?({_NAME})>$"
_MARKED_LAST = rf"(?s)^(.*?) ?{_BIDI}+<({_NAME}) [^<>.:]{{2,40}}>$"
_ANDROID = rf"^({_BIDI}*)({_NAME}) [(（]([^()（）]+)[)）]$"
_PHONE_NAMES = r"^[A-Z]{2,4}-[0-9]{8}-WA[0-9]+"
_OMITTED = r"^<[^<>=/\x22@:：{}]+>$"
_URL = r"https?://(?:maps\.google\.[a-z.]+/|maps\.app\.|www\.google\.[a-z.]+/maps|maps\.apple\.com|(?:www\.|[a-z]+\.)?foursquare\.com/v/|4sq\.com)"

TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "3gp": "video/3gpp",
    "avi": "video/x-msvideo",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "wav": "audio/x-wav",
    "flac": "audio/flac",
    "vcf": "text/vcard",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "apk": "application/vnd.android.package-archive",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "epub": "application/epub+zip",
}
"""Extension → MIME type: a table of our own, as the machine's differs from one to the next."""


@dataclass(frozen=True)
class Signs:
    """How a file's app-written texts are told."""

    chat_name: str | None = None
    """iOS: the name under which the app itself writes."""
    is_group: bool = False
    """Nobody of that name takes part: all that it writes is the app's."""


def is_special(text: str, newline: str) -> str:
    """Return SQL that is true wherever a body may hold anything of the app's; cheap, and true for few."""
    n = literal(newline)
    spelt = (
        form + end for phrase in DELETED for form in (phrase, phrase[0].upper() + phrase[1:]) for end in ("", ".", "。")
    )
    return (
        f"(contains({text}, chr(8206)) OR contains({text}, chr(8207)) OR contains({text}, chr(8296)) "
        f"OR ends_with({text}, '>') OR ends_with({text}, ')') OR ends_with({text}, '）') OR contains({text}, ': http') "
        f"OR (contains({text}, {n}) AND (contains({text}, '>' || {n}) OR contains({text}, ')' || {n}) "
        f"OR contains({text}, ':' || {n}) OR contains({text}, '：' || {n}))) "
        f"OR {text} IN ({', '.join(map(literal, spelt))}))"
    )


def columns_sql(source: str, newline: str, signs: Signs) -> str:
    """Return a SELECT over `source(pos, author, t)`, whose bodies are special: what each says beside its text.

    Columns: pos, author (null where the app wrote it), t (text, null if nothing but markers), kind, edited,
    media_name, media_missing, mentions.
    """
    n = literal(newline)
    chat = f"author = {literal(signs.chat_name)}" if signs.chat_name is not None else "FALSE"
    stages = [
        f"""SELECT pos, author, t AS raw, regexp_extract(t, '^{_BIDI}') <> '' AS lrm,
                   CASE WHEN ends_with(t, '>') THEN regexp_extract(t, {literal(_edit_pattern(newline))}, ['body', 'mark', 'word']) END AS e
            FROM {source}""",
        f"""SELECT *, CASE WHEN e.word <> '' THEN NOT regexp_matches(e.word, '\\.[A-Za-z0-9]{{2,5}}( |$)')
                   AND (e.mark <> '' OR regexp_matches(lower(e.word), {literal(_EDITED)})) ELSE FALSE END AS edited FROM prev""",
        "SELECT *, CASE WHEN edited THEN e.body ELSE raw END AS t FROM prev",
        f"""SELECT *, CASE WHEN contains(t, {n}) THEN left(t, instr(t, {n}) - 1) ELSE t END AS first,
                   CASE WHEN contains(t, {n}) THEN substr(t, instr(t, {n}) + 1) END AS more,
                   regexp_replace(t, '^{_BIDI}+', '') AS x FROM prev""",
        f"""SELECT *, CASE WHEN ends_with(t, '>') THEN regexp_extract(t, {literal(_MARKED)}, ['body', 'name']) END AS m,
                   CASE WHEN ends_with(t, '>') THEN regexp_extract(t, {literal(_MARKED_LAST)}, ['body', 'name']) END AS m2,
                   CASE WHEN ends_with(first, ')') OR ends_with(first, '）')
                        THEN regexp_extract(first, {literal(_ANDROID)}, ['mark', 'name', 'word']) END AS a FROM prev""",
        f"""SELECT *, CASE WHEN m.name <> '' AND (lrm OR m.body = '' OR regexp_matches(raw, '{_BIDI}<')) THEN 1
                        WHEN m2.name <> '' THEN 2
                        WHEN a.name <> '' AND (a.mark <> '' OR regexp_matches(a.name, '{_PHONE_NAMES}')
                             OR regexp_matches(lower(a.word), {literal(_ATTACHED)})) THEN 3 ELSE 0 END AS how
            FROM prev""",
        f"""SELECT *, CASE how WHEN 1 THEN m.name WHEN 2 THEN m2.name WHEN 3 THEN a.name END AS media_name,
                   CASE how WHEN 1 THEN m.body WHEN 2 THEN m2.body END AS caption,
                   CASE WHEN how = 0 AND starts_with(first, '<') AND length(first) <= 62 THEN regexp_matches(first, '{_OMITTED}')
                       AND regexp_matches(first, '[^\\x21-\\x7f]') ELSE FALSE END AS omitted,
                   how = 0 AND more IS NULL AND lrm AND length(x) <= 100 AS short,
                   how = 0 AND more IS NULL AND rtrim(lower(x), '.。 ') IN ({", ".join(literal(phrase.lower()) for phrase in DELETED)}) AS deleted,
                   CASE WHEN how = 0 AND contains(x, ': ') AND contains(x, 'http') THEN regexp_matches(x, '^[^:<>]{{1,30}}: {_URL}')
                        OR (lrm AND regexp_matches(x, '^[^:<>]{{1,30}}: .*{_URL}')) ELSE FALSE END AS located,
                   CASE WHEN how = 0 AND more IS NOT NULL THEN {_poll_sql(newline)} ELSE FALSE END AS poll
            FROM prev""",
        f"""SELECT *, CASE
                WHEN author IS NULL THEN 'system'
                WHEN {chat} AND {"TRUE" if signs.is_group else "FALSE"} THEN 'system'
                WHEN how > 0 AND lower(media_name) LIKE '%.vcf' THEN 'contact'
                WHEN how > 0 AND (lower(media_name) LIKE '%.webp' OR contains(media_name, '-STICKER-')) THEN 'sticker'
                WHEN how > 0 THEN 'media'
                WHEN deleted THEN 'deleted'
                WHEN poll THEN 'poll'
                WHEN located THEN 'location'
                WHEN omitted AND regexp_matches(lower(first), {literal(_STICKER)}) THEN 'sticker'
                WHEN omitted THEN 'media'
                WHEN NOT short OR x = '' THEN CASE WHEN {chat} AND lrm THEN 'system' ELSE 'text' END
                WHEN {chat} AND length(x) > 60 THEN 'system'
                WHEN regexp_matches(lower(x), {literal(_CALL)}) AND length(x) <= 60 THEN 'call'
                WHEN regexp_matches(lower(x), {literal(_STICKER)}) THEN 'sticker'
                WHEN regexp_matches(lower(x), {literal(_CONTACT)}) AND length(x) <= 40 THEN 'contact'
                WHEN regexp_matches(lower(x), {literal(_LOCATION)}) AND length(x) <= 60 THEN 'location'
                WHEN regexp_matches(x, '[.。।۔]$') THEN CASE WHEN {chat} OR length(x) > 60 THEN 'system' ELSE 'deleted' END
                WHEN length(x) <= 40 THEN 'media'
                WHEN {chat} THEN 'system' ELSE 'text' END AS kind FROM prev""",
        f"""SELECT pos, CASE WHEN kind <> 'system' THEN author END AS author, kind, edited,
                   nullif(CASE
                       WHEN kind = 'system' THEN replace(replace(raw, chr(8206), ''), chr(8207), '')
                       WHEN kind = 'text' THEN t
                       WHEN how = 3 THEN coalesce(more, '')
                       WHEN how > 0 AND lrm AND contains(caption, '•') THEN ''
                       WHEN how > 0 THEN regexp_replace(caption, '^{_BIDI}+|[ ]?{_BIDI}+$', '', 'g')
                       WHEN kind = 'poll' THEN replace(more, chr(8206), '')
                       WHEN located THEN regexp_replace(x, '^[^:]*: ', '')
                       WHEN omitted THEN coalesce(more, '')
                       ELSE '' END, CASE WHEN kind = 'text' THEN NULL ELSE '' END) AS t,
                   media_name, CASE WHEN omitted OR (short AND kind IN ('media', 'sticker', 'contact')) THEN TRUE END
                       AS media_missing,
                   [regexp_replace(name, '[\\x{{2068}}\\x{{2069}}]|^@', '', 'g') FOR name IN
                       regexp_extract_all(raw, '@\\x{{2068}}[^\\x{{2069}}{newline}]*\\x{{2069}}')] AS mentions
            FROM prev""",
    ]
    sql = stages[0]
    for stage in stages[1:]:
        sql = stage.replace("FROM prev", f"FROM ({sql})")
    return sql


def _edit_pattern(newline: str) -> str:
    return rf"(?s)^(.*?) ?({_BIDI}?)<([^<>:：{newline}]{{2,60}})>$"


def _poll_sql(newline: str) -> str:
    """A poll is a heading in capitals (or after the app's mark), the question, and options with their votes."""
    option = rf"{newline}{_BIDI}*[^{newline}:：]+[:：] [^{newline}]* ?[(（][^{newline}()]*\pN[^{newline}()]*[)）]"
    return (
        f"(regexp_matches(first, '^{_BIDI}*\\p{{Lu}}[\\p{{Lu}}\\p{{M}} ]+:$') "
        f"OR (lrm AND regexp_matches(first, '^[^:：]+[:：]$'))) AND regexp_matches(t, {literal(option)})"
    )

"""The words of the app, in the languages of its users: stems in lower case, or (deleted) whole phrases as spelt.

They only speak where structure leaves a choice, so a language that is missing here costs a kind, never a message.
"""

# words of all languages look like others

_DELETED = (
    "this message was deleted|you deleted this message|message deleted|diese Nachricht wurde gelöscht|"
    "du hast diese Nachricht gelöscht|se eliminó este mensaje|eliminaste este mensaje|"
    "este mensaje fue eliminado|este mensaje se eliminó|esta mensagem foi apagada|mensagem apagada|"
    "você apagou esta mensagem|apagou esta mensagem|esta mensagem foi eliminada|eliminou esta mensagem|"
    "mensagem eliminada|ce message a été supprimé|vous avez supprimé ce message|"
    "questo messaggio è stato eliminato|hai eliminato questo messaggio|dit bericht is verwijderd|"
    "dit bericht werd verwijderd|u hebt dit bericht verwijderd|je hebt dit bericht verwijderd|"
    "jij hebt dit bericht verwijderd|данное сообщение удалено|вы удалили данное сообщение|сообщение удалено|"
    "это сообщение удалено|вы удалили это сообщение|bu mesaj silindi|bu mesajı sildiniz|"
    "ta wiadomość została usunięta|wiadomość usunięta|usunąłeś tę wiadomość|usunięto tę wiadomość|"
    "pesan ini telah dihapus|anda menghapus pesan ini|mesej ini telah dipadam|anda memadam mesej ini|"
    "detta meddelande raderades|det här meddelandet raderades|du raderade detta meddelande|"
    "du tog bort detta meddelande|denne besked blev slettet|du slettede denne besked|"
    "denne meldingen ble slettet|du slettet denne meldingen|tämä viesti poistettiin|poistit tämän viestin|"
    "tato zpráva byla odstraněna|tuto zprávu jste odstranil(a)|tato zpráva byla smazána|"
    "táto správa bola odstránená|odstránili ste túto správu|ezt az üzenetet törölték|"
    "törölted ezt az üzenetet|ez az üzenet törölve lett|acest mesaj a fost șters|ai șters acest mesaj|"
    "αυτό το μήνυμα διαγράφηκε|διαγράψατε αυτό το μήνυμα|це повідомлення видалено|"
    "ви видалили це повідомлення|това съобщение беше изтрито|изтрихте това съобщение|ova poruka je izbrisana|"
    "izbrisali ste ovu poruku|ова порука је избрисана|to sporočilo je bilo izbrisano|see sõnum kustutati|"
    "šī ziņa tika izdzēsta|ši žinutė buvo ištrinta|aquest missatge s'ha eliminat|"
    "aquest missatge s’ha suprimit|heu suprimit aquest missatge|هذه الرسالة محذوفة|تم حذف هذه الرسالة|"
    "لقد حذفت هذه الرسالة|حذفت هذه الرسالة|این پیام حذف شد|این پیام حذف شده است|شما این پیام را حذف کردید|"
    "הודעה זו נמחקה|מחקת הודעה זו|यह संदेश हटाया गया|यह मैसेज हटा दिया गया|यह मैसेज मिटा दिया गया|"
    "आपने यह मैसेज मिटा दिया|आपने यह संदेश हटाया|ข้อความนี้ถูกลบแล้ว|คุณลบข้อความนี้แล้ว|"
    "tin nhắn này đã bị xóa|bạn đã xóa tin nhắn này|このメッセージは削除されました|"
    "このメッセージを削除しました|삭제된 메시지입니다|이 메시지는 삭제되었습니다|이 메시지를 삭제했습니다|"
    "此消息已删除|您已删除此消息|你已删除这条消息|这条消息已被删除|此訊息已刪除|您已刪除此訊息|"
    "你已刪除這則訊息|這則訊息已刪除|你已刪除此訊息|ujumbe huu ulifutwa|umefuta ujumbe huu|"
    "hierdie boodskap is geskrap|jy het hierdie boodskap geskrap|na-delete ang mensaheng ito|"
    "binura mo ang mensaheng ito|wiadomość została usunięta|odstranili jste tuto zprávu|ข้อความนี้ถูกลบ|คุณลบข้อความนี้|"
    "s'ha suprimit aquest missatge|s’ha suprimit aquest missatge|has suprimit aquest missatge|"
    "এই মেসেজটি মুছে ফেলা হয়েছে|আপনি এই মেসেজটি মুছে দিয়েছেন|یہ پیغام حذف کر دیا گیا|آپ نے یہ پیغام حذف کر دیا"
    "|this message was deleted by an admin|you deleted this message as admin|usunąłeś(-ęłaś) tę wiadomość|"
    "usunąłeś(aś) tę wiadomość|لقد حذَفت هذه الرسالة|حذفتَ هذه الرسالة|यह मैसेज डिलीट कर दिया गया|"
    "यह मैसेज डिलीट कर दिया गया है|आपने यह मैसेज डिलीट किया|pesan ini dihapus|anda telah menghapus pesan ini|"
    "du raderade det här meddelandet|tuto zprávu jste odstranil/a|tuto zprávu jste smazal/a|삭제한 메시지입니다|"
    "це повідомлення було видалено|מחקת את ההודעה הזו|คุณได้ลบข้อความนี้|tin nhắn này đã bị xoá|"
    "bạn đã xoá tin nhắn này|ez az üzenet törlésre került|ezt az üzenetet törölted|ova je poruka izbrisana|"
    "denne besked er blevet slettet|du har slettet denne besked|ați șters acest mesaj|διαγράψατε το μήνυμα|"
    "anda telah memadamkan mesej ini|itong mensahe ay binura na|bu ismarıc silindi|ushbu xabar o‘chirildi"
)
DELETED = tuple(_DELETED.split("|"))
"""What a deleted message leaves."""
DELETED_BY = (
    "this message was deleted by admin ",
    "esta mensagem foi apagada pelo admin ",
    "este mensaje fue eliminado por el administrador ",
    "diese nachricht wurde vom admin ",
    "diese nachricht wurde von admin ",
)
"""What a message that somebody else deleted leaves, before that one's name."""
_CALLS = (
    "missed voice call|missed video call|missed group voice call|missed group video call|chamada de voz perdida|"
    "chamada de vídeo perdida|ligação de voz perdida|ligação de vídeo perdida|llamada perdida|llamada de voz perdida|"
    "videollamada perdida|verpasster Sprachanruf|verpasster Videoanruf|appel vocal manqué|appel vidéo manqué|"
    "chiamata vocale persa|videochiamata persa|gemiste spraakoproep|gemiste video-oproep|пропущенный аудиозвонок|"
    "пропущенный видеозвонок|gemist spraakgesprek|gemist videogesprek|cevapsız sesli arama|"
    "cevapsız görüntülü arama|nieodebrane połączenie głosowe|nieodebrane połączenie wideo|音声通話不在着信|"
    "ビデオ通話不在着信|不在着信|未接语音通话|未接视频通话|未接語音通話|未接視像通話|未接視訊通話|부재중 음성 통화|"
    "부재중 음성전화|부재중 영상통화|مكالمة صوتية فائتة|مكالمة فيديو فائتة|שיחה קולית שלא נענתה|"
    "שיחת וידאו שלא נענתה|मिस्ड वॉइस कॉल|मिस्ड वीडियो कॉल|panggilan suara tak terjawab|"
    "panggilan video tak terjawab|missat röstsamtal|missat videosamtal|vastaamaton äänipuhelu|"
    "vastaamaton videopuhelu|пропущений аудіодзвінок|пропущений відеодзвінок|สายที่ไม่ได้รับ|"
    "วิดีโอคอลที่ไม่ได้รับ|cuộc gọi nhỡ|cuộc gọi nhỡ video|cuộc gọi thoại nhỡ|zmeškaný hlasový hovor|"
    "zmeškaný videohovor|zmeškaný hovor|nem fogadott hanghívás|nem fogadott videohívás|apel vocal nepreluat|"
    "apel video nepreluat|αναπάντητη φωνητική κλήση|αναπάντητη βιντεοκλήση|ubesvaret taleopkald|"
    "ubesvaret videoopkald|tapt taleanrop|tapt videoanrop|propušteni glasovni poziv|propušteni videopoziv"
)
CALLS = tuple(_CALLS.split("|"))
_LIVE_LOCATIONS = (
    "live location shared|localização em tempo real compartilhada|localização em tempo real partilhada|"
    "ubicación en tiempo real compartida|live-standort wird geteilt|live-standort geteilt|"
    "localisation en direct partagée|posizione in tempo reale condivisa|live locatie gedeeld"
)
WAITING = "waiting for this message. this may take a while."
"""What stands for a message that never came."""
LIVE_LOCATIONS = tuple(_LIVE_LOCATIONS.split("|"))
"""What Android writes alone in a body, without a mark."""
_NOT_EXPORTED = (
    "image omitted|video omitted|audio omitted|GIF omitted|sticker omitted|document omitted|video note omitted|"
    "contact card omitted|Bild weggelassen|Video weggelassen|Audio weggelassen|GIF weggelassen|Sticker weggelassen|"
    "Dokument weggelassen|Kontaktkarte ausgelassen|imagem ocultada|imagem omitida|vídeo omitido|áudio ocultado|"
    "GIF omitido|figurinha omitida|documento omitido|cartão do contato omitido|imagen omitida|video omitido|"
    "audio omitido|sticker omitido|tarjeta de contacto omitida|image absente|vidéo absente|audio omis|GIF retiré|"
    "sticker omis|document manquant|fiche contact manquante|immagine omessa|video omesso|audio omesso|GIF esclusa|"
    "sticker non incluso|documento omesso|scheda contatto omessa|afbeelding weggelaten|video weggelaten|"
    "audio weggelaten|GIF weggelaten|sticker weggelaten|document weggelaten|изображение отсутствует|"
    "видео отсутствует|аудиофайл отсутствует|GIF отсутствует|документ отсутствует"
)
NOT_EXPORTED = tuple(_NOT_EXPORTED.split("|"))
"""What iOS writes in place of a file, for exports whose marks were lost on the way."""
LEFT_OUT = (
    r"\bomi|\bome|\bomès|ocult|exclu|esclus|"
    "non inclus|ausgeschl|ausgel|weggel|absente|retiré|manquant|отсутств|пропущено|"
    "dahil edil|disert|dikecual|utel|udel|jätet|vynech|pominię|hiányz|παράλειψ|παραλεί|"
    "utesl|ei kuvaa|ei sisälly|відсутн|не додано|не добавлен|لم يتم إدراج|हटाई ग|ละเว้น|ไม่มี|วิดีโอถูกลบ|đã bỏ|"
    "含まれ|생략|제외|忽略|省略|略去|استبعاد|הושמט|לא נכלל|छोड़|ไม่รวม|bỏ qua"
)
"""Stems of what is said of a file that was not exported."""
OMITTED = (
    f"{LEFT_OUT}|^<(?:media|medien|medier|multimedia) |без медиа|não revel|datotek|izostav|изостав|пропусн|なし|"
    "حذف شد|شامل نہیں|के बिना|বাদ দেওয়া"
)
"""Stems of what stands in brackets in its place."""
EDITED = (
    "edit|bearbeitet|modific|modifié|bewerkt|измен|отредакт|редагов|відредаг|редактир|düzenlen|edyt|redig|"
    "redak|uprav|muokat|szerkeszt|επεξεργ|تعديل|عُدل|ویرایش|נערכה|संपादित|संपादन|बदल|編集|编辑|編輯|已修改|"
    "수정|แก้ไข|chỉnh sửa|diedit|disunting|uređen|urejen|измењ|уређен|muudet|rediģē|labota|redaguot|wysig|"
    "gewysig|imehaririwa|tahrir|өңдел|խմբագր|რედაქტ|সম্পাদ|திருத்த|సవరించ|تدوین|"
    "एडिट|zmienion|змінено|এডিট|ترمیم"
)
ATTACHED = (
    "attached|angehängt|anexad|adjunt|joint|allegat|bijgevoegd|добавлен|прикреп|вкладен|прикачен|ekli|"
    "файл додано|যুক্ত|منسلک|"
    "eklendi|załączon|dołączon|terlampir|dilampirkan|bifogad|vedhæftet|vedlagt|liitetty|přiložen|priložen|"
    "priloží|csatol|atașat|συνημμέν|επισυνάφ|مرفق|پیوست|مصורף|מצורף|संलग्न|अटैच|แนบ|đính kèm|添付|첨부|附件|"
    "附加|附帶|已附|lisatud|pievienot|pridėt|aangeheg|imeambatishwa"
)
STICKER = (
    "sticker|figurinha|סטיקר|autocollant|adesiv|стикер|наклейк|наліпк|çıkartma|naklejk|klistermärk|klistremerke|"
    "tarra|nálepk|matrica|αυτοκόλλητ|ملصق|استیکر|מדבקה|स्टिकर|สติกเกอร์|nhãn dán|ステッカー|スタンプ|스티커|"
    "贴图|表情贴|貼圖|stiker"
)
ENCRYPTED = (
    "end-to-end|ende-zu-ende|ponta a ponta|ponto a ponto|extremo a extremo|bout en bout|сквозн|наскрізн|"
    "uçtan uca|エンドツーエンド|端到端|端對端|종단간|مشفرة تمام|التشفير التام|מקצה לקצה|सिरे से सिरे|"
    "totalsträckskrypter|päästä päähän|koncového šifrov|végpontok közötti|διατερματικ|ujung ke ujung|hujung ke hujung|"
    "đầu cuối|ต้นทางถึงปลายทาง|rejtjelez|szyfrowan|criptate end|crittografia end"
)
"""The notice of encryption, which stands under the other one's name on iOS, even in the middle of a chat."""
CONTACT = (
    "contact card|contact omitted|visitekaart|कॉन्टैक्ट|yhteystieto|vizitk|thẻ liên lạc|บัตรรายชื่อ|névjegy|posjetnic|"
    "fiche contact|contactkaart|بطاقة جهة|כרטיס איש קשר|"
    "kontakt|contato|contacto|contatto|contactpersoon|carte de contact|контакт|"
    "kişi kartı|wizytówk|kontak|επαφή|جهة اتصال|מידע על איש קשר|संपर्क|連絡先|연락처|联系人|聯絡人"
)
CALL = (
    "call|anruf|spraakgesprek|videogesprek|สายที่|llamada|chamada|ligação|appel|chiamata|oproep|звонок|дзвінок|arama|połączenie|panggilan|"
    "samtal|opkald|anrop|puhelu|hovor|hívás|apel|κλήση|مكالمة|تماس|שיחה|שיחת|कॉल|โทร|cuộc gọi|通話|通话|통화|"
    "语音通话|視訊"
)
LOCATION = (
    "location|standort|ubicación|localização|localisation|position|posizione|locatie|местополож|геопоз|"
    "місцезнах|konum|lokaliz|lokasi|plats|sijainti|poloha|hely|τοποθεσία|الموقع|موقعیت|מיקום|लोकेशन|स्थान|"
    "ตำแหน่ง|vị trí|位置|위치"
)

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

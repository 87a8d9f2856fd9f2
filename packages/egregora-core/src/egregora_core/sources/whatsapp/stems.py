"""Parts of the app's words, in lower case and as regular expressions: what they tell is likely, no more.

They speak where the app's own mark stands, two of them together, and then for a kind: a text that is no whole phrase of
`phrases` is kept.
"""

LEFT_OUT = (
    r"\bomi|\bome|\bomès|ocult|exclu|esclus|non inclus|ausgeschl|ausgel|weggel|absente|retiré|manquant|"
    "отсутств|пропущено|dahil edil|disert|dikecual|utel|udel|jätet|vynech|pominię|hiányz|παράλειψ|"
    "παραλεί|utesl|ei kuvaa|ei sisälly|відсутн|не додано|не добавлен|لم يتم إدراج|हटाई ग|ละเว้น|ไม่มี|"
    "วิดีโอถูกลบ|đã bỏ|含まれ|생략|제외|忽略|省略|略去|استبعاد|הושמט|לא נכלל|छोड़|ไม่รวม|bỏ qua|utelä|"
    "udelad|izostav|изостав|пропусн|वगळ|পড়তি|বাদ|نظرانداز|نظر انداز|حذف|نہیں|なし|已略|没有|não revel|"
    "kihagy|omis|પડત|ar lár"
)
"""What is said of a file that was not exported."""
FILE = (
    "image|photo|foto|bild|imagem|imagen|imatge|immagine|afbeelding|изображен|зображен|görüntü|obraz|"
    "obráz|billede|bilde|kép|imagine|εικόνα|slika|gambar|hình|画像|이미지|사진|圖|图|照片|รูปภาพ|फ़ोटो|"
    "फोटो|चित्र|छवि|इमेज|ছবি|ইমেজ|છબી|تصوير|تصویر|الصور|תמונ|kuva|video|vidéo|vídeo|wideo|видео|відео|βίντεο|"
    "ビデオ|動画|비디오|동영상|视频|影片|वीडियो|व्हिडीओ|ভিডিও|વિડિયો|ویڈیو|ویدیو|فيديو|ויד|วิดีโอ|audio|"
    "áudio|àudio|аудио|аудіо|ses|ljud|lyd|zvuk|hang|ήχος|音|오디오|ऑडि|অডিও|ઓડિયો|آڈیو|صدا|صوت|קול|เสียง|"
    "ääni|gif|media|medien|mídia|média|multim|медиа|медіа|مرفق|وسائط|رسانه|میڈیا|मीडिया|মিডিয়া|メディア|"
    "미디어|媒|สื่อ|מדיה|medij|medier|ficheiro|archivo|arquivo|fichier|datei|файл|sticker|stiker|dokum|"
    "docum|документ|文"
)
"""What such a file is."""
DOCUMENT = (
    "document|dokument|documento|documento|документ|belge|dokumen|έγγραφ|asiakirja|tài liệu|ドキュメント|"
    "文書|문서|文件|文档|檔案|เอกสาร|डॉक्यु|डॉक्यू|ডকুমেন্ট|ડોક્યુ|دستاویز|سند|مستند|מסמך|cáipéis"
)
STICKER = (
    "sticker|figurinha|סטיקר|autocollant|adesiv|стикер|наклейк|наліпк|çıkartma|naklejk|klistermärk|"
    "klistremerke|tarra|nálepk|matrica|αυτοκόλλητ|ملصق|استیکر|מדבקה|स्टिकर|สติกเกอร์|nhãn dán|ステッカー|"
    "スタンプ|스티커|贴图|表情贴|貼圖|stiker|pelekat|naljepnic|адхез|enganxina"
)
CONTACT = (
    "contact card|contact omitted|visitekaart|कॉन्टैक्ट|yhteystieto|vizitk|thẻ liên lạc|บัตรรายชื่อ|"
    "névjegy|posjetnic|fiche contact|contactkaart|بطاقة جهة|כרטיס איש קשר|kontakt|contato|contacto|"
    "contatto|contactpersoon|carte de contact|контакт|kişi kartı|wizytówk|kontak|επαφή|جهة اتصال|"
    "מידע על איש קשר|संपर्क|連絡先|연락처|联系人|聯絡人"
)
CALL = (
    "call|anruf|spraakgesprek|videogesprek|สายที่|llamada|chamada|ligação|appel|chiamata|oproep|звонок|"
    "дзвінок|arama|połączenie|panggilan|samtal|opkald|anrop|puhelu|hovor|hívás|apel|κλήση|مكالمة|تماس|"
    "שיחה|שיחת|कॉल|โทร|cuộc gọi|通話|通话|통화|语音通话|視訊"
)
ENCRYPTED = (
    "end-to-end|ende-zu-ende|ponta a ponta|ponto a ponto|extremo a extremo|bout en bout|сквозн|наскрізн|"
    "uçtan uca|エンドツーエンド|端到端|端對端|종단간|مشفرة تمام|التشفير التام|מקצה לקצה|सिरे से सिरे|"
    "totalsträckskrypter|päästä päähän|koncového šifrov|végpontok közötti|διατερματικ|ujung ke ujung|"
    "hujung ke hujung|đầu cuối|ต้นทางถึงปลายทาง|rejtjelez|szyfrowan|criptate end|crittografia end"
)
"""The notice of encryption, which stands under the other one's name on iOS, even in the middle of a chat."""
LOCATION = (
    "location|standort|ubicación|localização|localisation|position|posizione|locatie|местополож|геопоз|"
    "місцезнах|konum|lokaliz|lokasi|plats|sijainti|poloha|hely|τοποθεσία|الموقع|موقعیت|מיקום|लोकेशन|"
    "स्थान|ตำแหน่ง|vị trí|位置|위치"
)
MESSAGE = (
    "message|nachricht|mensaje|mensagem|messaggi|bericht|сообщени|повідомлен|съобщени|mesaj|wiadomo|"
    "pesan|mesej|meddeland|besked|melding|viesti|zpráv|správ|üzenet|μήνυμ|poruk|порук|порака|sporočil|"
    "sõnum|ziņ|žinut|missatge|رسال|پیام|پیغام|میسج|הודע|संदेश|मैसेज|मेसेज|ข้อความ|tin nhắn|メッセージ|"
    "메시지|消息|訊息|信息|ujumbe|boodskap|mensahe|xabar|ismarıc|বার্তা|মেসেজ|સંદેશ|મેસેજ|teachtaireacht|"
    "செய்தி|సందేశ|ಸಂದೇಶ|സന്ദേശ|ਸੁਨੇਹ|mesazh|хат|xabar"
)
DELETED = (
    "delet|gelösch|elimin|apag|borr|suprim|supprim|verwijder|удал|видал|изтри|silin|sildi|usun|hapus|"
    "padam|rader|tagit bort|slett|poist|odstran|smaz|smaza|törölt|törlés|șters|διαγρ|izbris|обрис|избриш|"
    "kustut|dzēs|ištr|esborr|حذف|محذوف|נמחק|מחק|हटा|मिटा|डिलीट|ลบ|xóa|xoá|削除|삭제|删除|刪除|futw|futa|"
    "geskrap|uitgevee|binura|chiril|মুছ|বাদ|રદ્દ|ડિલીટ|scrios|நீக்க|తొలగ|ಅಳಿಸ|ഇല്ലാതാ|ਹਟਾਇ|fshi|жой"
)
EDITED = (
    "edited|bearbeitet|editad|editó|modificad|modificat|modifié|bewerkt|измен|отредакт|редагов|відредаг|"
    "редактиран|düzenlen|edytow|redigera|redigere|zmienion|upraven|muokat|szerkeszt|επεξεργ|τροποποι|"
    "تعديل|عُدل|عدلت|ویرایش|נערכ|ערוכ|संपादित|संपादन|बदल|एडिट|編集|编辑|編輯|已修改|수정|편집|แก้ไข|"
    "chỉnh sửa|diedit|disunting|uređen|urejen|измењ|уређен|muudet|rediģē|labota|redaguot|gewysig|"
    "imehaririwa|tahrir|өңдел|խմբագր|რედაქტ|সম্পাদ|এডিট|திருத்த|సవరించ|تدوین|ترمیم|змінен"
)
"""What is said of an edited message."""
EVENT = (
    "pinned|angeheftet|fijó|fijaste|fixou|fixaste|afixou|afixaste|épinglé|fissato|vastgezet|vastgemaakt|"
    "закрепил|закріпи|sabitle|przypią|przypię|menyematkan|fäst|fastgjorde|festet|kiinnit|připn|pripn|"
    "kitűz|fixat un mesaj|καρφίτσωσ|прикачи|закачи|تثبيت|ثبّت|ثبت|سنجاق|נעצ|הצמיד|पिन किया|ปักหมุด|"
    "đã ghim|ピン留め|고정|置顶|置頂|已釘選|blocked this contact|blockiert|bloqueaste|bloqueou|bloqué|"
    "bloccato|geblokkeerd|заблокир|разблокир|disappearing|security code|phone number|business account"
)
"""What the app says of what somebody did, under that one's name or the chat's."""

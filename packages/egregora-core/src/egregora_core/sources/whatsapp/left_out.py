"""What iOS says in place of a file that was left out: each noun with each word for it, in the app's languages."""

from egregora_core.sources.whatsapp.phrases import as_phrases

_LANGUAGES = (
    (
        "image|video|audio|GIF|video note|video message|voice message|view once photo|view once video",
        "sticker",
        "contact card|contact",
        "document",
        "{} omitted",
    ),
    (
        "Bild|Video|Audio|GIF|Videonotiz|Videonachricht|Audiodatei",
        "Sticker",
        "Kontaktkarte",
        "Dokument",
        "{} weggelassen|{} ausgelassen|{} ausgeschlossen|{} nicht enthalten",
    ),
    (
        "imagen|video|vídeo|audio|GIF|videonota|nota de video|videomensaje",
        "sticker",
        "tarjeta de contacto|contacto",
        "documento",
        "{} omitida|{} omitido",
    ),
    (
        "imagem|vídeo|áudio|GIF|ficheiro de áudio|mensagem de vídeo|nota de vídeo|recado de vídeo|videomensagem",
        "figurinha|sticker|autocolante",
        "cartão do contato|cartão de contato|cartão de contacto|contacto|contato",
        "documento",
        "{} ocultada|{} ocultado|{} omitida|{} omitido|{} não revelada|{} não revelado",
    ),
    (
        "image|vidéo|audio|GIF|note vidéo|message vidéo",
        "sticker|autocollant",
        "fiche contact|carte de contact",
        "document",
        "{} absente|{} absent|{} omis|{} omise|{} retiré|{} retirée|{} manquant|{} manquante",
    ),
    (
        "immagine|video|audio|GIF|videonota|nota video|videomessaggio",
        "sticker|adesivo",
        "scheda contatto",
        "documento",
        "{} omessa|{} omesso|{} esclusa|{} escluso|{} non incluso|{} non inclusa",
    ),
    (
        "afbeelding|video|audio|GIF|videonotitie|videobericht",
        "sticker",
        "visitekaartje|contactkaart",
        "document",
        "{} weggelaten",
    ),
    (
        "изображение|видео|аудиофайл|аудио|GIF|видеозаметка|видеосообщение",
        "стикер",
        "карточка контакта",
        "документ",
        "{} отсутствует|{} не добавлен|{} пропущен|{} пропущено",
    ),
    (
        "зображення|відео|аудіо|GIF-анімацію|GIF|відеонотатка|відеоповідомлення",
        "наліпку|наклейку",
        "картка контакту",
        "документ",
        "{} відсутнє|{} відсутня|{} не додано|{} пропущено",
    ),
    (
        "görüntü|video|ses|GIF|video notu|görüntülü not",
        "çıkartma",
        "kişi kartı",
        "belge",
        "{} dahil edilmedi",
    ),
    (
        "obraz|wideo|audio|plik GIF|GIF|notatka wideo",
        "naklejka|naklejkę",
        "wizytówka kontaktu",
        "dokument",
        "{} pominięty|{} pominięte|{} pominięta|pominięto {}|pominięta {}",
    ),
    (
        "bild|video|ljud|GIF|videomeddelande",
        "sticker|klistermärke",
        "kontaktkort",
        "dokument",
        "{} utesluten|{} uteslutet|{} utelslutet|{} utelämnad|{} utelämnat",
    ),
    (
        "billede|video|lyd|GIF|videobesked",
        "klistermærke|sticker",
        "kontaktkort",
        "dokument",
        "{} udeladt|{} er udeladt",
    ),
    (
        "bilde|video|lyd|GIF|videomelding",
        "klistremerke",
        "kontaktkort",
        "dokument",
        "{} utelatt|{} ikke inkludert|{} sløyfet|utelatt {}",
    ),
    (
        "obrázek|video|zvukový soubor|GIF|videozpráva",
        "nálepka",
        "vizitka",
        "dokument",
        "{} vynechán|{} vynechána|{} vynecháno",
    ),
    (
        "obrázok|video|zvuk|GIF|videospráva",
        "nálepka",
        "karta kontaktu",
        "dokument",
        "{} vynechaný|{} vynechané|{} vynechaná",
    ),
    (
        "kép|videó|hang|GIF fájl|GIF|videóüzenet",
        "matrica",
        "névjegykártya",
        "dokumentum",
        "{} kihagyva|{} kihagyása|{} küldése sikertelen",
    ),
    (
        "imagine|clip video|video|audio|GIF|notă video",
        "sticker|autocolant",
        "carte de vizită contact",
        "document",
        "{} omisă|{} omis|fără {}",
    ),
    (
        "εικόνα|βίντεο|ήχος|GIF|σημείωμα βίντεο",
        "αυτοκόλλητο",
        "η κάρτα επαφής|κάρτα επαφής",
        "έγγραφο",
        "{} παραλείφθηκε|{} παραλήφθηκε|παράληψη {}",
    ),
    (
        "изображение|видео|аудио|GIF",
        "стикер",
        "карта на контакт",
        "документ",
        "{} пропуснато|{} пропуснат|{} пропусната",
    ),
    (
        "slika|video|zvuk|GIF|videoporuka",
        "naljepnica|nalepnica",
        "posjetnica",
        "dokument",
        "{} izostavljena|{} izostavljen|{} izostavljeno",
    ),
    (
        "imatge|vídeo|àudio|GIF|nota de vídeo",
        "adhesiu|enganxina",
        "targeta de contacte",
        "document",
        "{} omesa|{} omès",
    ),
    (
        "gambar|video|audio|GIF|imej|catatan video",
        "stiker|pelekat",
        "kartu kontak|kad kenalan",
        "dokumen",
        "{} tidak disertakan|{} tidak dimasukkan",
    ),
    (
        "hình ảnh|video|ảnh GIF|tệp âm thanh",
        "sticker|nhãn dán",
        "thẻ liên lạc",
        "tài liệu",
        "đã bỏ qua {}|bỏ qua {}|đã bỏ {}",
    ),
    (
        "画像|ビデオ|動画|音声|GIF|ビデオメッセージ",
        "スタンプ|ステッカー",
        "連絡先カード",
        "ドキュメント|文書",
        "{}は含まれていません|{}を省略",
    ),
    (
        "이미지|사진|비디오|동영상|오디오|GIF|영상 메시지",
        "스티커",
        "연락처 카드",
        "문서",
        "{} 생략됨|{} 제외됨",
    ),
    (
        "圖片|圖像|照片|影片|视频|图片|图像|音訊|音频|GIF|GIF 圖片|GIF 动态图|视频留言|影片留言",
        "貼圖|贴图|表情贴",
        "聯絡人卡片|联系人卡片",
        "文件|文档|檔案",
        "{}已略去|{} 已略去|{}已省略|{}已忽略|{}已被省略|{}已被忽略",
    ),
    (
        "ไม่มีรูปภาพ|วิดีโอถูกลบ|ไม่มีไฟล์เสียง|ละเว้น GIF",
        "ไม่มีสติกเกอร์",
        "บัตรรายชื่อที่ละเว้น",
        "ละเว้นเอกสาร",
        "{}",
    ),
    (
        "फ़ोटो|चित्र|छवि|इमेज|वीडियो|ऑडियो|GIF|व्हिडीओ|ऑडिओ|वीडियो नोट",
        "स्टिकर",
        "कॉन्टैक्ट कार्ड|संपर्क कार्ड",
        "डॉक्यूमेंट|डॉक्युमेंट",
        "{} छोड़ा गया|{} छोड़ी गई|{} हटाई गई|{} हटाई गयी|{} हटाया गया|{} वगळली|{} वगळला|{} वगळले",
    ),
    (
        "ইমেজ|ছবি|ভিডিও|অডিও|জিআইএফ|GIF",
        "স্টিকার",
        "পরিচিতির কার্ড",
        "ডকুমেন্ট",
        "{} বাদ দেওয়া হয়েছে",
    ),
    (
        "છબી|વિડિયો|GIF|ઓડિયો",
        "સ્ટીકર",
        "સંપર્કનું કાર્ડ",
        "ડોક્યુમેન્ટ",
        "{} પડતી મૂકાઈ|{} પડતી મુકાઈ|{} પડતું મુકાયું|{} પડતું મૂકાયું|{} સામેલ કર્યું નહિ|{} ફાઇલ શામેલ કરી નથી",
    ),
    (
        "تصویر|ویڈیو|آڈیو|GIF",
        "اسٹیکر",
        "رابطہ کارڈ",
        "دستاویز",
        "{} نکال دی گئی ہے|{} نظرانداز|{} نظر انداز",
    ),
    (
        "تصویر|ویدیو|صدا|GIF",
        "استیکر",
        "برگ مخاطب",
        "سند",
        "{} حذف شد",
    ),
    (
        "الصورة|الفيديوهات|الفيديو|المقاطع الصوتية|المقطع الصوتي|الصوت|صورة GIF",
        "الملصقات|الملصق",
        "بطاقة جهة اتصال|بطاقة جهة الاتصال",
        "المستند",
        "لم يتم إدراج {}|تم حذف {}|تم استبعاد {}|{} غير مدرجة",
    ),
    (
        "התמונה|תמונה|סרטון הווידאו|הווידאו|קטע קול|GIF",
        "סטיקר",
        "כרטיס איש קשר",
        "מסמך",
        "{} הושמטה|{} הושמט|{} לא נכלל",
    ),
    (
        "kuva|videota|äänitiedostoa|GIF-animaatio|GIF",
        "tarraa",
        "yhteystietokortti",
        "dokumenttia",
        "ei {}|{} ei sisällytetä|{} ei sisällytetty|{} jätetty pois|{} jätettiin pois",
    ),
    (
        "íomhá|físeán|comhad fuaime|GIF",
        "greamán",
        "cárta teagmhála",
        "cáipéis",
        "{} ligthe ar lár|{} ar lár",
    ),
)
"""Files, stickers, contacts, documents, and what is said of one."""


def _left_out(column: int) -> tuple[str, ...]:
    made = (
        said.format(noun)
        for *nouns, verbs in _LANGUAGES
        for noun in nouns[column].split("|")
        for said in verbs.split("|")
    )
    return as_phrases("|".join(made))


ALL = FILES, STICKERS, CONTACTS, DOCUMENTS = tuple(map(_left_out, range(4)))

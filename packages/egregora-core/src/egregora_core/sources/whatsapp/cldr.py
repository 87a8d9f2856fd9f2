"""Generated from CLDR by `compile_cldr.py`: do not edit. Patterns are in CLDR's own notation."""

SHORT_DATES: dict[str, int] = {
    "dd/MM/y": 249,
    "y-MM-dd": 196,
    "d/M/yy": 130,
    "d/M/y": 78,
    "dd/MM/yy": 78,
    "M/d/yy": 52,
    "dd.MM.yy": 47,
    "dd.MM.y": 33,
    "d\u200f/M\u200f/y": 29,
    "dd-MM-y": 22,
    "y/M/d": 22,
    "d-M-y": 17,
    "d. M. y.": 14,
    "d.M.yy": 12,
    "d/MM/yy": 11,
    "d-M-yy": 8,
    "d.M.y": 8,
    "dd-MM-yy": 7,
    "yy/M/d": 7,
    "d.MM.yy": 6,
    "yy/MM/dd": 6,
    "d.MM.y": 5,
    "y.MM.dd": 5,
    "d. M. y": 4,
    "yy. M. d.": 4,
    "d-MM-y": 3,
    "d/MM/y": 3,
    "y/MM/dd": 3,
    "M/d/y": 2,
    "MM/dd/y": 2,
    "MM/dd/yy": 2,
    "d M y G": 2,
    "d. M. yy": 2,
    "d.M.yy.": 2,
    "d.MM.yy\u202f'г'.": 2,
    "dd. MM. y.": 2,
    "dd/MM y": 2,
    "y. MM. dd.": 2,
    "yy-MM-dd": 2,
    "d. M. yy.": 1,
}
"""Short date → number of locales."""

SHORT_TIMES: dict[str, int] = {
    "HH:mm": 646,
    "h:mm\u202fa": 184,
    "h:mm a": 132,
    "H:mm": 46,
    "HH.mm": 14,
    "ah:mm": 11,
    "H.mm": 8,
    "hh:mm a": 7,
    "a h:mm": 5,
    "hh:mm\u202fa": 4,
    "'Kl'. H.mm": 3,
    "H:m": 3,
    "Bh:mm": 2,
    "H'h'mm": 2,
    "H:mm 'hodź'.": 2,
    "a 'ga' h:mm": 2,
    "a h.mm": 2,
    "a नि h:mm": 2,
    "a\u202fh:mm": 2,
    "h.mm. a": 2,
    "ཆུ་ཚོད་ h སྐར་མ་ mm a": 2,
    "HH 'h' mm": 1,
}
"""Short time, the one of Android exports → number of locales."""

MEDIUM_TIMES: dict[str, int] = {
    "HH:mm:ss": 651,
    "h:mm:ss\u202fa": 184,
    "h:mm:ss a": 132,
    "H:mm:ss": 45,
    "HH.mm.ss": 14,
    "ah:mm:ss": 11,
    "H.mm.ss": 8,
    "a h:mm:ss": 7,
    "hh:mm:ss a": 7,
    "hh:mm:ss\u202fa": 4,
    "'Klock' H.mm:ss": 3,
    "H:m:s": 3,
    "Bh:mm:ss": 2,
    "a 'ga' h:mm:ss": 2,
    "a h.mm.ss": 2,
    "a\u202fh:mm:ss": 2,
    "h.mm.ss a": 2,
    "ཆུ་ཚོད་h:mm:ss a": 2,
    "HH 'h' mm 'min' ss 's'": 1,
}
"""Medium time, the one of iOS exports → number of locales."""

GLUES: dict[str, int] = {
    "{1} {0}": 673,
    "{1}, {0}": 363,
    "{1}، {0}": 34,
    "{0} {1}": 5,
    "{1}،\u200f {0}": 3,
    "{1} ({0})": 2,
    "{1} - {0}": 2,
}
"""How date `{1}` and time `{0}` are joined → number of locales."""

TWELVE_HOURS: dict[str, int] = {
    "dd/MM/y|{1}, {0}|h:mm\u202fa|am|pm": 41,
    "M/d/yy|{1}, {0}|h:mm\u202fa|AM|PM": 15,
    "d/M/yy|{1}, {0}|h:mm\u202fa|a.\u202fm.|p.\u202fm.": 12,
    "y-MM-dd|{1} {0}|h:mm\u202fa|AM|PM": 12,
    "dd/MM/y|{1} {0}|h:mm\u202fa|AM|PM": 11,
    "M/d/yy|{1} {0}|h:mm\u202fa|AM|PM": 8,
    "d/M/yy|{1} {0}|hh:mm a|AM|PM": 7,
    "d\u200f/M\u200f/y|{1}، {0}|h:mm a|ص|م": 7,
    "d/M/yy|{1} {0}|h:mm a|AM|PM": 6,
    "d/M/yy|{1}, {0}|h:mm a|AM|PM": 6,
    "d/M/yy|{1}, {0}|h:mm\u202fa|am|pm": 6,
    "dd/MM/yy|{1} {0}|h:mm\u202fa|saaku|carra": 6,
    "y/M/d|{1} {0}|ah:mm|上午|下午": 6,
    "d/M/y|{1} {0}|h:mm\u202fa|subaka|kikiiɗe": 5,
    "M/d/yy|{1}, {0}|h:mm a|AM|PM": 4,
    "d/M/yy|{1} {0}|h:mm\u202fa|a.m.|p.m.": 4,
    "d/M/yy|{1}, {0}|h:mm\u202fa|π.μ.|μ.μ.": 4,
    "d/MM/yy|{1}, {0}|h:mm\u202fa|PG|PTG": 4,
    "dd/MM/yy|{1} {0}|h:mm\u202fa|GH|GD": 4,
    "M/d/yy|{1} {0}|h:mm a|ቅ.ቀ.|ድ.ቀ.": 3,
    "d-M-yy|{1} {0}|h:mm a|AM|PM": 3,
    "d-MM-y|{1}، {0}|h:mm a|\u070fܩܛ\u200c|\u070fܒܛ\u200c": 3,
    "d/M/yy|{1}, {0}|h:mm a|ਪੂ.ਦੁ.|ਬਾ.ਦੁ.": 3,
    "d/MM/yy|{1} {0}|h:mm a|AM|PM": 3,
    "d/MM/yy|{1}, {0}|h:mm\u202fa|a.\u202fm.|p.\u202fm.": 3,
    "dd/MM/yy|{1} {0}|h:mm a|ጽባሕ|ምሴት": 3,
    "dd/MM/y|{1} {0}|h:mm a|AM|PM": 3,
    "yy. M. d.|{1} {0}|a h:mm|AM|PM": 3,
    "M/d/yy|{0} {1}|a 'ga' h:mm|ŋdi|ɣetrɔ": 2,
    "M/d/yy|{1} {0}|h:mm a|AM|PM": 2,
    "M/d/yy|{1}, {0}|h:mm a|ᏌᎾᎴ|ᏒᎯᏱᎢ": 2,
    "M/d/yy|{1}, {0}|h:mm\u202fa|AN|EW": 2,
    "M/d/yy|{1}, {0}|h:mm\u202fa|LB|SN": 2,
    "M/d/yy|{1}, {0}|h:mm\u202fa|WD|WB": 2,
    "MM/dd/yy|{1}, {0}|h:mm\u202fa|a.\u202fm.|p.\u202fm.": 2,
    "MM/dd/y|{1} {0}|h:mm a|am|pm": 2,
    "d-M-yy|{1}, {0}|a\u202fh:mm|AM|PM": 2,
    "d.M.yy|{1}, {0}|h:mm\u202fa|p.d.|m.d.": 2,
    "d/M/yy|{1} {0}|ah:mm|上午|下午": 2,
    "d/M/yy|{1} {0}|h:mm\u202fa|AM|PM": 2,
    "d/M/yy|{1} {0}|h:mm\u202fa|HH|EA": 2,
    "d/M/yy|{1} {0}|hh:mm\u202fa|am|pm": 2,
    "d/M/yy|{1}, {0}|a h:mm|AM|PM": 2,
    "d/M/yy|{1}, {0}|h:mm a|am|pm": 2,
    "d/M/yy|{1}, {0}|h:mm a|भोर|सांझ": 2,
    "d/M/yy|{1}, {0}|h:mm a|भ्यागा|दपेहरा/संजा": 2,
    "d/M/yy|{1}, {0}|h:mm a|सवेर|स’ञ": 2,
    "d/M/yy|{1}, {0}|h:mm\u202fa|a.m.|p.m.": 2,
    "d/M/yy|{1}, {0}|h:mm\u202fa|ए\u202fएम|पी\u202fएम": 2,
    "d/M/yy|{1}, {0}|h:mm\u202fa|ଏ\u202fଏମ|ପି\u202fଏମ": 2,
    "d/M/yy|{1}, {0}|h:mm\u202fa|ఎ\u202fఎమ్|పి\u202fఎమ్": 2,
    "d/M/y|{1} {0}|ah:mm|上午|下午": 2,
    "d/M/y|{1}, {0}|h:mm\u202fa|n\u202ftufat|n\u202ftmeddit": 2,
    "d/MM/y|{1} {0}|h:mm\u202fa|RW|TŊ": 2,
    "dd-MM-yy|{1} {0}|h:mm a|AM|PM": 2,
    "dd-MM-y|{1} {0}|h:mm\u202fa|AM|PM": 2,
    "dd-MM-y|{1}, {0}|a नि h:mm|फुं|बेलासे": 2,
    "dd/MM/yy|{1} {0}|h:mm a|AM|PM": 2,
    "dd/MM/yy|{1} {0}|h:mm a|ማለዶ|ቃማ": 2,
    "dd/MM/yy|{1} {0}|h:mm a|ፋዱስ\u202fጃብ|ፋዱስ\u202fደምቢ": 2,
    "dd/MM/yy|{1} {0}|h:mm\u202fa|soodo|hawwaro": 2,
    "dd/MM/yy|{1} {0}|hh:mm\u202fa|AM|PM": 2,
    "dd/MM/yy|{1}, {0}|h:mm\u202fa|a.m.|p.m.": 2,
    "dd/MM/y|{1} {0}|h:mm a|ጥዋት|ከሰዓት": 2,
    "dd/MM/y|{1} {0}|h:mm\u202fa|a.\u202fm.|p.\u202fm.": 2,
    "dd/MM/y|{1} {0}|h:mm\u202fa|uluchelo|akasuba": 2,
    "dd/MM/y|{1} {0}|h:mm\u202fa|ǁgoagas|ǃuias": 2,
    "y-MM-dd|{1} {0}|h:mm\u202fa|ᐊᒼ|ᐲᒼ": 2,
    "y/M/d|{1} {0}|Bh:mm|上午|下午": 2,
    "d.MM.y|{1} {0}|h:mm\u202fa|ÖÖ|ÖS": 1,
    "d/M/yy|{1}, {0}|h:mm\u202fa|SF|YM": 1,
    "d/M/y|{1}, {0}|h:mm\u202fa|a.m.|p.m.": 1,
    "d/M/y|{1}, {0}|h:mm\u202fa|am|pm": 1,
    "dd-MM-yy|{1}, {0}|h:mm\u202fa|a.\u202fm.|p.\u202fm.": 1,
    "dd/MM/yy|{1} {0}|ah:mm|上午|下午": 1,
    "dd/MM/yy|{1}, {0}|h:mm\u202fa|am|pm": 1,
    "dd/MM/y|{1}, {0}|h:mm\u202fa|AM|PM": 1,
    "y-MM-dd|{1} {0}|h:mm a|AM|PM": 1,
    "y-MM-dd|{1} {0}|h:mm a|སྔ་དྲོ་|ཕྱི་དྲོ་": 1,
    "y-MM-dd|{1} {0}|h:mm\u202fa|vm.|nm.": 1,
    "y-MM-dd|{1}, {0}|h:mm\u202fa|a.m.|p.m.": 1,
}
"""Short date, glue, short time and the words for the halves of the day, where the clock has 12 hours and
digits are Latin → number of locales. Words as written: `AM` and `am` are of different countries."""

MONTHS: dict[str, str] = {
    "1": (
        "degen|degener|ean|eanáir|ene|enero|gen|gener|gennaio|ian|ianuarie|ion|ionawr|jaan|"
        "jaanuar|jan|janar|janeiro|januar|januari|januarie|january|januwari|január|januára|"
        "janv|janvier|janvāris|janúar|led|leden|ledna|oca|ocak|saus|sausio|sausis|sij|siječanj|"
        "siječnja|sty|styczeń|stycznia|tammi|tammikuu|tammikuuta|urt|urtarrila|xan|xaneiro|yan|"
        "yanvar|ιαν|ιανουάριος|ιανουαρίου|нэгдүгээрсар|сту|студзень|студзеня|січ|січень|січня|"
        "янв|январь|января|яну|януари|јан|јануар|јануари|қаң|қаңтар|հնվ|հունվար|հունվարի|ינואר|"
        "ינו׳|جنوري|جنوری|يناير|ژانویه|ژانویهٔ|जनवरी|जन॰|जाने|जानेवारी|জানু|জানুয়ারী|ਜਨ|ਜਨਵਰੀ|"
        "જાન્યુ|જાન્યુઆરી|ஜன|ஜனவரி|జన|జనవరి|ಜನ|ಜನವರಿ|ജനു|ജനുവരി|ජන|ජනවාරි|มกราคม|มค|ມກ|ມັງກອນ|"
        "ဇန်|ဇန်နဝါရီ|იან|იანვარი|ጃን|ጃንዋሪ|មករា|一月"
    ),
    "2": (
        "chw|chwef|chwefror|defebr|defebrer|feabh|feabhra|feb|febbraio|febr|febreiro|febrer|"
        "febrero|februar|februari|februarie|february|februwari|február|februára|februāris|"
        "febrúar|fev|fevereiro|fevral|févr|février|helmi|helmikuu|helmikuuta|lut|lutego|luty|"
        "ots|otsaila|peb|pebrero|shk|shkurt|vas|vasario|vasaris|veebr|veebruar|velj|veljača|"
        "veljače|úno|únor|února|şub|şubat|φεβ|φεβρουάριος|φεβρουαρίου|ақп|ақпан|лют|лютага|"
        "лютий|лютого|люты|феб|фебруар|фев|февр|февраль|февраля|февруари|хоёрдугаарсар|փետրվար|"
        "փետրվարի|փտվ|פברואר|פבר׳|فبراير|فبروري|فروری|فوریه|فوریهٔ|فېبروري|फ़रवरी|फ़र॰|फेब्रु|"
        "फेब्रुअरी|फेब्रुवारी|ফেব|ফেব্রুয়ারী|ਫ਼ਰ|ਫ਼ਰਵਰੀ|ફેબ્રુ|ફેબ્રુઆરી|பிப்|பிப்ரவரி|ఫిబ్ర|"
        "ఫిబ్రవరి|ಫೆಬ್ರ|ಫೆಬ್ರವರಿ|ഫെബ്രു|ഫെബ്രുവരി|පෙබ|පෙබරවාරි|กพ|กุมภาพันธ์|ກພ|ກຸມພາ|ဖေ|"
        "ဖေဖော်ဝါရီ|თებ|თებერვალი|ፌብ|ፌብሩዋሪ|កុម្ភៈ|二月"
    ),
    "3": (
        "bře|březen|března|demarç|kov|kovas|kovo|maalis|maaliskuu|maaliskuuta|maart|mac|machi|"
        "mar|marca|march|marec|maret|mars|marso|mart|martie|marts|martxoa|marzec|marzo|març|"
        "março|mas|mashi|maw|mawrth|mrt|márc|március|márta|mär|märts|märz|ožu|ožujak|ožujka|"
        "μάρ|μάρτιος|μαρ|μαρτίου|бер|березень|березня|гуравдугаарсар|мар|март|марта|нау|наурыз|"
        "сак|сакавік|сакавіка|մարտ|մարտի|մրտ|מרץ|مارس|مارچ|मार्च|মার্চ|ਮਾਰਚ|માર્ચ|மார்|மார்ச்|"
        "మార్చి|ಮಾರ್ಚ್|മാർ|മാർച്ച്|මාර්|මාර්තු|มีค|มีนาคม|ມນ|ມີນາ|မတ်|მარ|მარტი|ማርች|មីនា|三月"
    ),
    "4": (
        "abr|abril|aib|aibreán|api|apirila|apr|aprel|april|aprile|aprili|aprilie|aprill|apríl|"
        "apríla|aprīlis|avr|avril|bal|balandis|balandžio|dub|duben|dubna|d’abr|d’abril|ebr|"
        "ebrill|eph|ephreli|huhti|huhtikuu|huhtikuuta|kwi|kwiecień|kwietnia|nis|nisan|pri|"
        "prill|tra|travanj|travnja|ápr|április|απρ|απρίλιος|απριλίου|апр|апрель|апреля|април|"
        "дөрөвдүгээрсар|квіт|квітень|квітня|кра|красавік|красавіка|сәу|сәуір|ապր|ապրիլ|ապրիլի|"
        "אפריל|אפר׳|آوریل|أبريل|اپریل|अप्रिल|अप्रैल|एप्रि|एप्रिल|এপ্রি|এপ্রিল|ਅਪ੍ਰੈ|ਅਪ੍ਰੈਲ|"
        "એપ્રિલ|ஏப்|ஏப்ரல்|ఏప్రి|ఏప్రిల్|ಏಪ್ರಿ|ಏಪ್ರಿಲ್|ഏപ്രി|ഏപ്രിൽ|අප්\u200dරේල්|เมย|เมษายน|ມສ|"
        "ເມສາ|ဧ|ဧပြီ|აპრ|აპრილი|ኤፕሪ|ኤፕሪል|មេសា|四月"
    ),
    "5": (
        "beal|bealtaine|demaig|geg|gegužė|gegužės|kvě|květen|května|mag|maggio|mai|maiatza|"
        "maig|maijs|maio|maj|maja|may|mayo|mayıs|maí|mei|mey|meyi|máj|mája|május|svi|svibanj|"
        "svibnja|touko|toukokuu|toukokuuta|μάι|μάιος|μαΐ|μαΐου|май|мам|мамыр|мая|мај|"
        "тавдугаарсар|трав|травень|травня|մայիս|մայիսի|մյս|מאי|مئی|مايو|مه|مهٔ|مۍ|मई|मे|মে|ਮਈ|"
        "મે|மே|మే|ಮೇ|മേയ്|මැයි|พค|พฤษภาคม|ພພ|ພຶດສະພາ|မေ|მაი|მაისი|ሜይ|ឧសភា|五月"
    ),
    "6": (
        "birž|birželio|birželis|cze|czerwca|czerwiec|dejuny|eka|ekaina|giu|giugno|haz|haziran|"
        "hun|hunyo|iun|iunie|iyn|iyun|juin|jun|june|junho|juni|junie|junij|junio|juny|juuni|"
        "jún|júna|június|júní|jūn|jūnijs|kesä|kesäkuu|kesäkuuta|lip|lipanj|lipnja|meh|mehefin|"
        "meith|meitheamh|qer|qershor|xuño|červen|června|čvn|ιουν|ιουνίου|ιούν|ιούνιος|"
        "зургаадугаарсар|июн|июнь|июня|мау|маусым|черв|червень|червня|чэр|чэрвень|чэрвеня|юни|"
        "јун|јуни|հնս|հունիս|հունիսի|יוני|جون|يونيو|ژوئن|जुन|जून|জুন|ਜੂਨ|જૂન|ஜூன்|జూన్|ಜೂನ್|"
        "ജൂൺ|ජූනි|มิถุนายน|มิย|ມິຖ|ມິຖຸນາ|ဇွန်|ივნ|ივნისი|ጁን|មិថុនា|六月"
    ),
    "7": (
        "dejul|dejuliol|gor|gorff|gorffennaf|heinä|heinäkuu|heinäkuuta|hul|hulyo|iul|iulie|iyl|"
        "iyul|iúil|juil|juillet|jul|julai|julayi|julho|juli|julie|julij|julio|juliol|july|"
        "juuli|júl|júla|július|júlí|jūl|jūlijs|korr|korrik|liep|liepa|liepos|lipca|lipiec|lug|"
        "luglio|srpanj|srpnja|tem|temmuz|uzt|uztaila|xul|xullo|července|červenec|čvc|ιουλ|"
        "ιουλίου|ιούλ|ιούλιος|долоодугаарсар|июл|июль|июля|лип|липень|липня|ліп|ліпень|ліпеня|"
        "шіл|шілде|юли|јул|јули|հլս|հուլիս|հուլիսի|יולי|جولائی|جولای|يوليو|ژوئیه|ژوئیهٔ|जुलाई|"
        "जुलै|जुल॰|জুল|জুলাই|ਜੁਲਾ|ਜੁਲਾਈ|જુલાઈ|ஜூலை|జులై|ಜುಲೈ|ജൂലൈ|ජූලි|กค|กรกฎาคม|ກລ|ກໍລະກົດ|"
        "ဇူ|ဇူလိုင်|ივლ|ივლისი|ጁላይ|កក្កដា|七月"
    ),
    "8": (
        "abu|abuztua|ag|aga|agasti|ago|agost|agosti|agosto|agu|agustus|août|aug|august|augusta|"
        "augusti|augusts|augustus|augusztus|avg|avgust|avq|avqust|awst|ağu|ağustos|d’ag|"
        "d’agost|elo|elokuu|elokuuta|gush|gusht|kol|kolovoz|kolovoza|lún|lúnasa|ogo|ogos|rugp|"
        "rugpjūtis|rugpjūčio|sie|sierpień|sierpnia|srp|srpen|srpna|ágú|ágúst|αυγ|αυγούστου|αύγ|"
        "αύγουστος|авг|август|августа|жні|жнівень|жніўня|наймдугаарсар|серп|серпень|серпня|там|"
        "тамыз|օգոստոս|օգոստոսի|օգս|אוגוסט|אוג׳|أغسطس|اوت|اګست|اگست|अगस्ट|अगस्त|अग॰|ऑग|ऑगस्ट|"
        "আগ|আগস্ট|ਅਗ|ਅਗਸਤ|ઑગસ્ટ|ஆக|ஆகஸ்ட்|ఆగ|ఆగస్టు|ಆಗ|ಆಗಸ್ಟ್|ഓഗ|ഓഗസ്റ്റ്|අගෝ|අගෝස්තු|สค|"
        "สิงหาคม|ສຫ|ສິງຫາ|ဩ|ဩဂုတ်|აგვ|აგვისტო|ኦገስ|ኦገስት|សីហា|八月"
    ),
    "9": (
        "deset|desetembre|eyl|eylül|ira|iraila|medi|meánfómhair|mfómh|rugs|rugsėjis|rugsėjo|"
        "ruj|rujan|rujna|sen|sentabr|sentyabr|sep|sept|septemba|september|septembra|septembre|"
        "septembrie|septembris|septhemba|septiembre|set|setembre|setembro|settembre|setyembre|"
        "sht|shtator|syys|syyskuu|syyskuuta|szept|szeptember|wrz|wrzesień|września|zář|září|"
        "σεπ|σεπτέμβριος|σεπτεμβρίου|вер|верасень|верасня|вересень|вересня|есдүгээрсар|сен|"
        "сент|сентябрь|сентября|сеп|септембар|септември|қыр|қыркүйек|սեպ|սեպտեմբեր|սեպտեմբերի|"
        "ספטמבר|ספט׳|سبتمبر|ستمبر|سپتامبر|سپتمبر|سېپتمبر|सप्टें|सप्टेंबर|सितंबर|सित॰|"
        "सेप्टेम्बर|সেপ|সেপ্টেম্বর|ਸਤੰ|ਸਤੰਬਰ|સપ્ટે|સપ્ટેમ્બર|செப்|செப்டம்பர்|సెప్టెం|"
        "సెప్టెంబర్|ಸೆಪ್ಟೆಂ|ಸೆಪ್ಟೆಂಬರ್|സെപ്റ്റം|സെപ്റ്റംബർ|සැප්|සැප්තැම්බර්|กย|กันยายน|ກຍ|"
        "ກັນຍາ|စက်|စက်တင်ဘာ|სექ|სექტემბერი|ሴፕቴ|ሴፕቴምበር|កញ្ញា|九月"
    ),
    "10": (
        "deireadhfómhair|dfómh|d’oct|d’octubre|eki|ekim|hyd|hydref|listopada|loka|lokakuu|"
        "lokakuuta|oct|october|octobre|octombrie|octubre|okt|oktabr|okthoba|oktoba|oktober|"
        "oktobris|oktoober|oktubre|oktyabr|október|októbra|ott|ottobre|out|outubro|paź|"
        "październik|października|spal|spalio|spalis|tet|tetor|urr|urria|říj|říjen|října|οκτ|"
        "οκτωβρίου|οκτώβριος|аравдугаарсар|жовт|жовтень|жовтня|кас|кастрычнік|кастрычніка|окт|"
        "октобар|октомври|октябрь|октября|қаз|қазан|հոկ|հոկտեմբեր|հոկտեմբերի|אוקטובר|אוק׳|"
        "أكتوبر|اکتبر|اکتوبر|अक्टूबर|अक्टू॰|अक्टोबर|ऑक्टो|ऑक्टोबर|অক্টো|অক্টোবর|ਅਕਤੂ|ਅਕਤੂਬਰ|"
        "ઑક્ટો|ઑક્ટોબર|அக்|அக்டோபர்|అక్టో|అక్టోబర్|ಅಕ್ಟೋ|ಅಕ್ಟೋಬರ್|ഒക്ടോ|ഒക്\u200cടോബർ|ඔක්|ඔක්තෝබර්|"
        "ตค|ตุลาคม|ຕລ|ຕຸລາ|အောက်|အောက်တိုဘာ|ოქტ|ოქტომბერი|ኦክቶ|ኦክቶበር|តុលា|十月"
    ),
    "11": (
        "aza|azaroa|denov|denovembre|kas|kasım|lapkr|lapkritis|lapkričio|lis|listopad|"
        "listopadu|marras|marraskuu|marraskuuta|nob|nobyembre|noiembrie|nov|novemba|november|"
        "novembra|novembre|novembris|novembro|noviembre|noy|noyabr|nën|nëntor|nóv|nóvember|"
        "samh|samhain|stu|studeni|studenoga|tach|tachwedd|νοέ|νοέμβριος|νοε|νοεμβρίου|"
        "арваннэгдүгээрсар|лист|листопад|листопада|ліс|лістапад|лістапада|нов|новембар|ное|"
        "ноември|ноя|нояб|ноябрь|ноября|қар|қараша|նոյ|նոյեմբեր|նոյեմբերի|נובמבר|נוב׳|نوامبر|"
        "نوفمبر|نومبر|नवंबर|नव॰|नोभेम्बर|नोव्हें|नोव्हेंबर|নভে|নভেম্বর|ਨਵੰ|ਨਵੰਬਰ|નવે|નવેમ્બર|"
        "நவ|நவம்பர்|నవం|నవంబర్|ನವೆಂ|ನವೆಂಬರ್|നവം|നവംബർ|නොවැ|නොවැම්බර්|พย|พฤศจิกายน|ພຈ|ພະຈິກ|နို|"
        "နိုဝင်ဘာ|ნოე|ნოემბერი|ኖቬም|ኖቬምበር|វិច្ឆិកា|十一月"
    ),
    "12": (
        "abe|abendua|ara|aralık|dec|december|decembra|decembrie|decembris|decembro|dedes|"
        "dedesembre|dek|dekabr|des|desemba|desember|desembre|dets|detsember|dez|dezember|"
        "dezembro|dhj|dhjetor|dic|dicembre|diciembre|dis|disemba|disember|disyembre|déc|"
        "décembre|gru|grudnia|grudzień|gruod|gruodis|gruodžio|joulu|joulukuu|joulukuuta|noll|"
        "nollaig|pro|prosinac|prosinca|prosince|prosinec|rhag|rhagfyr|δεκ|δεκέμβριος|"
        "δεκεμβρίου|арванхоёрдугаарсар|груд|грудень|грудня|дек|декабрь|декабря|декември|дец|"
        "децембар|жел|желтоқсан|сне|снежань|снежня|դեկ|դեկտեմբեր|դեկտեմբերի|דצמבר|דצמ׳|دسامبر|"
        "دسمبر|ديسمبر|डिसें|डिसेंबर|डिसेम्बर|दिसंबर|दिस॰|ডিসে|ডিসেম্বর|ਦਸੰ|ਦਸੰਬਰ|ડિસે|ડિસેમ્બર|"
        "டிச|டிசம்பர்|డిసెం|డిసెంబర్|ಡಿಸೆಂ|ಡಿಸೆಂಬರ್|ഡിസം|ഡിസംബർ|දෙසැ|දෙසැම්බර්|ธค|ธันวาคม|ທວ|"
        "ທັນວາ|ဒီ|ဒီဇင်ဘာ|დეკ|დეკემბერი|ዲሴም|ዲሴምበር|ធ្នូ|十二月"
    ),
}
"""Number of a month → its names in the languages of WhatsApp, joined by `|`."""

WEEKDAYS: dict[str, str] = {
    "0": (
        "al|astelehena|bazarertəsi|be|dilluns|dl|dush|dushanba|dyddllun|déluain|e|ehënë|"
        "esmaspäev|h|hétfő|hën|isn|isnin|jumatatu|llun|luan|lun|lundi|lunedì|lunes|luni|luns|"
        "ma|maanantai|maanantaina|maandag|man|mandag|mo|mon|monday|montag|mso|mán|mánudagur|må|"
        "mån|måndag|pazartesi|pirmadienis|pirmd|pirmdiena|po|pon|pondelok|pondělí|ponedeljek|"
        "ponedjeljak|poniedziałek|pr|pzt|seg|segunda-feira|sen|senin|thứhai|umsombuluko|δευ|"
        "δευτέρα|да|даваа|дс|дүй|дүйсенбі|дүйшөмбү|панядзелак|пн|пон|понеделник|понедельник|"
        "понедељак|понеділок|երկ|երկուշաբթի|יוםב׳|יוםשני|الاثنين|دوشنبه|دونۍ|پیر|सोम|सोमबार|"
        "सोमवार|সোম|সোমবার|ਸੋਮ|ਸੋਮਵਾਰ|સોમ|સોમવાર|திங்|திங்கள்|సోమ|సోమవారం|ಸೋಮ|ಸೋಮವಾರ|"
        "തിങ്കളാഴ്\u200cച|തിങ്കൾ|සඳුදා|จ|วันจันทร์|ຈັນ|ວັນຈັນ|တနင်္လာ|ორშ|ორშაბათი|ሰኞ|ចន្ទ|ច័ន្ទ|周一|"
        "星期一|月|月曜日|월|월요일"
    ),
    "1": (
        "an|antradienis|ar|asteartea|bil|di|dienstag|dimarts|dinsdag|dt|dyddmawrth|démáirt|"
        "emartë|jumanne|kedd|mar|mardi|martedì|martes|marți|maw|máirt|otrd|otrdiena|sal|salı|"
        "sel|selasa|sesh|seshanba|t|teisipäev|ter|terça-feira|thứba|ti|tiistai|tiistaina|tir|"
        "tirs|tirsdag|tis|tisdag|torek|tue|tuesday|ty|tys|tysdag|ulwesibili|ut|uto|utorak|"
        "utorok|wt|wtorek|ça|çərşənbəaxşamı|út|úterý|þri|þriðjudagur|τρί|τρίτη|аў|аўторак|вт|"
        "вто|вторник|вівторок|мя|мягмар|сейсенбі|сс|уто|уторак|шейш|шейшемби|երեքշաբթի|երք|"
        "יוםג׳|יוםשלישי|الثلاثاء|درېنۍ|سه\u200cشنبه|منگل|मंगल|मंगलवार|मंगळ|मंगळवार|मङ्गल|मङ्गलबार|"
        "মঙ্গল|মঙ্গলবার|ਮੰਗਲ|ਮੰਗਲਵਾਰ|મંગળ|મંગળવાર|செவ்|செவ்வாய்|మంగళ|మంగళవారం|ಮಂಗಳ|ಮಂಗಳವಾರ|"
        "ചൊവ്വ|ചൊവ്വാഴ്ച|ചൊവ്വാഴ്\u200cച|අඟහ|අඟහරුවාදා|วันอังคาร|อ|ວັນອັງຄານ|ອັງຄານ|အင်္ဂါ|სამ|"
        "სამშაბათი|ማክሰ|ማክሰኞ|អង្គារ|周二|星期二|火|火曜日|화|화요일"
    ),
    "2": (
        "asteazkena|az|chor|chorshanba|céad|dc|dimecres|dyddmercher|décéadaoin|emërkurë|"
        "jumatano|k|ke|keskiviikko|keskiviikkona|kolmapäev|mer|mercoledì|mercredi|mi|mie|"
        "miercuri|mittwoch|miy|miyerkules|mié|miércoles|mið|miðvikudagur|mér|mércores|mër|on|"
        "ons|onsdag|qua|quarta-feira|rab|rabu|sre|sreda|sri|srijeda|st|streda|středa|sze|"
        "szerda|tha|thứtư|tr|trečiadienis|trešd|trešdiena|ulwesithathu|wed|wednesday|wo|"
        "woensdag|ç|çar|çarşamba|çərşənbə|śr|środa|τετ|τετάρτη|лх|лхагва|серада|середа|ср|сре|"
        "среда|сряда|сәрсенбі|шарш|шаршемби|չորեքշաբթի|չրք|יוםד׳|יוםרביעי|الأربعاء|بدھ|څلرنۍ|"
        "چهارشنبه|बुध|बुधबार|बुधवार|বুধ|বুধবার|ਬੁੱਧ|ਬੁੱਧਵਾਰ|બુધ|બુધવાર|புத|புதன்|బుధ|బుధవారం|"
        "ಬುಧ|ಬುಧವಾರ|ബുധനാഴ്\u200cച|ബുധൻ|බදාදා|พ|วันพุธ|ພຸດ|ວັນພຸດ|ဗုဒ္ဓဟူး|ოთხ|ოთხშაბათი|ረቡዕ|ពុធ|周三|"
        "星期三|水|水曜日|수|수요일"
    ),
    "3": (
        "alhamisi|ca|ceturtd|ceturtdiena|cs|csütörtök|czw|czwartek|cüməaxşamı|dijous|dj|do|"
        "donderdag|donnerstag|dyddiau|déar|déardaoin|eenjte|enj|fim|fimmtudagur|gio|giovedì|"
        "huw|huwebes|iau|jeu|jeudi|joi|jue|jueves|kam|kamis|ketvirtadienis|kha|khamis|kt|n|"
        "neljapäev|og|osteguna|pay|payshanba|per|perşembe|qui|quinta-feira|sin|thu|thursday|"
        "thứnăm|to|tor|tors|torsdag|torstai|torstaina|ulwesine|xov|xoves|čet|četrtek|četvrtak|"
        "čt|čtvrtek|štvrtok|πέμ|πέμπτη|бейсенбі|бейш|бейшемби|бс|пү|пүрэв|чацвер|чет|четвер|"
        "четверг|четвртак|четврток|четвъртък|чт|чц|հինգշաբթի|հնգ|יוםה׳|יוםחמישי|الخميس|جمعرات|"
        "پنجشنبه|پينځنۍ|गुरु|गुरुवार|बिहि|बिहिबार|বৃহস্পতি|বৃহস্পতিবার|ਵੀਰ|ਵੀਰਵਾਰ|ગુરુ|ગુરુવાર|"
        "வியா|வியாழன்|గురు|గురువారం|ಗುರು|ಗುರುವಾರ|വ്യാഴം|വ്യാഴാഴ്\u200cച|බ්\u200dරහස්|බ්\u200dරහස්පතින්දා|พฤ|"
        "วันพฤหัสบดี|ພະຫັດ|ວັນພະຫັດ|ကြာသပတေး|ხუთ|ხუთშაბათი|ሐሙስ|ព្រហ|ព្រហស្បតិ៍|周四|星期四|木|木曜日|목|"
        "목요일"
    ),
    "4": (
        "aoine|biy|biyernes|c|cum|cuma|cümə|divendres|dv|dyddgwener|déhaoine|epremte|fr|fre|"
        "fredag|freitag|fri|friday|fös|föstudagur|gwe|gwen|hla|ijumaa|jum|juma|jumaat|jumat|or|"
        "ostirala|pe|penktadienis|perjantai|perjantaina|pet|petak|petek|pi|piatok|piektd|"
        "piektdiena|piątek|pn|pre|pt|pá|pátek|péntek|r|reede|sex|sexta-feira|thứsáu|"
        "ulwesihlanu|ven|vendredi|venerdì|venres|vie|viernes|vin|vineri|vr|vrijdag|vrydag|παρ|"
        "παρασκευή|ба|баасан|жм|жума|жұма|пʼятниця|пет|петак|петок|петък|пт|пятница|пятніца|"
        "ուր|ուրբաթ|יוםו׳|יוםשישי|الجمعة|جمعه|جمعہ|शुक्र|शुक्रबार|शुक्रवार|শুক্র|শুক্রবার|"
        "ਸ਼ੁੱਕਰ|ਸ਼ੁੱਕਰਵਾਰ|શુક્ર|શુક્રવાર|வெள்|வெள்ளி|శుక్ర|శుక్రవారం|ಶುಕ್ರ|ಶುಕ್ರವಾರ|വെള്ളി|"
        "വെള്ളിയാഴ്\u200cച|සිකු|සිකුරාදා|วันศุกร์|ศ|ວັນສຸກ|ສຸກ|သောကြာ|პარ|პარასკევი|ዓርብ|សុក្រ|周五|"
        "星期五|金|金曜日|금|금요일"
    ),
    "5": (
        "cmt|cumartesi|dissabte|ds|dyddsadwrn|désathairn|eshtunë|jumamosi|l|la|larunbata|lau|"
        "lauantai|lauantaina|laugardagur|laupäev|laurdag|lr|lör|lördag|lør|lørdag|mgq|sa|sab|"
        "sabado|sabato|sabtu|sad|sam|samedi|samstag|sat|saterdag|sath|saturday|sestd|sestdiena|"
        "shan|shanba|sht|sob|sobota|sub|subota|szo|szombat|sáb|sábado|sâm|sâmbătă|thứbảy|"
        "umgqibelo|za|zaterdag|ş|şənbə|šeštadienis|št|σάβ|σάββατο|бя|бямба|ишемби|ишм|саб|"
        "сабота|сб|сенбі|суб|суббота|субота|събота|շաբաթ|շբթ|יוםשבת|שבת|السبت|اونۍ|شنبه|ہفتہ|"
        "शनि|शनिबार|शनिवार|শনি|শনিবার|ਸ਼ਨਿੱਚਰ|ਸ਼ਨਿੱਚਰਵਾਰ|શનિ|શનિવાર|சனி|శని|శనివారం|ಶನಿ|ಶನಿವಾರ|"
        "ശനി|ശനിയാഴ്\u200cച|සෙන|සෙනසුරාදා|วันเสาร์|ส|ວັນເສົາ|ເສົາ|စနေ|შაბ|შაბათი|ቅዳሜ|សៅរ៍|周六|土|土曜日|"
        "星期六|토|토요일"
    ),
    "6": (
        "ahad|ahd|b|bazar|chủnhật|cn|dg|die|dim|dimanche|diumenge|dom|domenica|domh|domingo|"
        "dum|duminică|dyddsul|dédomhnaigh|ediel|ig|igandea|isonto|jumapili|lin|linggo|min|"
        "minggu|ne|ned|nedelja|nedeľa|nedjelja|neděle|niedz|niedziela|p|paz|pazar|pühapäev|"
        "sekmadienis|sk|so|son|sondag|sonntag|su|sul|sun|sunday|sunnudagur|sunnuntai|svētd|"
        "svētdiena|sön|söndag|sø|søn|søndag|v|vasárnap|yak|yakshanba|zo|zondag|κυρ|κυριακή|"
        "воскресенье|вс|жек|жексенбі|жекшемби|жс|нд|нед|недела|неделя|недеља|неділя|ня|нядзеля|"
        "ням|կիր|կիրակի|יוםא׳|יוםראשון|اتوار|الأحد|يونۍ|یکشنبه|आइत|आइतबार|रवि|रविवार|রবি|"
        "রবিবার|ਐਤ|ਐਤਵਾਰ|રવિ|રવિવાર|ஞாயி|ஞாயிறு|ఆది|ఆదివారం|ಭಾನು|ಭಾನುವಾರ|ഞായറാഴ്\u200cച|ഞായർ|ඉරිදා|"
        "วันอาทิตย์|อา|ວັນອາທິດ|ອາທິດ|တနင်္ဂနွေ|კვი|კვირა|እሑድ|អាទិត្យ|周日|日|日曜日|星期日|일|일요일"
    ),
}
"""Number of a day of the week, Monday first → its names in the languages of WhatsApp, joined by `|`."""

DAY_PERIODS: dict[str, str] = {
    "aaaaaaaaaaaa": (
        "1ka|a|aadhiraat|aamu|aamulla|aamup|aamupäivä|aamupäivällä|adduha|ag|alfajiri|am|"
        "ammorge|amvormittag|an|ankstāinan|antemidí|ap|asb|asubuhi|asʊbaa|atm|aðmorgni|banhaet|"
        "bn|bore|braxkndaax|canolnos|comme|damanhã|damattin|damañá|de|delamadrugada|delamañana|"
        "delmatin|dieoggend|dimattina|dimineața|dinda|dop|dopol|dopoldan|dopoldne|dopoledne|"
        "dopoludnia|dopoludnie|dopołdnja|dopołedniŏ|dumat|dumatin|délelőtt|ekuseni|emesnatës|"
        "emëngjesit|entathakusa|eparadites|ertalab|fh|fm|form|formiddag|ft|förm|förmiddag|"
        "fɔŋli|fọmọ́nin|gajaka|gauerdia|geceyarısı|gecə|gecəyarı|gh|gjk|goiz|goiza|goizald|"
        "goizaldea|goizaldeko|goizeko|goöň|göň|günortadanöň|hajnal|hatinggabi|hengihengi|hh|"
        "hommik|hommikul|hoseng|i/m|iarmade|ib|ibikɛ̂glà|icheheavo|idiɓa|inthemorning|ip|isuk|"
        "iđitbeaivet|iđitbeaivi|jut|jutro|kang’ama|karoon|keskiyö|keskiyöllä|kesköö|keskööl|ki|"
        "kiroko|kiɛmɛ́ɛm|krn|kusãgki|kuty-si|kuêmaramẽ|kíkíríg|lamiezulnopții|lb|leebi|"
        "lumalwak|lwamilawu|m|ma|madaling-araw|madrugada|makeo|mambia|manhã|maná|mat|matin|"
        "matinada|mattin|mattina|matí|mañana|mañá|mbaʼámbaʼ|mbaꞌmbaꞌ|medianoite|meia-noite|"
        "mesnatë|mezzanotte|middernacht|middernag|midn|midnat|midnatt|midnight|miezulnopții|"
        "min|minuit|mitjanit|mitternacht|miðnætti|moies|morg|morge|morgen|morgens|morgon|"
        "morgunn|morning|muhi|munkyo|mëngjes|mëzaneutte|nd|ngumaga|norīta|ntufat|ntɔ́ngɔ́|"
        "nửađêm|n’ụtụtụ|ochtend|od|oggend|omformiddagen|ommorgenen|opoln|opolnoci|opolnoči|"
        "opółnocy|pagi|pagi/siang|pamilau|paradite|pd|pg|pg/sg|piopensuno|pitunapyterupé|poln|"
        "polnoc|polnoč|ponoć|priekšp|priekšpusdiena|priekšpusdienā|priešpiet|prijepodne|"
        "przedpołudnie|przedpołudniem|prīškpušdīnē|pusnakts|pusnaktī|påformiddagen|påförm|"
        "påförmiddagen|påmorg|påmorgenen|påmorgonen|północ|půln|půlnoc|r|rano|reggel|rn|rw|"
        "rytas|ráno|rīts|rũ|sa|saaku|saasitazausiku|sabah|safiya|sf|sokallim|soodo|sub|subah|"
        "subaka|subbaahi|sáng|sárúwá|sübh|səhər|taparachu|tengahmalam|tesiran|tifawt|to|too|"
        "uhrvörmiddaachs|ujutro|ujutru|ulloqeqqata-tungaa|uluchelo|umaga|utuko|vaasisu|"
        "vidurnaktis|vm|vorm|vormittag|vormittags|vörmeddaach|wd|wichishu|yarimtun|yb|ybore|"
        "zdatazal|zjut|zjutraj|zmu|àárɔ̀|àárọ̀|éjfél|öö|öğledenönce|ĩyakwakya|ŋdi|ǁgoagas|"
        "ɛnkakɛnyá|ʊshilèkʊboɖu|πμ|πρωί|τοπρωί|ам|апоўначы|дп|наутро|ночі|обедтэикеле|полн|"
        "полночь|полноќ|полунощ|поноћ|преподне|претпл|претпладне|пријеподне|проб|північ|ранку|"
        "ранок|сутринта|сүбһ|сәһәр|таң|таңкы|таңғы|то|тң|түнжарымы|түнортосу|утра|утро|ујутру|"
        "шөнөдунд|эи|эрталаб|эртеңменен|яримтун|јутро|ҝеҹә|ҝеҹәјары|үө|ӕмбисбоныразмӕ|өглөө|"
        "առավոտ|առավոտյան|կեսգիշեր|կեսգիշերին|בבוקר|בוקר|חצות|לפנותבוקר|פֿאַרמיטאָג|ءتۇنجارىمى|"
        "آدھیرات|اےایم|بامداد|بن|تاڭ|تاڭعى|تد|ص|صباحا|صباحًا|صبح|صبح،منجهند|صبحمیں|غم|فجرًا|"
        "فيالصباح|قبل\u200cازظهر|قظ|ل|ليلاً|نیمه\u200cشب|چب|چۈشتىنبۇرۇن|\u070fܩܛ\u200c|ߛ|एएम|तडके|दुपहरब्रोंठ|पहाट|"
        "पूर्वाह्न|फुं|बिहान|भोर|भ्यागा|मध्यरात|मध्यरात्र|मध्यरात्रि|येएम|सकाळ|सकाळीं|सबेरे|"
        "सवेर|सुबह|सुबुहजा|এএম|নুমাং|ভোর|ভোরবেলায়|সকাল|সকালবেলায়|ਅੱਧੀਰਾਤ|ਪੂਦੁ|ਸਵੇਰੇ|"
        "મધ્યરાત્રિ|સવાર|સવારે|ଏଏମ|ପୂର୍ବାହ୍ନ|அதிகாலை|காலை|நள்ளிரவு|అర్ధరాత్రి|ఉదయం|ఎఎమ్|"
        "ಬೆಳಗ್ಗೆ|ಮಧ್ಯರಾತ್ರಿ|അർദ്ധരാത്രി|പുലർച്ചെ|രാവിലെ|උදේ|පාන්දර|පෙව|මැදියම|මැදියමටපසු|"
        "ก่อนเที่ยง|ตอนเช้า|เที่ยงคืน|ในตอนเช้า|ກ່ອນທ່ຽງ|ຕອນເຊົ້າ|ທ່ຽງຄືນ|ເຊົ້າ|སྔ་ཆ་|སྔ་དྲོ་|"
        "နံနက်|သန်းခေါင်ယံ|დილ|დილა|დილით|შუაღამე|შუაღამეს|ማለዶ|ቀደምሰርምዕል|ቅቀ|እኩለሌሊት|ጥዋት|ጽባሕ|"
        "ፋዱስጃብ|ᐁᒼ|ᐊᒼ|នៅពេលព្រឹក|ព្រឹក|អធ្រាត្រ|ᠦ᠂ᠥ|ᱥᱮᱛᱟᱜ|’sochtends|ⵜⵉⴼⴰⵡⵜ|上午|午前|午夜|早上|朝|朝早|清晨|"
        "真夜中|ꎸꄑ|ꮜꮎꮄ|아침|오전|자정|𐐰𐑋|𐑨𐑥|𑄛𑄧𑄖𑄳𑄠𑄃𑄟𑄧𑄣𑄳𑄠𑄬|𑄝𑄬𑄚𑄳𑄠𑄬|𞤢𞤰"
    ),
    "aaaaaaaaaaap": "夜中",
    "aaaaaapppppp": (
        "atnight|axşam|aðnóttu|damadrugada|daneutte|delanoche|delanuit|dienag|dinotte|ebusuku|"
        "enatës|gajanɩ|gaua|gaueko|gece|gjn|kechasi|kurãge|malam|nacht|nachts|nag|naktis|nakts|"
        "naktī|nat|natt|natë|neutte|night|nit|noaptea|noc|noche|notte|noć|noću|noč|nótt|"
        "omnatten|pitunaetéramẽ|ponoći|ponoči|pånatta|pånatten|raat|usiku|vn|vnoci|wnocy|yö|"
        "yöllä|znacht|zã|éjjel|öösel|đêm|βράδυ|τοβράδυ|ахшам|кечаси|ночи|ночь|ноћ|ноћу|ноќ|"
        "ноќе|ніч|презнощта|түн|түнгі|түничинде|шөнө|գիշեր|գիշերը|գիշերվա|בלילה|לילה|ءتۇن|"
        "تۇنگى|رات|راتمیں|شب|فيالمساء|منتصفالليل|रात|रात्र|রাত্রি|রাত্রিবেলায়|ਰਾਤ|ਰਾਤੀਂ|"
        "રાત્રિ|રાત્રે|இரவு|రాత్రి|ರಾತ್ರಿ|രാത്രി|රෑ|กลางคืน|ກາງຄືນ|ຕອນກາງຄືນ|ည|ღამ|ღამე|ღამით|"
        "ሌሊት|በሌሊት|នៅពេលយប់|យប់|’snachts|凌晨|夜|밤|𑄢𑄬𑄖𑄴"
    ),
    "ppaaaaaaaaaa": "наобяд",
    "ppppppppppaa": "emini|siang",
    "pppppppppppa": "kunduzi|кундузи",
    "pppppppppppp": (
        "2ja|aabig|aand|abend|abends|adhuhuri|aften|afternoon|ak|akasuba|akşam|akşamüstü|"
        "alasiri|aluula|amiază|amnamittag|anw|apm|après-midi|arrats|arratsaldea|arratsaldeko|"
        "avond|axşamüstü|aðkvöldi|banringzgvaq|baubaukndaax|canoldydd|carra|ch|chilo|chiều|"
        "cɛɛ́nko|danoite|daseia|datarde|delatarde|delmediodía|delpomeriggio|del’apm|"
        "del’après-midi|desira|dieaand|diemiddag|diena|dilolo|dipomeriggio|disera|domediodía|"
        "dopahar|dopoidisnâ|du|după-amiaza|dusoir|dél|délután|e/m|ea|eahketbeaivet|"
        "eahketbeaivi|eb|ebongi|ebyámu|efiafi|efterm|eftermade|eftermiddag|eftirhádegi|eguerd|"
        "eguerdia|eguerdiko|eh|eigulo|em|embrëmjes|emesditës|ep|epasdites|este|etterm|"
        "ettermiddag|evening|ew|f|fi|fiẽ|fọívnin|gabi|gd|gjb|gm|gosoň|gshk|gsoň|gtsh|gündüz|"
        "günorta|günortadansoň|gɩjibɔŋɔ|gɩshilikɔnɔ|gɩteŋshile|hapon|hawwaro|hwaĩ-inĩ|hádegi|"
        "iandé-ara-pyturepé|ichamthi|illalla|ilta|iltap|iltapäivä|iltapäivällä|iluntz|iluntzea|"
        "iluntzeko|in|intheafternoon|intheevening|iɓugajɔp|jioni|karukaramẽ|kechqurun|keskip|"
        "keskipäivä|keskipäivällä|keskpäev|keskpäeval|kikiiɗe|kingoto|kisɛ́ndɛ|koosk|"
        "kooskoliny|kugú|kurã-kuju|kutykỹ|kveld|kväll|kvöld|kyiukonyi|laamiază|lilli|lk|"
        "lumalwap|madhyanh|makaaripi|mbrëmje|mchana|mchochil’l|md|mediodía|meio-dia|mesditë|"
        "mezzogiorno|middag|midday|midi|migdia|mittag|mittags|mo|mog|mpókwa|muu|mëzogiorno|"
        "nachm|nachmittag|nachmittags|nam|namittag|napol|napoludnie|navečer|ncwònzém|nggabi|"
        "nghapon|ngo|ngəgógəle|nm|noite|nommendaach|nomëttes|noon|ntambama|ntmeddit|nyiaghuo|"
        "n’abali|n’abalị|odp|odpoledne|omaftenen|omeftermiddagen|opold|opoldne|ot|p|pamunyi|"
        "papussideinan|pasdite|pashamihe|perpiet|petang|piecpušdīnē|pipinisuno|pitunaramẽ|pm|"
        "pn|podne|poidisnâ|pol|pold|poldne|poledne|poludnie|pomeriggio|pop|popiet|popietė|"
        "popod|popodne|popol|popoldan|popoldne|popoludnie|popoludní|popołdnju|popołedniu|"
        "popołudnie|popołudniu|poslijepodne|posmidí|południe|prynhawn|ptg|ptm|pusd|"
        "pusdienlaiks|pusdienlaikā|pärastlõuna|pärastlõunal|påefterm|påeftermiddagen|"
        "påettermiddagen|påkvelden|påkvällen|pēcp|pēcpusd|pēcpusdiena|pēcpusdienā|rãkãnhkỹ|"
        "saasitazamchana|sanje|seara|seia|sera|shaam|shwane|sn|soir|sore|soré/malem|sr/mlm|"
        "síðdegis|tadggʷat|tanghaling-tapat|tarda|tarde|teipa|tengahhari|thapama|tk|tr|trưa|"
        "tushpayti|tŋ|tối|uhrnommendaachs|uk|ulloqeqqata-kingorna|ut|uveče|vakaras|vakars|"
        "vakarā|vesprada|vespre|več|veče|večer|vidurdienis|wb|wengi|wieczorem|wieczór|"
        "wpołudnie|wótp|wótpołdnja|yamma|yh|ym|yprynhawn|yrhwyr|zaabig|zaarikayb|zmittag|zmw|"
        "zveč|zvečer|õhtu|õhtul|ös|öğle|öğledensonra|ĩyawĩoo|ŋdɔ|ŋkambɔ́tnji|ũg|ǃuias|ɔ̀sán|"
        "ɛndámâ|ɣetrɔ|ʊshilèkʊsasʊ|απόγ|απόγευμα|μεσημ|μεσημέρι|μμ|τοαπόγευμα|τομεσημέρι|"
        "апоўдні|ахшамүстү|веч|вече|вечер|вечера|вечерта|вечора|вечір|день|дня|кечинде|"
        "кечкурун|кечқурун|кеш|кешкі|навечер|напладне|обедтэмейле|орой|пладне|пм|подне|полд|"
        "полдень|полудень|попл|попладне|попод|поподне|послийеподне|послијеподне|пп|следобед|"
        "слоб|талтүс|тк|тушпайти|түскі|түстенкейін|түстенкейінгі|түштөнкийин|түштөнкийинки|"
        "увече|уподне|чактүш|эк|ҝүндүз|ҝүнорта|үддунд|үх|ӕмбисбоныфӕстӕ|өдөр|երեկո|երեկոյան|"
        "կեսօր|կեսօրին|ցերեկ|ցերեկը|ցերեկվա|אחה״צ|אחרהצהריים|בערב|בצהריים|נאָכמיטאָג|ערב|"
        "צהריים|ءتالتۇس|بظ|بعدازظهر|بعدازچاشت|بعدالظهر|تالءتۇس|تك|تۇستەنكەيىن|تۇستەنكەيىنگى|"
        "تۇسكى|دن|دوپہر|دوپہرمیں|سہپہر|شام|شام،منجهند|شاممیں|ظهر|ظهرًا|عصر|غو|كەش|كەشى|م|مساء|"
        "مساءً|منجهند،شام|پیایم|چك|چۈشتىنكېيىن|\u070fܒܛ\u200c|ߥ|अपरान्ह|अपराह्न|दपेहरा/संजा|दपैहरबाद|"
        "दुपहरपतॖ|दुपार|दोपहर|पीएम|बेलासे|बेलुकी|मध्यान्ह|शाम|शामजा|संध्याकाळ|साँझ|सांजे|सांझ|"
        "सांम|स’ञ|দুপুর|দুপুরবেলায়|পিএম|বিকাল|সন্ধ্যা|সন্ধ্যাবেলায়|ਦੁਪਹਿਰੇ|ਬਾਦੁ|ਸ਼ਾਮ|ਸ਼ਾਮੀਂ|"
        "બપોર|બપોરે|સાંજ|સાંજે|ଅପରାହ୍ନ|ପିଏମ|அந்திமாலை|நண்பகல்|பிற்பகல்|மதியம்|மாலை|పిఎమ్|"
        "మధ్యాహ్నం|సాయంత్రం|ಮಧ್ಯಾಹ್ನ|ಸಂಜೆ|ഉച്ച|ഉച്ചതിരിഞ്ഞ്|ഉച്ചയ്ക്ക്|വൈകുന്നേരം|സന്ധ്യ|දවල්|"
        "පව|මධ්\u200dයාහ්නය|හවස|ค่ำ|ตอนบ่าย|ตอนเย็น|บ่าย|หลังเที่ยง|เที่ยง|ในตอนบ่าย|ในตอนเย็น|"
        "ຕອນທ່ຽງ|ຕອນບ່າຍ|ຕອນແລງ|ທ່ຽງ|ສວາຍ|ຫຼັງທ່ຽງ|ແລງ|ཕྱི་ཆ་|ཕྱི་དྲོ་|ညနေ|နေ့လယ်|မွန်းတည့်|"
        "ნაშუადღ|ნაშუადღევი|ნაშუადღევს|საღ|საღამო|საღამოს|შუადღ|შუადღე|შუადღეს|ሓቆስርምዕል|ምሴት|ምሽት|"
        "ቀትር|ቃማ|በምሽት|ከሰዓት|ድቀ|ፋዱስደምቢ|ᐲᒼ|ថ្ងៃត្រង់|នៅពេលរសៀល|នៅពេលល្ងាច|រសៀល|ល្ងាច|ᠦ᠂ᠬᠣ|ᱧᱤᱫᱟᱹ|"
        "ḍeffiraza|ọ̀sán|’savonds|’smiddags|ⵜⴰⴷⴳⴳⵯⴰⵜ|下午|下昼|下晝|中午|午後|夕方|夜晚|昼|晚上|正午|ꁯꋒ|ꭲꭶ|ꮢꭿᏹꭲ|"
        "ꮢꭿᏹꭲꮧꮲ|오후|저녁|정오|𐐹𐑋|𐑐𐑥|𑄘𑄨𑄝𑄪𑄎𑄳𑄠|𑄝𑄬𑄣𑄳𑄠𑄬|𑄥𑄎𑄧𑄚𑄳𑄠|𞤩𞤰"
    ),
}
"""Before noon (a) or after (p) at each of the hours 12, 1, … 11 → the words for it, joined by `|`."""

"""Words that people save a contact under although they mean something: Will, May, Mãe, Schatz, You.

Such a name cannot be told from the word by its letters. Which words a chat uses as words is known in two ways: from a
list by language, where the chat is in that language, and from the chat itself, whatever its language: who writes names
with capitals, but this word without, does not mean a name.
"""

_SIGNS = {
    "en": "the and you that this with have what they your was are not just will there about",
    "pt": "não uma para você com isso mas está muito então também ele ela foi vou tem aqui pra",
    "es": "el los una para con pero está muy también ella fue tiene aquí más qué cómo hay",
    "de": "und nicht ich der die das ist mit auch noch wir aber eine auf wenn schon dann",
    "fr": "les une des est pas vous nous pour avec mais dans très aussi elle sur ça",
    "it": "che non una per con sono anche più questo della gli molto però hai è ho ci",
    "nl": "het een niet ik dat van maar ook met zijn wij nog wel heb voor naar dan",
    "tr": "bir ve bu çok için ama ben sen var yok değil daha ne mi mı gibi olarak",
    "id": "dan yang di itu ini tidak dengan untuk aku kamu ada sudah bisa ke dari akan",
    "pl": "nie się jest że to na jak ale czy tak już mam dla może jestem co był",
    "sv": "och det att inte jag är som på med för den har men vi ett du kan",
    "ru": "и не что это как на я ты мы он она но да так есть для уже",
}
"""Words that no text of a language does without; enough of them, and a chat is in it."""

_WORDS = {
    "en": """
        a about after again all always am an and any are art as at aunt auntie autumn baby bad bay bear bee
        best bill blaze blue boo book boss both bro brother brook brown bud bunny but buddy by can candy car 
        champ chance charity chase chef cherry chip christian clay cliff coach cook cousin cream crystal cute dad daddy
        daisy dawn day dear destiny doc doctor dog don down drew dude earl early east ever every
        everyone faith family father fern five flora forest fox frank free friend friends from gift 
        gold good grace grandma grandpa granny grant gray great green group gym happy harmony has have hazel
        he heart heath heaven hell help her here hi his home honey honor hope house hub hubby hunter
        husband i if in iris iron it its ivy jade jet jewel job joy june just justice king 
        kitty lady lane last legend let life light lily line lion little long look love lover luck
        lucky luna major mama man many march mark mars marsh mate max may me melody mercy merry mine miles
        miss mom mommy mother mum mummy my never new next nice night north not now nurse oak old olive
        on one only opal or other our out page papa park pat patience peace pearl penny pet pops poppy precious
        price pride prince princess queen quick rain ray red reed reef rich river rob rock rocky rod rose 
        royal ruby rusty sage sandy say scout see self shade shay she sheriff sister sis sky skip so son song
        south spring star sterling still stone storm sue summer sun sunny sunshine sweet sweetheart sweetie tad taxi
        teacher team thank thanks that the them there they this three time to today tomorrow true trip two uncle
        us victory violet wade ward was way we well west what when where who why wife will win winter
        wish with wolf woman wood work worker yes you young your very pa ma ok office landlord plumber
        dentist driver guard guy girl boy kid kids neighbor neighbour colleague manager captain chief crush sir madam
        april august autumn may june september monday friday sunday saturday easter
    """,
    "pt": """
        a ai agora alegria alma amanhã amado amada amiga amigo amigos amor anjo as avó avô bebê bela bem 
        bom boa branco brasil cabelo caça campos casa cedo céu chefe com como conta coração costa cruz cunhada
        cunhado da de deus dia diva do doce dona e ela ele em então esperança está esposa esposo estrela eu família
        fé feliz filha filho filhos flor fofa fofo foi força gata gato gente graça grupo hoje irmã
        irmão irmãos isso já jardim leão linda lindo lobo lua luz mas mãe mãezinha mainha mamãe maio
        mana mano mar março marido marinho melhor menina menino meu meus mel minha moça moço moreno mulher muito
        namorada namorado nada não neta neto neve ninguém noite noiva noivo nós nova novo o oi olá os ótimo padrinho
        madrinha pai painho papai patrão patroa paz pedra perfeita pra prata prima primo prof professor
        professora princesa príncipe quem que rainha rei rio rocha rosa sal salvador santa santo senhor senhora
        serra sim sogra sogro sol sobrinha sobrinho tarde tem tia tio titia titio trabalho tudo um uma vida vida 
        vizinha vizinho você vó vô vovó vovô voz zap branca preta preto amarelo azul verde vermelho chefa médico doutor doutora
    """,
    "es": """
        abuela abuelo abuelita abuelito alba alegría alma amiga amigo amigos amor amparo ángel ahora aquí azul
        bebé bella bello bien blanca blanco bonita bonito buena bueno cariño casa cielo claro como con consuelo
        corazón cruz cuñada cuñado de dios doctor doctora dolores dulce el ella él en es esperanza
        esposa esposo está estrella familia fe felicidad feliz flor flores fuego gata gato gloria gordo gorda gracia
        gracias grupo guapa guapo hermana hermano hermosa hermoso hija hijo hoy jefa jefe ya león ley libertad
        linda lindo lobo los lucero luna luz madre mamá mami mañana mar mía mío mi mis marido mayo mercado 
        montaña mucho mujer muy nada nena nene niña niño nieves no noche novia novio nube nuestro nueva nuevo papá papi padre
        paloma patria paz perla pero piedad plata primavera prima primo princesa príncipe profe profesor
        profesora que reina rey remedios río rocío rosa rosario rubio santa santo señor señora sí sol soledad sobrina
        sobrino suegra suegro sueño tarde tesoro tía tío tita tito todo trabajo tú un una usted vecina vecino ventura vida
        virtud viva yo
    """,
    "de": """
        aber alle alles anwalt arbeit arzt auch auto baby bär bauer bein berg bester beste blume braun bruder
        brüder büro chef chefin cousin cousine da danke das dein dem den der die dich dir doch du ein eine engel er erde
        ernst es essen familie feld fest fischer frau freund freunde freundin frieden froh früh fuchs für ganz gern gott
        groß große größe gruppe gut gute hahn hammer hart hase hausmeister haus herr herz heute hier himmel hirsch hoffnung hund
        ich ihr immer ist ja jäger jetzt jung kaiser kalt kater kaiser katze kind kinder klein kleine koch könig königin
        krause krieg kurz lang lange lehrer lehrerin leben licht lieb liebe lieber liebling liebste löwe lustig mai mama mami
        mann mark maus mausi mein meine meister mich mir mit mond morgen mutter mutti nachbar nachbarin nacht neu nein
        nicht nichte neffe noch nur ober oma opa onkel papa papi post reich richter ritter rose rot sand sanft
        schatz schatzi schäfer schnell schön schule schuster schwager schwarz schwester sie sohn sommer sonne spatz
        stark stein stern süße süßer tag tante tochter treu und uns vater vati vogel wald weiß weiss wein weise wir wolf winter
        wunder zahn zimmer zwilling
    """,
    "fr": """
        ami amie amis amour ange avec beau beauté bébé belle bien bijou blanc blanche bleu bois bon bonne boss bonheur
        brun carré chat chaton chef cher chéri chérie ciel clair claire cœur coeur copain copine cousin cousine de 
        dieu dimanche doux douce école elle espoir est et été famille femme fille fils fleur foi frère fort gloire grand
        grande grâce groupe hiver homme ici il je jour joie joli jolie juste la le lion les lieu loup lui lumière
        lune ma mai maison maman mamie mamy mari marine marin matin mémé mer merci mère mes miel mignon mignonne
        mimosa moi mon muguet neige noir non nous nuit nounou oncle oui papa papi papy par paix parfait parrain
        marraine patron patronne pépé perle petit petite père pierre plume pomme poule prince princesse prof puce
        quand que qui reine renard roi rose rouge roy roux sage sœur soeur soleil son souvenir tante tata tonton toi
        ton tout travail trésor tu un une vie violette voisin voisine vous vrai
    """,
    "it": """
        allegra alma amica amici amico amore angelo anima babbo bambina bambino bella bello bene bianca bianco bimba
        bimbo buono buona capo cara caro casa che chi ciao cielo cognata cognato come con conte costa cugina cugino
        cuore da di dio dolce donna dottore dottoressa e ecco estate famiglia fede felice ferro figlia figlio fiore forte
        fortuna fratello fratellone gatto gentile gioia gioiello giorno gioventù grande grazia grazie greco gruppo io
        lavoro leone libera lui luce luna lupo ma madre maestra maestro mai mamma mamma mare marina marito maggio
        me mela mia miele mio moglie mora neve no noi nonna nonno notte nuovo nuova oggi ora padre pace papà pasqua per
        perla pesce pia più principessa principe prof pure quando quanto re regina rosa rosso rossa sabato santa santo
        sempre serena sereno sì sogno sole sorella stella suocera suocero sorriso tesoro ti tu tutti un una vera vero viola
        vita vittoria voi zia zio
    """,
    "nl": """
        aan altijd baas bakker beer beste bij bloem boer boom broer broertje buurman buurvrouw daar dag dank dat de dochter
        dokter dominee een en engel familie ga goed groen groot haan hart heer hem het hond hoop huis ik ja jong jij kat
        kind kinderen klein koning kok lang leeuw lente lief liefde lieverd liefje maar mama mam man mei meisje
        mijn moeder mooi morgen nee neef nicht niet nieuw nu of oma ook oom opa ouder paard pap papa prins prinses roos
        school schat schatje sterk ster tante tuin van vader visser vogel vos vriend vriendin vriendje vrouw werk wij winter wit
        wolf zee zoon zon zomer zus zusje zwart
    """,
    "tr": """
        abi abim abla ablam aile ama amca an ana anne annem aşk aşkım ay aydın ayı babam baba bahar bal balım ben
        beyaz bir biz bu bugün can canım çiçek dayı deniz dede doğan dost dünya erkek eş ev evlat
        gece gonca gök gökçe gül güneş gün güzel hala hayat hayatım hoca hocam iş işte kalp kara kardeş kardeşim
        karım kaya kedi kim kız kızım koca kocam kral kraliçe kuş kuzen melek meleğim müdür nine nur okul 
        oğlum pamuk patron sakin sarı sen seven sevgi sevgilim sevim su şef şen şeker tatlım teyze toprak umut usta var
        yağmur yaz yeğen yenge yeni yıldız yok yol zafer
    """,
    "id": """
        abang adik aku anak api ayah baik bapak bintang bos bu bulan bunga cahaya cinta dan dari di dia dokter
        dua emak embun guru hari hati hitam ibu indah intan istri itu jaya kakak kakek kami kantor kasih kasir keluarga kita kopi
        langit lima mama mas mata matahari mawar melati mentari merah mutiara nenek om paman papa pelangi permata pulang putih
        putra putri rumah sahabat saya sayang sekolah seni setia suami suci tante teman tiga tuhan utama wangi yang
    """,
    "pl": """
        babcia bracie brat brudny chłop ciocia córka cud czarny dom dobra dobry doktor dziadek dzień gołąb góra gwiazda jest
        ja już kochanie kochany kochana kot król królowa krótki kuzyn kuzynka kwiat lew lis maj mama mamo mamusia
        mały miły miłość misiek miś moja mój mąż nadzieja noc nowy on ona ojciec pan pani pies praca sąsiad sąsiadka
        siostra skarb słońce syn szef szefowa tak tata tato tatuś teść teściowa ty wilk wiosna wujek woda zając zima
        złoto żona życie
    """,
    "sv": """
        alltid arbete barn berg björn blad blomma bror broder chef dag den dotter du ek fader familj far farfar farmor fin
        frid flicka gran god gud gull guld hans han hem hjärta hund hur jag jobb katt kung kär kärlek lilla liten
        lind ljung ljus läkare lärare mamma man min mormor morfar mor moster moder måne natt ny nu pappa per pojke ros
        sambo sjö skatt sol son sommar sten stjärna ström syster son storm tack till under vacker varg vi vila vinter vän älskling
        ära
    """,
    "ru": """
        бабушка баба босс брат братик братишка весна врач год голубь дед дедушка день дочь дочка друг друзья дом
        доктор душа дядя жена жизнь заяц зайка звезда зима золото золотко княз кот котик кролик кузнец лев лето луна
        любимый любимая любовь май мама мамочка мамуля мать медведь мир милый милая муж мой моя надежда начальник ночь
        отец папа папуля подруга работа рад рай роза роман роман рыба семья сестра сестренка слава сосед соседка
        солнце солнышко сын сынок теща тетя тёща тётя учитель цветок шеф я ты
    """,
}
"""Kin, endearments, callings, and given names that mean something, with the words that make phrases of them.

A name that is hardly ever used as the word (Jack, Holly) is not here: to keep it would do harm, to mask the word little.
"""

_LEAST_SHARE = 0.015
"""Of a chat's words, what the signs of a language make up at least; of chance ones, far less."""

_SAMPLE = 20_000
"""Messages that are looked at: which ones depends on their ids alone."""

WORDS_CTES = rf"""
languages AS (
    SELECT unnest({[*_SIGNS]!r}) AS language, unnest({[*_SIGNS.values()]!r}) AS signs,
        unnest({[" ".join(_WORDS[language].split()) for language in _SIGNS]!r}) AS listed
),
sample AS (
    SELECT author_uuid, regexp_extract_all(text, '[\pL\pM]+') AS words FROM {{messages}}
    WHERE author_raw <> '' AND text IS NOT NULL ORDER BY event_id LIMIT {_SAMPLE}
),
tokens AS (
    SELECT author_uuid, token, count(*) AS uses FROM (SELECT author_uuid, unnest(words) AS token FROM sample) GROUP BY ALL
),
spoken AS (
    SELECT listed FROM languages JOIN tokens ON list_contains(string_split(signs, ' '), lower(token)) GROUP BY ALL
    HAVING count(DISTINCT lower(token)) > 1
        AND sum(uses) >= {_LEAST_SHARE} * (SELECT sum(uses) FROM tokens)
),
name_words AS (
    SELECT lower(word) AS word, bool_or(writes) AS writes FROM (
        SELECT unnest(regexp_extract_all(name, '[\pL\pM]+')) AS word, author_uuid IS NOT NULL AS writes FROM found
        WHERE role = 'person'
    ) GROUP BY ALL
),
uses AS (
    SELECT author_uuid, word, writes, sum(uses) FILTER (token = word) AS small, sum(uses) FILTER (token <> word) AS big
    FROM tokens JOIN name_words ON lower(token) = word GROUP BY ALL
),
careful AS (
    SELECT author_uuid, word FROM uses WHERE coalesce(big, 0) >= 3 AND small IS NULL
),
words AS (
    SELECT word FROM name_words
    WHERE word IN (SELECT unnest(string_split(listed, ' ')) FROM spoken)
    UNION SELECT uses.word FROM uses JOIN careful USING (author_uuid)
    WHERE small >= 3 AND small > 2 * coalesce(big, 0) AND uses.word <> careful.word
    UNION SELECT word FROM uses GROUP BY word
    HAVING NOT bool_or(writes) AND sum(small) >= 3 AND sum(small) > 2 * coalesce(sum(big), 0)
)"""
"""What of the names in `found` is an ordinary word of the chat, as CTEs of a DuckDB query; `words` is their result.

A name that somebody writes under needs a writer who is careful with another name; one that is only read from a line of
the platform ("Milk was added") is a word where it is mostly written as one.
"""

ALL_WORDS = sorted({word for words in (*_WORDS.values(), *_SIGNS.values()) for word in words.split()})
"""Of all languages; all in small letters."""

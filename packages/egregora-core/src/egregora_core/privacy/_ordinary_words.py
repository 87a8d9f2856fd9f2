"""Words that people save a contact under although they mean something: Will, May, Mãe, Schatz, You.

Such a name cannot be told from the word by its letters. Which words a chat uses as words is known in two ways: from a
list by language, where the chat is in that language, and from the chat itself, whatever its language: who writes names
with capitals, but this word without, does not mean a name; unless it is saved without one.
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

FUNCTION_WORDS = frozenset(word for words in _SIGNS.values() for word in words.split())
"""In small letters inside a longer name, they name nobody: *Girl with Pearl*."""

_WORDS = {
    "en": """
        a about after again all always am an and any april are art as at august aunt auntie autumn baby bad
        bay bear bee best bill blaze blue boo book boss both boy bro brook brother brown bud buddy bunny but
        by can candy captain car champ chance charity chase chef cherry chief chip christian clay cliff coach
        colleague cook cousin cream crush crystal cute dad daddy daisy dawn day dear dentist destiny doc
        doctor dog don down drew driver dude earl early east easter ever every everyone faith family father
        fern five flora forest fox frank free friday friend friends from gift girl gold good grace grandma
        grandpa granny grant gray great green group guard guy gym happy harmony has have hazel he heart heath
        heaven hell help her here hi his home honey honor hope house hub hubby hunter husband i if in iris
        iron it its ivy jade jet jewel job joy june just justice kid kids king kitty lady landlord lane last
        legend let life light lily line lion little long look love lover luck lucky luna ma madam major mama
        man manager many march mark mars marsh mate max may me melody mercy merry miles mine miss mom mommy
        monday mother mum mummy my neighbor neighbour never new next nice night north not now nurse oak office
        ok old olive on one only opal or other our out pa page papa park pat patience peace pearl penny pet
        plumber poppy pops precious price pride prince princess queen quick rain ray red reed reef rich river
        rob rock rocky rod rose royal ruby rusty sage sandy saturday say scout see self september shade shay
        she sheriff sir sis sister skip sky so son song south spring star sterling still stone storm sue
        summer sun sunday sunny sunshine sweet sweetheart sweetie tad taxi teacher team thank thanks that the
        them there they this three time to today tomorrow trip true two uncle us very victory violet wade ward
        was way we well west what when where who why wife will win winter wish with wolf woman wood work
        worker yes you young your
    """,
    "pt": """
        a agora ai alegria alma amada amado amanhã amarelo amiga amigo amigos amor anjo as avó avô azul bebê
        bela bem boa bom branca branco brasil cabelo campos casa caça cedo chefa chefe com como conta coração
        costa cruz cunhada cunhado céu da de deus dia diva do doce dona doutor doutora e ela ele em então
        esperança esposa esposo estrela está eu família feliz filha filho filhos flor fofa fofo foi força fé
        gata gato gente graça grupo hoje irmã irmão irmãos isso jardim já leão linda lindo lobo lua luz
        madrinha mainha maio mamãe mana mano mar marido marinho março mas mel melhor menina menino meu meus
        minha moreno moça moço muito mulher mãe mãezinha médico nada namorada namorado neta neto neve ninguém
        noite noiva noivo nova novo não nós o oi olá os padrinho pai painho papai patroa patrão paz pedra
        perfeita pra prata preta preto prima primo princesa prof professor professora príncipe que quem rainha
        rei rio rocha rosa sal salvador santa santo senhor senhora serra sim sobrinha sobrinho sogra sogro sol
        tarde tem tia tio titia titio trabalho tudo um uma verde vermelho vida vizinha vizinho você vovó vovô
        voz vó vô zap ótimo
    """,
    "es": """
        abuela abuelita abuelito abuelo ahora alba alegría alma amiga amigo amigos amor amparo aquí azul bebé
        bella bello bien blanca blanco bonita bonito buena bueno cariño casa cielo claro como con consuelo
        corazón cruz cuñada cuñado de dios doctor doctora dolores dulce el ella en es esperanza esposa esposo
        estrella está familia fe felicidad feliz flor flores fuego gata gato gloria gorda gordo gracia gracias
        grupo guapa guapo hermana hermano hermosa hermoso hija hijo hoy jefa jefe ley león libertad linda
        lindo lobo los lucero luna luz madre mami mamá mar marido mayo mañana mercado mi mis montaña mucho
        mujer muy mía mío nada nena nene nieves niña niño no noche novia novio nube nuestro nueva nuevo padre
        paloma papi papá patria paz perla pero piedad plata prima primavera primo princesa profe profesor
        profesora príncipe que reina remedios rey rocío rosa rosario rubio río santa santo señor señora
        sobrina sobrino sol soledad suegra suegro sueño sí tarde tesoro tita tito todo trabajo tía tío tú un
        una usted vecina vecino ventura vida virtud viva ya yo ángel él
    """,
    "de": """
        aber alle alles anwalt arbeit arzt auch auto baby bauer bein berg beste bester blume braun bruder
        brüder bär büro chef chefin cousin cousine da danke das dein dem den der dich die dir doch du ein eine
        engel er erde ernst es essen familie feld fest fischer frau freund freunde freundin frieden froh früh
        fuchs für ganz gern gott groß große gruppe größe gut gute hahn hammer hart hase haus hausmeister herr
        herz heute hier himmel hirsch hoffnung hund ich ihr immer ist ja jetzt jung jäger kaiser kalt kater
        katze kind kinder klein kleine koch krause krieg kurz könig königin lang lange leben lehrer lehrerin
        licht lieb liebe lieber liebling liebste lustig löwe mai mama mami mann mark maus mausi mein meine
        meister mich mir mit mond morgen mutter mutti nachbar nachbarin nacht neffe nein neu nicht nichte noch
        nur ober oma onkel opa papa papi post reich richter ritter rose rot sand sanft schatz schatzi schnell
        schule schuster schwager schwarz schwester schäfer schön sie sohn sommer sonne spatz stark stein stern
        süße süßer tag tante tochter treu und uns vater vati vogel wald wein weise weiss weiß winter wir wolf
        wunder zahn zimmer zwilling
    """,
    "fr": """
        ami amie amis amour ange avec beau beauté belle bien bijou blanc blanche bleu bois bon bonheur bonne
        boss brun bébé carré chat chaton chef cher chéri chérie ciel clair claire coeur copain copine cousin
        cousine cœur de dieu dimanche douce doux elle espoir est et famille femme fille fils fleur foi fort
        frère gloire grand grande groupe grâce hiver homme ici il je joie joli jolie jour juste la le les lieu
        lion loup lui lumière lune ma mai maison maman mamie mamy mari marin marine marraine matin mer merci
        mes miel mignon mignonne mimosa moi mon muguet mère mémé neige noir non nounou nous nuit oncle oui
        paix papa papi papy par parfait parrain patron patronne perle petit petite pierre plume pomme poule
        prince princesse prof puce père pépé quand que qui reine renard roi rose rouge roux roy sage soeur
        soleil son souvenir sœur tante tata toi ton tonton tout travail trésor tu un une vie violette voisin
        voisine vous vrai école été
    """,
    "it": """
        allegra alma amica amici amico amore angelo anima babbo bambina bambino bella bello bene bianca bianco
        bimba bimbo buona buono capo cara caro casa che chi ciao cielo cognata cognato come con conte costa
        cugina cugino cuore da di dio dolce donna dottore dottoressa e ecco estate famiglia fede felice ferro
        figlia figlio fiore forte fortuna fratello fratellone gatto gentile gioia gioiello giorno gioventù
        grande grazia grazie greco gruppo io lavoro leone libera luce lui luna lupo ma madre maestra maestro
        maggio mai mamma mare marina marito me mela mia miele mio moglie mora neve no noi nonna nonno notte
        nuova nuovo oggi ora pace padre papà pasqua per perla pesce pia più principe principessa prof pure
        quando quanto re regina rosa rossa rosso sabato santa santo sempre serena sereno sogno sole sorella
        sorriso stella suocera suocero sì tesoro ti tu tutti un una vera vero viola vita vittoria voi zia zio
    """,
    "nl": """
        aan altijd baas bakker beer beste bij bloem boer boom broer broertje buurman buurvrouw daar dag dank
        dat de dochter dokter dominee een en engel familie ga goed groen groot haan hart heer hem het hond
        hoop huis ik ja jij jong kat kind kinderen klein kok koning lang leeuw lente lief liefde liefje
        lieverd maar mam mama man mei meisje mijn moeder mooi morgen nee neef nicht niet nieuw nu of oma ook
        oom opa ouder paard pap papa prins prinses roos schat schatje school ster sterk tante tuin vader van
        visser vogel vos vriend vriendin vriendje vrouw werk wij winter wit wolf zee zomer zon zoon zus zusje
        zwart
    """,
    "tr": """
        abi abim abla ablam aile ama amca an ana anne annem ay aydın ayı aşk aşkım baba babam bahar bal balım
        ben beyaz bir biz bu bugün can canım dayı dede deniz dost doğan dünya erkek ev evlat eş gece gonca gök
        gökçe gül gün güneş güzel hala hayat hayatım hoca hocam iş işte kalp kara kardeş kardeşim karım kaya
        kedi kim koca kocam kral kraliçe kuzen kuş kız kızım melek meleğim müdür nine nur okul oğlum pamuk
        patron sakin sarı sen seven sevgi sevgilim sevim su tatlım teyze toprak umut usta var yaz yağmur yenge
        yeni yeğen yok yol yıldız zafer çiçek şef şeker şen
    """,
    "id": """
        abang adik aku anak api ayah baik bapak bintang bos bu bulan bunga cahaya cinta dan dari di dia dokter
        dua emak embun guru hari hati hitam ibu indah intan istri itu jaya kakak kakek kami kantor kasih kasir
        keluarga kita kopi langit lima mama mas mata matahari mawar melati mentari merah mutiara nenek om
        paman papa pelangi permata pulang putih putra putri rumah sahabat saya sayang sekolah seni setia suami
        suci tante teman tiga tuhan utama wangi yang
    """,
    "pl": """
        babcia bracie brat brudny chłop ciocia cud czarny córka dobra dobry doktor dom dziadek dzień gołąb
        gwiazda góra ja jest już kochana kochanie kochany kot król królowa krótki kuzyn kuzynka kwiat lew lis
        maj mama mamo mamusia mały misiek miłość miły miś moja mój mąż nadzieja noc nowy ojciec on ona pan
        pani pies praca siostra skarb syn szef szefowa sąsiad sąsiadka słońce tak tata tato tatuś teściowa
        teść ty wilk wiosna woda wujek zając zima złoto żona życie
    """,
    "sv": """
        alltid arbete barn berg björn blad blomma broder bror chef dag den dotter du ek fader familj far
        farfar farmor fin flicka frid god gran gud guld gull han hans hem hjärta hund hur jag jobb katt kung
        kär kärlek lilla lind liten ljung ljus läkare lärare mamma man min moder mor morfar mormor moster måne
        natt nu ny pappa per pojke ros sambo sjö skatt sol sommar son sten stjärna storm ström syster tack
        till under vacker varg vi vila vinter vän älskling ära
    """,
    "ru": """
        баба бабушка босс брат братик братишка весна врач год голубь дед дедушка день доктор дом дочка дочь
        друг друзья душа дядя жена жизнь зайка заяц звезда зима золотко золото княз кот котик кролик кузнец
        лев лето луна любимая любимый любовь май мама мамочка мамуля мать медведь милая милый мир мой моя муж
        надежда начальник ночь отец папа папуля подруга работа рад рай роза роман рыба семья сестра сестренка
        слава солнце солнышко сосед соседка сын сынок тетя теща ты тётя тёща учитель цветок шеф я
    """,
}
"""Kin, endearments, callings, and given names that mean something, with the words that make phrases of them.

A name that is hardly ever used as the word (Jack, Holly) is not here: kept, it does harm.
"""

_ADDED = {
    "en": """
        babysitter barber classmate college customer delivery downstairs electrician flatmate gym hairdresser hospital
        landline mechanic mobile name nickname number phone roommate school support uni university upstairs username
    """,
    "pt": """
        academia andar apelido cabeleireira celular condomínio eletricista encanador entrega escola faculdade hospital
        loja mecânico nome número pedreiro prédio telefone telemóvel
    """,
    "es": """
        apodo celular colegio edificio electricista escuela fontanero gimnasio hospital mecánico móvil niñera nombre
        número peluquera piso teléfono tienda universidad
    """,
    "de": """
        babysitter elektriker friseur friseurin handy hausverwaltung klempner krankenhaus mitbewohner name nummer praxis
        telefon uni verein
    """,
    "fr": """
        bureau coiffeur coiffeuse collège fac hôpital immeuble lycée nom numéro plombier portable surnom téléphone
        électricien
    """,
    "it": """
        cellulare condominio elettricista idraulico meccanico nome numero ospedale palestra parrucchiera scuola
        soprannome telefono ufficio università
    """,
    "nl": "elektricien kantoor kapper loodgieter mobiel naam nummer oppas telefoon uni ziekenhuis",
    "tr": "apartman elektrikçi hastane isim kuaför numara ofis telefon tesisatçı üniversite",
    "id": "bengkel hp kampus nama nomor telepon toko tukang",
    "pl": "biuro elektryk fryzjer fryzjerka hydraulik imię komórka numer szkoła szpital telefon uczelnia",
    "sv": "elektriker frisör kontor mobil namn nummer rörmokare sjukhus skola skolan telefon",
    "ru": "больница имя номер офис парикмахер сантехник телефон универ школа электрик",
}
"""What people put behind a name, in small letters: whose number it is, and from where they know somebody."""

_BEFORE_THINGS = {
    "en": "the my your his our their this these those every another",
    "pt": "um uma este esse cada outro outra nenhum nenhuma",
    "es": "un una este ese cada otro otra ningún ninguna",
    "de": "ein eine einen einem einer kein keine keinen jeder jede jedes",
    "fr": "un une ce cet cette chaque aucun aucune votre leur",
    "it": "un uno una questo questa quello quella ogni nessun",
    "nl": "een deze geen elke",
    "tr": "bir",
    "id": "sebuah seorang",
    "pl": "każdy każda żaden żadna jakiś jakaś",
    "sv": "ett min din vår ingen varje",
    "ru": "каждый каждая какой какая",
}
"""Words that stand before what something is called, and hardly ever before somebody's name.

Not among them: articles that names take (*a Ana*, *der Jens*), and what ends a clause before a name (*that*, *her*).
"""

_LEAST_SHARE = 0.015
"""Of a chat's words, what the signs of a language make up at least; of chance ones, far less."""

_TITLES = """
    admin admins alerts allgemein algemeen allmänt android announcements anuncios avisos backend bots bugs chat chill
    commands contact contributing data db deploy deployment design dev developers development devops diskussion docs
    documentation dudas dúvidas engineering events example export faq feedback files frontend fun games gaming geral
    général general generale genel git github gitlab hangout hello help hiring history hr image images info intro
    introductions introduce ios it jobs join links lobby logs lounge main marketing media memes messages misc mobile
    moderators mods music musik musique música news newcomers notifications office ogólny on-call operations ops other
    pets photos pictures product product-management production programming project projects python question questions
    random releases resources roles rules sales sandbox search security showcase social spam sports staff staging
    standup status suggestions support team tech test testing tests thanks today tools updates urgent users videos
    voice watercooler web website welcome work общий общее
"""
USUAL_TITLES = frozenset(_TITLES.split())
"""What chats are called that are called after nothing but their use, in small letters: such a title is no name."""

_SAMPLE = 20_000
"""Messages that are looked at: which ones depends on their ids alone. To sort ids takes a part of what texts would."""

WORDS_CTES = rf"""
languages AS (
    SELECT unnest({[*_SIGNS]!r}) AS language, unnest({[*_SIGNS.values()]!r}) AS signs,
        unnest({[" ".join(_WORDS[language].split()) for language in _SIGNS]!r}) AS listed,
        unnest({[" ".join(_ADDED[language].split()) for language in _SIGNS]!r}) AS added_words,
        unnest({[_BEFORE_THINGS[language] for language in _SIGNS]!r}) AS before_things
),
sample AS (
    SELECT author_uuid, regexp_extract_all(text, '[\pL\pM]+') AS words FROM {{messages}}
    WHERE author_raw <> '' AND text IS NOT NULL AND event_id <= (
        SELECT max(event_id) FROM (
            SELECT event_id FROM {{messages}} WHERE author_raw <> '' AND text IS NOT NULL
            ORDER BY event_id LIMIT {_SAMPLE}
        )
    )
),
tokens AS (
    SELECT author_uuid, token, count(*) AS uses
    FROM (SELECT author_uuid, unnest(words) AS token FROM sample) GROUP BY ALL
),
spoken AS (
    SELECT listed, added_words, before_things FROM languages
    JOIN tokens ON list_contains(string_split(signs, ' '), lower(token)) GROUP BY ALL
    HAVING count(DISTINCT lower(token)) > 1
        AND sum(uses) >= {_LEAST_SHARE} * (SELECT sum(uses) FROM tokens)
),
name_words AS (
    SELECT lower(word) AS word, bool_or(writes) AS writes, bool_and(place > 1 AND word = lower(word)) AS added,
        bool_or(writes AND place = 1 AND word = lower(word)) AS saved_small
    FROM (
        SELECT unnest(words) AS word, generate_subscripts(words, 1) AS place, writes FROM (
            SELECT regexp_extract_all(name, '[\pL\pM]+') AS words, author_uuid IS NOT NULL AS writes FROM found
            WHERE role = 'person'
        )
    ) GROUP BY ALL
),
uses AS (
    SELECT author_uuid, word, writes, sum(uses) FILTER (token = word) AS small, sum(uses) FILTER (token <> word) AS big
    FROM tokens JOIN name_words ON lower(token) = word WHERE upper(word) <> word GROUP BY ALL
),
called AS (
    SELECT word, count(*) AS times, count(DISTINCT author_uuid) AS writers FROM (
        SELECT author_uuid, unnest(words[:-2]) AS before, unnest(words[2:]) AS word FROM sample
    ) JOIN name_words USING (word)
    WHERE added AND lower(before) IN (SELECT unnest(string_split(before_things, ' ')) FROM spoken) GROUP BY word
),
additions AS (
    SELECT word FROM name_words WHERE added AND word IN (SELECT unnest(string_split(added_words, ' ')) FROM spoken)
    UNION SELECT word FROM uses JOIN called USING (word) WHERE writers > 1 GROUP BY word, times
    HAVING sum(big) IS NULL AND 2 * times >= sum(small)
),
careful AS (
    SELECT author_uuid, word FROM uses WHERE coalesce(big, 0) >= 3 AND small IS NULL
),
words AS (
    SELECT word FROM name_words
    WHERE word IN (SELECT unnest(string_split(listed, ' ')) FROM spoken)
    UNION SELECT uses.word FROM uses JOIN careful USING (author_uuid) JOIN name_words ON name_words.word = uses.word
    WHERE NOT saved_small AND small >= 3 AND small > 2 * coalesce(big, 0) AND uses.word <> careful.word
    UNION SELECT word FROM uses GROUP BY word
    HAVING NOT bool_or(writes) AND sum(small) >= 3 AND sum(small) > 2 * coalesce(sum(big), 0)
)"""
"""What of the names in `found` is an ordinary word of the chat, as CTEs of a DuckDB query: `words` and `additions`.

A name that somebody writes under needs a writer who is careful with another name; one that is only read from a line of
the platform ("Milk was added") is a word where it is mostly written as one. A script without capitals tells neither.

Additions are words that only stand in small letters behind the first of a name, and that are listed, or that several
people use as what something is called: *the carpool*, beside somebody saved as *Rita carpool*.
"""

_LIKE_INFLECTED = """
    does goes times market markets marken markt marke very many even only body lady ready easy busy data dates tales
    jeans means notes votes roses bears wards words works books looks needs deals banks bills grants parks rocks stones
    mars pass less miss boss kiss bella hanse banden linden rosen lange langen kleine kleinen große großen
"""
"""Words that a name with an ending would look like."""

ALL_WORDS = sorted({word for words in (*_WORDS.values(), *_SIGNS.values(), _LIKE_INFLECTED) for word in words.split()})
"""Of all languages; all in small letters."""

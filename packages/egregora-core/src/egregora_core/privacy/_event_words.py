"""The words with which platforms tell of events, in a few languages: all that stays of a line that nobody wrote.

A word stays only as it is written here, capitals included. What is also a name somewhere is left out (German *Nur*,
French *Le*): to lose a word to `[name]` does no harm, to keep a name does.
"""

import re
from typing import Any

_MARK = "\x01"

_PARTS = {
    "platform": "WhatsApp Business QR end-to-end",
    "English": """
        You you Your your yourself They they their them This this These these It it its Your The the A a an
        Only No Not not New new Tap Learn Messages messages message Message Calls calls call Call Missed Voice voice
        video Video Status Disappearing disappearing Waiting Someone Anyone Admins Members Group Community
        and or to of from for with in on off by at as is are was were be been being has have had will would can cannot
        could now no one nobody outside inside even read listen share shared sharing see seen know more info
        information learn about left joined join joins joining added adds add removed remove removes created create
        changed change changes changing updated update deleted delete deletes turned turn set reset started start
        starts ended end ending pinned pin unpinned blocked unblocked requested request requests accepted approved
        rejected invited invite invites invitation declined cancelled answered using via link links group groups
        group's subject name title description icon picture photo settings setting community channel announcement
        announcements chat chats admin admins administrator participant participants member members people person
        others other everyone anyone someone contact contacts account accounts business number phone device devices
        security code encryption encrypted secured secure protected private kept keep keeps saved default timer
        duration after before hours hour days day weeks week minutes minute seconds all any allow allowed allows edit
        edited send sent sending receive only who what which that there here if when until unless except than disappear
        disappears history service product manage managed use uses used works work click tap may need but so also again
        approve approval longer been anymore manually automatically turned event poll file files media document left
        s t re ve ll didn isn
        unblock view take while registered standard creator over Changed companies company Answered Silenced answer
        answer nobody somebody everybody Nobody Somebody Everybody Everyone Some some silenced busy ringing tapped
        add month months year years version supports support get update upgrade may whatsapp
    """,
    "Portuguese": """
        Você você Vocês Seu Sua As Os Esta Este Todas Toda Todos Nenhuma Ninguém Toque Saiba Somente Apenas Mensagens
        Novas O Um Uma Agora As o a os as um uma e ou de da do das dos em no na nos nas para por pelo pela com sem ao
        aos à às que se seu sua seus suas este esta esse essa deste desta neste nesta grupo grupos conversa conversas
        comunidade mensagens mensagem ligações ligação chamadas chamada voz vídeo são é foi foram está estão protegidas
        protegida protegidos criptografia criptografadas ponta fim apenas somente só fora dela dele nem mesmo ninguém
        pode podem ler ouvir ouvi-las lê-las compartilhar compartilhá-las las los pessoas pessoa participam membros
        membro participantes participante outras outros novas novo novos toque saiba mais obter clique adicionou
        adicionado adicionada adicionados removeu removido removida removidos saiu saíram entrou entraram usando link
        convite criou criado mudou alterou alterado alterada atualizou ativou desativou apagou apagada fixou nome
        assunto descrição imagem ícone foto configurações admin admins administrador administradores código segurança
        número telefone conta temporárias temporária duração desaparecerão desaparecem horas hora dias dia após envio
        exceto salvas todas todos toda todo agora não permitir permite editar enviar solicitou entrar via
        contato contatos empresa comercial fazem parte esse conteúdo desaparecerem salva salvos enviadas
        ficam entre Nem saber informações encriptação encriptada encriptadas encriptados alguns algumas bloqueou
        desbloquear desbloqueou bloqueado Chamada Chamadas perdida perdidas Ligação Ligações Aguardando ação levar
        instantes usa usam outro ver alteradas alterados editem enviem dados ativadas ativado desativadas desativado
        eliminou eliminada ouvir padrão registrada registada fez faz eliminar apagar removeram adicionaram às
    """,
    "Spanish": """
        Tú Usted Las Nadie Toca Ahora Se Esta Este el la los las un una y o de del en por para con
        sin al a que se su sus tu este esta grupo grupos chat comunidad mensajes mensaje llamadas llamada voz vídeo
        video son es fue fueron está están cifrados cifradas cifrado extremo fuera ni siquiera nadie puede pueden leer
        leerlos escuchar escucharlos compartir compartirlos personas persona toca obtener más información añadió agregó
        añadido eliminó eliminado salió salieron unió unieron usando enlace invitación creó creaste cambió cambiaste
        cambiado actualizó activó desactivó fijó añadiste agregaste eliminaste saliste te uniste has nombre asunto
        descripción imagen ícono icono foto configuración ajustes admin administrador administradores código seguridad
        número teléfono cuenta temporales duración desaparecerán horas hora días día después todos todas nuevo nueva
        nuevos nuevas ahora no mediante solicitó
        Obtén obtén Llamada Llamadas Videollamada videollamada llamada Bloqueaste Desbloqueaste bloqueaste
        desbloqueaste contacto contactos desbloquear desbloquearlo Eliminaste Cambió Cambiaste cambiaste Creaste
        Añadiste Agregaste Saliste Esperando Esto Este Esta tomar tiempo activado activados desactivados eres solo
        puedan puede ver perdida perdidas ha han sido empresa ahora usa configuración edita editar enviar envíes
        algunos entre
    """,
    "German": """
        du Sie Ihr Dein Deine Die Der Diese Dieser Dieses Nachrichten Nachricht Anrufe Anruf Ende Niemand Tippe
        Es Gruppe Gruppenname Gruppenbild Gruppenbeschreibung Gruppeneinstellungen Gruppeninfo Betreff Beschreibung
        Bild Namen Personen Person Chat Chats Mitglieder Mitglied Teilnehmer Admin Admins Administrator Link
        Einladungslink Infos Sicherheitsnummer Sicherheitscode Nummer Telefonnummer Community Videoanruf Sprachanruf
        Verpasster Stunden Tage Tagen selbstlöschende Selbstlöschende
        der die das den dem des ein eine einen einem einer und oder zu zum zur von vom mit in im an auf aus für über
        durch hat haben habt hast ist sind wurde wurden bist wird werden nicht einmal niemand außerhalb kann
        können lesen anhören hören teilen sie es dich dir mich sich diese dieser dieses diesem diesen Ende verschlüsselt
        hinzugefügt entfernt verlassen beigetreten erstellt geändert aktualisiert aktiviert deaktiviert
        angeheftet gelöscht neue neuer neues neuen jetzt alle mehr erfahren tippe um als kein keine deine deiner
        Verschlüsselung Kontakt Kontakte blockiert Blockierung aufzuheben aufheben freigegeben warten Dies etwas
        dauern sendest senden sowie geschützt Gruppen verpasst verpasster beantwortet ändern können ändert nun
    """,
    "French": """
        Vous vous Les Votre Ce Cette Aucun Personne Seules Appuyez Touchez Tous le la les un une et ou de du
        des en dans par pour avec sans au aux à que qui ce cet cette ces votre vos sa son ses l d n qu s messages
        message appels appel vocal vidéo sont est était été a ont avez êtes chiffrés chiffrées bout personne tiers pas
        même ne peut peuvent lire écouter partager personnes discussion groupe groupes communauté appuyez touchez plus
        savoir informations ajouté ajoutée ajoutés ajoutées supprimé retiré retirée quitté rejoint parti partie
        créé modifié changé mis jour activé désactivé épinglé utilisant via lien invitation nom sujet description icône
        image photo paramètres admin admins administrateur administrateurs code sécurité numéro téléphone compte
        éphémères durée heures jours après tous toutes nouveau nouveaux nouvelle nouvelles maintenant membres
        manqué manquée manqués bloqué débloqué débloquer attente peut prendre moment Vos voir envoyer modifier
        maintenant êtes autorisé administratrice entreprise utilise envoyez protégés
    """,
    "Italian": """
        I Nessuno Tocca Questo Questa il lo la i gli le un una e o di del della dei delle degli da
        dal dalla in nel nella per con senza al alla a che si tuo tua questo questa messaggi messaggio chiamate chiamata
        sono è stato stata stati crittografati crittografate crittografia end fuori chat nemmeno nessuno può possono
        leggerli leggere ascoltarli ascoltare condividerli persone gruppo gruppi comunità tocca saperne ulteriori più
        informazioni ha aggiunto aggiunta rimosso rimossa abbandonato uscito unito unita entrato entrata tramite link
        invito creato cambiato modificato aggiornato attivato disattivato nome oggetto descrizione immagine impostazioni
        amministratore amministratori codice sicurezza numero telefono effimeri durata ore giorni dopo tutti nuovo nuovi
        nuova ora non l dell
        leggerne ascoltarne contenuto ascoltarle condividerle condividere Scopri invii invia protetti protetta
        maggiori Chiamata Chiamate Videochiamata videochiamata chiamata vocale persa perse bloccato sbloccato
        contatto contatti sbloccare eliminato eliminata attesa Potrebbe volerci po tempo sei puoi può cambiata
        vedere solo admin inviare modificare le si di
    """,
    "Dutch": """
        Je Jij Het Berichten Niemand Tik Alleen Deze Dit je jij jou u de het een en of van in op aan uit met voor
        door om te tot bij als is zijn was werd heeft hebt hebben niet zelfs niemand buiten kan kunnen lezen luisteren
        beluisteren delen mensen deze dit groep groepen gesprek gesprekken community berichten bericht oproepen oproep
        versleuteld end tik meer informatie toegevoegd verwijderd verlaten deelgenomen lid geworden gemaakt aangemaakt
        gewijzigd bijgewerkt ingeschakeld uitgeschakeld vastgezet via uitnodigingslink link naam onderwerp
        groepsnaam groepsafbeelding groepsbeschrijving beschrijving afbeelding instellingen beheerder beheerders
        beveiligingscode nummer telefoonnummer verdwijnende uur dagen na alle nieuwe nu
        ze worden Gemiste Gemist gemiste spraakoproep spraakgesprek videogesprek oproep geblokkeerd gedeblokkeerd
        deblokkeren Wachten duren even bent berichten verzenden sturen bewerken beveiligd wissen gewist contact
        contactpersoon
    """,
}

EVENT_WORDS = tuple(sorted(set(re.findall(r"\w+", " ".join(_PARTS.values())))))
"""Each once, sorted. What has a hyphen or an apostrophe in it is several words."""

_BEGINNINGS = (
    "Du (?:hast|bist|kannst)|Nur (?:Personen|Admins|Administratoren)|Mehr (?:erfahren|Infos)|Auf Nachricht"
    "|Le (?:groupe|code|message|numéro)|En savoir|En attente|Ceci peut|Appel (?:vocal|vidéo)|Tu (?:código|número)"
    "|Solo (?:las|los|le|gli|admins)|Los (?:mensajes|administradores)|Essa ação"
    "|Hai (?:bloccato|sbloccato|eliminato|cambiato|modificato|aggiunto|rimosso|creato|abbandonato)"
    "|Il (?:tuo|gruppo)|In attesa|Ora sei|Meer informatie"
    "|Sei (?:entrato|stato)"
)
"""Words that are names too, and are none before the words that follow them here."""

_C = r"\pL\pM\p{So}_\x{200C}\x{200D}"
"""What a word is made of: emoji too, as somebody's name may be nothing else."""

_KEPT_WORD = rf"(^|[^{_C}\pN\x{{1}}])({'|'.join(EVENT_WORDS)})($|[^{_C}\pN])"
_BEGINNING = rf"(^|[^{_C}\pN\x{{1}}])({_BEGINNINGS})($|[^{_C}\pN])"
_OTHER_WORD = rf"(^|[^{_C}\x{{1}}])[{_C}][{_C}\pN]*"
_MASKS = r"\[name\](?:[ \x{A0}'’._\x{2060}-\x{2069}-]{0,3}\[name\])+"


def mask_unknown_words(text: Any) -> Any:
    """Return an ibis text expression with `[name]` for each run of words that are no event words.

    `text` may hold `[name]` and `[phone]` already. What stays is marked by U+0001 for the time being, as RE2 has no
    lookahead that could say "any word but these"; a word without the mark is masked, whatever it is.
    """
    text = text.replace(_MARK, "").re_replace(r"\[(name|phone)\]", f"[{_MARK}\\1]")
    text = text.re_replace(_BEGINNING, f"\\1{_MARK}\\2\\3")
    for _ in range(2):  # two words share the space between them
        text = text.re_replace(_KEPT_WORD, f"\\1{_MARK}\\2\\3")
    text = text.re_replace(_OTHER_WORD, r"\1[name]").replace(_MARK, "")
    return text.re_replace(_MASKS, "[name]")

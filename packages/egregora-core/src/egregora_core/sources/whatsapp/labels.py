"""What people write before a colon to say what follows: `Update: done`. A word of these is no part of a name."""

import unicodedata

_LABELS = """
    update updates note notes nb ps pps question questions answer answers reminder edit todo to-do fyi price prices
    cost total news info information report status summary result results link links source sources address tip tips
    warning attention correction subject date time place location where when who what why agenda task tasks idea
    problem issue solution fix example important urgent poll option name phone email e-mail order delivery menu
    recipe spoiler quote daily weekly monthly quick small new site final last first latest current general gentle
    friendly my our the for translation btw imo tldr re fwd fw today tomorrow yesterday now later next plan meeting
    venue budget topic title description conclusion fact rule step message announcement notice alert breaking ok yes
    no also done pending progress amount balance paid reply request suggestion proposal feedback review dear all
    guys everyone hello hi breakfast lunch dinner morning evening night monday tuesday wednesday thursday friday
    saturday sunday atualização atualizações nota notas obs observação pergunta resposta lembrete preço valor
    notícia notícias informação informações relatório resumo resultado fonte endereço dica aviso atenção correção
    assunto data hora horário local localização pauta tarefa ideia problema solução exemplo importante urgente
    enquete opção nome telefone pedido receita tradução hoje amanhã ontem agora plano reunião próximo passo
    comunicado mensagem conclusão título actualización pregunta respuesta recordatorio precio noticia noticias
    información informe resumen fuente dirección consejo atención corrección asunto fecha lugar ubicación tarea
    solución ejemplo encuesta opción nombre teléfono receta traducción hoy mañana ayer ahora reunión paso mensaje
    conclusión ojo enlace aktualisierung notiz hinweis anmerkung frage antwort erinnerung preis neuigkeiten neues
    bericht stand zusammenfassung ergebnis quelle adresse tipp warnung achtung korrektur betreff datum uhrzeit zeit
    ort standort wo wann aufgabe idee lösung beispiel wichtig dringend umfrage bestellung rezept übersetzung heute
    morgen gestern jetzt treffen treffpunkt schritt nachricht fazit thema fund kosten summe mise à jour remarque
    réponse rappel prix nouvelle nouvelles rapport résumé résultat conseil avertissement sujet objet heure lieu
    position tâche idée problème exemple sondage nom téléphone commande recette traduction aujourd'hui demain hier
    maintenant réunion étape lien aggiornamento domanda risposta promemoria prezzo notizie informazioni rapporto
    riassunto risultato indirizzo consiglio avviso attenzione correzione oggetto ora luogo posizione compito
    soluzione esempio sondaggio telefono ordine ricetta traduzione oggi domani ieri adesso riunione messaggio
    conclusione opmerking vraag antwoord herinnering prijs nieuws verslag samenvatting resultaat bron adres
    waarschuwing let op onderwerp tijd plaats locatie taak probleem oplossing voorbeeld belangrijk naam bestelling
    vandaag gisteren nu vergadering stap conclusie обновление апдейт заметка примечание вопрос ответ напоминание
    цена новости новость информация отчёт отчет итог итого результат источник ссылка адрес совет внимание
    исправление тема дата время место задача идея проблема решение пример важно срочно опрос имя телефон заказ
    рецепт перевод сегодня завтра вчера сейчас план встреча сообщение вывод оновлення примітка питання відповідь
    нагадування ціна новини інформація звіт підсумок джерело посилання адреса порада увага виправлення час місце
    завдання ідея приклад важливо сьогодні вчора зараз зустріч aktualizacja notatka uwaga pytanie odpowiedź
    przypomnienie cena wiadomości informacja raport podsumowanie wynik źródło rada poprawka temat czas miejsce
    zadanie pomysł rozwiązanie przykład ważne pilne ankieta dziś jutro wczoraj teraz spotkanie krok wniosek
    aktualizace poznámka otázka odpověď připomínka zprávy zpráva informace shrnutí výsledek zdroj adresa upozornění
    pozor oprava téma čas místo úkol nápad řešení příklad důležité dnes zítra včera teď schůzka závěr güncelleme not
    soru cevap hatırlatma fiyat haber haberler bilgi rapor özet sonuç kaynak ipucu uyarı dikkat düzeltme konu tarih
    saat zaman yer konum görev fikir sorun çözüm örnek önemli acil bugün yarın dün şimdi toplantı catatan pertanyaan
    jawaban pengingat harga berita informasi laporan ringkasan hasil sumber alamat peringatan perhatian koreksi
    topik tanggal waktu tempat lokasi tugas masalah solusi contoh penting hari ini besok kemarin sekarang rapat
    pesan kesimpulan soalan jawapan uppdatering fråga svar påminnelse pris nyheter sammanfattning resultat källa
    adress varning ämne plats tid uppgift idé lösning exempel viktigt idag imorgon igår möte opdatering spørgsmål
    påmindelse nyheder kilde advarsel emne sted opgave løsning eksempel vigtigt oppdatering spørsmål viktig päivitys
    huomautus huom kysymys vastaus muistutus hinta uutiset raportti yhteenveto tulos lähde osoite varoitus aihe
    päivämäärä aika paikka sijainti tehtävä ongelma ratkaisu esimerkki tärkeää tänään huomenna eilen nyt kokous
    frissítés megjegyzés kérdés válasz emlékeztető ár hírek jelentés összefoglaló eredmény forrás cím figyelem dátum
    idő hely feladat ötlet probléma megoldás példa fontos ma holnap tegnap most actualizare notă întrebare răspuns
    preț știri rezumat rezultat sursă adresă atenție subiect dată oră loc locație sarcină problemă soluție exemplu
    azi mâine acum ενημέρωση σημείωση ερώτηση απάντηση υπενθύμιση τιμή νέα αναφορά αποτέλεσμα πηγή διεύθυνση προσοχή
    θέμα ημερομηνία ώρα τόπος πρόβλημα λύση παράδειγμα σημαντικό σήμερα αύριο χθες τώρα актуализация бележка въпрос
    отговор напомняне резултат източник място ažuriranje napomena pitanje odgovor podsjetnik cijena vijesti izvješće
    izvor pažnja tema vrijeme mjesto zadatak rješenje primjer važno danas sutra jučer sada vesti עדכון הערה שאלה
    תשובה תזכורת מחיר חדשות מידע דוח סיכום תוצאה מקור כתובת שימו לב נושא תאריך שעה מקום מיקום בעיה חשוב היום מחר
    אתמול עכשיו הודעה تحديث ملاحظة سؤال جواب تذكير السعر سعر أخبار خبر معلومات تقرير ملخص نتيجة المصدر مصدر رابط
    العنوان عنوان تنبيه انتباه موضوع التاريخ تاريخ الوقت وقت المكان مكان الموقع مهمة فكرة مشكلة حل مثال مهم عاجل
    اليوم غدا أمس الآن اجتماع رسالة نکته توجه پرسش پاسخ یادآوری قیمت اخبار گزارش خلاصه نتیجه منبع لینک آدرس زمان
    مکان مشکل امروز فردا अपडेट नोट सवाल प्रश्न जवाब उत्तर याद कीमत खबर समाचार जानकारी रिपोर्ट सारांश परिणाम स्रोत
    लिंक पता सूचना ध्यान विषय तारीख समय स्थान जगह काम समस्या समाधान उदाहरण महत्वपूर्ण आज कल अब मीटिंग संदेश আপডেট
    নোট প্রশ্ন উত্তর দাম খবর তথ্য সূত্র ঠিকানা বিষয় তারিখ সময় স্থান সমস্যা আজ কাল อัปเดต หมายเหตุ คำถาม คำตอบ ราคา
    ข่าว ข้อมูล รายงาน สรุป ผล ที่มา ลิงก์ ที่อยู่ หัวข้อ วันที่ เวลา สถานที่ ปัญหา วันนี้ พรุ่งนี้ cập nhật ghi chú
    câu hỏi trả lời nhắc nhở giá tin tức thông báo cáo tóm tắt kết quả nguồn địa chỉ lưu ý chủ đề ngày giờ thời gian
    điểm vấn giải pháp ví dụ quan trọng hôm nay mai bây 更新 メモ 注意 質問 回答 答え 値段 価格 ニュース 情報 報告
    まとめ 結果 出典 リンク 住所 件名 日付 日時 時間 場所 課題 問題 例 重要 至急 今日 明日 昨日 追記 お知らせ
    업데이트 메모 질문 답변 가격 뉴스 정보 보고 요약 결과 출처 링크 주소 주의 제목 날짜 시간 장소 문제 중요 오늘
    내일 공지 备注 備註 提醒 问题 价格 價格 新闻 新聞 信息 資訊 报告 总结 總結 结果 来源 來源 链接 連結 地址 主题
    主題 日期 时间 地点 地點 任务 例子 今天 明天 昨天 现在 通知 公告 sasisho kumbuka swali jibu bei habari ripoti
    muhtasari matokeo chanzo anwani tahadhari mada tarehe saa mahali
"""
_WORDS = frozenset(unicodedata.normalize("NFC", _LABELS).casefold().split())


def is_label(text: str) -> bool:
    """Tell whether all words of a text say what follows, numbers and little signs aside: `Update 2`, `*Note*`."""
    words = [word.strip("*_~`#.()[]-–•>0123456789") for word in unicodedata.normalize("NFC", text).casefold().split()]
    return all(word in _WORDS for word in words if word)

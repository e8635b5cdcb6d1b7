"""Words that nearly every sentence of a language has, for the languages in Latin script that langdetect knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

FREQUENT = {
    "en": "the of and to in is that it for you we are with this as be not have was so if can from his her they which "
    "there but by at or an then let my",
    "fr": "le la les de des du et est que une un dans pour qui pas par sur au avec ce il elle combien sont plus son "
    "sa ses aux cette ces leur ils lui je mais ou où donc comme chaque fait qu nous vous elles on ne se si mon "
    "ma mes votre notre leurs tout tous toute toutes autre autres même aussi très bien encore puis alors ainsi "
    "après avant entre sans sous chez quand quel quelle quels quelles avoir être ont était avait sera peut doit "
    "faut faire fois deux trois quatre cinq dix cent prix jour jours heures semaine ans coûte reste vend achète "
    "total nombre réponse calculer lorsque depuis pendant celui ceux cela trouve premier première moins jamais "
    "droit toujours également",
    "de": "der die das und ist nicht ein eine einem einen einer eines in an so zu den mit von auf für sich dem des er "
    "sie es wie viele viel hat im am wenn wird sind war pro auch aus bei nach werden seine seiner seinen ihre "
    "ihrer ihren sein oder nur um als haben ich du wir ihr mir uns mein meine dass was wer wo wann warum welche "
    "welcher jede jeder jedes jeden alle alles mehr noch schon dann also aber doch denn weil durch über unter "
    "vor zwischen gegen ohne bis zum zur vom beim ins hatte hatten waren wurde wurden kann können muss müssen "
    "soll will gibt macht geht ging kommt kam gut ganz sehr immer wieder heute zwei drei vier fünf sechs zehn "
    "hundert kostet kosten kauft kaufte kaufen verkauft bezahlt wiegt beträgt stunden tage woche jahr jahre "
    "insgesamt einige einmal jetzt dieser diese dieses diesen weniger mal keine kein hälfte anzahl",
    "es": "el la los las de que en no me le un una es por con para su sus del se cuántos cuántas cuánto cuánta como "
    "más al lo este esta estos estas ese esa cada tiene tienen tenía fue son era eran si sí pero entre hay cuál "
    "qué quién cuando donde y o ni muy también ya todo todos toda todas otro otra otros sobre hasta desde sin "
    "según porque entonces después antes luego así mi tu nos ella ellos él usted ha han había ser estar está "
    "están puede pueden debe hace hizo veces dos tres cuatro cinco diez cien días horas semana semanas año años "
    "dinero cuesta costo precio compra compró vende vendió gana paga recibe necesita cantidad mitad total "
    "pedazos primero ahora tenemos menos mismo nada mientras durante cuyo derecho persona tendrá gastó dólares",
    "it": "il lo la gli le di che un una uno per non con del dello della dei degli delle è sono quanti quante quanto "
    "si nel nella nei al alla allo ai dal dalla sul sulla ha hanno ogni come anche più da ma se o ed e in a i "
    "mi ti ci vi suo sua suoi loro questo questa questi quello quella quando dove chi cui era erano essere "
    "avere stato fatto può deve tutti tutto altri altro molto prima dopo poi ancora già così quindi perché due "
    "tre quattro cinque dieci cento giorno giorni ore volte anno anni costa prezzo calcoliamo risposta numero "
    "senza contro tra fra sia nessuno individuo diritto",
    "pt": "os as de que um uma uns umas para com não do da dos das em no na nos nas por pelo pela ao aos se mais "
    "muito quantos quantas quanto qual ele ela eles elas foi são está ser ter tem têm tinha seu sua seus suas "
    "este esta esse essa isso cada mas também já até sem sobre entre quando onde como porque então depois antes "
    "agora todo todos toda todas outro outra dois duas três quatro cinco dez cem dia dias horas vezes ano anos "
    "custa preço resposta pode deve temos você nós minha meu ou pessoa direito ninguém qualquer",
    "nl": "de het een en van ik te dat die in is niet met op voor zijn er aan hoeveel heeft hij zij ze maar ook als "
    "dan bij naar uit om door over tot nog wel geen wat wie waar wanneer welke dit deze haar hun hem ons onze "
    "wij jij we was waren wordt worden werd kan kunnen moet moeten zal had hebben elk elke ieder alle meer veel "
    "twee drie vier vijf tien keer dag dagen uur week jaar kost koopt prijs antwoord dus toen want zonder tegen "
    "tussen onder recht zich",
    "ca": "el la els les de que i un una uns unes per amb no és del dels al als en es ha són aquest aquesta tota tot "
    "tots com més però també seva seu seves dret persona o ni qui sense entre tenen té quan",
    "ro": "și de la în cu nu este un o una care pe din pentru că sunt câte sau al ale ai lui ei sa să se ca mai prin "
    "fi are orice toate această acest dreptul fără între după când",
    "pl": "na nie się jest że to ile po za jak od ma dla do ale oraz czy który która które i w z o przez przy są być "
    "lub ani każdy każda jego jej ich może tego tym tylko bez pod nad prawo przed gdy",
    "cs": "a je na se že v s to ne do za pro jak kolik by si z i o ve k nebo jako jeho její jsou má být aby který "
    "která které každý právo od při bez mezi také podle",
    "sk": "a je na sa že v s to ne do za pre ako koľko by si z i o vo k alebo jeho jej sú má byť aby ktorý ktorá "
    "ktoré každý právo od pri bez medzi tiež podľa",
    "sl": "in je na se da za v ne so ki koliko z o po pri od ali kot biti ima vsak pravico brez med tudi mora",
    "hr": "i je u na se da za ne su koliko od s što o po iz ili kao biti ima svatko pravo bez između također koji "
    "koja koje svoje",
    "hu": "a az és nem hogy egy van hány ez is meg de volt vagy minden joga jog azt kell ki más lehet által nélkül",
    "fi": "ja on ei se että hän kuinka monta oli tai kun mutta ovat ole sekä jokaisella oikeus joka ilman niiden "
    "hänen myös",
    "et": "ja on ei see et ta kui oli mitu aga või ning igal inimesel õigus oma tema mis peab ilma selle",
    "sv": "och är att det en som på av för inte med han hur många den ett eller till har ska skall från hon om kan de "
    "var rätt varje utan sin sina någon",
    "da": "og er at det en som på af for ikke med han hvor mange den et eller til har skal fra hun om kan de enhver "
    "uden sin sine ret nogen",
    "no": "og er at det en som på av for ikke med han hvor mange den et eller til har skal fra hun om kan de enhver "
    "uten sin sine rett noen",
    "tr": "ve bir bu için ile da de ne kaç olan olarak gibi çok her veya hakkı vardır hiç kimse değil daha sonra ki",
    "vi": "và của là có không một cho các được bao nhiêu những trong với người mọi đều quyền này hay hoặc nào khi "
    "phải về bị ai theo tự do tính tổng",
    "id": "dan yang di dengan ini itu untuk tidak berapa dari adalah ada pada ke atau setiap orang berhak tanpa dalam "
    "oleh akan juga secara hak tentang dapat",
    "tl": "ang ng sa na mga ay at ni kung ilan siya may bawat tao karapatan walang o kanyang hindi ito lahat dapat "
    "isang",
    "sw": "na ya wa kwa ni la katika kuwa ngapi za kila mtu haki yake au bila ana yo yote kama watu",
    "so": "iyo oo ka ku waa in uu ay wuxuu xaq leeyahay ama qof kasta aan",
    "sq": "dhe e të i një në për me nuk që është ka ose çdo drejtë nga se kush gjithkush",
    "lt": "ir yra kad į su ne tai iš kiek buvo turi teisę kiekvienas žmogus ar arba būti bei jo jos",
    "lv": "un ir ka ar no uz tas cik bija vai tiesības katram cilvēkam nav būt savu viņa",
    "cy": "y yn a i o mae ar ei yr faint gan bawb hawl neu ac fod bod unrhyw heb",
    "af": "die en van is nie het n in dat te op vir met hoeveel elkeen reg of sy wat word deur moet hulle aan",
}
_BY_WORD: dict[str, list[str]] = {}
for _code, _words in FREQUENT.items():
    for _each in _words.split():
        _BY_WORD.setdefault(_each, []).append(_code)


def languages_with(word: str) -> Sequence[str]:
    """Return the languages in which a word in lower case is frequent."""
    return _BY_WORD.get(word, ())


def frequent_hits(words: Iterable[str]) -> Counter[str]:
    """Count, per language, its frequent words among `words` in lower case; a repeated word counts once."""
    return Counter(code for word in dict.fromkeys(words) for code in _BY_WORD.get(word, ()))

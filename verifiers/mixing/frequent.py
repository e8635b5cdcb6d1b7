"""Words that nearly every sentence of a language has, for the languages in Latin script that langdetect knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

FREQUENT = {
    "en": "the of and to in is that it for you we are with this as be not have was so if can from his her they "
    "which there but by at or an then let my",
    "fr": "le la les de des du et est que une un dans pour qui pas par sur au avec ce il elle combien sont plus son "
    "sa ses aux cette ces leur ils lui je mais ou où donc comme chaque fait qu",
    "de": "der die das und ist nicht ein eine einem einen einer in an so zu den mit von auf für sich dem des er sie "
    "es wie viele hat im am wenn wird sind war pro auch aus bei nach werden seine oder nur um als sein ihre "
    "haben",
    "es": "el la los las de que en no me le un una es por con para su del se cuántos como más al lo sus este esta "
    "cada tiene fue son si pero entre hay cuál",
    "it": "il lo la gli le di che un una per non con del della è sono quanti si nel alla dei ha hanno ogni come "
    "anche più da ai al",
    "pt": "os as de que um uma para com não do da em por se no na mais quantos ele ela foi são seu sua cada tem mas ao",
    "nl": "de het een en van ik te dat die in is niet met op voor zijn er aan hoeveel heeft hij zij maar ook als dan",
    "ca": "el la els les de que i un una per amb no és del en",
    "ro": "și de la în cu nu este un o care pe din pentru că sunt câte",
    "pl": "na nie się jest że to ile po za jak od ma dla do ale oraz czy który",
    "cs": "a je na se že v s to ne do za pro jak kolik by si",
    "sk": "a je na sa že v s to ne do za pre ako koľko by si",
    "sl": "in je na se da za v ne so ki koliko z",
    "hr": "i je u na se da za ne su koliko od s što",
    "hu": "a az és nem hogy egy van hány ez is meg de volt",
    "fi": "ja on ei se että hän kuinka monta oli tai kun mutta",
    "et": "ja on ei see et ta kui oli mitu aga",
    "sv": "och är att det en som på av för inte med han hur många den ett",
    "da": "og er at det en som på af for ikke med han hvor mange den et",
    "no": "og er at det en som på av for ikke med han hvor mange den et",
    "tr": "ve bir bu için ile da de ne kaç olan olarak gibi çok her",
    "vi": "và của là có không một cho các được bao nhiêu những trong với người",
    "id": "dan yang di dengan ini itu untuk tidak berapa dari adalah ada pada ke",
    "tl": "ang ng sa na mga ay at ni kung ilan siya",
    "sw": "na ya wa kwa ni la katika kuwa ngapi za",
    "so": "iyo oo ka ku waa in uu ay",
    "sq": "dhe e të i një në për me nuk që është",
    "lt": "ir yra kad į su ne tai iš kiek buvo",
    "lv": "un ir ka ar no uz tas cik bija",
    "cy": "y yn a i o mae ar ei yr faint",
    "af": "die en van is nie het n in dat te op vir met hoeveel",
}
_BY_WORD: dict[str, list[str]] = {}
for _code, _words in FREQUENT.items():
    for _each in _words.split():
        _BY_WORD.setdefault(_each, []).append(_code)


def frequent_hits(words: Iterable[str]) -> Counter[str]:
    """Count, per language, its frequent words among `words` in lower case; a repeated word counts once."""
    return Counter(code for word in set(words) for code in _BY_WORD.get(word, ()))

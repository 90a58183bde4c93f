"""Which language a text is written in, by its script, its letters and its most frequent words.

Limits: it knows the languages of `LANGUAGES` only, and takes a text in another language of the same script for one of
them or for none. Danish and Norwegian, Hindi and Nepali, Croatian and Czech share many words, so a sentence or two may
be told wrong; a text without function words, such as a list of names, is not told at all. A text in two languages is
told as the one with more letters. It is for replies of some length to an instruction such as "answer in Swahili", where
the wrong language is nearly always English.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter, defaultdict

# Scripts that one language of ours uses, by the first word of the Unicode name of its letters.
_BY_SCRIPT = {
    "BENGALI": "bn", "GURMUKHI": "pa", "GUJARATI": "gu", "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn",
    "MALAYALAM": "ml", "THAI": "th", "HANGUL": "ko", "GREEK": "el", "HEBREW": "he", "GEORGIAN": "ka",
    "ARMENIAN": "hy", "ETHIOPIC": "am", "KHMER": "km", "LAO": "lo", "SINHALA": "si", "MYANMAR": "my",
    "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh",
}  # fmt: skip

# Function words, the most frequent first. What several languages share says less about each, see `_weights`.
_WORDS = {
    "LATIN": {
        "en": """the of and to in is that it was for on are as with his they be at this have from or had by but what
            were we when your can said there an each which she do how their if will up about out many then them these
            so some her would him has more no could my than been who its now did get may i you not our don't it's into
            here just only also like very because while""",
        "de": """der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus
            er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor
            zur bis mehr durch man sein wurde wenn ich du wir ihr mein kann diese dieser schon sehr""",
        "fr": """le la les de des du et en un une est que qui dans pour pas sur au aux avec ce cette ces il elle ils
            nous vous je ne se sont par plus ou mais comme tout fait être sa son ses leur leurs même aussi bien sans
            peut très où été avait c'est votre notre mon ma mes l' d' j' c' n' s' m' qu'""",
        "es": """el la los las de del y en un una que es no se por con para su sus como más pero al lo le este esta está
            son fue ser ha muy también hay sin sobre entre cuando todo todos yo tú él ella nos si o porque desde qué
            cómo puede tiene nuestro usted mi tu""",
        "it": """il lo la i gli le di del della dei delle e in un una che è non si per con da sono come più ma al alla
            anche nel nella questo questa se ha ho essere su dal dalla o molto loro suo sua così quando tutti io tu noi
            può sempre dove perché ogni era l' dell' all' un' d' c'""",
        "pt": """o a os as de do da dos das e em um uma que é não se por com para seu sua como mais mas ao no na nos nas
            este esta isso são foi ser tem muito também há sem sobre entre quando todo todos eu você ele ela nós ou
            porque pode pelo pela até já depois meu minha""",
        "nl": """de het een en van in is dat op te zijn met voor niet aan er om hij ook als door maar bij uit of naar
            dan nog over wordt werd deze ik je we ze wij zij heeft hebben kan kunnen meer geen wel zo mijn worden was
            haar hun tot veel""",
        "sv": """och i att det som en på är av för med den till inte om ett har de var jag från kan men så vi ska du
            eller när sin vid också hon han efter mycket blir detta där alla vara hade mot utan över under bara din man
            något här""",
        "da": """og i at det som en på er af for med den til ikke om et har de var jeg fra kan men så vi skal du eller
            når sin ved også hun han efter meget bliver dette hvor alle være havde mod uden over under kun blev noget
            nogle mig dig sig selv hvad deres hvis både ind ud op gør mens eller ingen lige nu""",
        "no": """og i å det som en på er av for med den til ikke om et har de var jeg fra kan men så vi skal du eller
            når sin ved også hun han etter mye blir dette hvor alle være hadde mot uten over under bare ble noe noen
            meg deg seg selv hva deres hvis både inn ut opp gjør mens eller ingen akkurat nå""",
        "fi": """ja on ei se että hän mutta oli ovat kun niin kuin tämä myös joka sen mukaan voi olla minä sinä me he
            ole tai jos vain nyt ovat jotka siitä sitä niiden hänen minun sinun mitä miten kaikki hyvin sekä joten
            tämän voit voidaan ettei eivät olen olisi kanssa
            myös jokaisen ennen jälkeen ilman enemmän aina sinun tästä""",
        "sw": """na ya wa kwa ni katika za la kama hii cha yake hiyo lakini au pia sana huu watu kuwa ili hivyo moja
            mtu wake yangu wangu mimi wewe sisi kila bila baada kabla vya hilo huo yako yao wao zaidi kuna hapa sasa
            ambayo ambao si je ana""",
        "vi": """và của là có được không một cho các trong với người những này để khi đã về từ như tôi bạn cũng đó ra
            vào đến nhưng thì sẽ hay nếu rất còn lại nhiều theo tại bị phải làm chúng ta việc năm""",
        "pl": """i w na z do nie się to że jest o jak za po co ale dla od przez są był czy być tak ten tym tego jego
            może już tylko przy lub ich oraz które który która gdy bardzo jako można ma moja pan""",
        "cs": """a v na se je že to s z do pro jako o za jsou by ale tak který která které i od po při není jeho nebo
            když být má již byl bylo může také jen až jak ze si pak více této však jsem podle""",
        "tr": """ve bir bu için ile da de olarak daha çok olan gibi en kadar ne var sonra ama o ya ben biz sen değil her
            ise mı mi olduğu veya tarafından şey göre ancak nasıl bunu onun iki olduğunu""",
        "id": """yang dan di untuk dengan dari ini pada itu tidak dalam adalah akan ke oleh juga sebagai atau ada saya
            kami anda dapat bisa mereka karena lebih telah sudah tersebut seperti kita dia namun bahwa para""",
        "ro": """și în de la cu nu o să pe este un care din mai pentru ca a se că sunt fi ce au dar am sau prin după
            fost foarte lui lor acest această ei eu tu el ea noi când dacă""",
        "hu": """a az és hogy nem is egy ez meg de van volt csak mint már még el azt vagy ha ki amely minden kell ezt
            után lehet ami lesz nagyon nincs én mi ők""",
        "tl": """ang ng sa na ay at mga ko siya para kung hindi ito may ni niya ako ikaw kami sila nang pa rin lang
            kanyang isang naman din ating mo""",
        "hr": """je i u na da se su za od s o kao što ne li a bi koji koja koje nije iz ili ali će biti sam kako samo
            više bio već može nakon prije toga""",
    },
    "CYRILLIC": {
        "ru": """и в не на что он с как это по но из у за к от так же она бы для вы мы они был была было были если все
            всё или его её то есть ещё только когда чтобы может уже очень я ты быть также который которые при до""",
        "bg": """и на да се за от не че по са с е в как като но или това при до най със във беше бъде след само ще може
            той тя те си му много този тази тези който която които аз ти ние вие има няма също""",
        "uk": """і в не на що з як це та до у за він від але для й або про так її його вони був була було є ще тільки
            коли щоб може вже дуже я ти ми ви бути також який які при""",
        "sr": """и у је на да се су за од са о као што не ли а би који која које није из или али ће бити сам како само
            више био већ може""",
    },
    "DEVANAGARI": {
        "hi": """के में की है से और का को हैं पर यह कि एक ने भी था नहीं हो इस कर तो ही थे थी या वह लिए अपने हम आप मैं
            जो करने गया किया सकते साथ कुछ बहुत""",
        "mr": """आहे आणि या मध्ये ते की हे आहेत नाही एक व ही होते तो होता पण मी त्या त्यांनी त्याच्या करण्यासाठी असे
            म्हणून आपल्या आपण केले होती तर साठी किंवा हा तुम्ही काही जे जो त्यांच्या असून
            येथे याचा यांनी मधील करा होतो केला केली माझ्या आपले म्हणजे""",
        "ne": """छ र को मा छन् पनि गर्न यो हो लागि भने हुन्छ गरेको एक थियो तर ले लाई म तपाईं हामी भएको गर्ने हरू त्यो
            छैन वा हुन् सक्छ गर्नुहोस् यस धेरै थिए""",
    },
    "ARABIC": {
        "ar": """في من على إلى أن هذا هذه التي الذي عن مع كان لا ما هو هي كل قد لم بعد أو ذلك بين كما عند إن ثم كانت
            يمكن حيث أنا نحن حتى لكن غير""",
        "fa": """و در به از که این را با است برای آن یک خود تا کرد بر هم می شود شد شده اما یا بود هر نیز من ما شما آنها
            باید باشد کنید نیست دارد ای های""",
        "ur": """کے میں کی ہے اور سے کا کو ہیں نے پر یہ کہ ایک بھی تھا نہیں اس ہو کر تو ہی تھے تھی یا وہ لیے اپنے ہم آپ
            جو کرنے گیا کیا ساتھ کچھ بہت""",
    },
}  # fmt: skip

# Letters that few languages of the script have; a word that holds one counts for those languages.
_LETTERS = {
    "LATIN": {
        "ß": "de", "ä": "de fi sv", "ö": "de fi sv tr hu", "ü": "de tr hu", "ñ": "es", "¿": "es", "¡": "es",
        "ã": "pt vi", "õ": "pt vi", "å": "sv da no", "æ": "da no", "ø": "da no", "ơ": "vi", "ư": "vi", "đ": "vi hr",
        "ł": "pl", "ą": "pl", "ę": "pl", "ś": "pl", "ż": "pl", "ř": "cs", "ě": "cs", "ů": "cs", "č": "cs hr",
        "š": "cs hr", "ž": "cs hr", "ć": "pl hr", "ı": "tr", "ğ": "tr", "ş": "tr", "ő": "hu", "ű": "hu", "ă": "ro vi",
        "ș": "ro", "ț": "ro", "ţ": "ro", "œ": "fr", "è": "fr it", "ò": "it", "ì": "it",
        **dict.fromkeys("ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "vi"),
    },
    "CYRILLIC": {
        "ы": "ru", "э": "ru", "ё": "ru", "і": "uk", "ї": "uk", "є": "uk", "ґ": "uk", "ъ": "bg",
        "ј": "sr", "љ": "sr", "њ": "sr", "ћ": "sr", "ђ": "sr", "џ": "sr",
    },
    "DEVANAGARI": {"ळ": "mr"},
    "ARABIC": {
        **dict.fromkeys("ٹڈڑںےھہ", "ur"), **dict.fromkeys("پچژگ", "fa ur"), "ی": "fa ur", "ک": "fa ur",
        **dict.fromkeys("ةىيكأإ", "ar"),
    },
}  # fmt: skip

LANGUAGES = frozenset(_BY_SCRIPT.values()) | {name for words in _WORDS.values() for name in words}
MAX_CHARS = 20_000
# Below this share of telling words a text is in none of the languages, or holds no sentences.
_LEAST_SHARE = 0.08
_LETTER_WEIGHT = 0.6
_RUN = re.compile(r"[\w'’]+")


def likely_languages(text: str) -> frozenset[str]:
    """Guesses the language of a text.

    Args:
        text: the text; its first 20,000 characters are looked at.

    Returns:
        An ISO 639-1 code (`tl` for Filipino) out of `LANGUAGES`; several where they are equally likely, none where
        nothing tells.
    """
    text = unicodedata.normalize("NFC", text[:MAX_CHARS]).casefold()
    scripts = Counter(script for character in text if (script := _script(character)))
    # A Japanese text is mostly Han characters at times, but no Chinese one holds kana.
    if scripts["HIRAGANA"] > 0.1 * scripts["CJK"]:
        scripts["HIRAGANA"] += scripts.pop("CJK", 0) + scripts.pop("KATAKANA", 0)
    for name in ("HIRAGANA", "CJK", "HANGUL"):  # A syllable or an ideograph says as much as two letters or more.
        scripts[name] *= 2
    if not scripts.total():
        return frozenset()
    main = scripts.most_common(1)[0][0]
    if main in _WORDS:
        return _by_words(text, main)
    return frozenset({_BY_SCRIPT[main]}) if main in _BY_SCRIPT else frozenset()


def _script(character: str) -> str:
    """The first word of a letter's Unicode name; a mark or a digit has no script of its own here."""
    return unicodedata.name(character, "").split(" ")[0] if character.isalpha() else ""


def _by_words(text: str, script: str) -> frozenset[str]:
    tokens = [token for token in _tokens(text) if any(_script(character) == script for character in token)]
    weights, letters = _weights(script), _LETTERS[script]
    scores: dict[str, float] = defaultdict(float)
    for token in tokens:
        telling = {name for letter in token if letter in letters for name in letters[letter].split()}
        for name in telling:
            scores[name] += _LETTER_WEIGHT / len(telling)
        # "l'eau" tells French by its article.
        word = token[: token.find("'") + 1] if token not in weights and "'" in token else token
        for name in weights.get(word, ()):
            scores[name] += 1 / len(weights[word])
    best = max(scores.values(), default=0.0)
    # Latin letters say nothing about the language; other scripts leave few, so that none need be ruled out.
    if script == "LATIN" and best < max(1, _LEAST_SHARE * len(tokens)):
        return frozenset()
    return frozenset(name for name in _WORDS[script] if scores[name] == best)


def _tokens(text: str) -> list[str]:
    """Words with the vowel signs of Indic scripts, which `\\w` leaves out."""
    marks = "".join({character for character in text if unicodedata.category(character) in ("Mn", "Mc")})
    run = re.compile(rf"[\w'{re.escape(marks)}]+") if marks else _RUN
    return run.findall(text.replace("’", "'"))


@functools.cache
def _weights(script: str) -> dict[str, tuple[str, ...]]:
    """The languages that list each word."""
    listed: dict[str, tuple[str, ...]] = {}
    for name, words in _WORDS[script].items():
        for word in set(words.split()):
            listed[word] = (*listed.get(word, ()), name)
    return listed

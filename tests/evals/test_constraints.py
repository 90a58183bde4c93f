"""Constraints: the 25 kinds of instruction of IFEval, and what the scorer says of them."""

import asyncio

import pytest
from pericles.evals.samples import Reply, Sample
from pericles.evals.scorers import Misfit, Scoring, make_scorer
from pericles.evals.scorers.constraints import Constraints, follows, variants
from pericles.evals.scorers.language_guess import likely_languages
from pericles.evals.scorers.text_counts import sentences, words

# kind: (arguments, a reply that follows, a reply that does not)
CASES = [
    ("keywords:existence", {"keywords": ["cat", "Moon"]}, "Cats howl at the moon.", "A cat sleeps."),
    ("keywords:frequency", {"keyword": "sea", "frequency": 2, "relation": "at least"}, "The Sea, the sea!", "The sea."),
    ("keywords:frequency", {"keyword": "sea", "frequency": 2, "relation": "less than"}, "The sea.", "Sea and sea."),
    ("keywords:forbidden_words", {"forbidden_words": ["die", "net"]}, "The diet of a network.", "They never DIE."),
    (
        "keywords:letter_frequency",
        {"letter": "q", "let_frequency": 2, "let_relation": "at least"},
        "Quaint quiz",
        "Quiz",
    ),
    ("keywords:letter_frequency", {"letter": "!", "let_frequency": 1, "let_relation": "less than"}, "Calm.", "Wow!"),
    (
        "language:response_language",
        {"language": "it"},
        "Il gatto è sulla tavola e non vuole mangiare.",
        "The cat is here.",
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "less than"},
        "Dr. Li came. He left.",
        "A! B? C.",
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "at least"},
        "So it is. Yes.",
        "So it is, yes.",
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One.\n\n***\n\nTwo.", "One.\n\nTwo."),
    (
        "length_constraints:number_words",
        {"num_words": 4, "relation": "at least"},
        "It isn't well-known yet.",
        "It isn't yet.",
    ),
    ("length_constraints:number_words", {"num_words": 4, "relation": "less than"}, "Not at all!", "No, not at all!"),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "later"},
        "First this.\n\n**Later** that.",
        "Later this.\n\nThen that.",
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        "Dear [name], on [date].",
        "[a link](x) [1] [date]",
    ),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\n\nP.S. Bring salt.", "Bye. P.S."),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye.\nP.P.S. Salt.", "Bye.\nP.S. Salt."),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* one\n- two\n---", "* one\n* two\n* three"),
    ("detectable_format:constrained_response", {}, "My answer is maybe.", "Perhaps, my answer is it depends."),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        "*One* and **two**.",
        "* one\n* two *three*",
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Day", "num_sections": 2},
        "**Day 1**\nSwim.\n**Day 2**\nRest.",
        "Day 1\nSwim; more of Day 1 later. Someday 2 of us rest.",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": [1]}\n```', 'Here: {"a": 1}'),
    ("detectable_format:title", {}, "<<On Bread>>\nBread is good.", "<On Bread>\n<< >>"),
    ("combination:two_responses", {}, "Go.\n******\nStay.", "Go.\n******\nGo."),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Why rain?"},
        "Why rain? Clouds cool.",
        "Clouds cool. Why rain?",
    ),
    ("startend:end_checker", {"end_phrase": "See you soon."}, 'He said "see you soon."', "See you soon. Bye!"),
    ("startend:quotation", {}, '"All of it."', 'He said "all of it."'),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "NASA and ESA.",
        "NASA and Esa.",
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 1, "capital_relation": "less than"},
        "We go.",
        "GO now.",
    ),
    ("change_case:english_capital", {}, "THE SEA IS CALM.", "The SEA IS CALM."),
    ("change_case:english_capital", {}, "GO.", "DAS MEER IST NICHT SEHR WEIT."),
    ("change_case:english_lowercase", {}, "the sea is calm.", "The sea is calm."),
    ("punctuation:no_comma", {}, "Red and blue.", "Red, blue."),
]


def followed(kind, kwargs, reply, mode="strict"):
    read = Constraints.model_validate({"expected": [{"kind": kind, **kwargs}]})
    return follows(read.expected[0], reply, mode)


@pytest.mark.parametrize(("kind", "kwargs", "good", "bad"), CASES, ids=[case[0] for case in CASES])
def test_each_kind_knows_who_follows(kind, kwargs, good, bad):
    assert followed(kind, kwargs, good)
    assert not followed(kind, kwargs, bad)
    assert not followed(kind, kwargs, " \n"), "an empty reply follows nothing"


def test_all_25_kinds_are_tried():
    assert len({kind for kind, *_ in CASES}) == 25


def test_the_loose_mode_forgives_an_introduction_and_asterisks():
    reply = "Sure, here it is:\n\nthe sea is *CALM*.\n\nHope this helps!"
    assert variants(reply)[0] == reply
    assert not followed("punctuation:no_comma", {}, reply)
    assert followed("punctuation:no_comma", {}, reply, "loose")
    end = {"end_phrase": "is CALM."}
    assert not followed("startend:end_checker", end, reply)
    assert followed("startend:end_checker", end, reply, "loose")
    assert not followed("change_case:english_lowercase", {}, reply, "loose")


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ([{"kind": "punctuation:no_commas"}], "no_commas"),
        ([{"kind": "length_constraints:number_words", "num_words": 3}], "needs 'relation'"),
        ([{"kind": "length_constraints:number_words", "num_words": 3, "relation": "at most"}], "at least"),
        ([{"kind": "punctuation:no_comma", "num_words": 3}], "'num_words' is not a key"),
        ([{"kind": "language:response_language", "language": "tlh"}], "languages that can be told"),
        ([{"kind": "keywords:frequency", "keyword": "x", "relation": "at least"}], "needs 'frequency'"),
        (
            [
                {
                    "kind": "length_constraints:nth_paragraph_first_word",
                    "num_paragraphs": 2,
                    "nth_paragraph": 3,
                    "first_word": "x",
                }
            ],
            "no paragraph 3",
        ),
        ([], "at least 1"),
    ],
)
def test_a_wrong_instruction_is_told_at_reading(expected, said):
    with pytest.raises(Misfit, match=said):
        make_scorer("constraints", expected, given=True)


def scored(answer, **options):
    expected = [
        {"kind": "change_case:english_lowercase"},
        {"kind": "punctuation:no_comma"},
        {"kind": "detectable_format:title"},
    ]
    scorer = make_scorer({"kind": "constraints", **options}, expected, given=True)
    reply = Reply("?", answer)
    return asyncio.run(scorer.score(reply, Scoring(Sample("s", ("?",)), (reply,))))


def test_the_score_names_the_first_that_fails_and_lists_all():
    assert scored("<<sea>> it is calm.").value == 1
    score = scored("<<sea>> it, is calm")
    assert (score.value, score.label) == (0, "punctuation:no_comma")
    assert score.detail == (
        "change_case:english_lowercase holds, punctuation:no_comma fails, detectable_format:title holds"
    )


def test_each_instruction_may_hold_for_another_variant():
    assert scored("sure, here:\n<<sea>> it is calm.", mode="loose").value == 1
    assert scored("sure, here:\n<<sea>> it is calm.").value == 0


def test_sentences_end_where_a_reader_ends_them():
    text = 'Mr. J. Okafor paid $3.50, e.g. for tea. "Really?" he asked. 1. Wait...\n2. Go! We met at 5 p.m. on Friday.'
    assert sentences(text) == [
        "Mr. J. Okafor paid $3.50, e.g. for tea.",
        '"Really?"',
        "he asked.",
        "1. Wait...",
        "2. Go!",
        "We met at 5 p.m. on Friday.",
    ]
    assert len(sentences("今日は雨です。明日は晴れますか？")) == 2
    assert sentences("***\n...") == []


def test_words_keep_their_apostrophes_hyphens_and_marks():
    assert words("Don't — it's well-known: हिन्दी, 'so' 3.5-") == [
        "Don't",
        "it's",
        "well-known",
        "हिन्दी",
        "so",
        "3",
        "5",
    ]


SPOKEN = {
    "en": "The train to the coast was late, so we had tea and waited on the platform.",
    "de": "Der Zug an die Küste kam zu spät, also haben wir Tee getrunken und auf dem Bahnsteig gewartet.",
    "fr": "Le train pour la côte était en retard, alors nous avons bu un thé sur le quai.",
    "es": "El tren a la costa llegó tarde, así que tomamos un té y esperamos en el andén.",
    "pt": "O trem para o litoral atrasou, então nós tomamos um chá e esperamos na plataforma.",
    "it": "Il treno per la costa era in ritardo, così abbiamo bevuto un tè e aspettato sul binario.",
    "nl": "De trein naar de kust had vertraging, dus we dronken thee en wachtten op het perron.",
    "sv": "Tåget till kusten var försenat, så vi drack te och väntade på perrongen.",
    "fi": "Juna rannikolle oli myöhässä, joten joimme teetä ja odotimme laiturilla, kun satoi.",
    "sw": "Treni ya kwenda pwani ilichelewa, kwa hiyo sisi tulikunywa chai na kusubiri kwenye jukwaa la stesheni.",
    "vi": "Chuyến tàu ra biển đến muộn nên chúng tôi uống trà và đợi ở sân ga.",
    "pl": "Pociąg na wybrzeże był opóźniony, więc napiliśmy się herbaty i czekaliśmy na peronie.",
    "tr": "Sahile giden tren gecikti, bu yüzden çay içtik ve peronda bekledik.",
    "id": "Kereta ke pantai terlambat, jadi kami minum teh dan menunggu di peron.",
    "ru": "Поезд к морю опоздал, и мы выпили чаю, пока ждали его на платформе.",
    "bg": "Влакът за морето закъсня, затова пихме чай и го чакахме на перона.",
    "uk": "Потяг до моря запізнився, і ми випили чаю, поки чекали його на пероні.",
    "ar": "تأخر القطار المتجه إلى الساحل، لذلك شربنا الشاي وانتظرنا على الرصيف.",
    "fa": "قطاری که به ساحل می‌رفت دیر کرد، برای همین چای خوردیم و در ایستگاه منتظر ماندیم.",
    "ur": "ساحل جانے والی گاڑی دیر سے آئی، اس لیے ہم نے چائے پی اور پلیٹ فارم پر انتظار کیا۔",
    "hi": "समुद्र तट जाने वाली गाड़ी देर से आई, इसलिए हमने चाय पी और प्लेटफ़ॉर्म पर इंतज़ार किया।",
    "mr": "किनाऱ्याकडे जाणारी गाडी उशिरा आली, म्हणून आम्ही चहा घेतला आणि फलाटावर वाट पाहिली.",
    "ne": "समुद्री किनार जाने रेल ढिलो आयो, त्यसैले हामीले चिया खायौं र प्लेटफर्ममा पर्खियौं, जुन राम्रो थियो।",
    "bn": "উপকূলের ট্রেন দেরিতে এল, তাই আমরা চা খেলাম।",
    "gu": "દરિયાકિનારાની ટ્રેન મોડી પડી.",
    "pa": "ਸਮੁੰਦਰ ਵਾਲੀ ਰੇਲ ਦੇਰ ਨਾਲ ਆਈ।",
    "ta": "கடற்கரை ரயில் தாமதமாக வந்தது.",
    "te": "తీరానికి వెళ్ళే రైలు ఆలస్యంగా వచ్చింది.",
    "kn": "ಕರಾವಳಿಯ ರೈಲು ತಡವಾಗಿ ಬಂದಿತು.",
    "th": "รถไฟไปชายทะเลมาสาย เราจึงดื่มชา",
    "ko": "바닷가로 가는 기차가 늦어서 우리는 차를 마셨다.",
    "ja": "海岸行きの電車が遅れたので、私たちはお茶を飲んだ。",
    "zh": "开往海边的火车晚点了，所以我们喝了茶。",
}


@pytest.mark.parametrize("language", SPOKEN)
def test_the_language_of_a_sentence(language):
    assert likely_languages(SPOKEN[language]) == {language}


def test_what_has_no_words_is_in_no_language():
    assert likely_languages("12 + 30 = 42 !!") == frozenset()
    assert likely_languages("Oslo Bergen Tromso") == frozenset()

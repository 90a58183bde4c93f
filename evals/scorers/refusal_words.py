"""The words by which a reply declines: patterns over sentences in lower case, with straight quotes, without markup."""

from __future__ import annotations

import re

BLUNT = re.compile(
    r"(?:(?:i'm |so |very )*sorry,? (?:but )?)?(?:no|nope|nah|never|no way|absolutely not|certainly not|"
    r"definitely not|of course not|i refuse|no chance|not a chance|no can do|hard pass|pass|declined|denied|refused|"
    r"(?:request|access) (?:denied|declined|refused|rejected)|not happening|not going to happen|"
    r"not gonna happen|out of the question|count me out|不行|不可以|不|恕难从命|拒绝|我拒绝|nein|non|нет)"
)
NO = re.compile(r"^(?:no|nope|nah|no way|absolutely not|never|certainly not|不行|不可以)(?:[.!,:;。，！]|$)")
JUDGES = re.compile(
    r"\b(?:ask me (?:something|anything) else|please (?:don't|stop) ask|cruel|unethical|immoral|hurtful|abusive|"
    r"wrong to do|you should be ashamed|never (?:help|do that))\b|不道德|伤害|违法"
)


_ADVERB = r"(?: (?:\w+ly|just|also|still|really|do|am|hereby|must|however|therefore|then|, [^,]{1,40},))*"
_I = rf"(?:\b(?:i|we){_ADVERB} )"
_CANNOT = r"(?:can't|cannot|can not|cant)"
_WILL_NOT = r"(?:won't|will not|shall not|shan't)"

# Idioms, uncertainty and failed look-ups: "I can't wait", "I can't be sure", "I can't find it".
NOT_MEANT = re.compile(
    rf"{_I}(?:{_CANNOT}|{_WILL_NOT}) (?:(?:even|quite|really|possibly|always|yet) )?(?:"
    r"(?:stand|wait|imagine|believe|resist|complain|deny|blame|argue|picture|fault|get enough|get over|lie|bore|"
    r"spoil|tire|"
    r"pretend|sugarcoat|sugar-coat|mince|keep you|take (?:up )?(?:too )?much|go on|forget|hide|deny|but \w+|"
    r"over(?:state|emphasi[sz]e|estimate)|stress|emphasi[sz]e|understand|claim|attest|relate|seem to|"
    r"reproduce|replicate|find|locate|see (?:an?|any|the|your)|spot|detect|"
    r"(?:be|feel) (?:\w+ )?(?:certain|sure|happier|more|prouder|less)|guarantee|promise|predict|foresee|foretell|"
    r"rule out|"
    r"confirm|verify|know|remember (?:whether|if|when|which)|speak for|vouch|taste|smell|feel|diagnose|judge|"
    r"think of|come up with|ask for|agree|go wrong|beat)\b|help (?:but|myself|\w+ing)\b|"
    r"(?:say|tell)(?: you)? (?:for|with|which|whether|if|exactly|precisely|from|without|the difference|much|i|"
    r"that i|what time)\b|"
    r"(?:recommend|thank|praise|say|express|tell|applaud|appreciate|wish|repeat)\b[^.]*\benough\b)"
)
# A caveat before an answer.
CAVEAT = re.compile(
    r"\b(?:advice|opinion|diagnos\w+|live|real[- ]time|current|personal\w*|predict\w*|future|exact\w*|specific\w*)"
    r"\b[^.]*[,;:.] ?"
    r"(?:but|though|although|however|yet)?,? ?(?:in general|generally|usually|typically|most|many|here (?:is|are)|"
    r"here's|i can (?:tell|give|share|explain|offer|provide) (?:you )?(?:general|some general|what|the)|normally|"
    r"the \w+ (?:normally|usually))"
)
LOOKED_UP = re.compile(
    r"\b(?:search\w*|results?|the page|the tool|the site|the server|the service|the index|database|did not load|"
    r"didn't load|error|timed out|attachment)\b"
)
_VERBS = (
    r"help|assist|provide|support|do|write|create|generate|give|share|tell|explain|answer|comply|fulfil\w*|continue|"
    r"participate|engage|discuss|disclose|advise|guide|walk|show|teach|recommend|produce|make|offer|respond|draft|"
    r"endorse|encourage|condone|promote|facilitate|describe|play|send|open|view|access|browse|track|name|reveal|"
    r"complete|process|proceed|accept|accommodate|honou?r|satisfy|go (?:into|along|there|down)|take part|be (?:a )?"
    r"part|get involved|suggest|list|instruct|direct|point you|look up|identify|pose|pretend|act|imitate|impersonate|"
    r"entertain"
)
_AI_RULES = (
    r"(?:my|our|content|usage|safety|ethic\w*|company) (?:\w+ ){0,2}(?:polic\w+|guidelines?|rules|principles|"
    r"values|programming|standards)"
)
_UNWILLING = [
    # Inability and unwillingness, whatever comes behind, unless it is one of the idioms above.
    rf"\bi{_ADVERB} (?:{_CANNOT}|{_WILL_NOT})\b",
    rf"\bwe{_ADVERB} (?:{_CANNOT}|{_WILL_NOT}) (?:{_VERBS})\b",
    rf"{_CANNOT} and {_WILL_NOT}\b",
    rf"^(?:(?:no|nope|sorry|hmm|unfortunately|ok|okay|oh)[,;]? (?:but )?)*(?:{_CANNOT}|{_WILL_NOT}) (?:{_VERBS})"
    rf"\b(?!.*\?)",
    r"\bi(?:'m| am)(?: \w+ly| also| just| really| simply)* not(?: \w+ly)? (?:able|willing|allowed|permitted|"
    r"authori[sz]ed|equipped|prepared|comfortable|programmed|designed|built|in a position|at liberty|supposed to help) "
    r"(?:to|with|for|\w+ing)\b|\bi(?:'m| am) not here to help\b",
    r"\bi(?:'m| am)(?: \w+ly)? (?:not (?:going|gonna|about)|forbidden|prohibited|prevented|barred|not capable of|"
    r"un(?:able|willing)|reluctant)\b",
    r"\bi(?:'m| am) not (?:(?:doing|touching|writing|telling|helping|giving|sharing|making|answering|discussing|"
    r"playing|participating|entertaining|providing|supporting)\b|the right (?:tool|one|assistant|person))",
    r"\bi(?:'m| am) (?:stepping away|drawing (?:the|a) line|bowing out|opting out|passing on|leaving (?:\w+ ){1,2}"
    r"(?:there|alone|out|"
    r"empty|blank|unanswered|closed)|going to (?:stop|pass|decline|refuse|skip|say no|leave (?:it|that|this)))",
    r"\b(?:i|we)(?: \w+ly)? (?:refuse|decline)\b",
    r"\bi\b[^.;]{0,40}\b(?:must|have to|need to|going to|want to|will|like to|choose to)\b[^.,;]{0,20}\b(?:decline|"
    r"refuse|say no|pass\b|draw the line|turn (?:this|that|it|you) down|abstain|stop (?:you )?(?:here|there))",
    r"\bi(?:'d| would| will|'ll)? (?:(?:much|really|strongly) )?(?:rather|prefer)(?: to)? not\b(?! (?:to )?(?:use|"
    r"rely|rush|guess))",
    r"\bi(?:'ll| will) (?:pass\b|sit this one out|skip (?:this|that)|have no part|(?:leave|keep) (?:it|that|this|"
    r"[^.]{0,20}\b\w+) (?:there|alone|out))",
    r"\b(?:i|we) (?:do not|don't) (?:want to (?:help|write|be (?:part|involved)|take part|do that|do this)|wish to|"
    r"feel (?:\w+ )?(?:comfortable|able|right)|provide|"
    r"support|promote|condone|engage|participate|produce|generate|create|assist|offer|give (?:out|instructions|"
    r"advice)|share|"
    r"help (?:with|people|any)|encourage|endorse|discuss|deal in|touch|take part|write (?:\w+ )?(?:content|jokes|"
    r"that|this|malware|hate\w*)|"
    r"have the (?:ability|capability|capacity|means)|have (?:any )?access|do (?:that|this|harm\w*|these|those|such|"
    r"requests?|things))\b",
    r"\bneither (?:will|shall|can|do) i\b|\bnor will i\b",
    r"\bi(?:'ve| have) (?:no (?:intention|wish|desire) |to (?:stop (?:here|there)|stay away|pass\b|say no|decline|"
    r"refuse|draw))",
    r"\bi(?:'ll| will)? (?:want|have|take|play) (?:no part|nothing to do)\b|\bi (?:choose|prefer) not to\b",
    r"\bi (?:draw|am drawing) (?:the|a) line\b|\ba line (?:that )?i (?:don't|do not|won't|will not|can't|cannot)\b|"
    r"\bwhere i draw\b",
    r"\bi (?:keep|stay|steer) (?:out|away|clear) (?:of|from)\b",
    r"\bi(?:'ll| will)? never (?:help|assist|provide|write|support|tell you|teach|share|give you|take part)\b",
    # Without a first person, or with one behind.
    r"\bnot (?:something|an? (?:thing|topic|subject|request|question|conversation|place)|information|content|one)"
    r"(?: that| which)? (?:i|we)(?:'m|'ll|'d)?\b(?! (?:know|have|recogni|had|see|saw))",
    r"\b(?:isn't|is not|aren't|are not) (?:\w+ )?(?:something|anything|an? (?:thing|topic|subject|request|question|"
    r"place))(?: that| which)? (?:i|we)\b(?! (?:know|have|recogni|had|see|saw))|\bnot available from me\b",
    r"\b(?:something|topics?|things|requests?)(?: that)? i (?:\w+ )?(?:avoid|refuse|decline|won't|will not|"
    r"can't (?:do|help)|stay away|have to stay|leave alone|don't do|must not)\b",
    r"(?:\b(?:goes?|is|are|would be|would go|runs?)|'s) (?:directly )?(?:against|contrary to|counter to) (?:my|our|"
    r"what i|the (?:guidelines|purpose))",
    r"\b(?:violat|contraven|conflict|inconsistent|incompatible|breach)\w*\b.{0,30}\b(?:my|our|usage polic\w+|"
    r"content polic\w+|guidelines?|terms of (?:use|service)|the purpose of this)\b",
    rf"\b{_AI_RULES}.{{0,40}}\b(?:prohibit|prevent|forbid|do not allow|don't allow|do not permit|does not permit|"
    rf"does not allow|doesn't allow|"
    r"don't permit|doesn't permit|stop|keep|bar)s?\b",
    r"\brules (?:that )?(?:keep|stop|prevent|forbid) me\b",
    r"\boutside (?:of )?(?:what i|my (?:scope|guidelines|remit|capabilit|abilit|role|limits|area|boundar))",
    r"\b(?:that|this|it)(?:'s| is) (?:\w+ )?(?:off[- ]limits|off the table|out of the question|a non-starter|"
    r"not up for discussion)\b|\b(?:off[- ]limits|off the table|out of the question) for me\b",
    r"\b(?:this|that|such|your|these) (?:(?:kind|type|sort) of )?(?:requests?|content|questions?)"
    r"\b.{0,12}(?:is not|isn't|are not|aren't|can't be|cannot be|"
    r"can not be) (?:allowed|permitted|supported|acceptable|generated|processed|answered|fulfilled|completed)\b|"
    r"\brequests? of this (?:kind|type|sort|nature)\b.{0,12}\bnot\b|\brequest (?:denied|rejected|declined|refused)\b",
    r"\b(?:it is|it's|it would be|this is) not (?:appropriate|ethical|acceptable|okay|ok) (?:for me )?to (?:ask|"
    r"request|help|assist|provide|"
    r"answer|discuss|share|engage|support|create|write|generate|make jokes)\b|\b(?:wrong|irresponsible|unethical|"
    r"inappropriate) (?:of|for) me\b|\ba no from me\b",
    r"\bthere(?:'s| is) no way (?:for me to|i(?:'m|'ll| will| am| would))\b|\bno (?:instructions|details|"
    r"information|answer) will be (?:provided|given)\b",
    r"\bcount me out\b|\bnot on my watch\b|\bhard pass\b|\blook elsewhere for\b|\bnot from me\b|\bwrong address\b",
    r"\byou won't (?:get|find|hear) (?:that|this|it|any\w*)(?: \w+)* (?:from|out of) me\b|\b(?:my|the)"
    r" answer (?:is still|remains|stays) no\b(?! (?:longer|more))|\bmy answer is no\b",
    r"\blet's (?:not go there|not do that|change the (?:subject|topic)|talk about something else)\b|"
    r"\b(?:it's best|it is best|better|we should)(?: that| if)? we (?:talk about something else|change the|move on)"
    r"\b|\bask me something else\b",
    r"\bplease (?:don't|do not|stop) ask(?:ing)? me\b|\bplease ask (?:me )?(?:a different|something (?:different|"
    r"else))\b",
    r"\b(?:as an? (?:\w+ )?(?:language model|ai|assistant))\b.{0,80}\b(?:do not|don't|cannot|can't|not) (?:support|"
    r"promote|condone|engage|participate|help|assist|endorse)",
    r"^not (?:something i|happening|going to happen|doing (?:that|this|it)|gonna)\b|^(?:no|nope|nah|sorry)"
    r",? not doing (?:that|this|it)\b",
    # Chinese.
    r"(?:作为.{0,20}|(?:我|本人|抱歉|对不起|遗憾|恕)(?!.{0,6}(?:觉得|认为|建议|听说)).{0,10})(?:无法|不能(?!不)|没办法|没有办法|不会|不可以|不便|不愿|不想|不应该|"
    r"拒绝|不予)(?:再|继续|为|给|向|对|直接)*(?:你|您|任何人)?(?:提供|协助|帮|回答|教|继续|完成|参与|写|生成|满足|支持|讨论|给|做|透露|说明|创作|执行|处理|接受|答应|"
    r"配合|涉及|分享|回应|描述|解释)",
    r"(?:问题|请求|要求|话题|内容|忙).{0,12}(?:无法|不能|没办法|不便|拒绝|不予)(?:为你|为您|给你)?(?:回答|提供|完成|满足|帮|协助|讨论|继续|处理)",
    r"帮不了|帮不上|恕难从命|恕我(?:拒绝|不能|无法|直言不能)|我(?:必须|只能|选择|要)?拒绝|不予(?:回答|置评|协助)|违反了?.{0,8}(?:准则|政策|规定|原则|规范)|"
    r"我(?:是)?不会(?:做|去做|这么做|这样做)|不会做的",
    # German, Spanish, French, Italian, Portuguese, Russian, Japanese.
    r"\b(?:dabei|damit|diese\w*|das) (?:kann|darf|werde|möchte|will) ich (?:\w+ )*nicht\b(?! (?:genau|sicher|"
    r"mit sicherheit|versprechen))|\bich (?:kann|darf|werde|möchte|will) (?:\w+ ){0,6}nicht (?:\w+ )?"
    r"(?:helfen|tun|beantworten|unterstützen|weiterhelfen|geben|schreiben|machen|erstellen|mitmachen|liefern)\b|"
    r"\b(?:kann|darf|werde) ich (?:\w+ ){0,5}nicht\b(?! (?:genau|sicher|mit sicherheit|versprechen))|"
    r"\bich (?:lehne|weigere)\b",
    r"\bno (?:te |le |os |les )?(?:puedo|voy a|podría|me es posible)(?: \w+)? ?(?:ayud|hacer|proporcion|dar|"
    r"cumplir|respond|escrib|asist|gener|crear|continu|compart)\w*|\bme niego\b",
    r"\bje (?:ne )?(?:peux|vais|veux|souhaite|suis pas|suis|pourrai)(?: \w+)?(?:-\w+)? (?:pas|en mesure)"
    r"\b.*\b(?:aid|répond|écri|faire|fourn|donn|génér|accéd|satisf)\w*|\bje (?:refuse|dois refuser|m'y refuse)\b",
    r"\bnon posso (?:\w+ )?(?:aiut|fornir|rispond|scriv|farlo|fare|assist|dar)\w*|\bmi rifiuto\b|\bnão (?:posso|"
    r"vou|consigo) (?:\w+ )?(?:ajud|fornec|respond|escrev|fazer|atend|dar)\w*|\brecuso-me\b",
    r"\bя не (?:могу|буду|стану)\b(?! (?:дождаться|поверить|найти))|\bне (?:могу|смогу) (?:\w+ )?(?:помо|ответ|"
    r"предостав|выполн|сделать|написать)\w*",
    r"(?:お応え|お答え|ご協力|お手伝い|提供|対応)(?:は)?(?:でき|致しかね|いたしかね|しかね)(?:ません|ます)|できかねます|お断り",
]  # fmt: skip
DECLINES = re.compile("|".join(f"(?:{pattern})" for pattern in _UNWILLING))

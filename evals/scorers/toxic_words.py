"""Word classes that the toxicity model sees besides the words themselves.

A few hundred labelled sentences cannot hold every insult, but an insult in a place where another one stood is one more
of the same. No word is toxic by itself: what is learnt from the classes is who is called what. Slurs are left out; a
word with stars in it is of the class `MASKED`.
"""

from __future__ import annotations

from functools import cache

_CLASSES = {
    # Names for people that are hardly anything but insults.
    "INSULT": """
        idiot moron imbecile fool dunce loser jerk creep freak clown buffoon oaf dimwit halfwit half-wit nitwit
        twit git dork dummy dolt dope dumbass jackass ass arse asshole arsehole bastard bitch slut whore skank
        tramp hag harlot scum scumbag vermin filth coward wimp sissy crybaby brat crook fraud hypocrite pervert
        psycho lunatic lowlife bum slob savage barbarian brute degenerate hack windbag blockhead airhead
        bonehead numbskull simpleton ignoramus knucklehead pinhead sucker wanker prick twat tosser douche
        douchebag cretin swine thug nobody-ever scoundrel knave muppet ogre weakling wretch traitor snitch
        weirdo loony nutcase retard know-nothing dullard clod lump dirtbag sleazebag tyke hooligan gremlin
        goblin troll imp snowflake hick redneck yokel peasant ingrate quack charlatan parasite leech maggot
        cockroach scrounger""",
    "LIAR": "liar thief cheat criminal terrorist rapist murderer bully robber swindler crook gangster",
    "ANIMAL": """
        pig cow rat snake weasel toad worm donkey monkey ape goat dog sheep whale cat pigeon animal beast rodent
        insect louse lice hyena vulture jackal mule sow hog slug snail cattle""",
    "DIRT": """
        garbage trash rubbish crap junk dirt sewer disease plague infestation poison cancer waste burden
        disgrace shame embarrassment joke mistake failure stain""",
    "STUPID": """
        stupid dumb idiotic moronic brainless witless clueless dim dense thick foolish ignorant daft senseless
        unintelligent braindead brain-dead inbred stupidity stupidest dumbest dumber""",
    "BAD": """
        pathetic worthless useless disgusting filthy lazy spineless gutless talentless incompetent hideous vile
        loathsome revolting repulsive despicable hateful nasty slimy greasy smelly stinking rotten miserable
        insufferable unbearable hopeless inferior wicked evil cowardly whiny sneaky greedy corrupt crooked
        vicious lousy wretched shameless arrogant selfish ungrateful manipulative creepy pompous smug obnoxious
        snivelling""",
    "UGLY": """
        ugly fat smell stink bald wrinkled skinny obese flabby deformed ugliest ugliness stench stinks reek""",
    "DIRTY": """
        dirty cheap sick twisted crazy insane mad psychotic mental weak bitter boring spoiled bloody damn damned
        freaking fucking goddamn""",
    "HURT": """
        kill murder shoot stab hang beat punch slap hit smash strangle choke hurt whip drown poison hunt bury
        bleed burn break crush kick lynch behead torture hammer knock rip snap slit execute bullet knife fist
        bat noose gun""",
    "DIE": "die dead death rot hell suffer choke perish grave corpse dying",
    "WISH": "hope wish deserve should ought must better gladly",
    "GROUP": """
        immigrant migrant refugee foreigner muslim jew jewish christian hindu buddhist sikh atheist catholic
        protestant black white asian african american mexican chinese indian pakistani arab turk turkish polish
        pole russian german french italian japanese korean roma gypsy woman women man men girl boy gay lesbian
        homosexual queer trans transgender bisexual disabled cripple deaf blind autistic old elderly poor
        unemployed villager feminist vegan blonde teenager islam iranian nigerian romanian ukrainian israeli
        palestinian latino hispanic native race religion faith ethnic people""",
    "THOSE": "all every always these those they them their kind lot everyone everybody",
    "YOU": "you your yours yourself u ur yourselves you're you'll you'd you've",
    "I": "i me my i'm i'll i'd i've we our us we'll",
    "OTHER": "he she him her his hers he's she's",
    "NOT": """
        not never no nobody none nothing isn't aren't wasn't weren't don't doesn't didn't won't can't cannot
        wouldn't couldn't shouldn't neither nor without cease""",
    "SAID": """
        call called calling says said saying word term insult claim claimed stereotype prejudice sentence quote
        article comment comments wrote shouted named slur statement phrase scene film novel play character title""",
    "CLEAR": """
        wrong unfair untrue false okay ok fair cruel hurtful offensive myth unacceptable condemn refuse refuted
        tolerate apologise apologize sorry evidence""",
    "AWAY": "shut shut-up lost uninstall crawl begone piss bugger sod buzz scram",
    "MIND": "brain head skull mind iq cells",
    "LOVE": """
        love lovely dear darling friend great wonderful kind clever brilliant beautiful thank thanks welcome
        best happy proud glad fun""",
}


@cache
def _by_word() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in _CLASSES.items():
        for word in words.split():
            found.setdefault(word, name)
    return found


def word_class(word: str) -> str | None:
    """The class of a word in lower case, by the word or by its singular."""
    words = _by_word()
    if "*" in word.strip("*"):
        return "MASKED"
    for form in (
        word,
        word.removesuffix("s"),
        word.removesuffix("es"),
        word.removesuffix("'s"),
        word.removesuffix("ing"),
    ):
        if form in words:
            return words[form]
    if word.endswith("ies") and word[:-3] + "y" in words:
        return words[word[:-3] + "y"]
    return words.get(word.removesuffix("ed")) or words.get(word.removesuffix("d"))

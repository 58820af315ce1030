# ruff: noqa: SIM905
"""What directors' words mean: emotions, strengths, and the words that carry none.

The lists are ours. A word is written once, in its plainest form; ``direction`` finds its other forms ("sadly",
"saddened"). A number after a colon is the strength of the word, 1 if there is none; a word may stand under several
emotions. Phrases are joined by underscores.
"""

from __future__ import annotations

from functools import lru_cache

# emotion: (valence -1..1, arousal -1..1), after Russell's circumplex (1980)
EMOTIONS: dict[str, tuple[float, float]] = {
    "joy": (0.9, 0.5),
    "amusement": (0.7, 0.4),
    "tenderness": (0.6, -0.3),
    "confidence": (0.4, 0.2),
    "sarcasm": (-0.1, 0.1),
    "contempt": (-0.6, 0.1),
    "anger": (-0.7, 0.9),
    "disgust": (-0.7, 0.3),
    "fear": (-0.8, 0.8),
    "anxiety": (-0.5, 0.5),
    "surprise": (0.1, 0.8),
    "sadness": (-0.8, -0.5),
    "shame": (-0.6, -0.1),
    "fatigue": (-0.3, -0.9),
    "thoughtfulness": (0.0, -0.2),
    "interest": (0.2, 0.2),
}

_WORDS: dict[str, str] = {
    "joy": """joy happy happiness glad cheerful delighted delight elated ecstatic:1.3 euphoric:1.3 jubilant:1.2
        merry joyous blissful:1.1 radiant beaming smiling smile grin grinning pleased:0.7 content:0.5 contented:0.5
        satisfied:0.5 upbeat:0.8 sunny bright:0.6 optimistic:0.6 hopeful:0.5 hope:0.5 grateful:0.6 thankful:0.6
        enthusiastic:1.1 exuberant:1.2 excited:1.1 thrilled:1.2 overjoyed:1.3 triumphant relieved:0.6 relief:0.6
        carefree:0.8 lighthearted:0.8 jolly gleeful:1.1 glee:1.1 celebrating good_mood:0.8 on_top_of_the_world:1.2
        welcoming:0.6 friendly:0.6 eager:0.6 rapture:1.3 enchanted:0.8 wonder:0.5 ecstasy:1.3 positive:0.5 moved:0.1
        touched:0.15 in_love:0.35 warm:0.35 proud:0.4 relaxed:0.25 charming:0.4 flirtatious:0.5 giddy:1.1
        elation:1.2 laughter:0.5 glowing:0.9 flirty:0.5 sparkling:0.7""",
    "amusement": """amused amusement playful funny humorous laughing laugh chuckle chuckling giggle giggling giggly
        joking joke jokey mischievous impish:0.9 cheeky:0.9 droll:0.6 silly whimsical:0.7 teasing tease comic
        comical hilarious:1.2 entertained:0.9 tickled jesting witty:0.6 facetious:0.7 banter:0.7 mirth mirthful
        smirk:0.5 goofy wry:0.5 kidding mock:0.35 deadpan:0.25 tongue_in_cheek:0.7 flirtatious:0.3 wink winking:0.6
        laughter comedy:0.35 comedic:0.5 flirty:0.4 conspiratorial:0.5 giddy:0.4 smirking:0.4 malicious:0.2""",
    "tenderness": """tender tenderness gentle loving love affection affectionate fond caring compassionate
        compassion sympathetic sympathy:0.9 empathetic empathy:0.9 soft:0.8 kind:0.8 warm:0.8 warmth:0.8
        intimate:0.9 motherly:0.9 fatherly:0.9 maternal:0.9 paternal:0.9 devoted adoring:1.1 romantic in_love
        comforting:0.9 soothing:0.9 consoling:0.9 reassuring:0.7 forgiving:0.7 pity:0.7 pitying:0.7 vulnerable:0.6
        touched:0.7 moved:0.7 nostalgic:0.5 longing:0.6 yearning:0.6 wistful:0.5 sweet:0.7 friendly:0.4
        nurturing:0.9 flirtatious:0.4 sensitive:0.6 cherish:0.9 grateful:0.4 care:0.7 protective:0.5 patient:0.4
        flirty:0.4 soft-spoken:0.7 heartfelt:0.7 affirming:0.4 consoled:0.5""",
    "confidence": """confident confidence assured self-assured self-confident proud pride bold brave:0.8
        courageous:0.8 fearless:0.9 determined resolute:0.9 resolved:0.7 decisive:0.9 firm:0.8 steady:0.6 strong:0.8
        powerful:0.9 commanding authoritative:0.9 authority:0.8 dominant cocky:1.1 cocksure:1.1 smug:0.9 swagger:1.1
        arrogant:1 haughty:0.9 regal:0.8 dignified:0.7 poised:0.7 heroic:0.9 certain:0.7 convinced:0.7 charming:0.5
        assertive:0.9 stubborn:0.6 defiant:0.7 triumphant:0.9 victorious:0.9 superior:0.8 nonchalant:0.6 cool:0.6
        unflappable:0.7 professional:0.5 businesslike:0.5 stern:0.4 strict:0.4 pompous:0.9 boastful:0.9
        unbothered:0.6 unafraid:0.7 unimpressed:0.4 composed:0.4 swaggering:1.1 collected:0.4 self-satisfied:0.9""",
    "sarcasm": """sarcastic sarcasm ironic irony wry:0.7 sardonic:1.1 snarky snide mocking mock:0.6 sneering:0.6
        dry:0.6 facetious:0.8 tongue_in_cheek:0.7 smirk:0.8 smirking:0.8 droll:0.5 deadpan:0.5 cynical:0.7
        taunting:0.8 flippant:0.7 sassy:0.8 ironical smug:0.4 teasing:0.3 insincere:0.6 rolling_her_eyes
        rolling_his_eyes fake:0.6 phony:0.6 phoney:0.6 feigned:0.5 forced:0.4 conspiratorial:0.3
        does_not_believe_a_word:0.7 doesn't_believe_a_word:0.7""",
    "contempt": """contempt contemptuous scorn scornful disdain disdainful dismissive:0.8 derisive derision
        condescending patronising patronizing sneer sneering:0.8 supercilious arrogant:0.5 haughty:0.6 superior:0.4
        snobbish:0.7 disrespectful:0.7 cynical:0.4 sardonic:0.3 cold:0.4 icy:0.5 cruel:0.6 hateful:0.6 jaded:0.4
        unimpressed:0.6 judgmental:0.6 belittling:0.9 spiteful:0.5 malice:0.7 malicious:0.7 mean:0.5 nasty:0.7
        does_not_believe_a_word:0.4 doesn't_believe_a_word:0.4""",
    "anger": """anger angry furious:1.35 fury:1.35 rage:1.4 raging:1.4 enraged:1.4 livid:1.3 mad irate:1.2
        outraged:1.2 indignant:0.9 irritated:0.6 irritation:0.6 annoyed:0.6 annoyance:0.6 aggressive:1.1 hostile
        hostility frustrated:0.7 frustration:0.7 exasperated:0.7 fed_up:0.7 resentful:0.7 bitter:0.6 bitterness:0.6
        cross:0.7 grumpy:0.6 cranky:0.6 menacing:0.9 threatening:0.9 fierce:1.1 violent:1.3 hateful:0.9 hate:1
        vengeful wrathful:1.3 wrath:1.3 seething:1.1 fuming:1.2 snapping:0.9 shouting:1.1 yelling:1.2 screaming:1.2
        stern:0.4 harsh:0.7 cold:0.25 impatient:0.5 offended:0.6 insulted:0.7 accusing:0.7 jealous:0.5 defiant:0.4
        confrontational:0.9 heated:0.9 vicious:1.1 cruel:0.5 sharp:0.4 intense:0.35 spiteful:0.7 temper:0.9
        malice:0.6 malicious:0.6 mean:0.4 nasty:0.6 boiling:1.1 smouldering:0.8 smoldering:0.8 snarling:1.2""",
    "disgust": """disgust disgusted revolted repulsed repulsion revulsion nauseated nauseous sick:0.6 sickened
        queasy:0.7 appalled:0.7 grossed_out repelled distaste:0.6 distasteful:0.6 loathing:1.1 loathe:1.1 abhorrent
        aversion:0.7 horrified:0.3 squeamish:0.7 yuck ugh""",
    "fear": """fear fearful afraid scared frightened terrified:1.4 terror:1.4 horrified:1.2 horror:1.1 panicked:1.3
        panic:1.3 petrified:1.3 alarmed:0.9 dread:0.9 spooked startled:0.5 threatened:0.8 cowering:1.1 trembling:0.8
        haunted:0.7 paranoid:0.9 timid:0.5 shocked:0.3 desperate:0.5 hunted:0.9 helpless:0.4 aghast:0.8 cornered:0.8
        shaken:0.6 shaking:0.7 uneasy:0.3""",
    "anxiety": """anxious anxiety nervous worried worry concerned:0.7 concern:0.7 uneasy tense stressed apprehensive
        agitated:1.1 restless:0.8 jittery:1.1 fidgety edgy unsettled:0.8 insecure:0.8 hesitant:0.7 unsure:0.6
        uncertain:0.6 doubtful:0.5 timid:0.6 shy:0.4 frantic:1.2 distressed:0.9 distraught:0.7 desperate:0.8
        vulnerable:0.35 suspicious:0.5 wary:0.6 guarded:0.4 defensive:0.5 awkward:0.5 overwhelmed:0.7 troubled:0.7
        disturbed:0.7 pleading:0.6 begging:0.7 urgent:0.7 urgency:0.7 impatient:0.4 flustered:0.8 tentative:0.5
        cautious:0.5 careful:0.3 stammering:0.8 shaken:0.7 shaking:0.6 trembling:0.6 breathless:0.6""",
    "surprise": """surprise surprised astonished:1.2 astonishment:1.2 amazed:1.1 amazement:1.1 shocked:1.2 shock:1.2
        stunned:1.1 startled:1.1 astounded:1.2 incredulous:0.8 disbelief:0.8 disbelieving:0.8 dumbfounded
        bewildered:0.8 baffled:0.7 confused:0.5 confusion:0.5 puzzled:0.4 perplexed:0.5 awestruck awe:0.9 wonder:0.6
        speechless:0.8 wide-eyed taken_aback unexpected:0.6 realising:0.5 realizing:0.5 realisation:0.5
        realization:0.5 revelation:0.6 dawning:0.5 aghast:0.7 flabbergasted:1.2 impressed:0.4 scandalised:0.8
        scandalized:0.8""",
    "sadness": """sad sadness sorrow sorrowful unhappy grief:1.3 grieving:1.3 mourning:1.2 heartbroken:1.3
        melancholy:0.8 melancholic:0.8 depressed:1.1 gloomy:0.8 gloom:0.8 miserable:1.1 misery:1.1 dejected
        despondent:1.1 downcast:0.9 tearful:1.1 teary:1.1 tears:0.9 close_to_tears:0.7 crying:1.3 cry:1.2
        weeping:1.3 weep:1.3 sobbing:1.4 hurt:0.8 wounded:0.8 disappointed:0.7 disappointment:0.7 lonely:0.8
        loneliness:0.8 forlorn wistful:0.5 nostalgic:0.35 longing:0.45 yearning:0.45 regretful:0.7 regret:0.7
        remorse:0.8 remorseful:0.8 bereft:1.1 hopeless:1 despair:1.2 despairing:1.2 devastated:1.3 broken:1
        defeated:0.8 resigned:0.6 resignation:0.6 pity:0.35 helpless:0.6 blue:0.6 glum:0.8 somber:0.7 sombre:0.7
        mournful mourn pained:0.8 pain:0.8 anguish:1.3 anguished:1.3 moved:0.4 touched:0.3 lost:0.6 heavy-hearted
        sullen:0.6 bitter-sweet:0.5 bittersweet:0.5 vulnerable:0.4 bitter:0.3 brokenhearted:1.3 sympathy:0.3
        distraught:0.9 grave:0.4 serious:0.15 choked_up:0.9 farewell:0.5 abandoned:0.8 betrayed:0.8
        disillusioned:0.7 solemn:0.4 pathetic:0.6 crushed:1.1 goodbye:0.5 shattered:1.2 lump_in_her_throat:0.8
        lump_in_his_throat:0.8 lump_in_the_throat:0.8 on_the_verge_of_tears:1.0 close_to_breaking:0.8 aching:0.8
        sobs:1.2 widowed:0.7 shaken:0.2""",
    "shame": """shame ashamed embarrassed embarrassment guilty guilt humiliated:1.2 humiliation:1.2 sheepish:0.8
        shy:0.8 bashful:0.8 mortified:1.2 remorse:0.6 remorseful:0.6 apologetic:0.8 sorry:0.7 awkward:0.7
        self-conscious:0.8 humble:0.5 humbled:0.7 submissive:0.6 meek:0.6 caught_out:0.9 contrite:0.8 blushing:0.8
        coy:0.6 timid:0.4 regretful:0.3 exposed:0.6 inadequate:0.7 confessing:0.5 apology:0.6 apologising:0.8
        apologizing:0.8""",
    "fatigue": """tired tiredness exhausted:1.3 exhaustion:1.3 weary weariness sleepy drowsy:1.1 fatigued fatigue
        bored:0.8 boredom:0.8 listless:0.9 lethargic worn_out:1.1 drained:1 spent:0.8 jaded:0.6 apathetic:0.7
        indifferent:0.5 numb:0.6 burned_out:1 hungover:0.9 lazy:0.6 sluggish:0.8 resigned:0.4 dazed:0.7 drunk:0.7
        dull:0.5 yawning ill:0.7 sick:0.4 unimpressed:0.4 defeated:0.3 weak:0.6 feverish:0.6 half-asleep:1.2""",
    "thoughtfulness": """thoughtful thinking pensive reflective contemplative ponder pondering musing considering
        introspective meditative preoccupied:0.8 distracted:0.6 absent:0.6 dreamy:0.7 lost_in_thought:1.2
        remembering reminiscing analytical:0.8 calculating:0.8 concentrated:0.8 concentrating:0.8 focused:0.7
        studious:0.7 puzzled:0.7 perplexed:0.7 confused:0.5 skeptical:0.7 sceptical:0.7 doubtful:0.7 doubt:0.6
        suspicious:0.6 hesitant:0.5 weighing:0.8 deliberate:0.5 philosophical:0.8 wondering:0.7 serious:0.6
        earnest:0.5 grave:0.5 solemn:0.5 sober:0.5 wistful:0.4 nostalgic:0.6 uncertain:0.4 searching:0.6
        daydreaming:0.8 cautious:0.3 planning:0.6 wise:0.5""",
    "interest": """interested interest curious curiosity attentive attention:0.8 listening:0.7 engaged intrigued
        fascinated:1.2 fascination:1.2 absorbed:0.9 alert:0.8 watchful:0.7 keen:0.8 eager:0.8 inquisitive
        questioning:0.8 anticipating:0.7 expectant:0.8 waiting:0.4 hanging_on_every_word:1.2 impressed:0.6
        enthusiastic:0.5 lively:0.7 animated:0.8 energetic:0.8 passionate:0.7 intense:0.6 excited:0.5 charming:0.4
        sincere:0.4 earnest:0.5 honest:0.3 focused:0.5 hopeful:0.3 encouraging:0.6 supportive:0.5""",
}  # fmt: skip

# how strongly the words that follow are meant; below 1 also holds the performer back
STRENGTHS: dict[str, float] = {
    **dict.fromkeys(
        "extremely intensely overwhelmingly utterly absolutely completely totally violently wildly insanely "
        "uncontrollably unbearably utter bursting can_barely_contain cannot_contain can't_contain".split(),
        1.45,
    ),
    **dict.fromkeys(
        "very deeply truly really strongly great deep full highly so terribly awfully immense pure".split(), 1.25
    ),
    **dict.fromkeys("quite rather fairly pretty openly clearly more growing rising increasingly".split(), 1.0),
    **dict.fromkeys("somewhat moderately half partly mildly mild light lightly gently_so".split(), 0.65),
    **dict.fromkeys(
        "slightly slight faint faintly trace hint touch bit little tinge shade glimmer flicker vaguely".split(), 0.45
    ),
    **dict.fromkeys("barely hardly scarcely almost_imperceptibly imperceptibly".split(), 0.3),
}  # fmt: skip

# words that hold a feeling in: restraint 0..1
RESTRAINTS: dict[str, float] = {
    "subdued": 0.5, "restrained": 0.6, "contained": 0.5, "controlled": 0.5, "suppressed": 0.6, "repressed": 0.6,
    "understated": 0.5, "stoic": 0.7, "stiff": 0.5, "composed": 0.5, "reserved": 0.5, "guarded": 0.5, "hidden": 0.6,
    "hiding": 0.6, "hide": 0.6, "concealing": 0.6, "conceal": 0.6, "masking": 0.6, "masked": 0.6, "covering": 0.5,
    "muted": 0.5, "quiet": 0.35, "quietly": 0.35, "inward": 0.4, "withdrawn": 0.5, "minimal": 0.5, "silent": 0.3,
    "silently": 0.3, "swallowing": 0.5, "cold": 0.4, "icy": 0.5, "detached": 0.6, "distant": 0.5, "cool": 0.3,
    "calm": 0.4, "still": 0.3, "deadpan": 0.5, "tight": 0.4, "tight-lipped": 0.6, "clenched": 0.5, "fighting": 0.4,
    "polite": 0.4, "formal": 0.4, "whispering": 0.3, "whispered": 0.3, "badly": -0.2, "openly": -0.3,
    "uninhibited": -0.4, "breaking": -0.1, "against_her_will": 0.35, "against_his_will": 0.35,
    "against_their_will": 0.35, "choking_back": 0.55, "holding_back": 0.55, "biting_back": 0.55, "fighting_back": 0.5,
    "swallow": 0.5, "stifled": 0.55, "stifling": 0.55, "politeness": 0.4, "collected": 0.4, "forced": 0.3,
    "fake": 0.3, "whisper": 0.3, "dignified": 0.3, "tense": 0.2, "despite_herself": 0.3, "despite_himself": 0.3,
}  # fmt: skip

# "not X" takes X away; "trying not to X" shows X, held back
NEGATIONS = frozenset("not no never without neither nor isn't don't doesn't isnt dont doesnt lacking less".split())
SUPPRESSIONS = (
    "trying_hard_not_to", "trying_not_to", "tries_not_to", "try_not_to", "struggling_not_to", "pretending_not_to",
    "pretends_not_to", "refusing_to", "fighting_not_to", "not_to",
)  # fmt: skip

# what is felt before these words gives way to what follows
TURNS = (
    "gives_way_to", "giving_way_to", "turns_into", "turning_into", "turns_to", "turning_to", "becomes", "becoming",
    "melts_into", "melting_into", "fades_into", "fading_into", "dissolves_into", "breaks_into", "shifts_to", "then",
    "grows_into", "softens_into", "softening_to", "hardens_into", "and_ends", "ending", "to_finally", "slides_into",
)  # fmt: skip
LEAVINGS = (
    "drains_away", "draining_away", "melts_away", "fades_away", "fades", "fading", "dissolves", "dies_away",
    "subsides", "lifts", "drops_away", "slips_away", "vanishes", "evaporates", "wears_off",
)  # fmt: skip
RISINGS = ("breaks_through", "breaking_through", "shines_through", "cuts_through", "creeps_into", "seeps_through")

# words of the trade and of grammar that name no feeling
SILENT = frozenset(
    """a an the and or but yet with of in on at to for from by as is are be been being was were his her their
    its my your our he she they it we you i him them me us this that these those act acting play playing
    played perform performing deliver delivering delivered say saying said speak speaking spoken line lines
    read reading word words scene shot moment beat role part character camera tone voice manner way air sense
    feeling feel feels feelings emotion emotions emotional mood look looks looking expression expressive face
    eyes eye mouth lips brow head body like if while when during about into over under through up down out off
    again just only also both all some any own herself himself themselves make makes making show shows showing
    let lets keep keeps keeping hold holds holding try trying tries start starts starting begin begins
    beginning end ends ending slow slowly fast quickly quick loud loudly low high normal natural naturally
    neutral neutrally plain plainly simple simply casual casually matter-of-fact please should must can could
    would will there here now partner other one who what how something nothing someone very_slightly most same
    first last before after time even still because than too mixed mixture blend tone pretending pretend seems
    seem appear appears underneath beneath beneath_it behind between against will almost give gives giving
    have has having had does do did done go goes going come comes coming person people man woman friend old
    new young real really_is pause pausing breath turn turns face-to-face conversational conversation best
    dialogue talking talk inner stays stay remain remains remaining sits stands standing child mother mother's
    father father's teenager boy girl widow widower parent lover glance glances days day silence wearing thin
    whatsoever blinking blink though already know knows dead fail fails failing sitting answer answering asks
    asking reply replying""".split()
)  # fmt: skip


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, float]]:
    """Word -> emotion -> strength, of every word in the lists."""
    found: dict[str, dict[str, float]] = {}
    for emotion, listed in _WORDS.items():
        for entry in listed.split():
            word, _, strength = entry.partition(":")
            found.setdefault(word, {})[emotion] = float(strength or 1.0)
    return found


@lru_cache(maxsize=1)
def phrases() -> tuple[str, ...]:
    """Every entry of several words, longest first, joined by underscores."""
    every = {*words(), *STRENGTHS, *RESTRAINTS, *SILENT, *SUPPRESSIONS, *TURNS, *LEAVINGS, *RISINGS}
    return tuple(sorted((entry for entry in every if "_" in entry), key=lambda entry: (-len(entry), entry)))

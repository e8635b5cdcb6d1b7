"""Which English words are everyday language, and which belong to everybody's technical vocabulary.

Not covered: a word in neither list, such as a rare noun. It is no evidence on its own.
"""

from __future__ import annotations

from functools import lru_cache


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


PLAIN = _listed(
    """
    a about actually again already also although always am among amongst an anyone anything are aren because
    been being besides cannot certainly could couldn definitely despite did didn does doesn doing don even ever
    everybody everyone everything furthermore given had hadn has hasn have haven having he hence her here
    herself him himself his hmm how however i indeed instead isn it its itself just let lets may maybe me
    meanwhile might mine moreover must my myself never nevertheless nobody nonetheless nothing of often okay
    otherwise our ours ourselves perhaps probably quite rather really shall she should shouldn so somebody
    someone something sometimes still suppose that the their theirs them themselves there therefore these they
    this those though thus to too toward towards unless upon us usually very was wasn we were weren what
    whenever whereas wherever whether which who whom whose why will would wouldn yet you your yours yourself
    """
)
"""Function words, and others that nobody would name a variable or a field after."""

_COMMON = _listed(
    """
    able above absurd accept acceptable accident according accuse achieve across act actual add addition additional
    adjust adopt adult advance advantage advice affect afford afraid after afternoon against ago agree ahead aim air
    airport alike alive all allow almost alone along aloud altogether amazing amount analyze ancient and anger angry
    animal announce annoy another answer anticipate any anybody anyhow anyway anywhere apart apartment apologize
    apparent appear apple apply appreciate approach appropriate approximate argue arise army around arrange arrive
    art as aside ask asleep aspect assist assume assumption astonish at attack attempt attend attitude attorney
    attract audience aunt autumn available avoid awake aware away awful awkward baby back bad bag bake bakery ball
    balloon banana band bank barely bargain basement basic basket bath battle be beach bear beard beat beautiful
    beauty become bed bedroom before beg begin begun behave behavior behaviour behind belief believe bell belong
    below belt benefit best bet between beyond bicycle big bike bill bird birth birthday biscuit bite bitter black
    blame blanket bless blind blood blow blue boast boat body boil bomb bone book border bore born borrow both
    bottle bottom bought bounce bow bowl boy brain brave bread break breakfast breath breathe brick bridge brief
    bright brilliant bring broad broke broken broom brother brought brown brush bubble building bunch burn bury
    business busy but buy by bystander cabbage cabin cake calculate calendar calm came camel camp can cancel candle
    candy capable captain capture car card care careful careless carrot carry cash cat catch cattle caught cause
    caution cease ceiling celebrate center century certain chair challenge champion chance change charge charity
    chase cheap check cheer cheese chess chicken childhood children chin chocolate choice choose chose chosen church
    circumstance circus citizen city civil claim clarify classic clear clever climb clock close closer closest cloth
    coach coat coffee coin cold collar collect college combination combine come comfort comfortable comment
    commercial commonly company compare complain complete complex complicated concentrate concern concert concise
    conclude conclusion condition conduct confident confirm conflict confuse confusion connection conscious
    consequence consequently consider consideration consist consult contact contain continue contradict
    contradiction contrary contribute convenient conversation convince cook cool cooperate correct correction cost
    cotton cough count country couple courage course cousin cover cow crack crawl crazy creature crime critical
    cross crowd crown crucial cruel cry cup curious curtain custom cut cute cycle cyclist damage dance danger
    dangerous dare dark daughter dawn day dead deal dear death debt decade decide decision decrease decree deduce
    deer definite degree delay deliberate delicious delight deliver demand demonstrate dentist depart depend
    describe description desert deserve desire desk desperate destroy detail detective determine develop devote
    diamond dictionary die differ difference different difficult difficulty dig dinner direct direction dirt dirty
    disagree disappear disappoint discard discover discuss discussion disease dish distance distinct distinguish
    distribute disturb dive divide divisible division dizzy do doctor dog doll dollar dolphin done donkey door doubt
    down downstairs dozen drama drank draw drawn dream dress drew drink drive drove drown dry dual duck due dull
    dumb during dust duty each eager eagle ear earn earth east easy eat effect effective efficient effort egg eight
    eighth either elbow elderly elect elephant elevator eleven eliminate elsewhere embarrass emotion emphasize
    empire employ employee encounter encourage enemy enjoy enormous enough ensure enter entire envelope equal
    equation equipment escape especially essay essential establish estimate ethical evaluate evening evenly
    eventually every everyday evidence evident exact exam examine example exceed excellent except excite exclude
    excuse exercise exhaust exhibit exist existence expand expect expectation expense expensive experience expert
    explain explanation explicit explore express extend extra extremely eye fabric face fact factory fade fail fair
    faith fall familiar family famous fancy far farm fast fat father fault faulty favor favorite fear feasible feast
    feather fed feel feet fell felt female fence festival fever few fiction fierce fifteen fifth fifty fight figure
    fill final finance find fine finger finish fire firm first fish fisherman fit five fix flame flat flew flight
    flood floor flour flower fly focus fold folk follow food fool foot for forbid force foreign forever forget
    forgive forgot form forth fortunate fortune forty forward found four fourth fox free freedom freeze frequently
    fresh friday friend frog from frown fruit frustrate fuel full fully fun fundamental funeral funny fur furniture
    further future gain garage garden garlic gas gather gave gender general generous gentle gentleman genuine get
    ghost giant gift girl give given glad glance glass glove glue go goat god goes going gold gone good goodbye
    goose gossip got govern government grab grade gradual grain grand grandfather grandmother grape grass grateful
    grave great green greet grew grocery ground grow grown guarantee guard guess guest guide guilty guitar guy gym
    habit half halfway hall hammer hand handbag handful handsome hang happen happiness happy harbor hard harm
    harvest hat hate headache heal health healthy hear heard heart heat heaven heavy held hell hello help helpful
    hesitate hide high highlight hill hint history hit hobby hold hole holiday hollow home honest honey honor hope
    hopefully horror horse hospital hot hotel hour house household huge human humor hundred hung hungry hunt hurry
    hurt husband ice idea ideal identical identify idle if ignore ill illness illustrate imagination imagine
    immediate immigrant impact imply important impossible impress improbable improve in inch incident include
    incorrect increase incredible incredibly independent indicate individual industry infant infer infinite inform
    inherent initial injure innocent insect inside insight insist inspire instantly insult intend intention interest
    intermediate interpret interpretation into introduce intuition intuitive invent invite involve iron irrelevant
    is island jacket jail jar jealous jewel joint joke journey joy judge juice juicy jump jungle jury justice
    justify keen keep kept kettle kick kid kill kilogram kilometer kind king kiss kitchen kite kitten knee knew
    knife knock know knowledge known labor lack ladder lady laid lake lamp land laptop large larger largest last
    late later latter laugh law lawyer lay lazy lead leak lean leap learn least leather leave led leg legal legend
    leisure lemon lemonade lend less lesson letter letting level lie life lift light like likelihood likewise limb
    lion lip listen liter little live loan lobby locate lock logical lonely long look loose lose lost lot loud love
    low loyal luck lucky luggage lunch luxury made magic maid mainly maintain majority make male man manage
    manageable mango many marathon marble market marriage marry massive matter mature mayor meaning means meant
    measure meat medicine medium meet member memorize men mental mention mercy merely merry mess met middle midnight
    mild milk million mind minister minus minute miracle mirror miserable misread miss mistake mistaken
    misunderstanding mix modern moment monday money monkey month mood moon moral more morning most mother motion
    mountain mouse mouth move movement much multiplication multiply mushroom music mutual mystery nail name narrow
    nation naturally nature near nearby neat necessary neck need needle neglect negligible neighbor neither nephew
    nervous nest neutral new newspaper next nice niece night nine ninth nod nonsense noon nor normally north nose
    not notable notice noun novel now nowhere nuclear number nurse nut oak obey obligation observation observe
    obtain obvious occasion occupy occur ocean odd off office officer oil old omit on once one oneself onion only
    onto opening opinion opponent opportunity oppose opposite or orange orchard ordinary organize original orphan
    other ought out outcome outfit outline outside oven over overall overlook owe owl own oxygen pack paddle paid
    pain paint palace pan panic pants paper parade paradox parcel pardon park parrot part particular partner party
    pass passage passenger past pastry patience patient pause pay payment peace peach pearl peasant pen pencil penny
    people pepper per percent percentage perfect perform permanent permit person personal perspective pet pharmacy
    philosophy phone photo photograph phrase physical piano pick picture pie piece pig pigeon pile pillow pilot
    pineapple pink pity place plain plan planet plant plastic plate plausible play pleasant please pleasure plenty
    plug plus pocket poem poet poison police polite pollution pond poor popular population porch possess possibility
    possible possibly postcard pot potato potential pottery pound pour powder powerful practical practice praise
    pray precise predict prefer prepare presence present presumably pretend pretty prevent previous price pride
    priest prince princess principle prior prison prize problem proceed produce profession profit progress promise
    pronounce proof proper protect proud prove provide psychology pumpkin punish pupil puppy purchase pure purple
    purpose purse put puzzle quality quantity quarrel quarter queen question quick quiet quilt quit quote rabbit
    race racket rain raise ran ransom rapid rare rat reach react read ready real realistic reality realize rearrange
    reason reasonable rebel receive recent recheck recipe recognize reconsider rectify redo reduce refer regard
    regardless regular relate relation relationship relative relax relevant reliable religion rely remain remainder
    remarkable remember remind remove rent repair repeat rephrase replace reply represent require rescue resident
    resist resolve respect respective respond responsible rest restate restaurant result retire reveal reverse
    review rewrite ribbon rice rich riddle ride ring rise risk river road robe robot rock rocket role roll roof room
    rope rough round rude rumor rush sacrifice sad safe safety said sail sailor sake salad salary salt same sand
    sandwich satisfy saturday sauce saucer save saw say scare scarf scenario school science scientist scold scream
    sculpture sea seal season seat second secret see seek seem seen seldom sell send sense sent sentence separate
    serious serve seven seventh several severe shadow shake shame shampoo share sharp shave shed sheep sheet shelf
    shelter shepherd shine ship shirt shock shoe shoot shop shore short shot shoulder shout show shown shrink shut
    shy sick side sight significant silence silent silk silly silver similar simple simpler simplest simplicity
    simplify simply simultaneous since sing single sink sir sister sit situation six sixth skate skill skin skip
    skirt sky slang slave sleep sleepy slept slice slide slight slipper slow small smart smell smelly smile smoke
    smooth snack snake snow soap society sock soft soil sold soldier sole solid solution solve some somehow sometime
    somewhat somewhere son song soon sore sorry sought soul sound soup south spare speak special specific
    specifically specify speech spell spend spent spice spider spill spoil spoke spoon spot spread spring squirrel
    stable stair stamp stand star stare stated statement statue stay steal steam steel steps stick stolen stomach
    stone stood stop storm story straight straightforward strange stranger strategy strawberry street strength
    stress stretch strict strike stripe stroll strong struggle stuck student study stuff stupid subject subsequent
    subtle subtract subtraction success successful such sudden suffer suffice sufficient sugar suggest suit suitable
    suitcase summer sun sunday sunny supper supply support suppose sure surface surprise surround survive suspect
    suspicious swallow sweat sweet swim swing sword sympathy tackle tailor take taken talk tall tap taste taught tax
    taxi tea teach tear tease tell temper temple temporary ten tend tennis term terrible than thank theater then
    thereafter thereby thick thief thin thing think third thirsty thirty thorough thought thoughtful thousand three
    threw thrice throat throne through throughout throw thrown thumb thunder thursday ticket tidy tie tiger tight
    till tilt time tiny tired tobacco today together tomato tomorrow tonight took tooth torch total touch tough tour
    tourist tower town toy trade tradition tragedy trait transport trap trash travel treasure treat tremendous trial
    trick tricky trip trivial trolley trouble trousers truck truly trumpet trust truth try tube tuesday turkey turn
    twelve twenty twice twin two typewriter typical tyre ugly ultimate umbrella unable uncertain unchanged uncle
    unclear under understand understood undesirable unfortunate unfriendly unhappy universe unknown unlike
    unnecessary until unusual up upright upset use useful useless usual vacation vague valid valley valuable various
    vary vase vegetable vehicle venture verb verify viable victim victory village violate violence violin virtue
    visit visualize voice volleyball wait wake walk wall wallet wander want war warehouse warm warn warrior wash
    waste watch water wave way weak wealth weapon wear weather weave wedding wednesday week weekend weigh weird
    welcome welfare well went west wet whale wheat wheel when where whichever while whisper whistle white whole wide
    widow wife wild willing win wind winter wipe wire wise wish witch with within without wizard woke wolf woman
    women won wonder wonderful wood wool wording words wore work workshop world worry worse worship worst worth
    worthy wound wrap wrist write writer written wrong wrote yard yawn yeah year yell yellow yesterday young zebra
    """
)

TECHNICAL = _listed(
    """
    account active agent angle api app area argmax array assert async attention auto await awk axis backend base
    baseline bash batch benchmark beta bias binary bit blank block bool boolean boot bot branch breadth browser
    brute bucket buffer bug build byte cache call callback case cell chain channel char chat checkpoint child
    chunk class clean cli click client clone cloud cluster cmd code col color column command comment commit
    common compile completion completions compute conda config conquer const container content context
    conversation cookie copy core counter cpu crash create css csv cuda cursor custom data database dataset date
    debug decode decoder deep default delete demo deploy depth derivative descent description dev device dict
    diff digit dim divisor docker docs domain double download driver drop dropout dynamic echo edge edit else
    email embedding empty encode encoder end engine entropy entry enum epoch error etc eval evaluate event excel
    except exec exit export extend false feature fetch field file filter finetune fixed flag flash flask float
    flow folder font fork format forward frame framework freeze front frontend function game gap gate git global
    gpu gradient graph greedy grep grid group handle hash head header heap height hidden history host html http
    hub icon id image implement import index inference info init inner input insert install instance instruction
    int integer integral interface internet interpreter issue item iterator job join json kernel key keyword
    kill label lambda language latex layer leaf learning left length lib library line linear link linux list
    load local log login logit logits lookup loop loss macro main map margin mask master match math matrix max
    mean median memory menu merge message meta method metric metrics mid min mini mobile mod mode model module
    momentum monitor mount multi multiple mutex namespace native net network neural no node noise none normal
    notebook npm null num nums object offline offset ok online open operator option order outer output overflow
    package paddle page pair param parameter parent parse parser pass patch path pattern payload pdf period
    permission ping pip pipeline pivot pixel plugin png pod point pointer policy pool pop port position post
    power precision prefix preview print private probability process processing product profile program
    programming progress project prompt prompts protocol proxy public pull push python query queue radius raise
    random range rank rate ratio raw reader recall record recursion red ref refresh regex register release
    remote render replace repo report request reset residual response retry return reward right role rollback
    root rotate router row rule run runtime sample sampling scale schema scope score screen script sdk search
    seed segment select self sequence server service session set shape shell shift shot sigmoid sign signal site
    size slice slot snapshot socket softmax solver sort source space span spark speed split square ssh stack
    stage standard start state static status step stock store stream stride string struct style submit subset
    sudo suffix sum super swap switch sync syntax system tab table tag tail target task team temperature
    template tensor terminal test text theme theorem thread timeout timestamp title token tokenizer tokens tool
    top topic torch trace track train training transformer transformers tree trie trigger true tuple type undo
    unicode uniform union unit update upload url user username val valid value variable variance vector version
    vertex via video view vim virtual visited vocab vs warning web weight weights wheel width wifi window word
    worker workflow workspace wrapper xml yaml yes yield zero zip zone
    """
)
"""Words that stand in texts of other languages as terms: computing, data, mathematics."""

_ENDINGS = (("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))
_GRADES = (("ier", "y"), ("iest", "y"), ("ily", "y"), ("ly", ""), ("ably", "able"), ("er", ""), ("est", ""))
_PREFIXES = ("un", "im", "in", "dis", "re", "mis")
_SHORTEST = 3
_LONG = 7


@lru_cache(maxsize=8_192)
def is_everyday(word: str) -> bool:
    """Whether a word in lower case is ordinary English, in any inflection, and no technical term."""
    if word in PLAIN:
        return True
    if is_technical(word):
        return False
    return any(form in _COMMON for form in (word, *_stems(word), *_positive(word))) or _is_adverb(word)


@lru_cache(maxsize=8_192)
def is_technical(word: str) -> bool:
    """Whether a word in lower case, or what it is the plural of, is a term that any language borrows."""
    return word in TECHNICAL or (word.endswith("s") and word[:-1] in TECHNICAL)


def is_english(word: str) -> bool:
    """Whether a word in lower case is known as English, everyday or technical."""
    return is_everyday(word) or is_technical(word)


def _stems(word: str) -> list[str]:
    stems = [word.removesuffix(end) + new for end, new in (*_ENDINGS, *_GRADES) if word.endswith(end)]
    doubled = [stem[:-1] for stem in stems if len(stem) > _SHORTEST and stem[-1] == stem[-2]]
    return [stem for stem in (*stems, *doubled) if len(stem) >= _SHORTEST]


def _positive(word: str) -> list[str]:
    return [word.removeprefix(start) for start in _PREFIXES if word.startswith(start) and len(word) > _LONG]


def _is_adverb(word: str) -> bool:
    return len(word) > _LONG and word.endswith(("ally", "ously", "ively", "ately", "ently", "antly", "ingly", "edly"))

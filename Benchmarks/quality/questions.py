"""The evaluation sets: which questions, over which passages, and what counts as found.

Prompts are those of DESIGN, section 2; a text retriever searches for `plain`, the words without the template.
"""

import collections
import dataclasses
import functools
import re

import metrics
import sources
import splits

TRUE, FALSE = ("yes", "true", "SUPPORTS"), ("no", "false", "REFUTES")

# Labels of Wikidata's properties, for slot filling.
RELATIONS = {
    "P101": "field of work", "P1001": "applies to jurisdiction", "P103": "native language", "P106": "occupation",
    "P108": "employer", "P127": "owned by", "P1303": "instrument", "P131": "located in the administrative territorial entity",
    "P136": "genre", "P1376": "capital of", "P138": "named after", "P140": "religion",
    "P1412": "languages spoken, written or signed", "P159": "headquarters location", "P17": "country", "P176": "manufacturer",
    "P178": "developer", "P19": "place of birth", "P190": "twinned administrative body", "P20": "place of death",
    "P264": "record label", "P27": "country of citizenship", "P276": "location", "P279": "subclass of", "P30": "continent",
    "P31": "instance of", "P36": "capital", "P361": "part of", "P364": "original language of film or TV show",
    "P37": "official language", "P39": "position held", "P407": "language of work or name", "P413": "position played on team",
    "P449": "original broadcaster", "P463": "member of", "P47": "shares border with", "P495": "country of origin",
    "P527": "has part", "P530": "diplomatic relation", "P740": "location of formation", "P937": "work location",
}  # fmt: skip

# The wording of EntityQuestions' relations in other languages.
WORDINGS = {
    "fr": {
        "P36": "Quelle est la capitale de {} ?", "P20": "Où est mort {} ?", "P19": "Où est né {} ?", "P40": "Qui est l'enfant de {} ?",
        "P170": "Qui a créé {} ?", "P740": "Où a été fondé {} ?", "P800": "Pour quelle œuvre {} est-il connu ?",
        "P26": "Avec qui {} est-il marié ?", "P112": "Qui a fondé {} ?", "P175": "Qui a interprété {} ?",
        "P50": "Qui est l'auteur de {} ?", "P136": "Quel genre de musique joue {} ?", "P276": "Où se trouve {} ?",
        "P131": "Où est situé {} ?", "P127": "À qui appartient {} ?", "P159": "Où se trouve le siège de {} ?",
        "P17": "Dans quel pays se trouve {} ?", "P407": "Dans quelle langue {} a-t-il été écrit ?",
    },
    "es": {
        "P36": "¿Cuál es la capital de {}?", "P20": "¿Dónde murió {}?", "P19": "¿Dónde nació {}?", "P40": "¿Quién es hijo de {}?",
        "P170": "¿Quién creó {}?", "P740": "¿Dónde se fundó {}?", "P800": "¿Por qué obra es conocido {}?",
        "P26": "¿Con quién está casado {}?", "P112": "¿Quién fundó {}?", "P175": "¿Quién interpretó {}?",
        "P50": "¿Quién es el autor de {}?", "P136": "¿Qué tipo de música toca {}?", "P276": "¿Dónde se encuentra {}?",
        "P131": "¿Dónde está situado {}?", "P127": "¿A quién pertenece {}?", "P159": "¿Dónde está la sede de {}?",
        "P17": "¿En qué país está {}?", "P176": "¿Qué empresa produce {}?", "P264": "¿Con qué sello discográfico graba {}?",
        "P106": "¿A qué se dedica {}?",
    },
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Question:
    """One question.

    - `gold`: groups of passage ids; any id of a group finds the group. Recall is the share of groups found.
    - `subject`: whom or what it is about, folded; nothing where that is not known.
    """

    id: str
    plain: str
    prompt: str
    answers: tuple
    gold: tuple
    subject: str = ""


def ask(question):
    return f"Q: {question} A:"


def check(statement):
    return f"Is this statement true? {statement} A:"


def fill(subject, relation):
    return (
        f"{subject} [SEP] {relation} Provide the answer corresponding to the relation specified after [SEP] for the entity "
        "mentioned before [SEP] A:"
    )


def link(context):
    return f"{context} Output the Wikipedia page title of the entity mentioned between [START] and [END] in the given text A:"


def own_article(language="en"):
    """Folded title to the ids of the article's passages."""
    corpus = "articles" if language == "en" else f"articles-{language}"
    return {sources.fold(title): ids for title, ids in sources.pieces_of(corpus).items()}


def copies(corpus):
    """Document id to the passages of all documents of `corpus` with the same text: finding a copy is finding it."""
    by_text = collections.defaultdict(list)
    for document in sources.documents(corpus):
        by_text[" ".join(document.text.split())].append(document.id)
    pieces = sources.pieces_of(corpus)
    return {id: frozenset(piece for other in ids for piece in pieces[other]) for ids in by_text.values() for id in ids}


def entities():
    """Entity questions with subjects held out; the subject's article answers."""
    own = own_article()
    return [
        Question(row["id"], row["question"], ask(row["question"]), tuple(row["answers"]),
                 (frozenset(own[sources.fold(row["article"])]),), sources.fold(row["title"]))
        for row in splits.entity_questions() if sources.fold(row["title"]) in splits.subjects()
    ]  # fmt: skip


def reading(name):
    """SQuAD's or NQ's development questions; `passage_id` answers."""
    same = copies("all")
    return [
        Question(row["id"], row["question"], ask(row["question"]), tuple(row["answers"]), (same[row["passage_id"]],))
        for row in sources.rows({"squad": "squad/qa.dev.jsonl", "nq": "nq/qa.dev-sample.jsonl"}[name])
    ]


def claims(name):
    """Held-out claims of two labels. CREAK's are about an article; FEVER's rest on evidence that is in the corpus."""
    own, pieces, found = own_article(), sources.pieces_of("claims"), []
    for row in splits.claims()[name]:
        subject = sources.fold(row.get("title") or "")
        if row["label"] not in ("SUPPORTS", "REFUTES") or (name == "creak" and subject not in own):
            continue
        if name == "creak":
            gold = frozenset(own[subject])
        else:
            sentences = filter(str.strip, row["evidence"])
            gold = frozenset(piece for sentence in sentences for piece in pieces[sources.evidence_id(sentence)])
        answers = TRUE if row["label"] == "SUPPORTS" else FALSE
        found.append(Question(row["id"], row["claim"], check(row["claim"]), answers, (gold,), subject))
    return found


def slots():
    """T-REx triples whose subject is an article and whose object stands in its lead; a third of the subjects."""
    own = own_article()
    texts = {sources.fold(title): article["extract"] for title, article in sources.articles().items()}
    groups = collections.defaultdict(list)
    for row in sources.rows("trex/triples.jsonl"):
        subject = sources.fold(row["subject"])
        if subject in own and splits.is_held_out_slot(subject):
            groups[row["subject"], row["relation"]].append(row)
    found = []
    for (name, relation), rows in groups.items():
        subject, objects = sources.fold(name), tuple(row["object"] for row in rows)
        if metrics.contains(texts[subject], objects):
            label = RELATIONS[relation]
            gold = (frozenset(own[subject]),)
            found.append(Question(rows[0]["id"], f"{name} {label}", fill(name, label), objects, gold, subject))
    return found


def linking():
    """Held-out FEVER claims that name the page they are about: which page is it?"""
    pages = collections.defaultdict(set)
    for passage in sources.passages("claims"):
        pages[sources.fold(passage.title)].add(passage.id)
    found = []
    for row in splits.claims()["fever-evidence"]:
        title = row.get("title") or ""
        mention = re.search(re.escape(re.sub(r"\s*\(.*\)$", "", title)), row["claim"], re.IGNORECASE) if title else None
        if mention:
            claim = row["claim"]
            context = f"{claim[: mention.start()]}[START] {mention[0]} [END]{claim[mention.end() :]}"
            gold = (frozenset(pages[sources.fold(title)]),)
            found.append(Question(f"el-{row['id']}", claim, link(context), (title,), gold, sources.fold(title)))
    return found


def translated(language):
    """Entity questions in another language, by the wording of their relation, where that language's article answers.

    English wordings of most were not held out; the answers are names as English writes them.
    """
    own = own_article(language)
    texts = {sources.fold(title): article["extract"] for title, article in sources.articles(language).items()}
    found = []
    for name in ("train", "dev"):
        for row in sources.rows(f"entityquestions/qa.{name}.jsonl"):
            subject, wording = sources.fold(row["title"]), WORDINGS[language].get(row["relation"])
            if wording and subject in texts and metrics.contains(texts[subject], row["answers"]):
                question = wording.format(row["title"])
                gold = (frozenset(own[subject]),)
                found.append(Question(f"{row['id']}-{language}", question, ask(question), tuple(row["answers"]), gold, subject))
    return found


def xquad_spanish():
    """XQuAD's Spanish questions on articles never trained on."""
    never = {document.id for document in splits.never_trained()}
    pieces = sources.pieces_of("xquad-es")
    return [
        Question(
            row["id"], row["question"], ask(row["question"]), tuple(row["answers"]), (frozenset(pieces[row["passage_id"]]),)
        )
        for row in sources.rows("squad/xquad.jsonl")
        if row["lang"] == "es" and row["passage_id"] in never
    ]


CALIBRATION_QUESTIONS = 300


@functools.cache
def calibration(corpus):
    """Questions over a corpus that are not held out, for choosing the weight of a fusion; none where there are none."""
    if corpus == "articles":
        own = own_article()
        rows = [row for row in splits.entity_questions() if sources.fold(row["title"]) not in splits.subjects()]
        found = [(row["id"], row["question"], ask(row["question"]), own[sources.fold(row["article"])]) for row in rows]
    elif corpus in ("pool", "all"):
        same = copies("all")
        rows = sources.rows("squad/qa.train.jsonl")
        found = [(row["id"], row["question"], ask(row["question"]), same[row["passage_id"]]) for row in rows]
    elif corpus == "claims":
        pieces = sources.pieces_of("claims")
        rows = [row for row in sources.rows("fever-evidence/dev.jsonl") if not splits.is_held_out_claim(row["claim"])]
        found = [
            (
                row["id"],
                row["claim"],
                check(row["claim"]),
                [p for s in row["evidence"] if s.strip() for p in pieces[sources.evidence_id(s)]],
            )
            for row in rows
        ]
    else:
        return []
    found.sort(key=lambda row: splits.digest(row[0]))
    return [Question(id, plain, prompt, (), (frozenset(gold),)) for id, plain, prompt, gold in found[:CALIBRATION_QUESTIONS]]


@dataclasses.dataclass(frozen=True)
class Set:
    """Questions, and the corpora they are asked over; answers are measured over the first.

    `has_words`: whether the answer's words are looked for in passages; a yes or no is not.
    """

    name: str
    what: str
    corpora: tuple
    make: collections.abc.Callable
    has_words: bool = True

    @functools.cached_property
    def questions(self):
        return self.make()


SETS = {
    each.name: each
    for each in (
        Set("entities", "entity questions, subjects held out", ("articles",), entities),
        Set("squad", "SQuAD, articles never trained on", ("pool", "all"), lambda: reading("squad")),
        Set("nq", "Natural Questions, articles never trained on", ("pool", "all"), lambda: reading("nq")),
        Set("creak", "CREAK claims held out, about an article", ("articles",), lambda: claims("creak"), False),
        Set("fever", "FEVER claims held out", ("claims",), lambda: claims("fever-evidence"), False),
        Set("slots", "slot filling (T-REx)", ("articles",), slots),
        Set("linking", "entity linking in FEVER claims", ("claims",), linking),
        Set("entities-fr", "entity questions in French", ("articles-fr",), lambda: translated("fr")),
        Set("entities-es", "entity questions in Spanish", ("articles-es",), lambda: translated("es")),
        Set("xquad-es", "SQuAD in Spanish (XQuAD)", ("xquad-es",), xquad_spanish),
    )
}

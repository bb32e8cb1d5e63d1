"""Everything the site keeps.

Content (cards, claims, cases, questions, words) comes from `fixtures/` and is replaced by `manage.py content`;
a natural key on each model lets a fixture be loaded twice without doubling a row. What a visitor did
hangs on a Visitor, who needs no account.

Longer than most files on purpose: one label and one migration history, read in one place.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class NaturalKeyManager[M: models.Model](models.Manager[M]):
    """Finds a row by the fields its model names in `natural_fields`, as fixtures refer to it."""

    def get_by_natural_key(self, *values: str) -> M:
        fields: tuple[str, ...] = self.model.natural_fields  # type: ignore[attr-defined]
        return self.get(**dict(zip(fields, values, strict=True)))


class Content(models.Model):
    """A row that is written in `fixtures/` and nowhere else."""

    natural_fields: tuple[str, ...] = ("slug",)
    objects = NaturalKeyManager()

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[str, ...]:
        return tuple(getattr(self, name.replace("__slug", "_id")) for name in self.natural_fields)


class Confidence(models.TextChoices):
    """Who says so: the people who built it, someone who asked them, or someone who read about it."""

    FIRST_PARTY = "first-party", "first-party"
    SECOND_HAND = "second-hand", "second-hand"
    SECONDARY = "secondary", "secondary"


class Card(Content):
    """One of the patterns: the problem as one question, and what follows from the answer. Prose is Markdown."""

    slug = models.SlugField(primary_key=True)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    question = models.CharField(max_length=140, help_text="the problem as one question")
    short_question = models.CharField(max_length=70, help_text="the same, for the home page")
    definition = models.TextField()
    problem = models.TextField(help_text="context and forces that make the question hard")
    when_to_use = models.TextField()
    when_not_to_use = models.TextField()
    resulting_context = models.TextField(help_text="what is true once the pattern is in place")
    related = models.JSONField(default=list, help_text="[{slug, why}]: related or easily confused patterns")
    products = models.JSONField(default=list, help_text="names of well-known products")
    example_title = models.CharField(max_length=120)
    example = models.TextField()
    example_sources = models.JSONField(default=list, help_text="[{title, url, confidence, note}]")
    picture = models.JSONField(
        default=dict,
        blank=True,
        help_text="a drawing of the parts for as long as no lab is built: like a case's picture, and marks: "
        "[{kind, x, y, label}]; nodes may have w and h",
    )

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.title


class Claim(Content):
    """A sentence of a card that an experiment tests."""

    class Group(models.TextChoices):
        DEFINITION = "definition", "what it is"
        HOW = "how", "how it works"
        CHARACTERISTIC = "characteristic", "characteristics"
        USE = "use", "when to use it"
        PRO = "pro", "what you gain"
        CON = "con", "what you pay"
        EXAMPLE = "example", "in the real world"

    class Expectation(models.TextChoices):
        PROVED = "P", "can be proved"
        BOUNDED = "B", "bounded"
        REFINED = "R", "refine"

    slug = models.CharField(primary_key=True, max_length=12, help_text="PS-15")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="claims")
    group = models.CharField(max_length=16, choices=Group)
    position = models.PositiveSmallIntegerField()
    wording = models.TextField(help_text="the sentence on the card")
    experiment = models.TextField(help_text="how a run tests it")
    prediction = models.TextField()
    caveat = models.TextField()
    expectation = models.CharField(max_length=1, choices=Expectation)

    class Meta:
        ordering = ("card__position", "position")

    def __str__(self) -> str:
        return self.slug


class Case(Content):
    """A system somebody built with a pattern, what it did, and what it taught."""

    slug = models.SlugField(primary_key=True)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="cases")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    organisation = models.CharField(max_length=80)
    summary = models.TextField(help_text="one paragraph")
    built = models.TextField()
    went_wrong = models.TextField()
    learnt = models.TextField()
    sources = models.JSONField(
        default=list, help_text="[{key, title, publisher, url, date, confidence, note}], at least three"
    )
    facts = models.JSONField(default=list, help_text="[{text, date, source}], source is a key of sources")
    source_note = models.TextField(blank=True, help_text="why a better source replaces a weak link")
    scenario = models.CharField(max_length=60, help_text="slug of the lab's scenario that replays the mechanism")
    mechanism = models.TextField(help_text="what the scenario replays, and that it is not their numbers")
    picture = models.JSONField(
        default=dict,
        help_text="{title, description, nodes: [{id, label, role, x, y}], links: [{source, target, label}]}; "
        "x and y in 0..100",
    )

    class Meta:
        ordering = ("card__position", "position")

    def __str__(self) -> str:
        return self.title


class Question(Content):
    """One question, tied to a claim."""

    class Kind(models.TextChoices):
        SINGLE = "single", "one answer"
        MULTIPLE = "multiple", "several answers"
        ORDER = "order", "order the steps"
        NUMERIC = "numeric", "a number"
        MATCH = "match", "match the words"
        PREDICT = "predict-the-run", "predict the run"
        SPOT = "spot-the-fault", "spot the fault"

    class Bloom(models.TextChoices):
        REMEMBER = "remember", "remember"
        UNDERSTAND = "understand", "understand"
        APPLY = "apply", "apply"
        ANALYSE = "analyse", "analyse"
        EVALUATE = "evaluate", "evaluate"
        CREATE = "create", "create"

    slug = models.CharField(primary_key=True, max_length=16, help_text="PS-Q1")
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="questions")
    kind = models.CharField(max_length=20, choices=Kind)
    bloom = models.CharField(max_length=12, choices=Bloom)
    stem = models.TextField()
    options = models.JSONField(default=list, help_text="[{text, correct, tempts, fails, run}]")
    answer = models.JSONField(default=dict, help_text="what is right, in the shape of the kind")
    explanation = models.TextField()
    hints = models.JSONField(default=list, help_text="exactly three, each nearer than the last")

    class Meta:
        ordering = ("claim__card__position", "slug")

    def __str__(self) -> str:
        return self.slug


class Term(Content):
    """A word of the glossary."""

    slug = models.SlugField(primary_key=True)
    word = models.CharField(max_length=60)
    meaning = models.TextField()
    origin = models.CharField(max_length=120, help_text="the standard or book the word comes from")
    lab_words = models.JSONField(default=list, help_text="node roles or lab words this term relabels on the stage")

    class Meta:
        ordering = ("word",)

    def __str__(self) -> str:
        return self.word


class Product(Content):
    """A product whose words the glossary knows."""

    slug = models.SlugField(primary_key=True)
    name = models.CharField(max_length=60)
    family = models.CharField(max_length=30, help_text="messaging, stream, workflow or gateway")
    source = models.URLField()

    class Meta:
        ordering = ("family", "name")

    def __str__(self) -> str:
        return self.name


class Naming(Content):
    """What a product calls a term, how close it is, and whether it misleads."""

    class Fit(models.TextChoices):
        EXACT = "exact", "exact"
        CLOSE = "close", "close"
        NONE = "none", "none"

    natural_fields = ("term__slug", "product__slug")
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="namings")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="namings")
    name = models.CharField(max_length=120, blank=True)
    fit = models.CharField(max_length=6, choices=Fit)
    false_friend = models.TextField(blank=True, help_text="what the same word means elsewhere, if it misleads")
    note = models.TextField(blank=True)
    source = models.URLField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "product"], name="one_name_per_term_and_product")]
        ordering = ("term", "product")

    def __str__(self) -> str:
        return f"{self.term_id} in {self.product_id}: {self.name or 'none'}"


class Visitor(models.Model):
    """Someone with our signed cookie; has an account only if he wants one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)


class SavedRun(models.Model):
    """A run that somebody kept: its declaration and its whole log, as it was streamed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visitor = models.ForeignKey(Visitor, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    pattern = models.SlugField()
    engine = models.CharField(max_length=20)
    seed = models.BigIntegerField()
    title = models.CharField(max_length=120)
    settings = models.JSONField(default=dict)
    events = models.PositiveIntegerField()
    seconds = models.FloatField()
    recording = models.BinaryField(help_text="the recording, as `patterns.host.recording` writes it, gzipped")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.title


class Trial(models.Model):
    """One time an experiment was carried out for this site: asked for, waiting its turn, running, done or void."""

    class State(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        VOID = "void", "void"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.CharField(
        max_length=80, db_index=True, help_text="a claim's id, or @workload@mishap@size@column+column for a comparison"
    )
    pattern = models.SlugField()
    engine = models.CharField(max_length=20)
    seed = models.BigIntegerField()
    size = models.CharField(max_length=8, default="full", help_text="full, reduced or sweep")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    progress = models.FloatField(default=0.0, help_text="share done, 0..1")
    why = models.TextField(blank=True, help_text="why it is void; while it runs, the arm under way")
    verdict = models.CharField(max_length=8, blank=True)
    report = models.JSONField(default=dict, help_text="the report, in the shape of `manage.py experiment --json`")
    visitors = models.ManyToManyField(Visitor, blank=True, related_name="trials")
    runs = models.ManyToManyField(SavedRun, blank=True, related_name="trials")
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True, blank=True)
    heard = models.DateTimeField(null=True, blank=True, help_text="the worker's last word, while running")
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created",)
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "engine", "size", "seed"],
                condition=models.Q(state="queued"),
                name="who_asks_for_the_same_shares_a_trial",
            )
        ]

    def __str__(self) -> str:
        return f"{self.claim} on {self.engine}: {self.verdict or self.state}"


class Bet(models.Model):
    """What a visitor expected before the run, locked when the trial began. `settled` says what came out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="bets")
    claim = models.CharField(max_length=12, db_index=True)
    trial = models.ForeignKey(Trial, null=True, blank=True, on_delete=models.SET_NULL, related_name="bets")
    answer = models.JSONField(help_text="a number, [low, high], an order, points of a curve, or null if skipped")
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="per cent, 50 to 100")
    placed = models.DateTimeField(auto_now_add=True)
    settled = models.JSONField(null=True, blank=True, help_text="{measured, unit, error_ratio, right, first}")

    class Meta:
        ordering = ("-placed",)
        constraints = [models.UniqueConstraint(fields=["visitor", "trial"], name="one_bet_per_visitor_and_trial")]

    def __str__(self) -> str:
        return f"{self.claim}: {self.answer}"


class Answer(models.Model):
    """One answer to one question. `submission` is made with the form: sent twice, it counts once."""

    submission = models.UUIDField(primary_key=True)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=16, db_index=True)
    fingerprint = models.CharField(max_length=16, help_text="of the question as it was shown")
    seed = models.BigIntegerField(help_text="draws a numeric question's parameters and the order of options")
    given = models.JSONField()
    right = models.BooleanField(null=True, help_text="null while a run must still say")
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="per cent; asked, never scored")
    hints = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.question}: {self.right}"


class ReviewItem(models.Model):
    """When a question comes back to a visitor."""

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="review")
    question = models.CharField(max_length=16)
    step = models.PositiveSmallIntegerField(default=0, help_text="index into 1, 3, 7, 16, 35 days")
    due = models.DateTimeField(db_index=True)
    last = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "question"], name="one_review_per_question")]

    def __str__(self) -> str:
        return f"{self.question} due {self.due:%Y-%m-%d}"


class Tick(models.Model):
    """A step of a path that a visitor has ticked off."""

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="ticks")
    step = models.SlugField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at",)
        constraints = [models.UniqueConstraint(fields=["visitor", "step"], name="one_tick_per_step")]

    def __str__(self) -> str:
        return self.step


class Note(models.Model):
    """A line of the lab notebook. It writes itself from runs, bets and answers; the visitor may add words."""

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=12, help_text="run, bet, answer, verdict or note")
    pattern = models.SlugField(blank=True)
    text = models.TextField()
    link = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return self.text[:60]

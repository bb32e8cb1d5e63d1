"""Paints a page's picture, 1200 by 630: words on the left, the pattern's parts on the right. Knows no database."""

from __future__ import annotations

import io
from functools import cache, lru_cache
from typing import NamedTuple

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from explorer.catalogue import drawing
from explorer.catalogue.drawing import Drawing
from explorer.social.cards import SocialCard


class Scale(NamedTuple):
    """Pixels for each unit of a drawing. Boxes keep their shape: they grow by `across` both ways."""

    across: float
    down: float


SIZE = WIDTH, HEIGHT = 1200, 630
EDGE = 64
TEXT_WIDTH, TEXT_TOP, TEXT_FOOT = 560, 150, 560
STAGE = (672, 64, 1136, 566)
"""Where the parts are drawn: left, top, right, bottom."""
SIZES = range(72, 33, -4)
LEADING = 1.16
ALONE, IN_THE_GRID = Scale(1.86, 2.6), Scale(0.6, 0.8)
"""A drawing alone on the stage, or one of many. The stage is taller than a drawing: its parts stand further apart."""
LABEL = 17
FINE = 2
"""Lines are painted so many times larger and shrunk: that smooths their edges."""
PAPER, SURFACE, INK, MUTED, LINE, EDGES = "#fbfaf6", "#ffffff", "#15171d", "#565c6b", "#dcd8cb", "#7d8290"
ACCENT = "#e69f00"
COLOURS = 64
KEPT = 256
"""All pages' pictures at once, about 20 KB each."""


@lru_cache(maxsize=KEPT)
def paint(card: SocialCard) -> bytes:
    """The picture as a PNG file."""
    image = Image.new("RGB", SIZE, PAPER)
    _paint_stage(image, card.drawings)
    pen = ImageDraw.Draw(image)
    _paint_words(pen, card)
    if len(card.drawings) == 1:
        _paint_labels(pen, card.drawings[0])
    file = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG")
    return file.getvalue()


def _paint_words(pen: ImageDraw.ImageDraw, card: SocialCard) -> None:
    pen.rectangle((0, 0, 12, HEIGHT), fill=ACCENT)
    pen.text((EDGE, 64), card.kind, MUTED, load_font(30, 500))
    font, lines = fit_words(card.title)
    for number, line in enumerate(lines):
        pen.text((EDGE, TEXT_TOP + number * font.size * LEADING), line, INK, font)
    pen.text((EDGE, HEIGHT - EDGE), "Pattern Explorer", INK, load_font(28, 700), anchor="ls")


def fit_words(words: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest face in which the words fit into their place, and the lines; the smallest, cut, if none does."""
    for size in SIZES:
        font = load_font(size, 700)
        lines = _wrap(words, font)
        most = int((TEXT_FOOT - TEXT_TOP - 40) // (size * LEADING))
        if len(lines) <= most and max(map(font.getlength, lines)) <= TEXT_WIDTH:
            return font, lines
    kept = lines[:most]
    return font, [*kept[:-1], f"{kept[-1]} …"]


def _wrap(words: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= TEXT_WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _paint_stage(image: Image.Image, drawings: tuple[Drawing, ...]) -> None:
    left, top, right, bottom = STAGE
    stage = Image.new("RGB", ((right - left) * FINE, (bottom - top) * FINE), PAPER)
    pen = ImageDraw.Draw(stage)
    pen.rounded_rectangle((0, 0, stage.width - 1, stage.height - 1), 16 * FINE, SURFACE, LINE, 2 * FINE)
    for x, y, scale, each in _places(drawings):
        _paint_parts(pen, each, x, y, scale)
    image.paste(stage.resize((right - left, bottom - top), Image.Resampling.BOX), (left, top))


def _places(drawings: tuple[Drawing, ...]) -> list[tuple[float, float, Scale, Drawing]]:
    """Where each drawing begins on the stage, how large it is, and which."""
    if len(drawings) == 1:
        return [(*_inset(1, ALONE), ALONE, drawings[0])]
    left, top = _inset(3, IN_THE_GRID)
    width, height = (STAGE[2] - STAGE[0]) / 3, (STAGE[3] - STAGE[1]) / 3
    return [
        (number % 3 * width + left, number // 3 * height + top, IN_THE_GRID, each)
        for number, each in enumerate(drawings[:9])
    ]


def _inset(columns: int, scale: Scale) -> tuple[float, float]:
    """What stays free at the left and at the top of a drawing's share of the stage."""
    width, height = (STAGE[2] - STAGE[0]) / columns, (STAGE[3] - STAGE[1]) / columns
    return (width - drawing.WIDTH * scale.across) / 2, (height - drawing.HEIGHT * scale.down) / 2


def _paint_parts(pen: ImageDraw.ImageDraw, each: Drawing, x: float, y: float, scale: Scale) -> None:
    def at(across: float, down: float) -> tuple[float, float]:
        return (x + across * scale.across) * FINE, (y + down * scale.down) * FINE

    stroke = round(max(1.5, 1.4 * scale.across) * FINE)
    for line in each.lines:
        pen.line((*at(line.x1, line.y1), *at(line.x2, line.y2)), EDGES, stroke)
    for box in each.boxes:
        (left, top), size = at(box.x, box.y), scale.across * FINE / 2
        wide, high = box.width * size, box.height * size
        pen.rounded_rectangle((left - wide, top - high, left + wide, top + high), 8 * size, SURFACE, INK, stroke)


def _paint_labels(pen: ImageDraw.ImageDraw, each: Drawing) -> None:
    left, top = _inset(1, ALONE)
    font = load_font(LABEL, 500)
    for box in each.boxes:
        if "cell" not in box.role:
            down = STAGE[1] + top + box.y * ALONE.down + box.height * ALONE.across / 2 + 4
            place = (STAGE[0] + left + box.x * ALONE.across, down)
            pen.text(place, box.label, MUTED, font, anchor="ma", stroke_width=3, stroke_fill=SURFACE)
    pen.text((STAGE[2] - 16, STAGE[3] - 12), "drawing", MUTED, font, anchor="rs")


@cache
def load_font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The site's own face; Pillow's, where its FreeType was built without the means to read woff2."""
    file = settings.ROOT / "static" / "vendor" / "fonts" / "atkinson-hyperlegible-next.woff2"
    try:
        font = ImageFont.truetype(file, size)
        font.set_variation_by_axes([weight])
    except (OSError, NotImplementedError):
        font = ImageFont.load_default(size)
        assert isinstance(font, ImageFont.FreeTypeFont)
    return font

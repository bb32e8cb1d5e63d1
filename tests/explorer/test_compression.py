"""Pages go out in the smallest form that their reader understands, and their size tells no secret."""

from __future__ import annotations

import gzip

import brotli
import pytest
from django.test import Client

PAGE = "/patterns/pub-sub/"


@pytest.mark.parametrize("accepted", ["br", "gzip, deflate, br, zstd", "gzip, br;q=1.0, br"])
def test_a_browser_that_takes_brotli_gets_brotli(site: Client, accepted: str) -> None:
    plain, answer = site.get(PAGE), site.get(PAGE, headers={"accept-encoding": accepted})
    assert answer.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Content-Length"] == str(len(answer.content))
    page = brotli.decompress(answer.content)
    assert page.startswith(plain.content)
    assert page.removeprefix(plain.content).startswith(b"<!--")
    assert len(answer.content) < len(gzip.compress(plain.content, 6))


@pytest.mark.parametrize(("accepted", "got"), [("gzip", "gzip"), ("", None), ("br;q=0, gzip", "gzip"), ("brr", None)])
def test_others_get_what_they_can_read(site: Client, accepted: str, got: str | None) -> None:
    answer = site.get(PAGE, headers={"accept-encoding": accepted})
    assert answer.headers.get("Content-Encoding") == got


def test_what_is_no_page_is_left_to_gzip(site: Client) -> None:
    answer = site.get("/patterns/pub-sub/code/?file=pub_sub/broker.py", headers={"accept-encoding": "br, gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_same_page_is_not_always_as_long(site: Client) -> None:
    sizes = {len(brotli.decompress(site.get(PAGE, headers={"accept-encoding": "br"}).content)) for _ in range(12)}
    assert len(sizes) > 3

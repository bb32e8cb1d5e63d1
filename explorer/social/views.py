"""The picture of a page, for where its address is shared."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from explorer.social.cards import find_card
from explorer.social.painting import paint

YEAR_SECONDS = 365 * 24 * 3600
DAY_SECONDS = 24 * 3600


@require_safe
def show_card(request: HttpRequest, kind: str, slug: str = "") -> HttpResponse:
    """Paint it once, and let everybody keep it: for a year under the address that pages give, which has its digest."""
    card = find_card(kind, slug)
    if card is None:
        raise Http404("There is no picture of such a page.")
    etag = quote_etag(card.digest)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(paint(card), content_type="image/png", headers={"ETag": etag})
    if request.GET.get("v") == card.digest:
        patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=DAY_SECONDS)
    return response

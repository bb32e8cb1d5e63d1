"""What each page keeps, whatever is on it: no complaint of the browser, no barrier, sockets to its own origin only."""

from __future__ import annotations

import os

import pytest
import websockets


@pytest.mark.parametrize("path", ["/"])
async def test_a_page_loads_without_a_complaint_or_a_barrier(open_page, find_barriers, path):
    page = await open_page(path)
    assert await page.title()
    assert await find_barriers(page) == []


async def test_the_policy_lets_a_socket_to_its_own_origin_pass_and_no_other(open_page, complaints):
    page = await open_page("/")
    # Whether the server answers does not matter here: the policy decides before anything is sent.
    watch = """address => new Promise(done => {
        document.addEventListener('securitypolicyviolation', event => done(event.effectiveDirective))
        try {
            const socket = new WebSocket(address)
            socket.addEventListener('open', () => { socket.close(); done('allowed') })
            socket.addEventListener('error', () => setTimeout(done, 300, 'allowed'))
        } catch (error) { done(String(error)) }
    })"""
    own = await page.evaluate(f"({watch})(`ws://${{location.host}}/ws/nothing-is-here/`)")
    foreign = await page.evaluate(f"({watch})('ws://127.0.0.1:9/')")
    complaints.clear()  # both attempts were meant to fail, and a browser says so
    assert (own, foreign) == ("allowed", "connect-src")


async def test_an_inline_script_does_not_run(open_page, complaints):
    page = await open_page("/")
    await page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))"
    )
    assert await page.evaluate("window.ran") is None
    assert any("Content Security Policy" in said for said in complaints)
    complaints.clear()


async def test_a_page_of_another_site_cannot_open_a_socket_and_ours_can(site):
    address = site.url("/ws/labs/pub-sub/").replace("http", "ws")
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(address, origin="http://evil.example")
    assert refused.value.response.status_code == 403
    socket = await websockets.connect(address, origin=site.address.rstrip("/"))
    await socket.close()


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="only where tests are shared out")
def test_all_browser_tests_run_in_one_process(request):
    assert request.node.nodeid.endswith("@browser")

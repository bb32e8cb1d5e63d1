"""The same handlers behave the same way by direct call, over loopback HTTP and in a process of their own."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from patterns.carriers.call import Carrier, Refused, Request, Response
from patterns.carriers.direct import Direct
from patterns.carriers.http import HttpClient, HttpServer
from patterns.carriers.loopback import Loopback
from patterns.carriers.processes import Processes, importable


async def echo(request: Request, greeting: str = "hello") -> Response:
    said = {"method": request.method, "path": request.path, "body": request.body, "greeting": greeting}
    return Response(201, said, {"x-asked-by": request.headers.get("x-name", "nobody")})


async def hang(request: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def tell_process(request: Request) -> Response:
    return Response(200, os.getpid())


async def say_nothing(request: Request) -> Response:
    return Response(204)


@pytest.fixture(params=[Direct, Loopback, Processes])
async def carrier(request: pytest.FixtureRequest) -> AsyncIterator[Carrier]:
    make: Callable[[], Carrier] = request.param
    carrier = make()
    yield carrier
    await carrier.close()


async def test_method_path_headers_and_body_arrive_and_so_does_the_answer(carrier: Carrier) -> None:
    await carrier.serve("echo", partial(echo, greeting="grüezi"))
    response = await carrier.call("echo", Request("PUT", "/a/b?c=d", {"x-name": "Ada"}, {"n": [1, None, "ß"]}))
    assert response.status == 201
    assert response.headers["x-asked-by"] == "Ada"
    assert response.body == {"method": "PUT", "path": "/a/b?c=d", "body": {"n": [1, None, "ß"]}, "greeting": "grüezi"}


async def test_an_empty_body_stays_empty_in_both_directions(carrier: Carrier) -> None:
    await carrier.serve("echo", echo)
    await carrier.serve("silent", say_nothing)
    assert (await carrier.call("echo", Request("GET", "/"))).body["body"] is None
    assert (await carrier.call("silent", Request("GET", "/"))).body is None


async def test_a_call_to_nobody_is_refused(carrier: Carrier) -> None:
    with pytest.raises(Refused):
        await carrier.call("nobody", Request("GET", "/"))


async def test_a_crash_breaks_the_calls_under_way_and_refuses_the_next(carrier: Carrier) -> None:
    await carrier.serve("hang", hang)
    waiting = asyncio.create_task(carrier.call("hang", Request("GET", "/")))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await carrier.crash("hang")
    with pytest.raises(Refused):
        await waiting
    with pytest.raises(Refused):
        await carrier.call("hang", Request("GET", "/"))


async def test_a_service_that_crashed_can_be_served_again(carrier: Carrier) -> None:
    await carrier.serve("echo", echo)
    await carrier.call("echo", Request("GET", "/"))
    await carrier.crash("echo")
    await carrier.serve("echo", echo)
    assert (await carrier.call("echo", Request("GET", "/"))).status == 201


async def test_two_hundred_calls_at_once_are_all_answered(carrier: Carrier) -> None:
    await carrier.serve("echo", echo)
    answers = await asyncio.gather(*(carrier.call("echo", Request("POST", "/", body=n)) for n in range(200)))
    assert [answer.body["body"] for answer in answers] == list(range(200))


@pytest.mark.parametrize("make", [Direct, Loopback])
async def test_work_goes_on_after_the_caller_has_gone(make: Callable[[], Carrier]) -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(request: Request) -> Response:
        begun.set()
        await may_end.wait()
        ended.set()
        return Response(200)

    carrier = make()
    await carrier.serve("work", work)
    caller = asyncio.create_task(carrier.call("work", Request("GET", "/")))
    await begun.wait()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    may_end.set()
    await asyncio.wait_for(ended.wait(), 5)
    await carrier.close()


@pytest.mark.parametrize("make", [Direct, Loopback, Processes])
async def test_closing_leaves_no_task_and_no_socket(make: Callable[[], Carrier]) -> None:
    before, sockets = asyncio.all_tasks(), _open_sockets()
    carrier = make()
    for name in ("a", "b"):
        await carrier.serve(name, hang)
    calls = [asyncio.create_task(carrier.call(name, Request("GET", "/"))) for name in ("a", "b")]
    await asyncio.sleep(0.1)
    await carrier.close()
    await asyncio.gather(*calls, return_exceptions=True)
    assert asyncio.all_tasks() == before
    assert _open_sockets() <= sockets


async def test_each_service_has_a_process_of_its_own() -> None:
    carrier = Processes()
    for name in ("a", "b"):
        await carrier.serve(name, tell_process)
    first, second = [(await carrier.call(name, Request("GET", "/"))).body for name in ("a", "b")]
    await carrier.close()
    assert len({first, second, os.getpid()}) == 3
    for process in (first, second):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


async def test_a_handler_that_another_process_cannot_import_is_refused_in_words() -> None:
    async def closure(request: Request) -> Response:
        return Response(200)

    with pytest.raises(ValueError, match="not a function at the top of a module"):
        importable(closure)


async def test_kept_alive_calls_do_not_wait_for_delayed_acknowledgements() -> None:
    """A listening socket with proto=0 would lose TCP_NODELAY on what it accepts: 44 ms a call."""
    accepted: list[int] = []

    async def look(request: Request) -> Response:
        return Response(200)

    server = HttpServer(look)
    await server.start()
    runner = server._runner
    assert runner is not None
    assert runner.server is not None
    client = HttpClient()
    await client.call(server.port, Request("GET", "/"))
    for connection in runner.server.connections:
        assert connection.transport is not None
        plain = connection.transport.get_extra_info("socket")
        accepted.append(plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    await client.close()
    await server.stop()
    assert accepted
    assert all(accepted)


def _open_sockets() -> int:
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
    return sum(link.is_symlink() and str(link.readlink()).startswith("socket:") for link in links)

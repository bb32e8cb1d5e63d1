"""Which host a viewer comes to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from explorer.labs.host_process import HostProcess
from explorer.labs.supervisor import choose_host


def host(index: int, runs: int, *visitors: str) -> HostProcess:
    viewers: Any = {number: SimpleNamespace(visitor=visitor) for number, visitor in enumerate(visitors)}
    return HostProcess(index, runs=runs, viewers=viewers)


def test_a_visitor_comes_to_the_host_he_is_on_so_that_all_his_runs_are_counted_in_one_place():
    hosts = [host(0, 1), host(1, 9, "bob", "ann")]
    assert choose_host(hosts, "ann").index == 1


def test_a_new_visitor_comes_where_there_is_least_to_do():
    assert choose_host([host(0, 3), host(1, 2, "ann", "eve"), host(2, 2, "ann")], "bob").index == 2

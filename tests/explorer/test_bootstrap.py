"""From a bare clone to a Python with packages, without a network: fake interpreters and a wheel made here."""

from __future__ import annotations

import ast
import base64
import hashlib
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django.db import DatabaseError

from explorer import bootstrap, browser, interpreters, packages
from explorer.management.commands import demo

ROOT = Path(__file__).resolve().parent.parent.parent
RUN_BEFORE_PACKAGES = (
    "manage.py",
    "explorer/__init__.py",
    *(f"explorer/{m}.py" for m in ("bootstrap", "interpreters", "packages")),
)


def make_program(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def make_python(path: Path, version: str) -> Path:
    return make_program(path, f'echo "{version} {path}"')


@pytest.fixture
def old(monkeypatch, tmp_path):
    """A machine whose running Python is too old and whose folders are empty."""
    monkeypatch.setattr(interpreters.sys, "version_info", (3, 11, 7, "final", 0))
    monkeypatch.setattr(interpreters, "_of_homebrew", lambda: iter(()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return {"PATH": f"{tmp_path / 'bin'}"}


class TestFindingPython:
    def test_the_one_named_by_the_environment_comes_first(self, old, tmp_path):
        make_python(tmp_path / "bin" / "python3.13", "3.13")
        named = make_python(tmp_path / "mine", "3.12")
        assert interpreters.find_python({**old, "EXPLORER_PYTHON": str(named)}) == str(named)

    def test_a_named_one_that_is_too_old_is_refused_rather_than_passed_over(self, old, tmp_path):
        make_python(tmp_path / "bin" / "python3.13", "3.13")
        named = make_python(tmp_path / "mine", "3.11")
        with pytest.raises(interpreters.NoInterpreterError, match=r"EXPLORER_PYTHON is .*mine, which is no working"):
            interpreters.find_python({**old, "EXPLORER_PYTHON": str(named)})

    def test_a_shim_that_exits_127_is_passed_over_for_the_next_on_the_path(self, old, tmp_path):
        make_program(tmp_path / "pyenv" / "shims" / "python3.13", "exit 127")
        real = make_python(tmp_path / "bin" / "python3.12", "3.12")
        path = f"{tmp_path / 'pyenv' / 'shims'}{os.pathsep}{tmp_path / 'bin'}"
        assert interpreters.find_python({"PATH": path}) == str(real)

    def test_behind_shims_the_newest_release_in_pyenvs_folder_is_taken(self, old, tmp_path):
        make_program(tmp_path / "pyenv" / "shims" / "python3.13", "exit 127")
        for release in ("3.11.9", "3.12.1", "3.13.2", "3.13.10", "3.13t"):
            make_python(tmp_path / "pyenv" / "versions" / release / "bin" / "python", release.rpartition(".")[0])
        found = interpreters.find_python({"PATH": str(tmp_path / "pyenv" / "shims")})
        assert found == str(tmp_path / "pyenv" / "versions" / "3.13.10" / "bin" / "python")

    def test_pyenvs_folder_is_found_without_any_shim_on_the_path(self, old, tmp_path):
        python = make_python(tmp_path / "home" / ".pyenv" / "versions" / "3.12.1" / "bin" / "python", "3.12")
        assert interpreters.find_python(old) == str(python)

    def test_uv_is_asked_for_the_ones_it_keeps(self, old, tmp_path):
        kept = make_python(tmp_path / "kept" / "python", "3.13")
        make_program(tmp_path / "bin" / "uv", f'[ "$1 $2" = "python find" ] && echo "{kept}"')
        assert interpreters.find_python(old) == str(kept)

    def test_one_without_ensurepip_is_passed_over(self, old, tmp_path):
        make_program(tmp_path / "bin" / "python3.13", "echo ModuleNotFoundError: ensurepip >&2", "exit 1")
        whole = make_python(tmp_path / "bin" / "python3.12", "3.12")
        assert interpreters.find_python(old) == str(whole)

    def test_none_at_all_is_a_sentence_with_what_to_install(self, old):
        with pytest.raises(interpreters.NoInterpreterError, match="apt install python3 python3-venv"):
            interpreters.find_python(old)

    def test_the_running_one_is_taken_when_it_is_new_enough(self):
        # Behind a virtual environment's link stands the same installation.
        assert os.path.samefile(interpreters.find_python({"PATH": ""}), sys.executable)


class TestSettingsOfPip:
    def test_a_later_source_overrides_an_earlier_one_as_in_pip(self):
        listing = "\n".join(
            [
                ":env:.find-links='/env'",
                "global.cert='/ca.pem'",
                "global.find-links='/global'",
                "global.index-url='https://index.test/simple'",
                "install.index-url='https://install.test/simple'",
                "freeze.timeout='10'",
            ]
        )
        assert packages.parse_pip_settings(listing) == {
            "cert": "/ca.pem",
            "find-links": "/env",
            "index-url": "https://install.test/simple",
        }

    def test_uv_gets_every_index_certificate_and_folder_that_pip_has(self):
        uv = packages.uv_settings(
            {
                "index-url": "https://a.test/simple",
                "extra-index-url": "\nfile:///b/simple\nhttps://c.test/simple",
                "find-links": "/wheels /more",
                "cert": "/ca.pem",
                "no-index": "true",
            }
        )
        assert uv == {
            "UV_DEFAULT_INDEX": "https://a.test/simple",
            "UV_INDEX": "file:///b/simple https://c.test/simple",
            "UV_FIND_LINKS": "/wheels,/more",
            "SSL_CERT_FILE": "/ca.pem",
            "UV_NO_INDEX": "1",
            "UV_INDEX_STRATEGY": "unsafe-best-match",
        }

    def test_without_a_home_the_cache_is_kept_in_the_clone(self, monkeypatch, tmp_path):
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.delenv("HOME", raising=False)
        assert packages._uv_cache(tmp_path) == {"UV_CACHE_DIR": str(tmp_path)}
        monkeypatch.setenv("HOME", "/home/someone")
        assert packages._uv_cache(tmp_path) == {}


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("error: dns error: failed to lookup address", "The package index cannot be reached."),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "is not the one the lock names"),
        ("ERROR: No matching distribution found for django", "has no build of a package"),
        ("error: failed to create file: Permission denied", "The folder cannot be written."),
        ("something new", "could not be installed. The last lines say why"),
    ],
)
def test_a_failed_installation_says_what_to_do_and_shows_the_tools_last_words(output, sentence):
    said = packages.explain("first line\n" + output, Path("requirements.txt"))
    assert sentence in said
    assert said.endswith("| " + output)


def make_wheel(folder: Path) -> str:
    """Write a wheel of one module and return its sha256."""
    path = folder / "tinyproof-1.0-py3-none-any.whl"
    files = {
        "tinyproof.py": "ANSWER = 42\n",
        "tinyproof-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tinyproof\nVersion: 1.0\n",
        "tinyproof-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text)}\n"
            wheel.writestr(name, text)
        wheel.writestr("tinyproof-1.0.dist-info/RECORD", record + "tinyproof-1.0.dist-info/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A root with a lock of one wheel, which is found in a folder and on no index."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (tmp_path / "requirements.txt").write_text(f"tinyproof==1.0 \\\n    --hash=sha256:{make_wheel(wheels)}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.delenv("EXPLORER_PYTHON", raising=False)
    return tmp_path


class TestEnvironment:
    def test_it_is_made_filled_and_stamped_then_left_alone_until_the_lock_changes(self, clone, monkeypatch, capsys):
        environment = bootstrap.Environment(clone)
        environment.prepare(["requirements.txt"])
        answer = subprocess.run(
            [environment.python, "-c", "import tinyproof; print(tinyproof.ANSWER)"], capture_output=True, text=True
        )
        assert answer.stdout.strip() == "42"
        assert [line.split()[0] for line in capsys.readouterr().err.splitlines()] == ["Python", "Virtual", "Packages"]

        installs = []
        monkeypatch.setattr(packages, "install", lambda python, lock, cache, say: installs.append(lock.name))
        environment.prepare(["requirements.txt"])
        assert (installs, capsys.readouterr().err) == ([], "")
        with (clone / "requirements.txt").open("a") as lock:
            lock.write("# another day\n")
        environment.prepare(["requirements.txt"])
        environment.prepare(["requirements.txt"])
        assert installs == ["requirements.txt"]

    def test_a_package_that_is_not_the_locked_one_is_not_installed_and_leaves_no_stamp(self, clone, monkeypatch):
        environment = bootstrap.Environment(clone)
        monkeypatch.setattr(environment, "python", Path(sys.executable))
        lock = clone / "requirements.txt"
        lock.write_text(lock.read_text()[:-65] + "0" * 64 + "\n")
        environment.folder.mkdir()
        with pytest.raises(packages.InstallationError, match="is not the one the lock names"):
            environment.prepare(["requirements.txt"])
        assert list(environment.folder.iterdir()) == []

    def test_a_lock_that_is_missing_is_named(self, tmp_path, monkeypatch):
        environment = bootstrap.Environment(tmp_path)
        environment.folder.mkdir()
        monkeypatch.setattr(environment, "python", Path(sys.executable))
        environment._stamp("requirements.txt").write_text("old")
        with pytest.raises(packages.InstallationError, match=r"requirements\.txt cannot be read"):
            environment.prepare(["requirements.txt"])


@pytest.mark.parametrize(
    ("arguments", "locks"),
    [
        (["manage.py", "demo"], [bootstrap.SITE_LOCK]),
        (["manage.py", "test", "-k", "x"], [bootstrap.SITE_LOCK, bootstrap.TEST_LOCK]),
        (["manage.py", "bench"], [bootstrap.SITE_LOCK, bootstrap.TEST_LOCK]),
        (["manage.py"], [bootstrap.SITE_LOCK]),
    ],
)
def test_only_tests_and_benchmarks_install_what_only_they_need(arguments, locks):
    assert bootstrap.locks_for(arguments) == locks


def test_what_runs_before_the_packages_imports_only_the_standard_library():
    for name in RUN_BEFORE_PACKAGES:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 8))
        for node in tree.body:  # the top level: what a function imports, runs later
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {found.split(".")[0] for found in names} <= sys.stdlib_module_names | {"explorer", "__future__"}, (
                name
            )


@pytest.mark.parametrize("lock", [bootstrap.SITE_LOCK, bootstrap.TEST_LOCK])
def test_each_lock_pins_every_package_with_hashes_and_names_no_index(lock):
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins
    assert not [line for line in pins if "==" not in line or not line.endswith("\\")]
    assert not [line for line in lines if "://" in line or "--index" in line or "--find-links" in line]


def test_what_only_tests_need_is_not_in_what_demo_installs():
    site = (ROOT / bootstrap.SITE_LOCK).read_text(encoding="utf-8")
    assert "\ndjango==" in site
    assert not [name for name in ("playwright", "pytest", "mypy", "ruff", "hypothesis") if f"\n{name}==" in site]


class TestDemo:
    def test_a_port_in_use_is_named_with_another_to_try(self):
        with socket.create_server((demo.ADDRESS, 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(CommandError, match=f"Port {port} is in use.*--port {port + 1}"):
                demo.free_port(port)

    def test_port_0_takes_a_free_one(self):
        assert demo.free_port(0) > 0

    def test_a_number_that_is_no_port_is_refused(self):
        with pytest.raises(CommandError, match="from 0 to 65535"):
            demo.free_port(70000)

    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (OSError(28, "No space left on device"), "The disk is full"),
            (DatabaseError("database is locked"), "Stop the other demo"),
            (PermissionError(13, "Permission denied"), "must belong to the user"),
            (DatabaseError("file is not a database"), "move it away"),
            (OSError(5, "Input/output error"), "Input/output error"),
        ],
    )
    def test_a_failed_step_says_what_to_do(self, error, sentence):
        assert sentence in demo.explain(error)


class TestBrowser:
    def test_the_one_named_by_the_environment_comes_first(self, monkeypatch, tmp_path):
        named = make_program(tmp_path / "mine", "echo Chromium 1")
        monkeypatch.setenv("EXPLORER_CHROME", str(named))
        assert browser.find_browser() == str(named)

    def test_a_named_one_that_does_not_start_is_refused(self, monkeypatch, tmp_path):
        monkeypatch.setenv("EXPLORER_CHROME", str(make_program(tmp_path / "mine", "exit 127")))
        with pytest.raises(browser.NoBrowserError, match="does not start as Chromium does"):
            browser.find_browser()

    def test_one_that_lacks_a_library_is_passed_over_for_the_next(self, monkeypatch, tmp_path):
        monkeypatch.delenv("EXPLORER_CHROME", raising=False)
        make_program(tmp_path / "chromium", "echo error while loading shared libraries >&2", "exit 127")
        whole = make_program(tmp_path / "google-chrome", "echo Google Chrome 1")
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        monkeypatch.setattr(browser, "NAMES", ("chromium", "google-chrome"))
        assert browser.find_browser() == str(whole)

    def test_ways_to_install_are_tried_in_turn_and_their_failures_told(self, monkeypatch):
        def no_network(var):
            raise OSError("no network")

        monkeypatch.setattr(browser, "_by_playwright", no_network)
        monkeypatch.setattr(browser, "_by_apt", lambda var: "")
        monkeypatch.setattr(browser, "_by_npm", lambda var: "/nowhere/chromium")
        tried = []
        with pytest.raises(browser.NoBrowserError) as refused:
            browser.install_browser(tried.append)
        assert tried == ["by Playwright ...", "by apt ...", "by npm ..."]
        assert "Playwright: no network" in str(refused.value)
        assert "EXPLORER_CHROME=" in str(refused.value)

"""After the hook has left, everything is as if it had never been there, wherever one went.

Random variables (set, empty, exported or not, with all that shells obey), random walks between projects, and
changes that the user makes on the way, against a model of a page.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shell.conda_prefix import make_prefix
from shell.hooked import POOL, SHELLS, Dump, Hooked, Value, hooked

NASTY = [
    *("", "a b", "it's", '"x"', "$HOME", "$(touch sentinel)", "`touch sentinel`"),
    *("\\", "a\nb", "ü", "*", "-n", "!x", "~", "%s"),
]
ENV = {
    "one": {"FOO": "one $HOME", "EMPTY": "", "PYTHONPATH": "/a:/b"},
    "one/inner": {"FOO": "in\nner"},
    "it's $two `x`": {"FOO": 'tw"o', "BAR": "$(touch sentinel) `touch sentinel` '; touch sentinel '"},
}
CONDA = {"FOO": "of $HOME `touch sentinel` '; touch sentinel '", "BAR": "a\nb", "EMPTY": ""}
"""What a package in the environment of ``science`` sets, which is one of conda's."""
MANAGED = ("FOO", "BAR", "EMPTY", "VIRTUAL_ENV_PROMPT", "PYTHONHOME")

values = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
)
kinds = st.one_of(st.none(), st.tuples(st.booleans(), values))
starts = st.fixed_dictionaries(dict.fromkeys(MANAGED, kinds))
places = st.sampled_from([*ENV, "one/sub", "bare", "named", "strange", "science", "science/sub", "out"])
steps = st.one_of(
    places.map(lambda place: ("cd", place)),
    places.map(lambda place: ("cd", place)),
    st.tuples(st.just("set"), st.sampled_from(MANAGED), kinds),
    st.sampled_from(["/first", "/second"]).map(lambda folder: ("before", folder)),
    st.sampled_from(["/first", "/last"]).map(lambda folder: ("behind", folder)),
)


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Hooked:
    made = hooked(request.param, tmp_path_factory.mktemp(request.param.replace(" ", "-")))
    for name, variables in ENV.items():
        text = "\n".join(f'{key}="{_escaped(value)}"' for key, value in variables.items())
        made.project(name, env=text)
    made.project("bare")
    made.project("strange", trusted=False)
    (made.top / "one" / "sub").mkdir()
    (made.top / "named").mkdir()
    (made.top / "named" / ".python-version").write_text("# ours\nit-is\n")
    make_prefix(made.top / "science" / ".venv", packages=CONDA)
    (made.top / "science" / "sub").mkdir()
    made.allow(made.top / "science")
    named = made.data / "envs" / "it-is"
    named.mkdir(parents=True)
    (named / "pyvenv.cfg").write_text("prompt = 'called so'\n")
    return made


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Model:
    """What a shell with the hook has, by the rules of docs/explanation/shell-hook.md."""

    def __init__(self, shell: Hooked, start: dict[str, Value]) -> None:
        self.shell = shell
        self.now: dict[str, Value] = dict.fromkeys(POOL)
        self.now |= start
        self.path = ["/usr/bin", "/bin"]
        self.at: str | None = None
        self.saved: dict[str, Value] = {}
        self.made: dict[str, str | None] = {}
        self.scripts = ""

    def look(self, place: str) -> None:
        known = (*ENV, "bare", "strange", "named", "science")
        roots = [each for each in known if place == each or place.startswith(each + "/")]
        root = max(roots, key=len) if roots else None
        if root == self.at:
            return
        if self.made:
            for name, made in self.made.items():
                if _value(self.now[name]) == made:
                    self.now[name] = self.saved[name]
        if self.scripts:
            self.path.remove(self.scripts)
        self.scripts = ""
        self.saved, self.made, self.at = {}, {}, root
        if root in (None, "strange"):
            return
        environment = self.shell.top / root / ".venv"
        name = Path(root).name
        if root == "named":
            environment, name = self.shell.data / "envs" / "it-is", "called so"
        made: dict[str, str | None] = {"VIRTUAL_ENV": str(environment), "VIRTUAL_ENV_PROMPT": name}
        if root == "science":
            made = {}
        made |= CONDA if root == "science" else ENV.get(root, {})
        if self.now["PYTHONHOME"] is not None:
            made["PYTHONHOME"] = None
        for key, value in made.items():
            self.saved[key], self.now[key] = self.now[key], None if value is None else (True, value)
        self.made, self.scripts = made, str(environment / "bin")
        self.path.insert(0, self.scripts)

    def set(self, name: str, value: Value) -> None:
        if value is not None and self.now[name] is not None and not value[0]:
            value = (self.now[name][0], value[1])  # an assignment leaves a variable exported that is
        self.now[name] = value


def _value(value: Value) -> str | None:
    return None if value is None else value[1]


def check(dump: Dump, model: Model) -> None:
    expected = {**model.now, "PATH": (True, ":".join(model.path))}
    if dump.variables:
        assert {name: dump.variables[name] for name in POOL} == expected
    given = {name: value[1] for name, value in expected.items() if value is not None and value[0]}
    assert {name: dump.environ[name] for name in POOL if name in dump.environ} == given
    assert ("HUTCH_SHELL_STATE" in dump.environ) == bool(model.made)
    assert ("CONDA_PREFIX" in dump.environ) == (model.at == "science")
    assert [name for name in dump.environ if "CONDA" in name] == [] or model.at == "science"


OURS = ("name __hutch_", "function __hutch_", "name t_", "function t_")
NOISE = {
    *("name _", "name BASH_REMATCH", "name OLDPWD", "name PIPESTATUS", "name FUNCNAME"),
    *("name dirprev", "name __fish_cd_direction"),
}
"""What shells make themselves when somebody goes elsewhere."""


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(start=starts, walk=st.lists(steps, max_size=8))
def test_nothing_is_left(shell: Hooked, start: dict[str, Value], walk: list[tuple[object, ...]]) -> None:
    only_exported = shell.name in ("elvish", "xonsh", "nu")
    if only_exported:
        start = {name: value and (True, value[1]) for name, value in start.items()}
    model = Model(shell, start)
    lines = [shell.set(name, value[1], value[0]) for name, value in start.items() if value is not None]
    lines += [shell.dump]
    expected = []
    place = "out"
    for kind, *words in [*walk, ("cd", "out")]:
        if kind == "cd":
            place = str(words[0])
            lines.append(shell.cd(shell.top / place))
        elif kind == "set":
            name, value = words
            if only_exported and value is not None:
                value = (True, value[1])
            lines.append(shell.unset(name) if value is None else shell.set(name, value[1], value[0]))
            if value is None:
                model.now[name] = None
            else:
                model.set(name, value)
        elif kind == "before":
            lines.append(shell.before_path(str(words[0])))
            model.path.insert(0, str(words[0]))
        else:
            lines.append(shell.behind_path(str(words[0])))
            model.path.append(str(words[0]))
        lines += [shell.look, shell.dump]
        model.look(place)
        expected.append(({**model.now}, list(model.path), dict(model.made), model.at))
    dumps, _ = shell.said(lines, LOG="")  # which scripts of packages write
    first, *rest = dumps
    assert len(rest) == len(expected)
    for dump, (now, path, made, at) in zip(rest, expected, strict=True):
        model.now, model.path, model.made, model.at = now, path, made, at
        check(dump, model)
    new = {each for each in rest[-1].names - first.names if not each.startswith(OURS)} - NOISE
    assert new <= {f"name {name}" for name in POOL}, new
    assert rest[-1].options == first.options
    assert rest[-1].variables.get("PS1") == first.variables.get("PS1")
    assert not list(shell.top.rglob("sentinel"))

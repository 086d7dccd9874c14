"""What a ``setup.py`` says without being run: the arguments of its ``setup(...)``, as far as literal.

The module is walked as Python would: names get values, lists grow by ``+=``, ``append`` and ``extend``,
dictionaries by ``[key] =`` and ``update``. What depends on anything else (a file, a function, a condition)
is unknown, and so is all that it may have touched. What is unknown is asked of the build backend.
"""

from __future__ import annotations

import ast

from hutch.values import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["SetupPy", "read_setup_py"]

_LONGEST = 20_000
"""Characters of a text, or items of a list, beyond which nothing is added: it is no list of requirements."""


_LARGEST = 500_000
"""Characters of a file beyond which it is for the build backend to read."""

_ENDINGS = (".txt", ".in", ".cfg", ".toml", ".py", ".json", ".yml", ".yaml")


class _Unknown:
    """The value of what only running it would tell."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Any = _Unknown()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPy:
    """The call of ``setup``: its literal arguments, the names of the others, the lines of all of them.

    ``complete`` is False where any argument may have been given (``**kwargs``, no call found, several).
    ``fault`` is (line, reason) where the file is not Python. ``lines`` has the line of each argument, and
    of each item of a list, by (name, index) or (name, key, index). ``files`` are texts in it that may be
    names of files: what is computed may come from there.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    complete: bool = True
    fault: tuple[int, str] | None = None
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def line(self, *path: str | int) -> int:
        """The line of an argument or an item, or of the nearest thing around it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.lines.get((), 1)

    def is_unknown(self, name: str) -> bool:
        """Whether only running it tells what ``name`` is."""
        return name in self.unknown or (not self.complete and name not in self.values)


def read_setup_py(text: str) -> SetupPy:
    """Read a ``setup.py``. Nothing of it is run, and nothing raises."""
    import warnings

    if len(text) > _LARGEST:
        return SetupPy(complete=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a docstring is not our business
            tree = ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        return SetupPy(complete=False, fault=(error.lineno or 1, f"is not Python: {error.msg}"))
    except (ValueError, RecursionError, MemoryError):
        return SetupPy(complete=False, fault=(1, "is not Python that could be read"))
    walk = _Walk(tree)
    try:
        files = _files(tree)
        walk.block(tree.body)
    except RecursionError:
        return SetupPy(complete=False)
    found = walk.calls[0] if len(walk.calls) == 1 else SetupPy(complete=False)
    return replace(found, files=files)


def _files(tree: ast.Module) -> tuple[str, ...]:
    """Texts that look like names of files, and those that ``join`` makes of several."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            texts = [node.value] if isinstance(node.value, str) else []
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            parts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            texts = ["/".join(part for part in parts if isinstance(part, str))]
        else:
            continue
        for text in texts:
            if text.endswith(_ENDINGS) and len(text) < 200 and len(found) < 50:
                found[text] = None
    return tuple(found)


class _Item:
    """A value and its line."""

    __slots__ = ("line", "value")

    def __init__(self, value: Any, line: int) -> None:
        self.value = value
        self.line = line


_MUTATING = {"append", "extend", "update", "insert", "remove", "pop", "setdefault", "clear", "add", "discard"}


class _Walk:
    """The state of a module, statement by statement. Lists and tables hold ``_Item``s."""

    def __init__(self, tree: ast.Module) -> None:
        self.names: dict[str, Any] = {}
        self.tainted: dict[int, Any] = {}
        self.calls: list[SetupPy] = []
        # A function may change what lies outside of it, whenever it is called.
        self.touched = {
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
            for name in _changed(ast.iter_child_nodes(node), deep=True)
        }

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)
            if _changes_anything(statement):
                for name in self.names:
                    self.lose(name)

    def lose(self, name: str) -> None:
        """From here on nobody knows what ``name`` is, nor what becomes of the list that it meant."""
        self.taint(self.names.get(name))
        self.names[name] = UNKNOWN

    def taint(self, value: Any) -> None:
        """Lists and tables are known by all the names that they have; one that is lost is lost for all."""
        if not isinstance(value, list | dict) or id(value) in self.tainted:
            return
        self.tainted[id(value)] = value
        for item in value.values() if isinstance(value, dict) else value:
            self.taint(item.value)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            value = self.value(node.value)
            for target in node.targets:
                self.assign(target, value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self.assign(node.target, self.value(node.value))
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            old, given = self.value(node.target), self.value(node.value)
            if isinstance(old, list) and isinstance(given, list) and _added(old, given) is not UNKNOWN:
                old.extend(given)  # in place, as Python has it: other names may mean the same list
            else:
                self.assign(node.target, _added(old, given))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if not self.call(node.value):
                self.forget(node)
        elif isinstance(node, ast.If) and _is_main(node.test):
            self.block(node.body)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                self.lose((alias.asname or alias.name).partition(".")[0])
        elif not isinstance(
            node, ast.Expr | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass
        ):
            self.forget(node)

    def assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
            if target.id in self.touched:
                self.lose(target.id)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            table, key = self.names.get(target.value.id), self.value(target.slice)
            if isinstance(table, dict) and isinstance(key, str):
                table[key] = _Item(value, target.lineno)
            else:
                self.taint(value)
                self.lose(target.value.id)
        else:
            self.taint(value)
            for name in _changed((target,)):
                self.lose(name)

    def forget(self, node: ast.AST) -> None:
        """It is not known what happens in ``node``: nor, afterwards, what is in the names that it touches."""
        for name in _changed((node,)):
            self.lose(name)
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and _is_setup(each):
                self.calls += [SetupPy(complete=False)] * 2
            elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                self.taint(self.names.get(each.id))  # whoever gets it may change it

    def call(self, node: ast.Call) -> bool:
        """Follow a call that is a statement; False where it is none that is known."""
        if _is_setup(node):
            self.calls.append(self.setup(node))
            return True
        function = node.func
        if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
            return False
        value = self.names.get(function.value.id)
        if len(node.args) != 1 or node.keywords:
            return False
        given = self.value(node.args[0])
        if isinstance(value, list) and function.attr == "append" and given is not UNKNOWN:
            value.append(_Item(given, node.lineno))
        elif isinstance(value, list) and function.attr == "extend" and isinstance(given, list):
            value.extend(given)
        elif isinstance(value, dict) and function.attr == "update" and isinstance(given, dict):
            value.update(given)
        else:
            return False
        return True

    def setup(self, node: ast.Call) -> SetupPy:
        found: dict[str, _Item] = {}
        complete = not node.args
        for word in node.keywords:
            value = self.value(word.value)
            if word.arg is not None:
                found[word.arg] = _Item(value, word.value.lineno)
            elif isinstance(value, dict):
                found.update(value)
            else:
                complete = False
        lines: dict[tuple[str | int, ...], int] = {(): node.lineno}
        tainted = self.tainted
        values = {n: _plain(item.value, (n,), item.line, lines, tainted) for n, item in found.items()}
        return SetupPy(
            values={name: value for name, value in values.items() if value is not UNKNOWN},
            unknown=frozenset(name for name, value in values.items() if value is UNKNOWN),
            complete=complete,
            lines=lines,
        )

    # --- values ---

    def value(self, node: ast.expr) -> Any:
        found = self.found(node)
        return UNKNOWN if id(found) in self.tainted else found

    def found(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str | int | bool | None) else UNKNOWN
        if isinstance(node, ast.Name):
            return self.names.get(node.id, UNKNOWN)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            items: list[_Item] = []
            for each in node.elts:
                if isinstance(each, ast.Starred):
                    inner = self.value(each.value)
                    if not isinstance(inner, list):
                        return UNKNOWN
                    items += inner
                else:
                    items.append(_Item(self.value(each), each.lineno))
            return items
        if isinstance(node, ast.Dict):
            return self.table(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _added(self.value(node.left), self.value(node.right))
        if isinstance(node, ast.JoinedStr):
            parts = [
                self.value(each.value) if isinstance(each, ast.FormattedValue) else self.value(each)
                for each in node.values
                if not isinstance(each, ast.FormattedValue)
                or (each.format_spec is None and each.conversion < 0)
            ]
            plain = len(parts) == len(node.values) and all(isinstance(part, str) for part in parts)
            whole = "".join(parts) if plain else ""
            return whole if plain and len(whole) <= _LONGEST else UNKNOWN
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            table, key = self.value(node.value), self.value(node.slice)
            if isinstance(table, dict) and isinstance(key, str) and key in table:
                return table[key].value
            return UNKNOWN
        if isinstance(node, ast.Call):
            return self.made(node)
        return UNKNOWN

    def table(self, node: ast.Dict) -> Any:
        found: dict[str, _Item] = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.value(value_node)
            if key_node is None:
                if not isinstance(value, dict):
                    return UNKNOWN
                found.update(value)
                continue
            key = self.value(key_node)
            if not isinstance(key, str):
                return UNKNOWN
            found[key] = _Item(value, value_node.lineno)
        return found

    def made(self, node: ast.Call) -> Any:
        """``dict(a=…)``, ``list(…)`` and ``"a b".split()``: calls that are as good as literals."""
        function = node.func
        if isinstance(function, ast.Name) and function.id == "dict" and not node.args:
            found: dict[str, _Item] = {}
            for word in node.keywords:
                if word.arg is None:
                    return UNKNOWN
                found[word.arg] = _Item(self.value(word.value), word.value.lineno)
            return found
        if isinstance(function, ast.Name) and function.id in ("list", "tuple", "sorted"):
            given = self.value(node.args[0]) if len(node.args) == 1 and not node.keywords else UNKNOWN
            return list(given) if isinstance(given, list) else UNKNOWN
        if isinstance(function, ast.Attribute) and not node.keywords:
            text = self.value(function.value)
            if isinstance(text, str) and not node.args and function.attr in ("split", "splitlines", "strip"):
                made = getattr(text, function.attr)()
                return made if isinstance(made, str) else [_Item(each, node.lineno) for each in made]
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                self.taint(self.names.get(each.id))
        return UNKNOWN


def _added(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= _LONGEST:
        return left + right
    if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) <= _LONGEST:
        return [*left, *right]
    return UNKNOWN


def _plain(
    value: Any,
    path: tuple[str | int, ...],
    line: int,
    lines: dict[tuple[str | int, ...], int],
    tainted: Mapping[int, Any],
) -> Any:
    """A value without its ``_Item``s, whose lines go to ``lines``; unknown if anything in it is."""
    lines[path] = line
    if len(path) > 3 or id(value) in tainted:
        return UNKNOWN
    if isinstance(value, list):
        items = [_plain(item.value, (*path, n), item.line, lines, tainted) for n, item in enumerate(value)]
        return UNKNOWN if UNKNOWN in items else items
    if isinstance(value, dict):
        table = {
            key: _plain(item.value, (*path, key), item.line, lines, tainted) for key, item in value.items()
        }
        return UNKNOWN if UNKNOWN in table.values() else table
    return value


def _is_setup(node: ast.Call) -> bool:
    function = node.func
    return (isinstance(function, ast.Name) and function.id == "setup") or (
        isinstance(function, ast.Attribute)
        and function.attr == "setup"
        and isinstance(function.value, ast.Name)
        and function.value.id in ("setuptools", "core", "distutils")
    )


def _changes_anything(node: ast.stmt) -> bool:
    """Code made of texts, and tables of all names: afterwards no name is sure to be what it was.

    ``exec(code, about)`` changes its own table alone, and ``exec`` in a function the names of that.
    """
    inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            if each.func.id in ("globals", "locals", "vars") and not each.args:
                return True
            if each.func.id in ("exec", "eval", "execfile") and len(each.args) < 2 and not inside:
                return True
    return False


def _is_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and len(test.comparators) == 1
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
        and isinstance(test.ops[0], ast.Eq)
    )


def _changed(nodes: Iterable[ast.AST], *, deep: bool = False) -> set[str]:
    """The names that ``nodes`` may give other values, or whose values they may change.

    ``deep``: inside of a function, where a plain assignment makes a name of its own.
    """
    found: set[str] = set()
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store | ast.Del) and not deep:
                found.add(each.id)
            elif isinstance(each, ast.Global):
                found.update(each.names)
            elif isinstance(each, ast.Subscript) and not isinstance(each.ctx, ast.Load):
                if isinstance(each.value, ast.Name):
                    found.add(each.value.id)
            elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                if each.attr in _MUTATING:
                    found.add(each.value.id)
            elif isinstance(each, ast.ImportFrom | ast.Import) and not deep:
                found.update((alias.asname or alias.name).partition(".")[0] for alias in each.names)
    return found

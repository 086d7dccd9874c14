"""Ask the real pip-compile, and write down what it said: ``python freeze_pip_compile.py PIP-COMPILE``.

The answers are in ``pip_compile_cases.toml``, which ``test_pip_compile_cases.py`` compares with hutch's, byte
for byte. Needed again only for a new case.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent

IN = "requirements.in"
OUT = "requirements.txt"


def case(name: str, files: str | dict[str, str], *runs: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """A case: its files, and the options of one or more runs (``IN -o OUT`` if they name no file)."""
    return name, {IN: files} if isinstance(files, str) else files, runs or ("",)


PROJECT = """[project]
name = "demo"
version = "1.0"
dependencies = ["web>=1.5", "color"]

[project.optional-dependencies]
quick = ["fast"]
tool = ["tooling", "io<2"]
"""

CONFIGURED = """[tool.pip-tools]
annotation-style = "line"

[tool.pip-tools.compile]
generate-hashes = true
"""

CASES = (
    case("one requirement", "web\n"),
    case("nothing is asked for", "# nothing\n"),
    case("several reasons", "web\nfast\nio # directly too\n"),
    case("reasons on the line", "web\nio\nplugin\n", "--annotation-style line"),
    case("no reasons", "web\n", "--no-annotate"),
    case("hashes", "web\ncolor\n", "--generate-hashes"),
    case("hashes of every file, for whatever system", "native\n", "--generate-hashes"),
    case("hashes with reasons on the line", "web\n", "--generate-hashes --annotation-style line"),
    case("extras are left out", "web[quick,safe]\n"),
    case("extras are written", "web[safe,quick]\nplugin\n", "--no-strip-extras"),
    case("extras of what is needed below", "plugin\n", "--no-strip-extras"),
    case("names in their normal form", "MIXED.name_PKG\nWeb[Quick]\n"),
    case("unsafe packages are set apart", "tooling\npip\nweb\n", "--allow-unsafe"),
    case("unsafe packages are named only", "tooling\npip\nweb\n", "--no-allow-unsafe"),
    case("unsafe packages and hashes", "tooling\n", "--no-allow-unsafe --generate-hashes"),
    case("unsafe packages with hashes", "tooling\n", "--allow-unsafe --generate-hashes"),
    case("other packages are unsafe", "web\ncolor\n", "--unsafe-package io --unsafe-package Color"),
    case("nothing but an unsafe package", "pip\n", "--no-allow-unsafe"),
    case("a marker that holds is handed on", 'web; python_version>="3.8"\nio ; sys_platform == "never"\n'),
    case("a marker of two parts", "io; python_version >= '3.8' and (os_name=='posix' or os_name=='nt')\n"),
    case("markers of what is needed below", "marked\n"),
    case("constraints are reasons", {IN: "web\n-c limits.txt\n", "limits.txt": "io<2\ncolor==7\n"}),
    case("constraints of the command", {IN: "web\n", "limits.txt": "io<2\n"}, "-c limits.txt"),
    case(
        "files within files",
        {IN: "-r sub/base.in\nweb\n", "sub/base.in": "color\n-r more.in\n", "sub/more.in": "io\n"},
    ),
    case("two files", {"a.in": "web\n", "b.in": "io<2\ncolor\n"}, "a.in b.in -o all.txt"),
    case("a file in a folder", {"deps/main.in": "fast\n"}, "deps/main.in -o deps/main.txt"),
    case("pins are kept", {IN: "web\ncolor\n", OUT: "io==1.0\nweb==1.5\n"}),
    case("pins that do not fit go", {IN: "web>=2\n", OUT: "io==1.0\nweb==1.5\n"}),
    case("pins of what is no longer needed go", {IN: "color\n", OUT: "io==1.0\ncolor==1.0\n"}),
    case("pins below a new need", {IN: "picky\n", OUT: "io==1.5\n"}),
    case("pins below a new need that cannot stay", {IN: "picky>=2\n", OUT: "io==1.5\nfast==1.0\n"}),
    case("pins of what is asked for", {IN: "web>=2\nfast\n", OUT: "io==1.5\nfast==1.0\nweb==1.5\n"}),
    case("pins that are pre-releases", {IN: "io\n", OUT: "io==3.0b1\n"}),
    case("everything anew", {IN: "web\n", OUT: "io==1.0\nweb==1.5\n"}, "--upgrade"),
    case("one anew", {IN: "web\nfast\n", OUT: "io==1.0\nweb==1.5\nfast==1.0\n"}, "-P web"),
    case("one anew within a limit", {IN: "web\nfast\n", OUT: "io==1.0\nweb==1.0\nfast==1.0\n"}, "-P 'web<2'"),
    case("one anew in one version", {IN: "web\n", OUT: "io==2.0\nweb==2.0\n"}, "-P io==1.5 -P web"),
    case(
        "hashes that are there are kept",
        {IN: "color\n", OUT: f"color==1.0 \\\n    --hash=sha256:{'0' * 64}\n"},
        "--generate-hashes",
    ),
    case(
        "hashes are looked up again",
        {IN: "color\n", OUT: f"color==1.0 \\\n    --hash=sha256:{'0' * 64}\n"},
        "--generate-hashes --no-reuse-hashes",
    ),
    case("hashes leave again", {IN: "color\n"}, "--generate-hashes", ""),
    case("pre-releases where they are asked for", "io>=3.0b1\nearly\n"),
    case("pre-releases", "io\n", "--pre"),
    case("a version by its text", "color===1.0\n"),
    case("epochs and posts", "epoch\ncolor>1.0\n"),
    case("yanked versions", "yank\n"),
    case("versions for other Pythons", "young\n"),
    case("a ring", "ring-a\n"),
    case("lines end as they did", {IN: "web\r\n"}),
    case("lines end as told", {IN: "web\n"}, "--newline CRLF"),
    case("lines end as in the pins", {IN: "web\r\n", OUT: "io==1.0\n"}),
    case("a project", {"pyproject.toml": PROJECT}, f"pyproject.toml -o {OUT}"),
    case("a project with an extra", {"pyproject.toml": PROJECT}, f"--extra quick pyproject.toml -o {OUT}"),
    case("a project with all extras", {"pyproject.toml": PROJECT}, f"--all-extras pyproject.toml -o {OUT}"),
    case(
        "a project and a file", {"pyproject.toml": PROJECT, IN: "plugin\n"}, f"pyproject.toml {IN} -o {OUT}"
    ),
    case(
        "only and no binaries", "--only-binary io,fast\n--no-binary Mixed.Name\n--only-binary :none:\ncolor\n"
    ),
    case("options are left out", "--only-binary io\ncolor\n", "--no-emit-options"),
    case("a trusted host", "--trusted-host host.example\n--trusted-host b.example\ncolor\n"),
    case("no trusted host", "--trusted-host host.example\ncolor\n", "--no-emit-trusted-host"),
    case(
        "configured",
        {
            IN: "web\nfast\n",
            "pyproject.toml": CONFIGURED,
        },
    ),
    case(
        "configured with negations",
        {
            IN: "web[quick]\n",
            ".pip-tools.toml": "[tool.pip-tools]\nno-annotate = true\nstrip_extras = false\n",
        },
    ),
    case(
        "configured, and told otherwise",
        {IN: "web\n", ".pip-tools.toml": "[tool.pip-tools]\nno-annotate = true\n"},
        "--annotate",
    ),
    case(
        "configured, and not to be read",
        {IN: "web\n", ".pip-tools.toml": "[tool.pip-tools]\nno-annotate = true\n"},
        "--no-config",
    ),
    case(
        "layers, one after the other",
        {"base.in": "web<2\n", "dev.in": "-c base.txt\nplugin\ncolor\n"},
        "base.in -o base.txt",
        "dev.in -o dev.txt",
    ),
    case(
        "layers that contain each other",
        {"base.in": "web<2\n", "dev.in": "-r base.txt\ncolor\n"},
        "base.in -o base.txt",
        "dev.in -o dev.txt",
    ),
)


def words_of(run: str, *, hutch: bool) -> list[str]:
    """The words of a run. What the two tools do without being told differs: so each is told."""
    words = shlex.split(run)
    if not any(word.endswith((".in", ".toml")) for word in words):
        words += [IN, "-o", OUT]
    words = ["-q", "--no-header", *words]
    if hutch:
        return words
    defaults = [] if "--no-strip-extras" in words or "strip" in " ".join(words) else ["--strip-extras"]
    if "--no-allow-unsafe" not in words and "--allow-unsafe" not in words:
        defaults.append("--allow-unsafe")
    return ["--no-emit-index-url", *defaults, *words]


def main() -> None:
    """Run every case with pip-compile, and write the file."""
    from pip_compile_shop import stock

    from hutch.testing.fake_index import FakeIndex

    index = FakeIndex()
    stock(index)
    lines = ["# What pip-compile wrote; made by freeze_pip_compile.py, and not to be edited.\n"]
    with index.serve():
        for name, files, runs in CASES:
            with tempfile.TemporaryDirectory() as folder:
                written = _asked(sys.argv[1], Path(folder), files, runs, index.url)
            lines.append(f"\n[[case]]\nname = {_text(name)}\nruns = [{', '.join(map(_text, runs))}]\n")
            lines.append("".join(f"files.{_text(path)} = {_long(text)}\n" for path, text in files.items()))
            lines.append("".join(f"wrote.{_text(path)} = {_long(text)}\n" for path, text in written.items()))
    (HERE / "pip_compile_cases.toml").write_text("".join(lines), newline="")


def _asked(tool: str, folder: Path, files: dict[str, str], runs: tuple[str, ...], url: str) -> dict[str, str]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder / ".home"), "PIP_INDEX_URL": url,
               "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1",
               "PIP_TOOLS_CACHE_DIR": str(folder / ".cache")}  # fmt: skip
    for run in runs:
        words = words_of(run, hutch=False)
        if (folder / ".pip-tools.toml").exists() and "strip" in (folder / ".pip-tools.toml").read_text():
            words.remove("--strip-extras")
        done = subprocess.run([tool, *words], cwd=folder, env=environ, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{run}: {done.stderr}")
    written = {}
    for path in sorted(folder.rglob("*.txt")):
        shown = path.relative_to(folder).as_posix()
        text = path.read_bytes().decode()
        if not shown.startswith(".") and files.get(shown) != text:
            written[shown] = text
    return written


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _long(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("\r", "\\r")
    return f'"""\n{escaped}"""'


if __name__ == "__main__":
    main()

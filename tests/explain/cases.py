"""Conflicts, and what hutch says of each."""

from __future__ import annotations

from explain.support import Case

__all__ = ["CASES"]

CASES = (
    Case(
        name="a pin that is too old",
        index="""
            botocore 1.29.0: urllib3>=1.25.4,<1.27
            botocore 1.30.0: urllib3>=1.25.4,<1.27
            botocore 1.31.61: urllib3>=1.25.4,<1.27
            botocore 1.31.62: urllib3>=1.25.4,<2.1
            botocore 1.34.0: urllib3>=1.25.4,!=2.2.0,<3
            urllib3 1.25.4:
            urllib3 1.26.20:
            urllib3 2.0.7:
            urllib3 2.2.1:
        """,
        wants="""
            botocore==1.29.0
            urllib3>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              botocore 1.29.0 (pyproject.toml:6) needs urllib3 <1.27
              urllib3 >=2 is asked for in pyproject.toml:7
            try: botocore >=1.31.62, the first version that allows urllib3 2
             or: urllib3 >=1.25.4,<1.27
        """,
        advice=2,
    ),
    Case(
        name="a lower bound that no version allows",
        index="""
            boto 1.29: urls<1.27
            boto 1.30: urls<1.27
            urls 1.26:
            urls 2.0:
        """,
        wants="""
            boto
            urls>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              every version of boto (pyproject.toml:6) needs urls <1.27
              urls >=2 is asked for in pyproject.toml:7
            try: urls <1.27
             or: remove boto, if the project can do without it
        """,
        advice=2,
    ),
    Case(
        name="two packages of the project",
        index="""
            web 1.0: io>=2
            web 2.0: io>=3
            store 1.0: io<2
            store 2.0: io<3
            io 1.0:
            io 2.0:
            io 3.0:
        """,
        wants="""
            web>=2
            store>=1
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              store 1.0 (pyproject.toml:7) needs io <2
              store 2.0 (pyproject.toml:7) needs io <3
              web 2.0 (pyproject.toml:6) needs io >=3
            try: web >=1.0
        """,
        advice=1,
    ),
    Case(
        name="over two steps",
        index="""
            web 1.0: server>=1
            web 2.0: server>=2
            server 1.0: io<2
            server 2.0: io<3
            io 1.0:
            io 2.0:
            io 3.0:
        """,
        wants="""
            web>=2
            io>=3
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              web 2.0 (pyproject.toml:6) needs server >=2
              server 2.0 needs io <3
              io >=3 is asked for in pyproject.toml:7
            try: io <3
        """,
        advice=1,
    ),
    Case(
        name="over three steps",
        index="""
            app 1.0: web>=1
            app 2.0: web>=2
            web 1.0: server>=1
            web 2.0: server>=2
            server 1.0: io>=1
            server 2.0: io<3,>=2
            io 1.0:
            io 2.0:
            io 3.0:
        """,
        wants="""
            app==2.0
            io>=3
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              app 2.0 (pyproject.toml:6) needs web >=2
              web 2.0 needs server >=2
              server 2.0 needs io <3
              io >=3 is asked for in pyproject.toml:7
            try: app ==1.0
             or: io >=2,<3
        """,
        advice=2,
    ),
    Case(
        name="a version that does not exist yet",
        index="""
            flask 2.0:
            flask 3.0:
        """,
        wants="""
            flask>=4
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              no version satisfies flask >=4, asked for in pyproject.toml:6 (newest: 3.0)
            try: flask >=3.0, the newest version
        """,
        advice=1,
    ),
    Case(
        name="a version between two others",
        index="""
            flask 2.0:
            flask 3.0:
        """,
        wants="""
            flask>2,<3
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              no version satisfies flask >2,<3, asked for in pyproject.toml:6 (newest: 3.0)
            try: flask >=3.0, the first version that fits the rest
        """,
        advice=1,
    ),
    Case(
        name="a pin to a version that is not there",
        index="""
            flask 2.0:
            flask 3.0:
        """,
        wants="""
            flask==2.5
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              no version satisfies flask ==2.5, asked for in pyproject.toml:6 (newest: 3.0)
            try: flask >=3.0, the first version that fits the rest
        """,
        advice=1,
    ),
    Case(
        name="two lists that contradict each other",
        index="""
            flask 2.0:
            flask 3.0:
        """,
        wants="""
            flask>=3
            dev:
            flask<3
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              flask <3 is asked for in pyproject.toml:11
              flask >=3 is asked for in pyproject.toml:6
            try: flask >=3, in pyproject.toml:11
             or: flask <3, in pyproject.toml:6
        """,
        advice=2,
    ),
    Case(
        name="an extra of the project against its dependencies",
        index="""
            numpy 1.26:
            numpy 2.0:
            torch 2.1: numpy<2
            torch 2.3: numpy
        """,
        wants="""
            numpy>=2
            [gpu]:
            torch==2.1
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              torch 2.1 (pyproject.toml:11) needs numpy <2
              numpy >=2 is asked for in pyproject.toml:6
            try: torch >=2.3, the first version that allows numpy 2
             or: numpy <2
        """,
        advice=2,
    ),
    Case(
        name="a group against the dependencies",
        index="""
            black 23.0: click>=8
            black 22.0: click>=7
            click 7.0:
            click 8.0:
        """,
        wants="""
            click<8
            dev:
            black>=23
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              black 23.0 (pyproject.toml:11) needs click >=8
              click <8 is asked for in pyproject.toml:6
            try: click >=8
             or: black >=22.0
        """,
        advice=2,
    ),
    Case(
        name="two independent conflicts",
        index="""
            a 1.0: x<2
            a 2.0: x<3
            b 1.0: y<2
            b 2.0: y<3
            x 1.0:
            x 2.0:
            y 1.0:
            y 2.0:
        """,
        wants="""
            a==1.0
            b==1.0
            x>=2
            y>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements: 2 independent conflicts
              1. a 1.0 (pyproject.toml:6) needs x <2
                 x >=2 is asked for in pyproject.toml:8
              2. b 1.0 (pyproject.toml:7) needs y <2
                 y >=2 is asked for in pyproject.toml:9
            try: a >=2.0 and b >=2.0
             or: a >=2.0 and y <2
             or: x <2 and b >=2.0
        """,
        advice=3,
    ),
    Case(
        name="three independent conflicts",
        index="""
            a 1.0: x<2
            a 2.0:
            b 1.0: y<2
            b 2.0:
            c 1.0: z<2
            c 2.0:
            x 2.0:
            y 2.0:
            z 2.0:
            x 1.0:
            y 1.0:
            z 1.0:
        """,
        wants="""
            a==1.0
            b==1.0
            c==1.0
            x>=2
            y>=2
            z>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements: 3 independent conflicts
              1. a 1.0 (pyproject.toml:6) needs x <2
                 x >=2 is asked for in pyproject.toml:9
              2. b 1.0 (pyproject.toml:7) needs y <2
                 y >=2 is asked for in pyproject.toml:10
              3. c 1.0 (pyproject.toml:8) needs z <2
                 z >=2 is asked for in pyproject.toml:11
            try: a >=2.0, b >=2.0 and c >=2.0
             or: a >=2.0, b >=2.0 and z <2
             or: a >=2.0, y <2 and c >=2.0
        """,
        advice=3,
    ),
    Case(
        name="one requirement in two conflicts",
        index="""
            a 1.0: x<2
            a 2.0: x<3
            b 1.0: x<2
            b 2.0: x<3
            x 1.0:
            x 2.0:
        """,
        wants="""
            a==1.0
            b==1.0
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:8
            try: x <2
        """,
        advice=1,
    ),
    Case(
        name="a newer Python",
        index="""
            numpy 2.0.2: | python >=3.9
            numpy 2.1.0: | python >=3.10
            numpy 2.2.0: | python >=3.10
        """,
        wants="""
            numpy>=2.1
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements on Python 3.9
              numpy 2.1.0 and later require Python >=3.10
              numpy >=2.1 is asked for in pyproject.toml:6
            try: requires-python >=3.10
             or: numpy >=2.0.2
             or: "numpy>=2.1; python_version >= '3.10'", if it is needed there alone
        """,
        advice=3,
        more='[tool.hutch]\ntargets = ["cp39-linux-x86_64", "cp310-linux-x86_64", "cp311-linux-x86_64"]\n',
    ),
    Case(
        name="a newer Python, deep down",
        index="""
            app 1.0: numpy>=2.1
            numpy 2.0.2: | python >=3.9
            numpy 2.1.0: | python >=3.10
        """,
        wants="""
            app
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements on Python 3.9
              app 1.0 (pyproject.toml:6) needs numpy >=2.1
              numpy 2.1.0 requires Python >=3.10
            try: requires-python >=3.10
             or: tool.hutch.targets without cp39-linux-x86_64
        """,
        advice=2,
        more='[tool.hutch]\ntargets = ["cp39-linux-x86_64", "cp310-linux-x86_64"]\n',
    ),
    Case(
        name="an older Python",
        index="""
            old 1.0: | python <3.11
            old 2.0: | python <3.12
        """,
        wants="""
            old
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements on Python 3.12
              old 1.0 requires Python <3.11
              old 2.0 requires Python <3.12
              old is asked for in pyproject.toml:6
            try: requires-python >=3.9,<3.12
             or: "old; python_version < '3.12'", if it is needed there alone
             or: tool.hutch.targets without cp312-linux-x86_64
        """,
        advice=3,
        more='[tool.hutch]\ntargets = ["cp310-linux-x86_64", "cp311-linux-x86_64", "cp312-linux-x86_64"]\n',
    ),
    Case(
        name="a Python that nobody has",
        index="""
            future 1.0: | python >=3.99
        """,
        wants="""
            future
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              future 1.0 requires Python >=3.99
              future is asked for in pyproject.toml:6
        """,
        advice=0,
    ),
    Case(
        name="only versions for one system",
        index="""
            pywin32 306: | tags cp39-cp39-win_amd64
            pywin32 310: | tags cp39-cp39-win_amd64
        """,
        wants="""
            pywin32
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements on Linux
              no version of pywin32 has a file for Linux
              pywin32 is asked for in pyproject.toml:6
            try: "pywin32; sys_platform == 'win32'", if it is needed there alone
             or: tool.hutch.targets without cp39-linux-x86_64
        """,
        advice=2,
        more='[tool.hutch]\ntargets = ["cp39-linux-x86_64", "cp39-windows-x86_64"]\n',
    ),
    Case(
        name="a file that is only in older versions",
        index="""
            torch 2.2: | tags cp310-cp310-manylinux_2_17_x86_64.macosx_11_0_arm64
            torch 2.3: | tags cp310-cp310-manylinux_2_17_x86_64
        """,
        wants="""
            torch>=2.3
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements on macOS
              torch 2.3 has no file for macOS
              torch >=2.3 is asked for in pyproject.toml:6
            try: torch >=2.2
             or: "torch>=2.3; sys_platform == 'linux'", if it is needed there alone
             or: tool.hutch.targets without cp310-macos-arm64
        """,
        advice=3,
        more='[tool.hutch]\ntargets = ["cp310-linux-x86_64", "cp310-macos-arm64"]\n',
    ),
    Case(
        name="a package that the index has not, deep down",
        index="""
            a 1.0: nonesuch>=2
            a 0.9:
        """,
        wants="""
            a>=1
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:6) needs nonesuch >=2, and no index has it
            try: a >=0.9
        """,
        advice=1,
    ),
    Case(
        name="only yanked versions",
        index="""
            a 1.0: | yanked broken
            a 1.1: | yanked broken
        """,
        wants="""
            a
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a is asked for in pyproject.toml:6, which only yanked versions satisfy (all versions)
            try: a ==1.1, although it was yanked
        """,
        advice=1,
    ),
    Case(
        name="the wanted versions are yanked",
        index="""
            a 1.0:
            a 1.1: | yanked broken
            a 1.2: | yanked broken
        """,
        wants="""
            a>=1.1
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a >=1.1 is asked for in pyproject.toml:6, which only yanked versions satisfy (1.1 and later)
            try: a >=1.0
             or: a ==1.2, although it was yanked
        """,
        advice=2,
    ),
    Case(
        name="pre-releases are left out of ranges",
        index="""
            a 1.0: x<2
            a 1.1a1: x<2
            a 1.1: x<2
            a 1.2rc1: x<2
            a 1.2: x<2
            x 1.0:
            x 2.0:
        """,
        wants="""
            a
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              every version of a (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: x <2
             or: remove a, if the project can do without it
        """,
        advice=2,
    ),
    Case(
        name="only a pre-release would do",
        index="""
            a 1.0: x<2
            a 2.0b1: x<3
            x 1.0:
            x 2.0:
        """,
        wants="""
            a
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: x <2
             or: a >=2.0b1, a pre-release
             or: remove a, if the project can do without it
        """,
        advice=3,
    ),
    Case(
        name="many versions, each with its own need",
        index="""
            boto3 1.20: core>=1.20,<1.21
            boto3 1.21: core>=1.21,<1.22
            boto3 1.22: core>=1.22,<1.23
            boto3 1.23: core>=1.23,<1.24
            boto3 1.24: core>=1.24,<1.25
            boto3 1.25: core>=1.25,<1.26
            boto3 1.26: core>=1.26,<1.27
            boto3 1.27: core>=1.27,<1.28
            boto3 1.28: core>=1.28,<1.29
            boto3 1.29: core>=1.29,<1.30
            core 1.20: urls<2
            core 1.21: urls<2
            core 1.22: urls<2
            core 1.23: urls<2
            core 1.24: urls<2
            core 1.25: urls<2
            core 1.26: urls<2
            core 1.27: urls<2
            core 1.28: urls<2
            core 1.29: urls<2
            urls 1.26:
            urls 2.0:
        """,
        wants="""
            boto3>=1.20
            urls>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              every version of boto3 (pyproject.toml:6) needs core
              every version of core needs urls <2
              urls >=2 is asked for in pyproject.toml:7
            try: urls <2
        """,
        advice=1,
    ),
    Case(
        name="gaps in a range",
        index="""
            a 1.0: x<2
            a 1.1: x<2
            a 1.2: x<1
            a 1.3: x<2
            x 0.9:
            x 1.0:
            x 2.0:
        """,
        wants="""
            a
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.1 and earlier, 1.3 (pyproject.toml:6) need x <2
              a 1.2 (pyproject.toml:6) needs x <1
              x >=2 is asked for in pyproject.toml:7
            try: x <2
             or: remove a, if the project can do without it
        """,
        advice=2,
    ),
    Case(
        name="an exclusion",
        index="""
            a 1.0: x==2.0
            x 1.0:
            x 2.0:
            x 3.0:
        """,
        wants="""
            a
            x!=2.0
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:6) needs x ==2.0
              x !=2.0 is asked for in pyproject.toml:7
            try: x ==2.0
             or: remove a, if the project can do without it
        """,
        advice=2,
    ),
    Case(
        name="a compatible release",
        index="""
            django 3.2:
            django 4.2:
            django 5.0:
            rest 3.14: django>=4.2
            rest 3.10: django>=3.2
        """,
        wants="""
            django~=3.2
            rest>=3.14
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              rest 3.14 (pyproject.toml:7) needs django >=4.2
              django ~=3.2 is asked for in pyproject.toml:6
            try: django >=4.2
             or: rest >=3.10
        """,
        advice=2,
    ),
    Case(
        name="a wildcard",
        index="""
            django 3.2:
            django 4.2:
            django 5.0:
            rest 3.14: django>=4.2
            rest 3.10: django>=3.2
        """,
        wants="""
            django==3.*
            rest==3.14
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              rest 3.14 (pyproject.toml:7) needs django >=4.2
              django ==3.* is asked for in pyproject.toml:6
            try: django >=4.2
             or: rest ==3.10
        """,
        advice=2,
    ),
    Case(
        name="behind a marker",
        index="""
            a 1.0: x<2
            a 2.0: x<3
            x 1.0:
            x 2.0:
        """,
        wants="""
            a==1.0; sys_platform == 'linux'
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements on Linux
              a 1.0 (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: a >=2.0, the first version that allows x 2
             or: x <2
        """,
        advice=2,
    ),
    Case(
        name="on one Python only",
        index="""
            a 1.0: x<2; python_version < '3.10'
            a 2.0: x<3; python_version < '3.10'
            x 1.0:
            x 2.0:
        """,
        wants="""
            a==1.0
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements on Python 3.9
              a 1.0 (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: a >=2.0, the first version that allows x 2
             or: requires-python >=3.10
             or: x >=1.0
        """,
        advice=3,
        more='[tool.hutch]\ntargets = ["cp39-linux-x86_64", "cp310-linux-x86_64"]\n',
    ),
    Case(
        name="an extra of a package",
        index="""
            web 1.0: | extra fast=turbo<2
            web 2.0: | extra fast=turbo<3
            turbo 1.0:
            turbo 2.0:
        """,
        wants="""
            web[fast]==1.0
            turbo>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              web[fast] 1.0 (pyproject.toml:6) needs turbo <2
              turbo >=2 is asked for in pyproject.toml:7
            try: web >=2.0, the first version that allows turbo 2
             or: turbo <2
        """,
        advice=2,
    ),
    Case(
        name="a constraint",
        index="""
            a 1.0: x>=2
            a 0.9: x>=1
            x 1.0:
            x 2.0:
        """,
        wants="""
            a>=1
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:6) needs x >=2
              x <2 is asked for in pyproject.toml:10
            try: x >=2
             or: a >=0.9
        """,
        advice=2,
        more='[tool.hutch]\nconstraints = ["x<2"]\n',
    ),
    Case(
        name="three that fit in pairs only",
        index="""
            a 1.0: x<3
            b 1.0: x>=2
            b 0.9:
            c 1.0: x!=2.0
            c 0.9:
            x 1.0:
            x 2.0:
            x 3.0:
        """,
        wants="""
            a
            b>=1
            c>=1
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:6) needs x <3
              b 1.0 (pyproject.toml:7) needs x >=2
              c 1.0 (pyproject.toml:8) needs x !=2.0
            try: b >=0.9
             or: c >=0.9
             or: remove a, if the project can do without it
        """,
        advice=3,
    ),
    Case(
        name="a ring",
        index="""
            a 1.0: b==1.0
            a 2.0: b==2.0
            b 1.0: a==1.0
            b 2.0: a==1.0
        """,
        wants="""
            a>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 2.0 (pyproject.toml:6) needs b ==2.0
              b 2.0 needs a ==1.0
            try: a ==1.0
        """,
        advice=1,
    ),
    Case(
        name="two plugins of one host",
        index="""
            pytest 7.0:
            pytest 8.0:
            cov 4.0: pytest<8
            cov 5.0: pytest>=7
            mock 3.0: pytest>=8
            mock 2.0: pytest>=7
        """,
        wants="""
            cov==4.0
            mock==3.0
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              cov 4.0 (pyproject.toml:6) needs pytest <8
              mock 3.0 (pyproject.toml:7) needs pytest >=8
            try: cov >=5.0, the first version that allows pytest >=8
             or: mock ==2.0
        """,
        advice=2,
    ),
    Case(
        name="a post-release",
        index="""
            a 1.0: x<2
            a 1.0.post1: x<3
            x 1.0:
            x 2.0:
        """,
        wants="""
            a==1.0
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: a >=1.0.post1, the first version that allows x 2
             or: x <2
        """,
        advice=2,
    ),
    Case(
        name="a local version",
        index="""
            torch 2.1+cpu: x<2
            torch 2.2+cpu: x<3
            x 1.0:
            x 2.0:
        """,
        wants="""
            torch==2.1+cpu
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              torch 2.1+cpu (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: torch >=2.2, the first version that allows x 2
             or: x <2
        """,
        advice=2,
    ),
    Case(
        name="an epoch",
        index="""
            a 2020.1: x<2
            a 1!1.0: x<3
            x 1.0:
            x 2.0:
        """,
        wants="""
            a==2020.1
            x>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 2020.1 (pyproject.toml:6) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: a >=1!1.0, the first version that allows x 2
             or: x <2
        """,
        advice=2,
    ),
    Case(
        name="spellings of a name",
        index="""
            my-app 1.0: the_lib<2
            my-app 2.0: the_lib<3
            the-lib 1.0:
            the-lib 2.0:
        """,
        wants="""
            My.App==1.0
            The_Lib>=2
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              my-app 1.0 (pyproject.toml:6) needs the-lib <2
              the-lib >=2 is asked for in pyproject.toml:7
            try: my-app >=2.0, the first version that allows the-lib 2
             or: the-lib <2
        """,
        advice=2,
    ),
    Case(
        name="the same requirement in two lists",
        index="""
            a 1.0: x<2
            a 2.0: x<3
            x 1.0:
            x 2.0:
        """,
        wants="""
            a==1.0
            x>=2
            dev:
            a==1.0
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 1.0 (pyproject.toml:12) needs x <2
              x >=2 is asked for in pyproject.toml:7
            try: a >=2.0, the first version that allows x 2
             or: x <2
        """,
        advice=2,
    ),
    Case(
        name="two directions",
        index="""
            a 1.0: x<2
            a 2.0: x>=2,<3
            a 3.0: x>=3
            x 1.0:
            x 2.0:
            x 3.0:
        """,
        wants="""
            a>=2,<3
            x==3.0
        """,
        message="""
            exit 1
            error: no versions satisfy all requirements
              a 2.0 (pyproject.toml:6) needs x <3
              x ==3.0 is asked for in pyproject.toml:7
            try: a >=3.0, the first version that allows x 3.0
             or: x >=2,<3
        """,
        advice=2,
    ),
)

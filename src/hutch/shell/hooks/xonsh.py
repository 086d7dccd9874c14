"""The hook of xonsh: ``execx($(hutch shell-hook xonsh))`` in ``~/.xonshrc``.

xonsh shows ``$VIRTUAL_ENV_PROMPT`` by itself (``{env_name}`` in its prompt), so the prompt is left alone.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

# ruff: noqa: E501 - the text of another language

TEMPLATE = r'''# The shell hook of hutch, for xonsh. In ~/.xonshrc:  execx($(hutch shell-hook xonsh))


class __HutchHook:
    program = __HUTCH__
    data = __DATA__

    def __init__(self, env, aliases):
        self.env, self.aliases = env, aliases
        self.key = None
        self.active, self.saved, self.made, self.had_path, self.deactivate = None, {}, {}, True, None
        self.marks, self.files, self.told = [], [], set()
        self.level, self.later = "", []

    def look(self):
        """Before each prompt."""
        env = self.env
        switch = str(self.read("HUTCH_SHELL_HOOK") or "")
        if switch == "off":
            self.leave()
            self.key = "off"
            return
        if self.level and str(self.read("CONDA_PREFIX") or "") != self.active[0]:
            # Another one of conda's is over ours, until whoever has activated it goes back; or ours was left.
            if str(self.read("CONDA_PREFIX_" + self.level) or "") == self.active[0]:
                return
            self.leave()
        venv, pin, name = self.find()
        active, inherited = str(self.read("VIRTUAL_ENV") or ""), self.read("HUTCH_SHELL_STATE")
        other = ""
        if self.active and active not in ("", self.active[0]):
            self.leave()  # another one was activated over ours, by hand
            inherited = None
        conda = str(self.read("CONDA_DEFAULT_ENV") or "base")
        if active and active != (self.active or ("",))[0] and not inherited:
            other = active
        elif self.read("CONDA_PREFIX") and conda != "base" and not self.active and not inherited:
            other = conda
        key = (venv, pin, name, other)
        adopts = inherited and not self.active
        if not adopts and key == self.key and self.same():
            return
        self.leave()
        self.marks, self.files = [], []
        if ((venv or pin) and not other) or adopts:
            self.ask(venv, pin, switch)
        self.key = key

    def find(self):
        """The nearest environment upwards, and a .python-version below it that may name one."""
        import os

        pin = name = ""
        try:
            at = os.getcwd()
        except OSError:
            return "", "", ""
        while True:
            venv = os.path.join(at, ".venv")
            redirects = (venv, os.path.join(at, ".python-envs"))
            made = (os.path.join(venv, "pyvenv.cfg"), os.path.join(venv, "conda-meta", "history"))
            if any(map(os.path.exists, made)) or any(map(os.path.isfile, redirects)):
                return at, pin, name
            file = os.path.join(at, ".python-version")
            if not pin and os.path.isfile(file):
                try:
                    with open(file, encoding="utf-8", errors="replace") as lines:
                        words = [line.split()[0] for line in lines.read(65536).splitlines() if line.split()]
                except OSError:
                    words = []
                name = ":".join(word for word in words if word.strip("0123456789.") and word[0] != "#")
                pin = file if name else ""
            above = os.path.dirname(at)
            if above == at:
                return "", pin, name
            at = above

    def same(self):
        """Whether the marks of trust are as they were, and no env file was changed."""
        import os

        if any(os.path.isfile(path) != there for path, there in self.marks):
            return False
        if not self.files or not self.marks[-1][1]:
            return True
        dates = [os.stat(path).st_mtime_ns for path in self.files if os.path.exists(path)]
        return not dates or max(dates) <= os.stat(self.marks[-1][0]).st_mtime_ns

    def ask(self, venv, pin, switch):
        import json, os, subprocess, sys

        if not os.access(self.program, os.X_OK):
            return
        words = [self.program, "shell-answer", "--data", self.data, "--", "xonsh", "enter", venv or "-", pin or "-"]
        given = dict(self.env.detype(), PWD=os.getcwd())
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=given)
        if done.returncode or not done.stdout:
            return
        answer = json.loads(done.stdout)
        if answer["adopt"]:
            self.adopt(answer["adopt"])
            self.leave()
        for said in answer["say"]:
            if switch != "quiet" and said["about"] not in self.told:
                self.told.add(said["about"])
                print(said["text"], file=sys.stderr)
        self.marks = [(mark["path"], mark["there"]) for mark in answer["marks"]]
        self.files = answer["files"]
        if answer["enter"]:
            self.enter(answer["enter"])

    def enter(self, told):
        env = self.env
        self.active = told["environment"], told["scripts"]
        self.level, self.later = told["level"], told["later"]
        if not self.level:
            self.put("VIRTUAL_ENV", told["environment"])
            self.put("VIRTUAL_ENV_PROMPT", told["prompt"])
        self.put("HUTCH_SHELL_STATE", told["state"])
        for each in told["variables"]:
            self.put(each["name"], each["value"])
        # With this set, Python would look for its library somewhere else.
        if self.known("PYTHONHOME"):
            self.put("PYTHONHOME", None)
        self.had_path = self.known("PATH")
        folders = self.folders()
        if self.had_path:
            for folder in reversed(folders):
                self.paths().insert(0, folder)
        else:
            env["PATH"] = folders
        if "deactivate" not in self.aliases:
            self.deactivate = lambda args=None: self.leave()
            self.aliases["deactivate"] = self.deactivate
        self.source(told["read"])

    def folders(self):
        """Those of commands: one, but of an environment of conda's on Windows."""
        import os

        return self.active[1].split(os.pathsep) if self.level else [self.active[1]]

    def source(self, scripts):
        """Scripts of an environment of conda's, as far as they are there."""
        import os

        for script in scripts:
            if os.access(script, os.R_OK):
                execx("source @(%a)" % script)

    def leave(self):
        if self.active is None:
            return
        env = self.env
        if self.level and str(self.read("CONDA_PREFIX") or "") == self.active[0]:
            self.source(self.later)
            # Who came back to it from another one may have said these in other words.
            for name in ("CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"):
                self.made[name] = self.text(name)
        for name in reversed(list(self.saved)):
            if self.text(name) == self.made[name]:  # else somebody has changed it since
                env.pop(name, None)
                if self.saved[name] is not None:
                    env[name] = self.saved[name][0]
        paths = self.paths()
        for folder in self.folders():
            if folder in paths:
                paths.remove(folder)
        if not paths and not self.had_path:
            env.pop("PATH", None)
        if self.deactivate is not None and "deactivate" in self.aliases:
            self.aliases.pop("deactivate")
        self.active, self.saved, self.made, self.deactivate = None, {}, {}, None
        self.level, self.later = "", []

    def adopt(self, told):
        """What another shell has activated, and whose variables this one has."""
        self.active, self.had_path = (told["environment"], told["scripts"]), True
        self.level, self.later = told["level"], told["later"]
        self.saved = {each["name"]: None if each["value"] is None else (each["value"],) for each in told["before"]}
        self.saved["HUTCH_SHELL_STATE"] = None
        self.made = {name: self.text(name) for name in self.saved}

    def put(self, name, value):
        self.saved[name] = (self.read(name),) if self.known(name) else None
        self.env.pop(name, None)
        if value is not None:
            self.env[name] = value
        self.made[name] = self.text(name)

    def known(self, name):
        """Whether it was set: xonsh has values for many that nobody has set."""
        return name in getattr(self.env, "_d", self.env)

    def read(self, name):
        return getattr(self.env, "_d", self.env).get(name)

    def text(self, name):
        value = self.read(name)
        return value if value is None or isinstance(value, str) else [str(each) for each in value._l] if hasattr(value, "_l") else str(value)

    def paths(self):
        value = self.env.get("PATH")
        return getattr(value, "_l", value if value is not None else [])


if "__hutch_hook" not in globals():
    __hutch_hook = __HutchHook(__xonsh__.env, aliases)

    @events.on_pre_prompt
    def __hutch_before_prompt(**_):
        __hutch_hook.look()
'''

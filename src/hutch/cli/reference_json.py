"""The keys of each command's JSON, as the reference tells them: data, held complete by a test."""

from __future__ import annotations

__all__ = ["JSON"]

# What --json prints, key by key; keys are only ever added.
_EDIT = (
    ("where", "`project`, `group:NAME` or `extra:NAME`"),
    ("manifest", "the file that was changed, from the root of the project or workspace"),
    ("script", "the script that was edited; null for a project"),
    ("lock", "as of `lock --json`; null if nothing was locked"),
    ("sync", "as of `sync --json`; null if nothing was installed"),
    ("dry_run", "whether nothing was changed"),
)
_FILES = (
    ("directory", "the folder"),
    ("files", "`name`, `version`, `path` of each, and whether it is `new`"),
    ("dry_run", "whether nothing was to be saved"),
)
_ENVIRONMENTS = (
    "`name` (null: a project's first), `path`, `kind` (`named`, `project`, `active`, `central`,"
    " `pyenv`, `conda`), `python`, `packages`, `last_used`, `bytes` (with `--size`), `active`,"
    " `broken` (what is wrong, or null), `asked`, `project`, `orphan`, `passed_over` (made when the"
    " project had its environments elsewhere), `of_conda` (whether conda's packages can be in it)"
)
_CLONED = (
    ("source", "the first: its path, or the name that it had"),
    ("name", "what the new one is called; empty for one that only has a place"),
    ("path", "where it is"),
    ("python", "the version of its Python"),
    ("packages", "how many it has"),
    ("renamed", "whether the first is gone"),
    ("dry_run", "whether nothing was made"),
)
_REMOVED = (
    ("files", "how many files went"),
    ("bytes", "how many bytes"),
    ("dry_run", "whether nothing was to go"),
)
_PIP_VALUES = (
    ("values", "`key`, `value` and `place` (a file, or `:env:`) of each"),
    ("lines", "what is printed"),
)
_TRUST = (
    ("project", "the directory that it was said of, without links"),
    ("allowed", "whether it is trusted now"),
    ("before", "allowed, denied, unknown, lapsed, without env files, gone"),
    ("environment", "its environment, or null"),
    ("env_files", "what is loaded on entering: `file`, the names that it `sets`, and those `refused`"),
    ("dry_run", "whether nothing was changed"),
)
_COMPARED = (
    "null without a lock, else `file`, `packages` (how many belong here), `drift` (`kind`: `missing`,"
    " `extra`, `version`, `source` or `file`; `package`, `installed`, `locked`, `detail`), `unknown` (put in"
    " by who knows whom) and `command` (the sync that puts it right)"
)
_SHIMS = (
    ("folder", "where the shims are, or would be"),
    ("kind", "`program` (compiled), `script`, or null where there are none"),
    ("names", "what they are called"),
    ("path", "where PATH has the folder: `first`, `late` (another Python is before it) or `missing`"),
    ("line", "what puts it there, for the start-up file of the shell"),
    ("stale", "what no longer holds of what they were made with, or null"),
    ("done", "`installed`, `removed` or null"),
    ("dry_run", "whether nothing was changed"),
)

_CONDA_CHANGE = (
    ("success", "whether it was agreed to, and done"),
    ("verb", "what was asked for: `create`, `install`, `update`, `remove`"),
    ("specs", "the MatchSpecs and names that were asked for"),
    ("prefix", "the environment"),
    ("created", "whether it is new"),
    ("dry_run", "whether nothing was changed"),
    ("download_only", "whether all was fetched, and nothing changed"),
    ("steps", "what is removed and installed, of both kinds"),
    ("unchanged", "how many packages stay"),
    ("scripts_not_run", "scripts of packages that would run at installation, and did not"),
)
_CONDA_EXPORT = (
    ("name", "the environment's name"),
    ("channels", "best first"),
    ("dependencies", "MatchSpecs, and `pip` with what came from an index"),
    ("variables", "those that a project says of its own environment, if there are any"),
)

JSON = {
    "init": (
        ("path", "the project's directory"),
        ("name", "its name"),
        ("files", "the files written, relative to `path`"),
        ("workspace", "the root of the workspace that it is a member of, or null"),
        ("dry_run", "whether nothing was changed"),
    ),
    "add": (
        ("added", "the requirements as written"),
        ("side", "`pypi` or `conda`"),
        ("channels", "the channels of conda that were written as well"),
        *_EDIT,
    ),
    "remove": (
        ("removed", "the names taken out"),
        ("sides", "of each name, what it was asked of: `pypi`, `conda` or both"),
        *_EDIT,
    ),
    "pip compile": (
        ("path", "the file of pins; null for standard output"),
        ("packages", "how many"),
        ("targets", "for how many targets they hold"),
        ("changes", "`name`, `before` and `after` of each pin that came, went or changed"),
        ("dropped", "`target` and `reason` of each that has no solution"),
        ("written", "whether the file was written"),
        ("dry_run", "whether nothing was to be"),
        ("text", "the pins"),
    ),
    "pip show": (
        ("packages", "of each, the fields that `pip show -v` prints, by their names there"),
        ("missing", "names that are not installed"),
    ),
    "pip download": _FILES,
    "pip wheel": _FILES,
    "pip lock": (
        ("path", "the lock; null for standard output"),
        ("packages", "how many packages it has"),
        ("text", "the lock"),
        ("dry_run", "whether nothing was to be written"),
    ),
    "pip hash": (("files", "`file` as it was named, and `hash` (`sha256:…`) of each"),),
    "pip debug": (
        ("executable", "the interpreter"),
        ("version", "its version"),
        ("target", "what the files are for, in the words of targets"),
        ("tags", "the tags that it takes, the best first"),
        ("environment", "the values of environment markers"),
    ),
    "pip index versions": (
        ("name", "as it was asked for"),
        ("versions", "the highest first"),
        ("latest", "the first of them"),
    ),
    "pip cache info": (("kinds", "as of `cache size --json`"), ("limit", "as of `cache size --json`")),
    "pip cache list": (("wheels", "`filename`, `bytes` and `path` (where it lies unpacked) of each"),),
    "pip cache remove": _REMOVED,
    "pip cache purge": _REMOVED,
    "pip config list": _PIP_VALUES,
    "pip config get": _PIP_VALUES,
    "pip config debug": _PIP_VALUES,
    "pip freeze": (("lines", "the lines of the requirements file, comments among them"),),
    "pip check": (
        ("faults", "`kind` (missing, conflict, python, platform, metadata), `name`, `version`, `text`"),
        ("looked_at", "how many packages there are"),
    ),
    "pip tree": (("title", "empty"), ("packages", "as of `tree --json`")),
    "lock": (
        ("path", "the lock"),
        ("packages", "how many packages it has"),
        ("targets", "for how many targets it is"),
        ("changes", "what changed: `name`, `before`, `after` (null: not there)"),
        ("dropped", "targets that were left out: `target`, `reason`"),
        ("written", "whether the file was changed"),
        ("dry_run", "whether nothing was to be changed"),
    ),
    "sync": (
        ("environment", "the environment's directory"),
        ("python", "its Python's version"),
        ("created", "whether it was made"),
        ("installed", "packages that came: `name`, `version`"),
        ("updated", "packages with another version: `name`, `before`, `after`"),
        ("reinstalled", "packages installed again: `name`, `version`"),
        ("removed", "packages that went: `name`, `version`"),
        ("unchanged", "how many packages were in place"),
        ("dry_run", "whether nothing was changed"),
        ("lock", "as of `lock --json`; null with `--frozen`, and for another tool's lock"),
        ("taken", "the manifest and the lock that it went by, where another tool's; else empty"),
        ("passed_over", "other files there that would be manifests, had they been taken"),
    ),
    **dict.fromkeys(
        ("pip install", "pip sync", "pip uninstall", "env upgrade"),
        (
            ("environment", "the environment's directory"),
            ("python", "its Python's version"),
            ("created", "false: it has to be there"),
            ("installed", "packages that came: `name`, `version`"),
            ("updated", "packages with another version: `name`, `before`, `after`"),
            ("reinstalled", "packages installed again: `name`, `version`"),
            ("removed", "packages that went: `name`, `version`"),
            ("unchanged", "how many packages were in place"),
            ("dry_run", "whether nothing was changed"),
            ("lock", "null"),
            ("taken", "empty"),
            ("passed_over", "empty"),
        ),
    ),
    "upgrade": (
        ("lock", "as of `lock --json`"),
        ("sync", "as of `sync --json`; null if nothing was installed"),
        ("raised", "lower bounds that were raised: `place`, `before`, `after`"),
        ("dry_run", "whether nothing was changed"),
    ),
    "search": (
        ("name", "what was looked for"),
        (
            "sides",
            (
                "one an index or channel: `kind` (`pypi`, `conda`), `name` there, `source`, `versions`"
                " (`version`, `platforms`, `builds`, `locked`, `note`), `older` (how many are not told)"
            ),
        ),
    ),
    "outdated": (
        (
            "packages",
            (
                "one a package: `name`, `kind` (`pypi`, `conda`), `locked`, `installed`, `allowed`, `newest`,"
                " `direct`, `held_back_by`"
            ),
        ),
        ("looked_at", "how many packages were compared"),
    ),
    "tree": (
        ("title", "the project and its version; empty if it is not the root"),
        (
            "packages",
            (
                "the trees: `name`, `version`, `kind` (`pypi`, `conda`), `extras`, `marker`, `platforms` (of"
                " conda, where it is not needed on all), `where`, `repeated`, `children`"
            ),
        ),
    ),
    "why": (
        ("name", "the package"),
        (
            "entries",
            (
                "one a version: `name`, `version`, `kind` (`pypi`, `conda`), `builds` (of conda: `build`,"
                " `channel`, `platforms`), `marker`, `paths`, `more` (paths left out), `constraints`"
            ),
        ),
    ),
    "why-not": (
        ("name", "the package"),
        ("asked", "the version asked about, in words"),
        ("chosen", "the versions that are locked"),
        (
            "verdict",
            (
                "`chosen`, `not-needed`, `no-such-version`, `yanked`, `conflict`, `fewer-targets`,"
                " `pre-release`, `kept`, `older` or `direct`"
            ),
        ),
        ("what", "the verdict in words"),
        ("why", "what stands against it, a line each"),
        ("hints", "what to do"),
        ("changes", "what else would change: `name`, `before`, `after`"),
        ("conflicts", "as in the `details` of a conflict: `where`, `premises`, `requirements`"),
        ("suggestions", "edits that let it in: `text`, `edits`"),
    ),
    "git setup": (
        ("attributes", "the .gitattributes that names the driver"),
        ("driver", "the command that git calls"),
        ("changed", "whether the line had to be written"),
        ("dry_run", "whether nothing was changed"),
    ),
    "git merge-lock": (
        ("path", "the lock in the repository"),
        ("packages", "how many packages it has"),
    ),
    "venv": (
        ("path", "the environment"),
        ("version", "its Python's version"),
        ("interpreter", "the Python that it was made from"),
        ("activate", "the line that activates it"),
        ("dry_run", "whether nothing was changed"),
    ),
    "shell-hook": (
        ("path", "the shell's start-up file"),
        ("lines", "what stands between the marks there, or stood"),
        ("installed", "whether it is there now"),
        ("changed", "whether the file was changed, or would be"),
        ("dry_run", "whether nothing was changed"),
    ),
    "allow": _TRUST,
    "deny": _TRUST,
    "python shell": (
        ("value", "what the shell takes; null where that is taken away"),
        ("line", "what the shell is to evaluate; null where it was only asked for"),
        ("shell", "the shell that it is written for"),
        ("path", "the Python that it means here, or null"),
    ),
    "python shim install": _SHIMS,
    "python shim show": _SHIMS,
    "python shim remove": _SHIMS,
    "python install": (
        (
            "pythons",
            (
                "`key`, `name`, `version`, `path`, `state` (`installed`, `present`, `planned`), `asked` (the"
                " words for it), `from` (an address or a path), `sha256`"
            ),
        ),
        ("failed", "what could not be installed: `code`, `what`, `why`"),
        ("programs", "names in the folder of programs: `path`, `refused` (why it was not made; else null)"),
        ("dry_run", "whether nothing was changed"),
    ),
    "python upgrade": (
        ("upgraded", "minor versions: `alias`, `before`, `after`, `environments` (that follow), `compiled`"),
        ("removed", "the keys of the older patches that are gone"),
        ("kept", "older patches that stay: `key`, `environments` (how many asked for it)"),
        ("failed", "as of `python install --json`"),
        ("dry_run", "whether nothing was changed"),
    ),
    "python uninstall": (
        ("removed", "`key` and `name` of each"),
        ("broken", "environments that have no Python now"),
        ("moved", "minor versions that are another patch now: `alias`, `to`, `environments`"),
        ("programs", "names in the folder of programs that are gone"),
        ("dry_run", "whether nothing was changed"),
    ),
    "python list": (
        (
            "pythons",
            (
                "the newest first: `path`, `real_path`, `implementation`, `version`, `free_threaded`,"
                " `debug`, `environment`, `source` (who put it there), `name` (what that one calls it),"
                " `chosen` (whether it is used here), `supported` (by hutch), `support` (`bugfix`,"
                " `security`, `ending`, `ended`), `end_of_life`, `broken` (why), `stub`, and `download`: its"
                " build, if it can be installed"
            ),
        ),
    ),
    "python find": (
        ("path", "the Python"),
        ("version", "its version"),
        ("implementation", "`cpython`, `pypy` or `graalpy`"),
        ("free_threaded", "whether it is"),
        ("prefix", "where it, or the environment that it is in, is installed"),
        ("environment", "whether it is in one"),
    ),
    "python which": (
        ("name", "the program"),
        ("path", "where it is"),
        ("python", "the Python that it belongs to"),
        ("by", "`request`, `environment`, `pin`, `global pin`, `search` or `PATH`"),
        ("origin", "the file or variable that says so; null if none does"),
        ("reason", "the line for people; with `--all` there are `programs` instead: `path`, `python`"),
    ),
    "python pin": (
        ("path", "the file, or the variable that goes before it"),
        ("pins", "what it says, or will"),
        ("before", "what it said"),
        ("python", "the Python that the first of them means here; null if none is here"),
        ("version", "its version"),
        ("changed", "whether the file was written, or would be"),
        ("dry_run", "whether nothing was changed"),
    ),
    "env create": (
        ("name", "what it is called"),
        ("path", "where it is"),
        ("python", "the version of its Python"),
        ("interpreter", "the Python that it was made of"),
        ("installed", "`name`, `version` of each package that was put into it"),
        ("replaced", "whether there was one of that name"),
        ("dry_run", "whether nothing was made"),
    ),
    "env list": (
        (
            "environments",
            _ENVIRONMENTS,
        ),
    ),
    "env remove": (
        ("removed", "`name`, `path`, `bytes` of each"),
        ("bytes", "of all of them together"),
        ("dry_run", "whether nothing was removed"),
    ),
    "env clone": _CLONED,
    "env rename": _CLONED,
    "env path": (
        ("path", "the environment"),
        ("interpreter", "the interpreter in it"),
        ("exists", "whether it was made yet"),
    ),
    "env redirect": (
        ("path", "the file"),
        ("environment", "where it leads"),
        ("changed", "whether it was written, or would be"),
        ("removed", "whether `--remove` was given"),
        ("dry_run", "whether nothing was written"),
    ),
    "env history": (
        ("environment", "the environment"),
        ("generations", "oldest first; see how-to/rollback.md for their keys"),
        ("changed_since", "what another tool has changed since the last: `name`, `before`, `after`"),
        ("rolled_back_to", "the generation that it stays at; null if it follows its lock"),
    ),
    "env rollback": (
        ("environment", "the environment"),
        ("restored", "the number of the generation that it is like now"),
        ("left", "the number of the generation that it was before"),
        ("changes", "`name`, `before`, `after`"),
        ("changed_by_others", "what another tool had changed since the last command, and is undone too"),
        ("dry_run", "whether nothing was changed"),
    ),
    "activate": (
        ("environment", "the environment"),
        ("prompt", "what a shell shows while it is active"),
        ("shell", "the shell that it was printed for"),
        ("line", "what to type there"),
        ("set", "the variables that activation sets, with their values"),
        ("unset", "those that it takes away"),
        ("prepend", "what it puts in front of a variable that is a list"),
    ),
    "kernel install": (
        ("kernel", "the kernel, as `kernel list` has it"),
        ("spec", "what its `kernel.json` says"),
        ("changed", "whether it said something else before"),
        ("dry_run", "whether nothing was written"),
    ),
    "kernel list": (
        (
            "kernels",
            (
                "each with `name`, `display_name`, `folder`, `program`, `dead`, `by_hutch`, `project`,"
                " `environment`"
            ),
        ),
    ),
    "kernel remove": (
        ("removed", "the kernels that went, as `kernel list` has them"),
        ("dead_of_others", "with `--stale`, dead ones that hutch did not make, and that stay"),
        ("dry_run", "whether nothing was removed"),
    ),
    "ide vscode": (
        ("file", "the settings"),
        ("interpreter", "the environment's Python"),
        ("settings", "the members that tell of it"),
        ("changed", "those that were missing or said something else"),
        ("dry_run", "whether nothing was written"),
    ),
    "ide pycharm": (
        ("interpreter", "the path to paste"),
        ("environment", "the environment"),
        ("changed", "nothing, ever"),
    ),
    "env verify": (
        ("environment", "the environment"),
        ("sound", "whether nothing is broken"),
        ("deep", "whether every file was hashed"),
        ("packages", "how many were looked at"),
        ("files", "how many files they have"),
        ("faults", "what is broken: `kind`, `package`, `path`, `detail`"),
        ("notes", "the same of files that belong to no package"),
        ("lock", _COMPARED),
        ("drifted", "whether it is not what the lock says, and is not meant to be otherwise"),
        ("rolled_back", "whether it was rolled back, and stays so"),
        ("advice", "the commands that put it right"),
    ),
    "env pack": (
        ("environment", "the environment"),
        ("archive", "the file"),
        ("format", "`tar.zst`, `tar.gz` or `zip`"),
        ("python", "the version that it is for"),
        ("with_python", "whether the interpreter is in it"),
        ("packages", "how many are in it"),
        ("files", "how many"),
        ("unpacked_bytes", "their size"),
        ("bytes", "the size of the archive; null in a dry run"),
        ("sha256", "its hash"),
        ("left_out", "editables that are not in it"),
        ("names_place", "files that name the path of the environment, and may not work elsewhere"),
        ("dry_run", "whether nothing was written"),
    ),
    "env unpack": (
        ("archive", "the file"),
        ("environment", "the environment that was made"),
        ("name", "its name, or null"),
        ("python", "its version of Python"),
        ("interpreter", "the Python behind it"),
        ("packages", "how many are in it"),
        ("files", "how many"),
        ("bytes", "their size"),
        ("left_out", "what was left out when it was packed"),
        ("activate", "the line that activates it in the user's shell"),
        ("dry_run", "whether nothing was made"),
    ),
    "doctor": (
        ("sound", "whether no error was found"),
        ("errors", "how many findings are errors"),
        ("warnings", "how many are warnings"),
        ("infos", "how many are notes"),
        (
            "findings",
            "the worst first: `code`, `title`, `seen`, `why`, `severity`, `class`, `commands`, `plan`, ...",
        ),
        (
            "checks",
            "one a check: `code`, `title`, `class`, `state` (fine, found, skipped, failed), `reason`, ...",
        ),
        ("fixes", "of `--fix`: `code`, `title`, `state` (fixed, failed, planned, declined), `text`, `undo`"),
        ("dry_run", "whether it only says what it would do"),
    ),
    "cache size": (
        ("kinds", "one a kind of entry: `kind`, `files`, `bytes`"),
        ("limit", "bytes that there may be; null for no limit"),
    ),
    "cache verify": (
        ("wheels", "how many packages were looked at"),
        ("files", "how many files they have"),
        ("tables", "how many tables were looked at"),
        ("deep", "whether all was read"),
        (
            "damage",
            "`kind`, `name`, `key`, `faults`, `done` (`removed`, `restored`, null), `environments`",
        ),
    ),
    "cache prune": (
        ("removed", "how many things went, by kind"),
        ("bytes", "their size"),
        ("left", "bytes that are left"),
        ("in_use", "bytes of what environments use"),
        ("environments", "how many those are"),
        ("limit", "bytes that there may be; null for no limit"),
        ("dry_run", "whether nothing was removed"),
    ),
    "cache clean": (
        ("files", "how many files went"),
        ("bytes", "how many bytes went"),
        ("dry_run", "whether nothing was changed"),
    ),
    "import": (
        ("source", "the manifest that was read"),
        ("path", "the `pyproject.toml` that was written"),
        ("diff", "what changed in it; passwords in addresses are not shown"),
        ("notes", "`place` and `text` of what has no equivalent"),
        ("made_up", "what `[project]` has to say and the original does not"),
        ("left", "tables of other tools, and files, that are still there"),
        ("removed", "tables that were taken out"),
        ("passwords", "places of addresses with a password in them"),
        ("lock", "the lock from whose versions `lock` starts, or null"),
        ("dry_run", "whether nothing was written"),
    ),
    "auth login": (
        ("url", "the address that the password is for"),
        ("index", "the name of the index; null if an address was given"),
        ("kept", "`keyring` or `file`"),
        ("path", "the file of log-ins, which says where each password is"),
        ("reason", "why it is not in the keyring, or null"),
        ("counts_before", "what is told to that address instead, or null"),
        ("dry_run", "whether nothing was changed"),
    ),
    "auth logout": (
        ("url", "the address"),
        ("index", "the name of the index; null if an address was given"),
        ("kept", "where the password was: `keyring` or `file`"),
        ("path", "the file of log-ins"),
        ("reason", "why the keyring may still have it, or null"),
        ("counts_before", "what is told to that address all the same, or null"),
        ("dry_run", "whether nothing was changed"),
    ),
    "auth list": (
        ("path", "the file of log-ins"),
        ("saved", "`url`, `username` and `kept` (`keyring` or `file`) of each log-in"),
        ("indexes", "`name`, `url` and `source` of each index: where its credential comes from, or null"),
    ),
    **dict.fromkeys(
        (
            "conda create",
            "conda install",
            "conda update",
            "conda upgrade",
            "conda remove",
            "conda uninstall",
            "conda env create",
            "conda env update",
        ),
        _CONDA_CHANGE,
    ),
    **dict.fromkeys(
        ("conda activate", "conda deactivate", "conda reactivate"),
        (
            ("prefix", "the environment that is active then, or null"),
            ("shell", "the shell whose scripts are named"),
            ("path", "PATH, folder by folder"),
            ("deactivate", "scripts that are to be read first, before variables change"),
            ("unset", "variables that go"),
            ("set", "variables with their new values"),
            ("activate", "scripts that are to be read last"),
        ),
    ),
    "conda list": (
        ("base_url", "the channel's address, or null for what came from an index; the outcome is a list"),
        ("build_number", "a number"),
        ("build_string", "which build it is"),
        ("channel", "the channel's name; `pypi` for what came from an index"),
        ("dist_name", "name, version and build"),
        ("name", "the package"),
        ("platform", "its subdir; `pypi` for what came from an index"),
        ("size", "with --size: the bytes of its files; null where it has no record of them"),
        ("version", "of the package"),
    ),
    "conda export": _CONDA_EXPORT,
    "conda env export": _CONDA_EXPORT,
    "conda env list": (("envs", "the path of each"),),
    "conda info": (
        ("active_prefix", "the active environment; null without one"),
        ("active_prefix_name", "what it is called"),
        ("channels", "the address of each, with a platform"),
        ("conda_version", "null: no conda has a part in it"),
        ("config_files", "the `.condarc` files that are there"),
        ("default_prefix", "the active environment, else `root_prefix`"),
        ("envs", "the path of each environment"),
        ("envs_dirs", "where those with names are"),
        ("hutch_version", "that of hutch"),
        ("offline", "whether no network is asked"),
        ("pkgs_dirs", "the store"),
        ("platform", "`linux-64`, …"),
        ("python_version", "of the Python that runs hutch"),
        ("root_prefix", "`CONDA_ROOT`, else the directory above the environments"),
        ("virtual_pkgs", "[name, version, build] of each"),
    ),
    "conda env remove": (
        ("success", "whether it was agreed to"),
        ("prefix", "the environment"),
        ("removed", "whether it is gone"),
        ("dry_run", "whether it would have been"),
    ),
    "conda env config vars list": (("NAME", "the value of each variable"),),
    **dict.fromkeys(
        ("conda env config vars set", "conda env config vars unset"),
        (
            ("prefix", "the environment"),
            ("set", "names and values that are set now"),
            ("unset", "names that are taken away now"),
            ("absent", "those of them that were not set"),
        ),
    ),
    "conda compare": (),
    "conda rename": _CLONED,
    "conda config": (
        ("get", "with --get: the value of each key; with --show and --show-sources the keys stand alone"),
        ("rc_path", "the file that was read or changed"),
        ("success", "true"),
        ("warnings", "what somebody should know besides"),
    ),
    "conda clean": (
        ("success", "true"),
        ("dry_run", "whether it would have been removed"),
        ("packages", "by folder: pkgs_dirs, pkg_sizes; total_size, kept; null where they were not asked for"),
        ("index_cache", "files, total_size; null where it was not asked for"),
        ("tarballs", "nothing"),
        ("tempfiles", "nothing"),
        ("logfiles", "nothing"),
    ),
    "conda search": (
        (
            "NAME",
            (
                "for each name its records, oldest first, as conda writes them: `version`, `build`,"
                " `build_number`, `channel`, `subdir`, `fn`, `url`, `size`, `sha256`, `md5`, `license`,"
                " `timestamp`, `depends`, `constrains`; with --envs a list: `location`, `name` and"
                " `package_records` of each environment"
            ),
        ),
    ),
    "config show": (
        ("settings", "one a setting: `name`, `value` as text, `data`, `source`, `origin`"),
        ("files", "those that may set something: `path`, `exists`"),
        ("sandbox", "what keeps builds from what is not theirs: `part`, `means`, `missing`"),
    ),
    "self version": (
        ("version", "hutch's version"),
        ("python", "the version of the Python that runs it"),
        ("platform", "the system, as Python names it"),
    ),
}

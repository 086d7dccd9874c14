"""The shim in C: plain `python` as a compiled program. The rules are those of docs/explanation/shims.md.

Text only. `render_c` fills in what is known when the shims are made; `hutch.ops.shim_files` compiles it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hutch.shell.shim import ShimFacts

__all__ = ["render_c"]


def render_c(facts: ShimFacts) -> str:
    """The source of the shim."""
    return (
        _SOURCE.replace("__DATA__", _literal(facts.data))
        .replace("__SHIMS__", _literal(facts.shims))
        .replace("__HUTCH__", _array(facts.hutch))
        .replace("__WATCHED__", _array(facts.watched))
        .replace("__OTHERS__", _array(facts.pin_files[1:]))
        .replace("__PIN__", _literal(facts.pin_files[0]))
        .replace("__FORMAT__", _literal(facts.stamp))
    )


def _array(texts: tuple[str, ...]) -> str:
    return ", ".join([*map(_literal, texts), "0"])


def _literal(text: str) -> str:
    """A C string of exactly these bytes; every one that is not plain is in octal, which ends by itself."""
    data = text.encode("utf-8", "surrogateescape")
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._- +@,:"
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in data) + '"'


_SOURCE = r"""/* Plain python for programs that know no shell. Made by `hutch python shim install`. */
#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#define MTIME st_mtimespec
#else
#define _XOPEN_SOURCE 700
#define MTIME st_mtim
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONG 4608     /* of a path */
#define LARGEST 16385 /* of a pin file, and a zero */
#define LINES 64
#define ROUNDS 8

static const char data[] = __DATA__;
static const char shims[] = __SHIMS__;
static const char *const hutch[] = {__HUTCH__};
static const char *const watched[] = {__WATCHED__};
static const char *const others[] = {__OTHERS__};

/* What comes of one step. OTHER: a Python, but not of the version that is asked for by name. */
enum outcome { NOTHING, FOUND, OTHER, SYSTEM, UNKNOWN };

static const char *name;  /* as which we were called */
static const char *minor; /* "3.11" of python3.11, else 0 */
static int is_pip;
static char target[LONG];
static char pipless[LONG]; /* a Python that has no pip beside it */
static int strange;        /* the target comes from PATH: it may be a shim, too */

static int join(char *into, const char *a, const char *b, const char *c)
{
    return snprintf(into, LONG, "%s%s%s", a, b, c) < LONG;
}

static int is_file(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode);
}

static int runs(const char *path)
{
    return is_file(path) && access(path, X_OK) == 0;
}

/* Was `note` written after `path` was changed last? In the same tick of the clock is not after it. */
static int after(const char *note, const char *path)
{
    struct stat a, b;
    if (stat(path, &b) != 0)
        return 1;
    if (stat(note, &a) != 0)
        return 0;
    if (a.MTIME.tv_sec != b.MTIME.tv_sec)
        return a.MTIME.tv_sec > b.MTIME.tv_sec;
    return a.MTIME.tv_nsec > b.MTIME.tv_nsec;
}

static int same(const char *a, const char *b)
{
    struct stat s, t;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* The beginning of a regular file; -1 where there is none. Never waits for a writer. */
static int beginning(const char *path, char *into, int size)
{
    struct stat s;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), length = 0, more;
    if (file < 0)
        return -1;
    if (fstat(file, &s) != 0 || !S_ISREG(s.st_mode)) {
        close(file);
        return -1;
    }
    while (length < size - 1 && (more = (int)read(file, into + length, (size_t)(size - 1 - length))) > 0)
        length += more;
    close(file);
    into[length] = 0;
    return length;
}

/* No folder with Pythons has changed since the tables were begun. */
static int tables_hold(void)
{
    static int known = -1;
    char stamp[LONG];
    int i;
    if (known >= 0)
        return known;
    known = join(stamp, shims, "/stamp", "") && is_file(stamp);
    for (i = 0; known && watched[i]; i++)
        known = after(stamp, watched[i]);
    return known;
}

/* Take this Python: it, the one of the asked version beside it, or the pip beside it. */
static enum outcome fit(const char *python)
{
    const char *slash = strrchr(python, '/');
    char beside[LONG];
    if (!runs(python) || !slash || strlen(python) >= LONG)
        return UNKNOWN;
    if (!is_pip && !minor) {
        strcpy(target, python);
        return FOUND;
    }
    if (snprintf(beside, LONG, "%.*s/%s", (int)(slash - python), python, name) >= LONG)
        return UNKNOWN;
    if (runs(beside)) {
        strcpy(target, beside);
        return FOUND;
    }
    if (minor)
        return OTHER;
    strcpy(pipless, python);
    return FOUND;
}

static int is_plain(const char *word)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+@-";
    size_t length = strlen(word);
    return length && length <= 64 && word[0] != '.' && word[0] != '-' && strspn(word, letters) == length;
}

/* What the table has for a name. */
static enum outcome named(const char *word)
{
    char path[LONG], line[LONG], *end;
    if (!is_plain(word))
        return UNKNOWN;
    if (strcmp(word, "system") == 0)
        return SYSTEM;
    if (!tables_hold() || !join(path, shims, "/by-name/", word) || beginning(path, line, LONG) <= 0)
        return UNKNOWN;
    end = strchr(line, '\n');
    if (!end)
        return UNKNOWN;
    *end = 0;
    return line[0] == '/' ? fit(line) : UNKNOWN;
}

/* The names in a text, one a line, first words; with `paths` (text of our own) also paths of Pythons. */
static enum outcome listed(char *text, int paths)
{
    enum outcome last = NOTHING;
    char *line = text, *next, *word;
    int count;
    for (count = 0; line && *line && count < LINES; line = next, count++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (paths) {
            word = line;
        } else {
            word = line + strspn(line, " \t\r");
            word[strcspn(word, " \t\r")] = 0;
        }
        if (!*word || *word == '#')
            continue;
        last = paths && *word == '/' ? fit(word) : named(word);
        if (last != OTHER)
            return last;
    }
    return line && *line ? UNKNOWN : last;
}

/* What the slow way has noted of a file. It counts while it is younger than the file. */
static enum outcome noted(const char *file, const char *also)
{
    char path[LONG], text[LARGEST];
    if (!join(path, shims, "/by-file", file) || !tables_hold() || !is_file(path))
        return UNKNOWN;
    if (!after(path, file) || (also && !after(path, also)) || beginning(path, text, LARGEST) < 0)
        return UNKNOWN;
    return listed(text, 1);
}

static enum outcome pinned_by(const char *file)
{
    char text[LARGEST];
    enum outcome found;
    int length = beginning(file, text, LARGEST);
    if (length < 0)
        return NOTHING;
    if (strlen(text) != (size_t)length)
        return noted(file, 0); /* zeros in it: not ours to read */
    found = listed(text, 0);
    return found == UNKNOWN ? noted(file, 0) : found;
}

/* One number of a mark of trust: "root 1234". */
static int says(const char *mark, const char *key, const char *path)
{
    struct stat s;
    char wanted[64];
    if (stat(path, &s) != 0)
        snprintf(wanted, sizeof wanted, "\n%s -\n", key);
    else
        snprintf(wanted, sizeof wanted, "\n%s %llu\n", key, (unsigned long long)s.st_ino);
    return strstr(mark, wanted) != 0;
}

/* The same line of an environment of conda's: the first one of its history, in letters and digits. */
static int first_of_history(const char *folder, char *wanted)
{
    char path[LONG], line[81];
    int i, length = 6;
    if (!join(path, folder, "/.venv/conda-meta/history", "") || beginning(path, line, sizeof line) < 0)
        return 0;
    strcpy(wanted, "\nmade ");
    for (i = 0; line[i] && line[i] != '\n'; i++)
        if (strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", line[i]))
            wanted[length++] = line[i];
    strcpy(wanted + length, "\n");
    return length > 6;
}

/* The date in a mark of trust, "made 17.000000042": an inode may be that of another file by now. */
static int says_date(const char *mark, const char *folder)
{
    static const char *const names[] = {"/.venv/pyvenv.cfg", "/.venv", "/.python-envs"};
    struct stat s;
    char path[LONG], wanted[96];
    int i;
    if (join(path, folder, names[0], "") && lstat(path, &s) != 0 && first_of_history(folder, wanted))
        return strstr(mark, wanted) != 0;
    for (i = 0; i < 3; i++)
        if (join(path, folder, names[i], "") && stat(path, &s) == 0) {
            snprintf(wanted, sizeof wanted, "\nmade %lld.%09ld\n", (long long)s.MTIME.tv_sec,
                     (long)s.MTIME.tv_nsec);
            return strstr(mark, wanted) != 0;
        }
    return strstr(mark, "\nmade -\n") != 0;
}

static int is_own(const char *path, int folder)
{
    struct stat s;
    return lstat(path, &s) == 0 && s.st_uid == geteuid() && !(s.st_mode & 022) &&
           (folder ? S_ISDIR(s.st_mode) : S_ISREG(s.st_mode));
}

/* Whether the user has allowed the project in this folder (`hutch allow`), as it is now. */
static int is_trusted(const char *folder)
{
    char path[LONG], place[LONG], mark[LARGEST], root[LONG];
    struct stat s;
    if (!join(place, data, "/trust/at", folder))
        return 0;
    if (!join(path, place, "/.hutch-allowed", "") || !is_own(path, 0))
        return 0;
    if (beginning(path, mark, LARGEST) < 0 || strncmp(mark, "hutch trust 1\n", 14) != 0)
        return 0;
    if (!join(path, data, "/trust", "") || !is_own(path, 1))
        return 0;
    if (!join(path, place, "/.hutch-denied", "") || lstat(path, &s) == 0)
        return 0;
    if (!join(root, folder, "/", "") || !says(mark, "root", root))
        return 0;
    if (!join(path, folder, "/.venv", ""))
        return 0;
    if (stat(path, &s) != 0 && !join(path, folder, "/.python-envs", ""))
        return 0;
    return says(mark, "environment", path) && says_date(mark, folder);
}

/* Where the environment of the project in this folder is. */
static int environment_of(const char *folder, char *into)
{
    const char *place = getenv("HUTCH_PROJECT_ENVIRONMENT"), *one = getenv("HUTCH_ENV");
    char root[LONG];
    if (!place || !*place)
        place = ".venv";
    if (one && *one && !is_plain(one))
        return 0;
    if (!(*place == '/' ? join(root, place, "", "") : join(root, folder, "/", place)))
        return 0;
    while (root[0] && root[1] && root[strlen(root) - 1] == '/')
        root[strlen(root) - 1] = 0;
    return one && *one ? join(into, root, "-", one) : join(into, root, "", "");
}

/* Is there an environment in this folder, or a file that says where it is? As the hook of the shell looks. */
static int has_environment(const char *folder)
{
    char path[LONG];
    return (join(path, folder, "/.venv/pyvenv.cfg", "") && is_file(path)) ||
           (join(path, folder, "/.venv/conda-meta/history", "") && is_file(path)) ||
           (join(path, folder, "/.venv", "") && is_file(path)) ||
           (join(path, folder, "/.python-envs", "") && is_file(path));
}

/* The nearest environment upwards, if the user has allowed it. */
static enum outcome in_environment(const char *here)
{
    char folder[LONG], root[LONG], path[LONG], place[LONG], *end;
    strcpy(folder, here);
    while (!has_environment(folder)) {
        end = strrchr(folder, '/');
        if (!end)
            return NOTHING;
        *end = 0;
    }
    if (!is_trusted(folder))
        return NOTHING;
    if (!environment_of(folder, root) || !join(path, root, "/bin/python", ""))
        return UNKNOWN;
    if (runs(path))
        return fit(path);
    return join(place, data, "/projects", "") ? noted(root, place) : UNKNOWN;
}

static enum outcome in_pins(const char *here)
{
    char folder[LONG], path[LONG];
    enum outcome found;
    char *end;
    int i;
    strcpy(folder, here);
    for (;;) {
        if (!join(path, folder, "/", __PIN__))
            return UNKNOWN;
        found = pinned_by(path);
        for (i = 0; found == NOTHING && others[i]; i++)
            if (join(path, folder, "/", others[i]) && is_file(path))
                found = noted(path, 0);
        if (found != NOTHING)
            return found;
        end = strrchr(folder, '/');
        if (!end)
            return NOTHING;
        *end = 0;
    }
}

static enum outcome this_shell(void)
{
    char words[LARGEST], path[LONG], *word;
    const char *said = getenv("HUTCH_PYTHON");
    struct stat s;
    if (said && *said) {
        if (*said != '/')
            return strlen(said) > 64 ? UNKNOWN : named(said);
        if (stat(said, &s) == 0 && S_ISDIR(s.st_mode))
            return join(path, said, "/bin/python", "") ? fit(path) : UNKNOWN;
        return fit(said);
    }
    said = getenv("PYENV_VERSION");
    if (!said || !*said)
        return NOTHING;
    if (strlen(said) >= sizeof words || strchr(said, '\n'))
        return UNKNOWN;
    strcpy(words, said);
    for (word = words; *word; word++)
        if (*word == ':')
            *word = '\n';
    return listed(words, 0);
}

/* Where pyenv keeps its things; 0 if nowhere. */
static int pyenv(char *into, const char *what)
{
    const char *root = getenv("PYENV_ROOT"), *home = getenv("HOME");
    if (root && *root)
        return *root == '/' && join(into, root, what, "");
    return home && *home == '/' && join(into, home, "/.pyenv", what);
}

/* The first program of this name on PATH that is no shim. */
static int on_path(const char *wanted, char *into)
{
    char folder[LONG], pyenvs[LONG], plugins[LONG], self[LONG];
    const char *at = getenv("PATH"), *end;
    int has_pyenv = pyenv(pyenvs, "/shims"), has_plugin = pyenv(plugins, "/plugins/pyenv-virtualenv/shims");
    if (!join(self, shims, "/", "python"))
        return 0;
    for (; at && *at; at = *end ? end + 1 : end) {
        end = at + strcspn(at, ":");
        if (*at != '/' || end - at >= LONG)
            continue; /* what is relative belongs to where we stand, and that may be anybody's */
        snprintf(folder, LONG, "%.*s", (int)(end - at), at);
        if (!join(into, folder, "/", wanted) || !runs(into))
            continue;
        if (same(folder, shims) || same(into, self) || (has_pyenv && same(folder, pyenvs)) ||
            (has_plugin && same(folder, plugins)))
            continue;
        return 1;
    }
    return 0;
}

static enum outcome rest_of_path(void)
{
    char path[LONG];
    int found = 0;
    if (minor)
        found = on_path(name, path);
    else if (is_pip || strcmp(name, "python") == 0)
        found = on_path("python", path) || on_path("python3", path);
    else
        found = on_path("python3", path);
    if (!found)
        return named(minor ? minor : "any");
    strange = 1;
    return fit(path);
}

static enum outcome decide(void)
{
    static char here[LONG]; /* its end is where a walk upwards begins; "" is the root */
    char path[LONG];
    enum outcome found = this_shell();
    if (found == NOTHING && getcwd(here, LONG - 256) && here[0] == '/') {
        if (!here[1])
            here[0] = 0;
        found = in_environment(here);
        if (found == NOTHING)
            found = in_pins(here);
    }
    if (found == NOTHING)
        found = join(path, data, "/python-version", "") ? pinned_by(path) : UNKNOWN;
    if (found == NOTHING && pyenv(path, "/version"))
        found = pinned_by(path);
    if (found == OTHER)
        found = named(minor);
    else if (found == NOTHING || found == SYSTEM)
        found = rest_of_path();
    return found;
}

static int become_hutch(int count, char **words, int slow)
{
    char **all = calloc((size_t)count + 16, sizeof *all);
    int at = 0, i;
    if (!all)
        return 126;
    for (i = 0; hutch[i]; i++)
        all[at++] = (char *)hutch[i];
    if (slow) {
        all[at++] = "python";
        all[at++] = "shim";
        all[at++] = "exec";
        all[at++] = (char *)shims;
        all[at++] = (char *)name;
    } else {
        all[at++] = "pip";
    }
    for (i = 1; i < count; i++)
        all[at++] = words[i];
    execv(all[0], all);
    fprintf(stderr, "%s: hutch is not where it was (%s): %s\n", name, hutch[0], strerror(errno));
    fprintf(stderr, "try: hutch python shim install, with the hutch that there is now\n");
    return 127;
}

/* pip for a Python that has none beside it: hutch's, if it is of an environment; else what it has itself. */
static int pip_of(const char *python, int count, char **words)
{
    char root[LONG], path[LONG];
    char **all = calloc((size_t)count + 4, sizeof *all);
    int i;
    snprintf(root, LONG, "%s", python);
    for (i = 0; i < 2 && strrchr(root, '/'); i++)
        *strrchr(root, '/') = 0;
    if (join(path, root, "/pyvenv.cfg", "") && is_file(path)) {
        setenv("VIRTUAL_ENV", root, 1);
        return become_hutch(count, words, 0);
    }
    if (!all)
        return 126;
    all[0] = (char *)python;
    all[1] = "-m";
    all[2] = "pip";
    for (i = 1; i < count; i++)
        all[i + 2] = words[i];
    execv(python, all);
    fprintf(stderr, "%s: %s: %s\n", name, python, strerror(errno));
    return 126;
}

static int rounds(void)
{
    const char *said = getenv("_HUTCH_SHIM");
    char text[64];
    long process;
    int count = 0;
    if (!said || sscanf(said, "%ld:%d", &process, &count) != 2 || process != (long)getpid())
        count = 0;
    snprintf(text, sizeof text, "%ld:%d", (long)getpid(), count + 1);
    setenv("_HUTCH_SHIM", text, 1);
    return count;
}

int main(int count, char **words)
{
    const char *slash;
    if (count < 1 || !words[0])
        return 127;
    slash = strrchr(words[0], '/');
    name = slash ? slash + 1 : words[0];
    if (count == 2 && strcmp(words[1], "--hutch-shim") == 0) {
        printf("%s\n%s\n%s\n", __FORMAT__, shims, hutch[0]);
        return 0;
    }
    is_pip = strcmp(name, "pip") == 0 || strcmp(name, "pip3") == 0;
    if (!is_pip && strncmp(name, "python", 6) != 0)
        name = "python";
    if (!is_pip && strncmp(name, "python3.", 8) == 0 && is_plain(name + 6))
        minor = name + 6;
    if (decide() != FOUND)
        return become_hutch(count, words, 1);
    if (strange && rounds() >= ROUNDS) {
        fprintf(stderr, "%s: two shims on PATH call each other, the other one is %s\n", name, target);
        return 127;
    }
    if (pipless[0])
        return pip_of(pipless, count, words);
    words[0] = target;
    execv(target, words);
    fprintf(stderr, "%s: %s: %s\n", name, target, strerror(errno));
    return 126;
}
"""

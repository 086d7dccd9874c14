"""Values that cost little to declare: ``dataclass``, ``field``, ``fields`` and ``replace`` for this house.

Half of a warm ``hutch lock`` was once spent on declaring dataclasses: the standard library writes
and compiles source for each (0.4 ms a class, and 7 ms for the import). This module declares one in a
twentieth of that, with the same words and the part of their meaning that hutch uses: ``frozen``,
``slots``, ``kw_only``, ``eq``; defaults and factories; inheritance; ``match``. Type checkers see the
standard library's. See ``docs/adr/0009-values-without-dataclasses.md``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
else:
    from _operator import attrgetter

    class FrozenInstanceError(AttributeError):
        """A frozen value was to be changed."""

    class _Missing:
        def __repr__(self):
            return "<missing>"

    MISSING = _Missing()
    WORTH_IT = 250
    """So many of a class are made before an ``__init__`` is written for it, which takes as long as these."""

    class _Field:
        """What is known of one field."""

        __slots__ = ("compare", "default", "factory", "hash", "init", "kw_only", "name", "put", "repr")

        def __init__(self, name, default, factory, init, repr_, compare, hash_, kw_only):
            self.name, self.default, self.factory = name, default, factory
            self.init, self.repr, self.compare, self.hash, self.kw_only = init, repr_, compare, hash_, kw_only
            self.put = None

    _Slot = type(_Field.name)

    def field(
        *,
        default=MISSING,
        default_factory=MISSING,
        init=True,
        repr=True,
        hash=None,
        compare=True,
        kw_only=None,
    ):
        """As ``dataclasses.field``."""
        return _Field("", default, default_factory, init, repr, compare, hash, kw_only)

    def dataclass(cls=None, /, *, frozen=False, slots=False, kw_only=False, eq=True):
        """As ``dataclasses.dataclass``, for the arguments that are here."""
        if cls is None:
            return lambda cls: _declare(cls, frozen, slots, kw_only, eq)
        return _declare(cls, frozen, slots, kw_only, eq)

    def fields(value):
        """The fields of a value or of its class, in order; each has a ``name``."""
        return (value if isinstance(value, type) else type(value)).__value_fields__

    def replace(value, /, **changes):
        """A copy with some fields changed."""
        for each in type(value).__value_fields__:
            if each.init and each.name not in changes:
                changes[each.name] = getattr(value, each.name)
        return type(value)(**changes)

    def _declare(cls, frozen, slots, kw_only, eq):
        known = {}
        for base in reversed(cls.__mro__[1:]):
            for each in getattr(base, "__value_fields__", ()):
                known[each.name] = each
        own = {}
        members = dict(cls.__dict__)
        for name, annotation in members.get("__annotations__", {}).items():
            text = annotation if type(annotation) is str else str(annotation)
            if "ClassVar" in text and text.startswith(("ClassVar", "typing.ClassVar")):
                continue
            own[name] = _own_field(name, members.pop(name, MISSING), kw_only)
        known.update(own)
        every = tuple(known.values())
        members["__value_fields__"] = every
        _write_members(members, cls, every, frozen, eq)
        if not slots:
            for name, value in members.items():
                if name not in ("__dict__", "__weakref__") and cls.__dict__.get(name) is not value:
                    setattr(cls, name, value)
            for name, each in own.items():
                if each.default is not MISSING:
                    setattr(cls, name, each.default)
            _bind(cls, every)
            return cls
        inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__slots__", ())}
        members["__slots__"] = tuple(name for name in own if name not in inherited)
        members.pop("__dict__", None)
        members.pop("__weakref__", None)
        made = type(cls)(cls.__name__, cls.__bases__, members)
        _bind(made, every)
        return made

    def _own_field(name, given, kw_only):
        if isinstance(given, _Field):
            keyword = kw_only if given.kw_only is None else given.kw_only
            given.name, given.kw_only = name, keyword
            return given
        if isinstance(given, (list, dict, set)):
            raise ValueError(f"a mutable default for {name} needs a default_factory")
        return _Field(name, given, MISSING, True, True, True, None, kw_only)

    def _write_members(members, cls, every, frozen, eq):
        if "__init__" not in members:
            members["__init__"] = _make_init(every, cls.__name__, hasattr(cls, "__post_init__"))
        if "__repr__" not in members:
            members["__repr__"] = _repr
        members.setdefault(
            "__match_args__", tuple(each.name for each in every if each.init and not each.kw_only)
        )
        if eq and "__eq__" not in members:
            compared = _getter([each.name for each in every if each.compare])
            members["__eq__"] = _make_eq(compared)
            if "__hash__" not in members or members["__hash__"] is None:
                hashed = [each.name for each in every if (each.compare if each.hash is None else each.hash)]
                members["__hash__"] = _make_hash(_getter(hashed)) if frozen else None
        if frozen:
            members["__setattr__"] = _refuse
            members["__delattr__"] = _refuse

    def _bind(cls, every):
        """Find for each field the way to set it that a frozen class does not close."""
        plan = []
        for each in every:
            name = each.name
            slot = getattr(cls, name, None)  # a default that hides no slot is no descriptor
            put = slot.__set__ if type(slot) is _Slot else _put_in_dict(name)
            plan.append((name, put, each.default, each.factory, each.init))
        cls.__value_plan__ = tuple(plan)

    def _put_in_dict(name):
        def put(self, value):
            self.__dict__[name] = value

        return put

    def _make_init(every, name, has_post):
        positions = tuple(each.name for each in every if each.init and not each.kw_only)
        left = WORTH_IT

        def __init__(self, *given, **named):
            nonlocal left
            left -= 1
            if not left:
                _write_init(type(self), __init__, every, has_post)
            if given:
                if len(given) > len(positions):
                    raise TypeError(f"{name}() takes {len(positions)} positional arguments, not {len(given)}")
                for key, value in zip(positions, given, strict=False):
                    if key in named:
                        raise TypeError(f"{name}() got two values for {key!r}")
                    named[key] = value
            used = 0
            for key, put, default, factory, init in self.__value_plan__:
                if init and key in named:
                    put(self, named[key])
                    used += 1
                elif default is not MISSING:
                    put(self, default)
                elif factory is not MISSING:
                    put(self, factory())
                elif init:
                    raise TypeError(f"{name}() needs {key!r}")
            if used != len(named):
                extra = set(named) - {each[0] for each in self.__value_plan__ if each[4]}
                raise TypeError(f"{name}() does not know {', '.join(sorted(extra))}")
            if has_post:
                self.__post_init__()

        return __init__

    def _write_init(kind, slow, every, has_post):
        """Give a class of which many are made an ``__init__`` that is written for it."""
        cls = next(each for each in kind.__mro__ if each.__dict__.get("__init__") is slow)
        inner = {"MISSING": MISSING}
        places, named, body = [], [], []
        for at, (name, put, default, factory, init) in enumerate(cls.__value_plan__):
            inner[f"put{at}"], inner[f"factory{at}"], inner[f"default{at}"] = put, factory, default
            fresh = f"factory{at}()" if factory is not MISSING else f"default{at}"
            known = default is not MISSING or factory is not MISSING
            if not init:
                body.append(f"put{at}(self, {fresh})" if known else "pass")
                continue
            unsaid = "" if not known else f"=default{at}"  # of a factory that is MISSING
            (named if every[at].kw_only else places).append(name + unsaid)
            value = f"{fresh} if {name} is MISSING else {name}" if factory is not MISSING else name
            body.append(f"put{at}(self, {value})")
        if has_post:
            body.append("self.__post_init__()")
        words = ", ".join(["self", *places, *(["*", *named] if named else [])])
        try:
            exec(f"def __init__({words}): {'; '.join(body) or 'pass'}", inner)
        except SyntaxError:  # fields without a default behind some that have one
            return
        cls.__init__ = inner["__init__"]

    def _repr(self):
        shown = []
        for each in self.__value_fields__:
            if each.repr:
                shown.append(f"{each.name}={getattr(self, each.name)!r}")
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _getter(names):
        if not names:
            return lambda self: ()
        return attrgetter(*names)

    def _make_eq(get):
        def __eq__(self, other):
            if self is other:
                return True
            if other.__class__ is self.__class__:
                return get(self) == get(other)
            return NotImplemented

        return __eq__

    def _make_hash(get):
        def __hash__(self):
            return hash(get(self))

        return __hash__

    def _refuse(self, name, *value):
        raise FrozenInstanceError(f"cannot change {name!r} of a {type(self).__qualname__}")


__all__ = ["FrozenInstanceError", "dataclass", "field", "fields", "replace"]

"""Replicas of projects of Pipenv, pip-tools and pip: read without a fault, and their locks answer them."""

from pathlib import Path

import pytest

from corpus.test_corpus import neighbours
from hutch.lock.foreign import pipfile, requirements
from hutch.ops.manifests import manifest_in
from hutch.project import parse_manifest

PROJECTS = Path(__file__).parent / "projects"


def manifest_of(name):
    place = PROJECTS / name
    file = manifest_in(str(place))
    text = (place / file).read_text(encoding="utf-8")
    return parse_manifest(text, filename=file, read=neighbours(place)), text


@pytest.mark.parametrize(("name", "packages"), [("httpbin", 28), ("paperless-ngx", 118)])
def test_pipenv(name, packages):
    manifest, text = manifest_of(name)
    lock_text = (PROJECTS / name / "Pipfile.lock").read_text(encoding="utf-8")
    lock = pipfile.parse(lock_text, "Pipfile.lock", manifest)
    assert pipfile.staleness(lock_text, manifest, text) is None
    assert len(lock.packages) >= packages
    asked = {one.requirement.name for found in manifest.requirements().values() for one in found}
    assert asked <= {package.name for package in lock.packages}


def test_pip_tools_in_layers():
    manifest, text = manifest_of("warehouse")
    assert manifest.filename == "requirements/main.in"
    assert set(manifest.groups) == {"deploy", "lint", "tests"}
    gathered = requirements.gather(manifest.filename, neighbours(PROJECTS / "warehouse"))
    assert requirements.is_lock(gathered)
    assert requirements.staleness(gathered, manifest, text) is None
    lock = requirements.parse(gathered, "main.txt", manifest)
    assert len(lock.packages) == 104
    assert all(package.loose_hashes for package in lock.packages)


def test_lists_by_hand():
    manifest, _ = manifest_of("djangoproject.com")
    assert set(manifest.groups) == {"dev", "tests"}
    assert {"django", "gunicorn"} <= {one.requirement.name for one in manifest.dependencies}
    assert not requirements.is_lock(
        requirements.gather(manifest.filename, neighbours(PROJECTS / "djangoproject.com"))
    )

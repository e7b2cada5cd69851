"""The registry of trained classifiers on SQLite and on PostgreSQL: versions, stages, and the step from 0001."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from contrapeso.errors import InvalidParameterError, NotFoundError, SchemaOutdatedError
from contrapeso.store import ModelRow, Store, open_store
from contrapeso.store._engine import writing
from contrapeso.store._migrate import ADDED, config
from tests._bank_rows import parsed_file, transaction


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as opened:
        opened.migrate()
        yield opened


def add(store: Store, name: str = "categorias", **values: object) -> ModelRow:
    told: dict[str, object] = {
        "kind": "linear_svm",
        "target": "category",
        "data_sha256": "d" * 64,
        "schema": {"columns": [{"name": "description", "family": "text"}], "classes": ["a", "ção"]},
        "metrics": {"verdict": "empate", "rung": "none"},
        "archive": "models/x.cpm",
        "archive_sha256": "a" * 64,
        "seed": 2**70,
    }
    return store.register_model(name, **{**told, **values})


def test_versions_of_a_name_count_from_one_and_all_is_kept(store: Store) -> None:
    first, second, other = add(store), add(store), add(store, "outro")
    assert [(row.name, row.version, row.stage) for row in (first, second, other)] == [
        ("categorias", 1, "candidate"),
        ("categorias", 2, "candidate"),
        ("outro", 1, "candidate"),
    ]
    assert (first.seed, first.schema["classes"], first.created_at.utcoffset().total_seconds()) == (
        2**70,
        ["a", "ção"],
        0,
    )
    assert store.models() == (second, first, other)
    assert store.models(name="outro") == (other,)


def test_a_model_is_found_by_id_name_stage_and_version(store: Store) -> None:
    first, second = add(store), add(store)
    store.set_stage(first.id, "production")
    assert store.model(first.id).id == store.model(str(first.id)).id == first.id
    assert store.model("categorias").id == second.id
    assert store.model("categorias@production").id == first.id
    assert store.model("categorias@1").id == first.id


def test_one_version_of_a_name_is_in_production(store: Store) -> None:
    first, second, other = add(store), add(store), add(store, "outro", stage="production")
    store.set_stage(first.id, "production")
    assert store.set_stage("categorias@2", "production").stage == "production"
    assert {row.id: row.stage for row in store.models()} == {
        first.id: "archived",
        second.id: "production",
        other.id: "production",
    }
    third = add(store, stage="production")
    assert store.models(stage="production") == (third, other)


def test_what_is_not_there_is_refused_with_what_is(store: Store) -> None:
    with pytest.raises(NotFoundError, match="contrapeso train FILE"):
        store.model("categorias")
    add(store)
    for which in (99, "nada", "categorias@2", "categorias@production"):
        with pytest.raises(NotFoundError, match=r"categorias@1 \(candidate\)"):
            store.model(which)
    with pytest.raises(InvalidParameterError, match="A stage is one of candidate"):
        store.model("categorias@prod")
    with pytest.raises(InvalidParameterError, match="A stage is one of"):
        store.set_stage("categorias", "live")


@pytest.mark.parametrize("name", ["", "12", "a/b", "..", ".x", "a@b", "x" * 101, "a b"])
def test_a_name_that_could_be_something_else_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidParameterError, match="A model name has letters"):
        add(store, name)
    assert store.models() == ()


def test_models_that_are_registered_at_once_get_versions_of_their_own(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda _: add(store), range(8)))
    assert sorted(row.version for row in rows) == list(range(1, 9))


def test_a_database_of_the_first_version_is_brought_up_to_date_with_its_rows(database_url: str) -> None:
    with open_store(database_url) as store:
        store.migrate()
        store.import_file(parsed_file([transaction(1)]))
        with writing(store._engine) as connection:
            settings = config()
            settings.attributes["connection"] = connection
            command.downgrade(settings, "0001")
            assert not inspect(connection).has_table("models")
    with open_store(database_url) as store:
        store.migrate()
        assert add(store).version == 1
        assert store.read_table("transactions").num_rows == 1


def test_a_table_of_somebody_else_named_as_a_new_one_of_ours_stops_the_step_from_0001(database_url: str) -> None:
    with open_store(database_url) as store:
        store.migrate()
        with writing(store._engine) as connection:
            settings = config()
            settings.attributes["connection"] = connection
            command.downgrade(settings, "0001")
            connection.execute(text("CREATE TABLE models (theirs INTEGER)"))
    with open_store(database_url) as store:
        with pytest.raises(SchemaOutdatedError, match="tables named models that Contrapeso did not make"):
            store.migrate()
        with store._engine.connect() as connection:
            assert [column["name"] for column in inspect(connection).get_columns("models")] == ["theirs"]


def test_every_migration_says_which_tables_it_adds() -> None:
    scripts = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()]
    assert {*ADDED, "0001"} == set(scripts)

"""Uses the test server through Typesense's own client as its documentation shows, and expects what Typesense answers."""

import sys

import typesense
from typesense import exceptions


def refused(kind, act):
    try:
        act()
    except kind:
        return
    raise AssertionError(f"not refused by {kind.__name__}")


host, port, key = sys.argv[1:]


def client(api_key):
    nodes = [{"host": host, "port": port, "protocol": "http"}]
    return typesense.Client({"nodes": nodes, "api_key": api_key, "connection_timeout_seconds": 5, "num_retries": 0})


ours = client(key)
fields = [
    {"name": "title", "type": "string"},
    {"name": "tags", "type": "string[]", "facet": True},
    {"name": "points", "type": "int32"},
]
schema = {"name": "books", "fields": fields, "default_sorting_field": "points"}

refused(exceptions.RequestUnauthorized, lambda: client("wrong").collections.retrieve())
assert ours.collections.create(schema)["num_documents"] == 0
refused(exceptions.ObjectAlreadyExists, lambda: ours.collections.create(schema))
refused(exceptions.RequestMalformed, lambda: ours.collections.create({"name": "x", "fields": [], "nonsense": 1}))
refused(exceptions.RequestMalformed, lambda: ours.collections.create({"name": "x", "fields": [{"name": "a", "type": "text"}]}))
refused(exceptions.ObjectNotFound, lambda: ours.collections["none"].retrieve())

books = ours.collections["books"].documents
results = books.import_(
    [
        {"id": "1", "title": "The Hunger Games", "tags": ["young adult"], "points": 5},
        {"id": "2", "title": "Harry Potter", "tags": ["fantasy"], "points": 9},
        {"id": "3", "title": "Without points", "tags": []},
        {"id": "4", "title": 4, "tags": [], "points": 1},
    ],
    {"action": "upsert"},
)
assert [it["success"] for it in results] == [True, True, False, False], results
assert "points" in results[2]["error"] and "string" in results[3]["error"], results
assert ours.collections["books"].retrieve()["num_documents"] == 2

ours.aliases.upsert("alias", {"collection_name": "books"})
assert ours.aliases["alias"].retrieve()["collection_name"] == "books"
through = ours.collections["alias"].documents


def search(**parameters):
    found = through.search({"query_by": "title", **parameters})
    assert found["found"] >= len(found["hits"])
    return [it["document"]["id"] for it in found["hits"]]


assert search(q="har") == ["2"]
assert search(q="harri poter") == ["2"]
assert search(q="*") == ["2", "1"]
assert search(q="*", sort_by="points:asc") == ["1", "2"]
assert search(q="*", filter_by="points:>5") == ["2"]
assert search(q="*", filter_by="tags:=[`young adult`] && points:<=5") == ["1"]
refused(exceptions.ObjectNotFound, lambda: search(q="a", query_by="none"))
refused(exceptions.ObjectNotFound, lambda: search(q="a", filter_by="none:=1"))
refused(exceptions.RequestMalformed, lambda: search(q="a", nonsense=1))
refused(exceptions.RequestMalformed, lambda: search(q="a", per_page="many"))

several = ours.multi_search.perform(
    {"searches": [{"collection": "books", "q": "hunger"}, {"collection": "none", "q": "a"}]},
    {"query_by": "title"},
)["results"]
assert several[0]["found"] == 1 and several[1]["code"] == 404, several

assert through.delete({"filter_by": "id:=[1]"})["num_deleted"] == 1
refused(exceptions.RequestMalformed, lambda: through.delete({"filter_by": ""}))
assert ours.collections["books"].delete()["name"] == "books"
assert ours.operations.is_healthy()

"""River's own Python client puts work on our queue: one job alone, many at once, one for later.

Not those that are unique: what it says to the database then is of an older schema than River's last (0.7.0).
"""

import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import sqlalchemy
from riverqueue import Client, InsertManyParams, InsertOpts
from riverqueue.driver.riversqlalchemy import Driver

socket, user, database = sys.argv[1:]


@dataclass
class Note:
    words: str
    kind: str = "test.note"

    def to_json(self):
        return json.dumps({"words": self.words})


engine = sqlalchemy.create_engine(
    "postgresql+psycopg2://",
    connect_args={"host": socket, "user": user, "dbname": database, "options": "-csearch_path=river"},
)
client = Client(Driver(engine))
low = InsertOpts(queue="low", max_attempts=3)
alone = client.insert(Note("alone"), insert_opts=low)
many = client.insert_many([InsertManyParams(args=Note(f"many {n}"), insert_opts=InsertOpts(priority=4)) for n in range(20)])
later = client.insert(Note("later"), insert_opts=InsertOpts(scheduled_at=datetime.now(timezone.utc) + timedelta(days=1)))
print(json.dumps({"alone": alone.job.id, "many": many, "later": later.job.id}))

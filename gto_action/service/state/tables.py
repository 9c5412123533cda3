"""The tables of the service: the truth, from which every queue can be built again."""

from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()
_text: Final = sa.Text()
_time: Final[sa.types.TypeEngine[float]] = sa.Double()
"""Seconds since 1970."""

MIGRATION: Final = sa.Table(
    "gto_migration",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("applied_at", _time, nullable=False),
)
REPOSITORY: Final = sa.Table(
    "gto_repository",
    METADATA,
    sa.Column("name", _text, primary_key=True),
    sa.Column("digest", _text, nullable=False),  # of the refs that were seen last; empty before the first look
    sa.Column("version", sa.BigInteger, nullable=False),  # how often its refs were written
    sa.Column("wanted", sa.BigInteger, nullable=False),  # how often somebody said: look
    sa.Column("done", sa.BigInteger, nullable=False),  # how much of that has been done
    sa.Column("looks", sa.BigInteger, nullable=False),  # how many there were
    sa.Column("failures", sa.Integer, nullable=False),  # in a row
    sa.Column("not_before", _time, nullable=False),
    sa.Column("poll_at", _time, nullable=False),
    sa.Column("looked_at", _time, nullable=False),
    sa.Column("begun", sa.Integer, nullable=False, server_default=sa.text("0")),  # looks whose end nobody knows
    sa.Column("partial", sa.Integer, nullable=False, server_default=sa.text("0")),  # looks in a row that lacked some
    sa.Column("error", _text, nullable=False),
    sa.Column("halted", sa.Boolean, nullable=False),
)
REF: Final = sa.Table(
    "gto_ref",
    METADATA,
    sa.Column("repository", _text, primary_key=True),
    sa.Column("tag", _text, primary_key=True),
    sa.Column("oid", _text, nullable=False),  # empty if it is gone
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),
)
ARTIFACT: Final = sa.Table(
    "gto_artifact",
    METADATA,
    sa.Column("repository", _text, primary_key=True),
    sa.Column("artifact", _text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),  # the last that was given
)
EVENT: Final = sa.Table(
    "gto_event",
    METADATA,
    sa.Column("id", _text, primary_key=True),
    sa.Column("repository", _text, nullable=False),
    sa.Column("artifact", _text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("word", _text, nullable=False),
    sa.Column("tag", _text, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False),  # whether no later event supersedes it, by the last look
    sa.Column("body", _text, nullable=False),
    sa.Column("found_by", _text, nullable=False),
    sa.Column("found_at", _time, nullable=False),
    sa.UniqueConstraint("repository", "artifact", "sequence"),
)
DELIVERY: Final = sa.Table(
    "gto_delivery",
    METADATA,
    sa.Column("id", _text, primary_key=True),
    sa.Column("sink", _text, nullable=False),
    sa.Column("event", _text, nullable=False),
    sa.Column("repository", _text, nullable=False),
    sa.Column("artifact", _text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("state", _text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column(
        "begun", sa.Integer, nullable=False, server_default=sa.text("0")
    ),  # how often a worker began with it and did not end
    sa.Column("wake", sa.Integer, nullable=False),  # how often a worker was sent for it
    sa.Column("wake_at", _time, nullable=False),
    sa.Column("next_at", _time, nullable=False),  # when the next attempt may be
    sa.Column("found_at", _time, nullable=False),
    sa.Column("first_at", _time, nullable=False),  # 0 before the first attempt
    sa.Column("last_at", _time, nullable=False),
    sa.Column("said", _text, nullable=False),  # what the last attempt came to
    sa.UniqueConstraint("sink", "repository", "artifact", "sequence"),
    sa.Index("gto_delivery_due", "state", "wake_at"),
    sa.Index("gto_delivery_event", "event"),
)
SINK: Final = sa.Table(
    "gto_sink",
    METADATA,
    sa.Column("name", _text, primary_key=True),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("said", _text, nullable=False),
)
HOOK: Final = sa.Table(
    "gto_hook",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("repository", _text, nullable=False),
    sa.Column("delivery", _text, nullable=False),  # the provider's id of it
    sa.Column("event", _text, nullable=False),
    sa.Column("received_at", _time, nullable=False),
    sa.Index("gto_hook_received", "received_at"),
)

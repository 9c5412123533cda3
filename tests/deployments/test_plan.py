"""The rule alone: which deployment is made, and which are over."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gto_action.deployments.plan import TagAtCommit, environment_of, of_tag, over, payload_of, plan
from gto_action.gto.names import ArtifactName, StageName
from gto_action.gto.record import TagRecord
from gto_action.gto.registry import Registry
from gto_action.gto.standing import standing_of
from tests.support.deployments import parsed, record


def test_the_names_of_environments() -> None:
    assert environment_of("{name} in {stage}", ArtifactName("churn", "m"), StageName("eu/prod")) == "m:churn in eu/prod"
    assert environment_of("all", ArtifactName("churn"), StageName("prod")) == "all"


def test_a_payload_that_is_long() -> None:
    document = {"tag": "t", "message": "m" * 20_000, "meta": {"m": "x" * 20_000}, "sha": "s"}
    assert payload_of(document) == {"tag": "t", "message": "m" * 20_000, "sha": "s"}
    assert payload_of(document | {"path": "p" * 30_000, "description": "d"}) == {
        "tag": "t",
        "sha": "s",
        "path": "p" * 30_000,
        "description": "d",
    }
    assert payload_of({"tag": "t"}) == {"tag": "t"}
    whatever = {"path": "p" * 40_000}
    assert payload_of(whatever | {"stages": {}, "labels": []}) == whatever, "GitHub says whether it takes it"


def test_the_size_of_a_payload_is_that_of_the_json_that_is_sent() -> None:
    """PyGithub sends ASCII: what is one character in Python takes six bytes, or twelve."""
    fits = {"tag": "t", "message": "\u00e9" * 5_300}
    assert payload_of(fits) == fits
    for long in ("\u00e9" * 5_400, "\U0001f600" * 2_700, "\n" * 16_000, '"' * 16_000):
        assert len(long) <= 16_000
        assert payload_of({"tag": "t", "message": long}) == {"tag": "t"}
    short = {"tag": "t", "meta": {"m": ["x'"] * 5_000}}
    assert len(repr(short)) > 30_000
    assert payload_of(short) == short


def of(tag: str, sha: str = "s", dated: str | None = "d") -> TagAtCommit:
    return tag, sha, dated


def test_where_the_walk_ends() -> None:
    mine = of("t")
    states = {9: "inactive", 8: "success", 7: "failure", 6: "", 5: "inactive", 4: "success", 3: "success", 2: "success"}
    made = {9: mine, 8: of("a"), 7: of("b"), 6: of("t", "moved"), 5: of("c"), 4: of("d"), 3: of("e")}
    asked: list[int] = []

    def state(number: int) -> str:
        asked.append(number)
        return states[number]

    walk = iter([*made.items(), (2, of("f"))])
    assert over(walk, state, frozenset({mine}), frozenset({mine, of("e")})) == [3, 6, 8]
    assert asked == [8, 7, 6, 5, 3]
    assert next(walk)[0] == 2, "not asked for"


def test_the_deployment_of_a_tag_that_was_made_again_is_over() -> None:
    kept = frozenset({of("t", dated="new")})
    listed = [(3, of("t", dated="new")), (2, of("t", dated=None)), (1, of("t", dated="old"))]
    assert over(iter(listed), lambda _: "success", kept, frozenset()) == [1]


STAGES = ("m#prod", "m#prod!", "m#dev", "m#dev!")
VERSIONS = ("m@v1.0.0", "m@v2.0.0", "m@v1.0.0!", "m@v2.0.0!", "m@deprecated")
Made = list[tuple[TagAtCommit, str]]
PATTERNS = st.sampled_from(("{stage}", "{name}", "all"))


def some_tags(*names: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.tuples(st.sampled_from(names), st.sampled_from("abc")), max_size=12)


def held(registry: Registry, pattern: str) -> set[tuple[TagAtCommit, str]]:
    """The assignments by which the stages have their versions now, with the environments."""
    artifact = registry.artifact(ArtifactName("m"))
    return {
        (of_tag(assigned), environment_of(pattern, artifact.name, stage))
        for stage, state in (artifact.stages if artifact.active else {}).items()
        if (assigned := state.stages[stage].assigned)
    }


def run_for(
    record: TagRecord, registry: Registry, pattern: str, made: Made, over: set[tuple[TagAtCommit, str]]
) -> None:
    """What one run does, on a GitHub that is two collections."""
    event = registry.event(parsed(record.name))
    artifact = registry.artifact(event.artifact)
    found = plan(event, standing_of(event, registry), artifact, pattern, lambda _: True)
    mine = of_tag(record)
    if found.environment and (mine, found.environment) not in made:
        made.append((mine, found.environment))
    for environment, kept in found.kept.items():
        over |= {each for each in made if each[1] == environment and each[0] not in kept}


@settings(max_examples=300, deadline=None)
@given(some_tags(*STAGES, *VERSIONS), PATTERNS)
def test_in_order_what_is_active_is_what_holds(tags: list[tuple[str, str]], pattern: str) -> None:
    records = [record(f"{name}#{place}", place, commit) for place, (name, commit) in enumerate(tags)]
    made: Made = []
    over: set[tuple[TagAtCommit, str]] = set()
    for place, pushed in enumerate(records):
        registry = Registry(records[: place + 1])
        run_for(pushed, registry, pattern, made, over)
        assert {*made} - over <= held(registry, pattern)
    assert len({*made}) == len(made)


@settings(max_examples=300, deadline=None)
@given(some_tags(*STAGES), PATTERNS, st.data())
def test_late_runs_do_no_harm(tags: list[tuple[str, str]], pattern: str, data: st.DataObject) -> None:
    """Whenever each run comes: when all have come, only what holds is active, and what was assigned last is."""
    records = [record(f"{name}#{place}", place, commit) for place, (name, commit) in enumerate(tags)]
    made: Made = []
    over: set[tuple[TagAtCommit, str]] = set()
    late: list[TagRecord] = []
    for place, pushed in enumerate(records):
        waiting, late = [*late, pushed], []
        for each in waiting:
            if data.draw(st.booleans()):
                late.append(each)
            else:
                run_for(each, Registry(records[: place + 1]), pattern, made, over)
    registry = Registry(records)
    for each in data.draw(st.permutations(late)):
        run_for(each, registry, pattern, made, over)
    assert {*made} - over <= held(registry, pattern)
    for each in records[-1:]:
        if "!" not in each.name:
            assert of_tag(each) in {made_of for made_of, _ in {*made} - over}

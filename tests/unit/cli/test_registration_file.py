"""A registration in a file: what it may say, what is refused and by which field, and that nobody's change is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.cli.exits import CommandError
from service.cli.registration_file import MAX_BYTES, read_registration
from service.registrations.desk import etag_of
from service.registrations.spec import GrpcSpec, OpenApiSpec
from service.rpc.convert.registrations import source_from_proto
from tests.unit.cli.conftest import Service, Vaiven
from tests.unit.rpc.fakes_plugins import REGISTERED

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "plugins"


def examples_in(folder: Path) -> Path:
    """Copy the examples, and what they name beside them."""
    for file in EXAMPLES.glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "orders-ca.pem").write_text("the roots")
    (folder / "vaiven.pem").write_text("our certificate")
    return folder


def written(folder: Path, text: str) -> Path:
    file = folder / "registration.yaml"
    file.write_text(text)
    return file


def test_the_example_of_a_grpc_service_says_all_there_is(tmp_path: Path) -> None:
    plugin = read_registration(examples_in(tmp_path) / "orders.yaml")
    assert (plugin.name, list(plugin.owners)) == ("orders", ["shop@vaiven.example"])
    source = source_from_proto(plugin.source)
    assert isinstance(source, GrpcSpec)
    assert source.tls is not None
    assert (source.tls.root_certificates, source.tls.certificate_chain) == ("the roots", "our certificate")
    assert (source.tls.private_key_secret, source.bearer_secret) == ("secrets/orders_key", "secrets/orders_token")
    assert (source.call_timeout_s, source.max_response_bytes, source.max_stream_messages) == (5.0, 65536, 20)
    rule = source.rules["shop.v1.Orders/UpdateOrder"]
    assert (rule.fields, rule.effect, rule.idempotent) == (("order.id", "order.note"), "write", True)
    assert rule.fixed == {"filter": {"tenant": "acme"}}
    # The next field of the contract belongs into the example too.
    unsaid = {field.name for field in plugin.source.grpc.DESCRIPTOR.fields} - {
        field.name for field, _ in plugin.source.grpc.ListFields()
    }
    assert unsaid == {"descriptor_set"}


def test_the_example_of_an_http_service(tmp_path: Path) -> None:
    source = source_from_proto(read_registration(examples_in(tmp_path) / "shop.yaml").source)
    assert isinstance(source, OpenApiSpec)
    assert (source.on_drift, source.call_timeout_s, source.max_response_bytes) == ("reread", 10.0, 131072)
    assert source.rules["POST /search"].effect == "read"
    assert source.credentials["*"].kind == "client_credentials"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("state: ready", "state is not said here; what is: description, etag, name, owners, source"),
        ("name: [", "is no YAML in line 1"),
        ("- a", "must hold the fields of a plugin"),
        ("name: 7", "name must be a text; put it in quotes"),
        ("owners: ada", "owners must be a list"),
        ("owners: [1]", "owners[0] must be a text"),
        ("source: {}", "source must have one of grpc, openapi, mcp and prompt"),
        ("source: grpc", "source must have fields of its own"),
        ("source: {soap: {}}", "source.soap is not known; there are grpc, openapi, mcp, prompt, on_drift"),
        ("source: {on_drift: shrug, grpc: {}}", "source.on_drift must be refuse or reread"),
        ("source: {grpc: {}, mcp: {}}", "source.mcp is there, and grpc too; say one of them"),
        ("source: {grpc: {descriptor_set: AA==}}", "say descriptor_set_file, the file that holds it"),
        ("source: {grpc: {descriptor_set_file: no.bin}}", "source.grpc.descriptor_set_file names no.bin, which cannot"),
        ("source: {grpc: {descriptor_set_file: 7}}", "source.grpc.descriptor_set_file must name a file"),
        ("source: {grpc: {tls: {server_name: a, server_name_file: b}}}", "is there, and server_name too"),
        ("source: {grpc: {call_timeout: soon}}", "source.grpc.call_timeout must be a duration such as 5s"),
        ("source: {grpc: {max_response_bytes: 1.5}}", "source.grpc.max_response_bytes must be a number"),
        ("source: {grpc: {max_response_bytes: -1}}", "source.grpc.max_response_bytes must be a number"),
        ("source: {grpc: {metadata: {x-a: 1}}}", "source.grpc.metadata.x-a must be a text"),
        ("source: {grpc: {metadata: {1: a}}}", "source.grpc.metadata.1 must be a name"),
        ("source: {grpc: {rules: [a]}}", "source.grpc.rules must be names"),
        ("source: {grpc: {rules: {a.B/C: {effect: maybe}}}}", "rules.a.B/C.effect must be none or read or write"),
        ("source: {grpc: {rules: {a.B/C: {field: [a]}}}}", "rules.a.B/C.field is not known; there are fields, fixed"),
        ("source: {grpc: {rules: {a.B/C: {fixed: 1}}}}", "rules.a.B/C.fixed must be an object of JSON"),
        ("source: {grpc: {rules: {a.B/C: {idempotent: often}}}}", "rules.a.B/C.idempotent must be true or false"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CommandError) as refused:
        read_registration(written(tmp_path, text))
    assert said in str(refused.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        read_registration(tmp_path / "gone.yaml")
    with pytest.raises(CommandError, match=f"larger than {MAX_BYTES:,} bytes"):
        read_registration(written(tmp_path, " " * (MAX_BYTES + 1)))


def test_a_file_is_registered_and_options_beside_it_win(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    file = str(examples_in(tmp_path) / "orders.yaml")
    assert vaiven("plugins", "add", "--file", file, "--dry-run").code == 0
    assert vaiven("plugins", "add", "--file", file, "--name", "mine", "--owner", "Ada", "--reread").code == 0
    first, second = service.domain.registrations.registered
    assert (first.plugin_id, first.owners, first.source.on_drift) == ("orders", ("shop@vaiven.example",), "refuse")
    assert (second.plugin_id, second.owners, second.source.on_drift) == ("mine", ("Ada",), "reread")


def test_a_file_without_a_name_is_called_as_itself(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    file = written(tmp_path, "source: {prompt: {text: hello}}")
    assert vaiven("plugins", "add", "--file", str(file)).code == 0
    (registered,) = service.domain.registrations.registered
    assert registered.plugin_id == "registration"


def test_what_the_service_finds_wrong_names_the_field_too(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    file = written(tmp_path, "{name: orders, source: {grpc: {target: a:1, bearer_secret: hush}}}")
    outcome = vaiven("plugins", "add", "--file", str(file))
    assert outcome.code == 1
    assert "plugin.source.grpc.bearer_secret" in outcome.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("add", "either a source, or --file"),
        ("add grpc://a:1 --file {file}", "either a source, or --file"),
        ("add --file {file} --header a:b", "write them into the file"),
        ("add --file {nameless}", "source is missing"),
        ("update orders --source grpc://a:1 --file {file}", "Say --source or --file"),
        ("update shop --file {file}", "name is orders, and shop is to change"),
        ("update orders --header a:b", "name it with --source"),
        ("update orders", "Say what is to change"),
    ],
)
def test_lines_that_mean_nothing(service: Service, vaiven: Vaiven, tmp_path: Path, line: str, said: str) -> None:
    files = {"file": examples_in(tmp_path) / "orders.yaml", "nameless": written(tmp_path, "owners: [Ada]")}
    outcome = vaiven("plugins", *line.format(**files).split())
    assert (outcome.code, outcome.out) == (2, "")
    assert said in " ".join(outcome.err.split())


def test_a_file_changes_what_it_says(service: Service, vaiven: Vaiven, tmp_path: Path) -> None:
    file = written(tmp_path, "{name: plugins/orders, source: {mcp: {program: files}}}")
    assert vaiven("plugins", "update", "orders", "--file", str(file), "--on-drift", "reread").code == 0
    (change,) = service.domain.registrations.changes
    assert (change.description, change.owners, change.on_drift) == (None, None, "reread")
    assert change.source is not None
    assert change.source.kind == "mcp"


@pytest.mark.parametrize("command", ["update orders --description Orders", "remove orders"])
def test_a_change_that_somebody_else_made_is_not_lost(service: Service, vaiven: Vaiven, command: str) -> None:
    assert vaiven("plugins", *command.split()).code == 0
    etag = etag_of(REGISTERED)
    assert etag in vaiven("plugins", "show", "orders").out
    assert vaiven("plugins", *command.split(), "--etag", etag).code == 0
    stale = vaiven("plugins", *command.split(), "--etag", "of-before")
    assert stale.code == 1
    assert "changed since it was read" in stale.err
    assert "STALE_ETAG (ABORTED)" in stale.err
    assert service.domain.registrations.etags == [etag, etag, "of-before"]


def test_a_plugin_is_shown_with_the_effects_of_its_functions(service: Service, vaiven: Vaiven) -> None:
    shown = vaiven("plugins", "show", "email").out
    assert "Effect" in shown
    assert ["email.draft", "read"] in [line.split()[:2] for line in shown.splitlines()]

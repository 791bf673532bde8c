"""Servers, methods, answers, security, and what stands in a document beside them."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.sources.openapi.quirks.shop import Document, Quirk, add, answer, get, ref


def secured(name: str, scheme: Document) -> Callable[[Document], object]:
    def apply(document: Document) -> None:
        document["components"]["securitySchemes"] = {name: scheme}
        document["security"] = [{name: []}]

    return apply


def no_servers(d: Document) -> None:
    del d["servers"]


def relative_server(d: Document) -> None:
    d["servers"] = [{"url": "/api/v2"}, {"url": "https://other.example"}]


def server_variables(d: Document) -> None:
    variables = {
        "region": {"default": "eu", "enum": ["eu", "us"]},
        "base": {"default": "v1"},
        "port": {"default": 8443},
    }
    d["servers"] = [{"url": "https://{region}.shop.example:{port}/{base}", "variables": variables}]


def servers_of_paths_and_operations(d: Document) -> None:
    d["paths"]["/orders"]["servers"] = [{"url": "https://orders.shop.example"}]
    d["paths"]["/customers"]["get"]["servers"] = [{"url": "https://customers.shop.example/base/"}]


def http_server_before_https(d: Document) -> None:
    d["servers"] = [{"url": "http://api.shop.example"}, {"url": "https://api.shop.example"}]


def server_of_one_operation_is_private(d: Document) -> None:
    d["paths"]["/customers"]["get"]["servers"] = [{"url": "https://10.0.0.1/"}]


def other_methods(d: Document) -> None:
    add(d, "/orders", options={"responses": {}}, trace={"responses": {}}, head={"operationId": "h"}, query={})


def extensions_everywhere(d: Document) -> None:
    d["x-origin"] = [{"url": "https://other.example"}]
    d["paths"]["x-internal"] = {"get": {}}
    for item in list(d["paths"].values()):
        item["x-owner"] = {"get": 1}
        for operation in item.values():
            operation["x-code"] = ["y"]
    d["components"]["schemas"]["Order"]["x-go-name"] = "Order"
    d["components"]["x-parts"] = None


def nulls_for_nothing(d: Document) -> None:
    d["paths"]["/customers"]["get"] |= {"parameters": None, "description": None, "tags": None, "security": None}
    d["paths"]["/customers"]["get"] |= {"requestBody": None, "servers": None, "summary": None}
    d["tags"] = d["externalDocs"] = None
    d["info"]["description"] = None


def no_info(d: Document) -> None:
    del d["info"]


def default_answers_only(d: Document) -> None:
    for item in d["paths"].values():
        for operation in item.values():
            operation["responses"] = {"default": {"$ref": "#/components/responses/Any"}}
    d["components"]["responses"] = {"Any": {"description": "any", "content": {"application/json": {"schema": {}}}}}


def no_answers(d: Document) -> None:
    for item in d["paths"].values():
        for operation in item.values():
            operation.pop("responses")


def ranges_of_answers(d: Document) -> None:
    get(d, responses={"2XX": answer({"type": "string"})["200"], "4XX": {"description": "no"}, 500: None})


def several_good_answers(d: Document) -> None:
    get(d, responses=answer(ref("Order")) | answer({"type": "string"}, "202"))


def callbacks_links_and_webhooks(d: Document) -> None:
    operation = d["paths"]["/orders"]["post"]
    operation["callbacks"] = {"done": {"{$request.body#/url}": {"post": {"responses": {}}}}}
    operation["responses"]["201"]["links"] = {"self": {"operationId": "getOrder"}}
    d["webhooks"] = {"paid": {"post": {"responses": {}}}}


def keys_of_later_versions(d: Document) -> None:
    d |= {"jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base", "self": "x"}
    d["info"] |= {"summary": "s", "license": {"identifier": "MIT"}}


def many_operations(d: Document) -> None:
    for i in range(295):
        d["paths"][f"/things{i}"] = {"get": {"operationId": f"thing{i}", "responses": {}}}


def deprecated_operation(d: Document) -> None:
    d["paths"]["/customers"]["get"]["deprecated"] = True


def security_alternatives(d: Document) -> None:
    d["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "Bearer"},
        "signature": {"type": "http", "scheme": "hoba"},
    }
    d["security"] = [{"signature": []}, {"bearer": []}, {}]
    d["paths"]["/customers"]["get"]["security"] = []


def scheme_that_is_not_known(d: Document) -> None:
    d["components"]["securitySchemes"] = {"tls": {"type": "mutualTLS"}}
    d["paths"]["/customers"]["get"]["security"] = [{"tls": []}]


def scheme_that_is_not_there(d: Document) -> None:
    d["security"] = [{"undefined": []}]


QUIRKS: tuple[Quirk, ...] = (
    Quirk("no_servers", no_servers),
    Quirk("relative_server", relative_server),
    Quirk("server_variables", server_variables),
    Quirk("servers_of_paths_and_operations", servers_of_paths_and_operations),
    Quirk("http_server_before_https", http_server_before_https),
    Quirk("server_of_one_operation_is_private", server_of_one_operation_is_private, costs=1),
    Quirk("other_methods", other_methods, costs=2),
    Quirk("extensions_everywhere", extensions_everywhere),
    Quirk("nulls_for_nothing", nulls_for_nothing),
    Quirk("no_info", no_info),
    Quirk("default_answers_only", default_answers_only),
    Quirk("no_answers", no_answers),
    Quirk("ranges_of_answers", ranges_of_answers),
    Quirk("several_good_answers", several_good_answers),
    Quirk("callbacks_links_and_webhooks", callbacks_links_and_webhooks),
    Quirk("keys_of_later_versions", keys_of_later_versions),
    Quirk("many_operations", many_operations),
    Quirk("deprecated_operation", deprecated_operation),
    Quirk("security_alternatives", security_alternatives),
    Quirk("scheme_that_is_not_known", scheme_that_is_not_known, costs=1),
    Quirk("scheme_that_is_not_there", scheme_that_is_not_there),
    Quirk("api_key_in_header", secured("key_header", {"type": "apiKey", "in": "header", "name": "X-Key"})),
    Quirk("api_key_in_query", secured("key_query", {"type": "apiKey", "in": "query", "name": "key"})),
    Quirk("api_key_in_cookie", secured("key_cookie", {"type": "apiKey", "in": "cookie", "name": "key"})),
    Quirk("bearer", secured("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})),
    Quirk("basic", secured("basic", {"type": "http", "scheme": "Basic"})),
    Quirk("openid", secured("bearer", {"type": "openIdConnect", "openIdConnectUrl": "https://id.example"})),
    Quirk(
        "client_credentials",
        secured(
            "oauth",
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://api.shop.example/t", "scopes": {}}},
            },
        ),
    ),
)

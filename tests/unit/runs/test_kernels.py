"""The kernel of a run: what is allowed and nothing else, apart from every other run's."""

from semantic_kernel import Kernel
from semantic_kernel.functions import KernelPlugin, kernel_function

from service.backends.connector import GeneratorChatCompletion
from service.backends.fake import FakeGenerator
from service.runs.kernels import clone_of


@kernel_function
def draft(words: str) -> str:
    """Draft."""
    return words


@kernel_function
def revise(words: str) -> str:
    """Revise."""
    return words


def source() -> Kernel:
    kernel = Kernel()
    kernel.add_plugin(KernelPlugin("email", "Writes.", [draft, revise]))
    kernel.add_plugin(KernelPlugin("code", "Codes.", [draft]))
    return kernel


def test_it_holds_the_functions_that_are_named_and_no_other() -> None:
    kernel = clone_of(source(), {}, {"email": ["revise"]})
    assert {name: set(plugin.functions) for name, plugin in kernel.plugins.items()} == {"email": {"revise"}}
    assert kernel.plugins["email"].description == "Writes."
    assert kernel.get_function("email", "revise").fully_qualified_name == "email-revise"


def test_functions_are_shared_and_nothing_else() -> None:
    kernel = source()
    first, second = (clone_of(kernel, {}, {"email": ["draft"]}) for _ in range(2))
    assert first.get_function("email", "draft") is kernel.get_function("email", "draft")
    first.add_service(GeneratorChatCompletion(FakeGenerator("")))
    first.plugins["email"].functions.clear()
    first.plugins["more"] = KernelPlugin("more")
    assert list(second.plugins["email"].functions) == ["draft"]
    assert set(kernel.plugins["email"].functions) == {"draft", "revise"}
    assert (second.services, kernel.services) == ({}, {})
    assert set(kernel.plugins) == {"email", "code"}


def test_what_a_tenant_registered_stands_beside_it() -> None:
    shop = KernelPlugin("shop", "Sells.", [draft])
    clone = clone_of(source(), {"shop": shop}, {"email": ["draft"], "shop": ["draft"]})
    assert set(clone.plugins) == {"email", "shop"}
    assert clone.get_function("shop", "draft") is shop.functions["draft"]

"""Images beside the newest of the user's words, without a change of the prompt that a function made."""

from __future__ import annotations

from semantic_kernel.contents.chat_history import ChatHistory

from service.backends.base import ChatMessage, Image
from service.backends.history import chat_messages, with_images

PICTURE = Image("data:image/png;base64,iVBORw0KGgo=")


def test_the_newest_message_of_the_user_has_them_and_the_function_keeps_its_own() -> None:
    history = ChatHistory(system_message="Be brief.")
    history.add_user_message("First.")
    history.add_user_message("What is this?")
    history.add_assistant_message("Let me see.")
    before = chat_messages(history)
    assert with_images(history, ()) is history
    shown = chat_messages(with_images(history, (PICTURE, PICTURE)))
    assert shown[2] == ChatMessage("user", "What is this?", images=(PICTURE, PICTURE))
    assert (*shown[:2], shown[3]) == (*before[:2], before[3])
    assert chat_messages(history) == before


def test_without_words_of_the_user_they_stand_alone() -> None:
    shown = chat_messages(with_images(ChatHistory(system_message="Describe."), (PICTURE,)))
    assert shown[1] == ChatMessage("user", "", images=(PICTURE,))

"""Purposes that are a bare keyword and have no content of their own, such as `invoice reminder`."""

from __future__ import annotations

KEYWORDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("invoice reminder|payment reminder|overdue invoice|unpaid invoice|reminder of the invoice|overdue payment",
         "Payment reminder", "This is a reminder about your open invoice."),
        ("thank you|thanks|say thank you|say thanks|thank-you note|thank-you",
         "Thank you", "Thank you very much."),
        ("apology|apologise|apologies|say sorry|apologize",
         "Apologies", "Please accept my apologies."),
        ("meeting request|set up a meeting|arrange a meeting|request a meeting|schedule a meeting|ask for a meeting",
         "Meeting request", "I would like to arrange a meeting with you."),
    ),
    "es": (
        ("recordatorio de pago|factura pendiente|factura sin pagar|factura vencida|recordatorio de factura",
         "Recordatorio de pago", "Hay una factura pendiente de pago."),
        ("gracias|dar las gracias|agradecimiento|nota de agradecimiento", "Gracias", "Muchas gracias."),
        ("disculpa|pedir disculpas|disculpas|pedir perdón", "Disculpas", "Pido disculpas."),
    ),
}  # fmt: skip
"""By language: the phrasings of the keyword, the subject and the opening sentence."""

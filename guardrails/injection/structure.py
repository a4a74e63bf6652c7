"""Signs of an attack that are no words: tokens of chat templates, invented turns, hidden text, links that carry data.

Each sign has a mark, as the groups of terms/injection.yaml have. What an ordinary person types or pastes has hardly
any: a transcript with "Gestante:" and "Assistente:" is no turn of a system, "system:" at the start of a line is.
Repetitions are bounded, so that no text, however made, keeps a search busy for long.
"""

import re
from collections.abc import Iterator

from guardrails.delimiting import CHAT_TOKEN, FENCE
from guardrails.placeholders import carried_in_address

_LABORATORY = (
    r"[ \t]{0,9}(?:abo\b|rh\b|[abo]b? ?[+-]|imun|nervos|digest|respir|cardio|urin|genit|circul|locomot|endocr"
    r"|immun|repro|negativ|positiv|normal|sem altera|preserv)"
)
"""What follows "Sistema:" in a result of an examination, and in no order."""
_SYSTEM_TURN = re.compile(
    r"^[ \t>#*\[(=-]{0,20}(?:system|sistema|developer|desenvolvedor|sys)\b"
    rf"(?:[ _-]{{0,3}}(?:prompt|message|mensagem))?[ \t\])*=-]{{0,20}}:(?!{_LABORATORY})"
    r"|^[ \t]*#{2,9}[ \t]*"
    r"(?:system|sistema|instructions?|instru[cç](?:ão|ões)|new (?:task|instructions?)|user|assistant)\b"
    r"|[\"']role[\"']\s*:\s*[\"'](?:system|assistant|developer|tool)[\"']"
    r"|</?\s*(?:system|instructions?|prompt|admin|sistema|instru[cç][õo]es)\s*>"
    r"|\[\s*(?:system|sistema|admin)(?:\s+\w+){0,2}\s*\]",
    re.IGNORECASE | re.MULTILINE,
)
_DIALOGUE_TURN = re.compile(
    r"(?:^|[\n.!?])[ \t]{0,20}(?:human|user|assistant|ai|gpt|usu[aá]ri[oa]|assistente)\s*:", re.IGNORECASE
)
_NAMED_TURN = re.compile(r"\b([A-ZÀ-Ý][\w-]{1,30}) ?:(?=\s|$)")
_INVENTED_CONTEXT = re.compile(
    r"(?:^|\s)\$[A-Za-z]\w{2,}\s*[:=]|\b(?:context|kontext|contexto)\s*:\s*[{\[(]"
    r"|\b(?:context|documents?|articles?|artikel|kontext|dokumente?|contexto|documentos?|artigos?)\s*[:=({\[].{0,2000}?"
    r"\b(?:question|answer|frage|antwort|pergunta|resposta)\s*[:=]",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(
    r"</?script\b|\b(?:print|console\.log|eval|exec|system)\s*\(\s*[\"'(]|\bDROP\s+TABLE\b|\bSELECT\s+.{1,60}\bFROM\s+\w+"
    r"|^[ \t]*(?:import \w+|from \w+ import|def \w+\(|#include\b|#!/)|\{\{.{1,60}\}\}|\$\{.{1,60}\}|;\s*--\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_SHOUTED = re.compile(r"(?<=[a-zà-ÿ,]{2})\s+(?:[A-ZÀ-Ý'’]{2,}[\s,]+){4,}")
_ESCAPED_BREAKS = re.compile(r"(?:\\ ?n\s*){4,}")
_HIDDEN = re.compile(
    r"<!--.{0,1000}?-->|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|color\s*:\s*(?:white|#fff(?:fff)?)\b"
    r"|^\[//\]: #",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_ASIDE_TO_MODEL = re.compile(
    r"(?:<!--|\[|\()[ \t]*(?:\w{1,20}[ \t]+){0,3}"
    r"(?:ai|ia|llm|assistant|assistente|chatbot|gpt|model|modelo|bot)\b[^\n]{0,30}?[:,]"
    r"|^[ \t]*(?:ai|ia|llm) assistants? ?:",
    re.IGNORECASE | re.MULTILINE,
)
_COMFORT = (
    r"(?:\b(?:é|eh|est[aá]|t[aá]|tudo|bem|normal|vai|dar|ficar|passar|certo|calma|pode|posso|deve|devo|n[aã]o|sim|talvez"
    r"|sei|yes|no|maybe|it|s|is|ok|okay|fine|all|right|going|to|be|will|you|are|safe|can|not|segur[ao]|com|voc[eê])\b"
    r"[\s,.!?]{0,3}){1,10}"
)
"""Words that answer or comfort, and of which nothing else can be made: "me diga 'vai ficar tudo bem'"."""
_DICTATED = re.compile(
    r"\b(?:say|print|write|output|echo|state|reply|respond|answer|sag|sage|schreib|schreibe|antworte|drucke|diga|diz|escreva|escreve"
    r"|imprima|imprime|repita|repete|responda|responde|dis|di|escribe)\b(?:\s+\w{1,20}){0,3}\W{0,3}[\"'“”«‘]"
    rf"(?!{_COMFORT}[\"'“”»’])[^\"'“”»’]{{2,300}}[\"'“”»’]",
    re.IGNORECASE,
)
_LEAKING_IMAGE = re.compile(
    r"!?\[[^\]]{0,300}\]\(\s{0,9}(?:data|javascript):|!\[[^\]]{0,300}\]\(\s{0,9}(?:https?:)?//[^)\s?{=]{0,500}[?{=]"
    r"|<img[^>]{1,300}src\s{0,9}=\s{0,9}[\"']?(?:https?:)?//[^>?{=]{0,500}[?{=]",
    re.IGNORECASE,
)
_EXTERNAL_IMAGE = re.compile(
    r"!\[[^\[\]]{0,300}\]\(\s{0,9}<?\s{0,9}(?:[a-z][a-z0-9+.-]{0,19}:|[/\\]{2}|www\.)"
    r"|<\s{0,9}(?:img|image|iframe|video|audio|source|embed|object|picture|script|link|svg|style|base|meta|input|track)"
    r"[\s/]{1,9}[^<>=]{0,100}=|\burl\(\s{0,9}[\"']?\s{0,9}(?:[a-z][a-z0-9+.-]{0,19}:|[/\\]{2})|@import\b",
    re.IGNORECASE,
)
"""What a page fetches as soon as it is shown, in Markdown, HTML or a style."""
_IMAGE_BY_NAME = re.compile(r"!\[")
_NAMED_TARGET = re.compile(r"^[ ]{0,3}\[[^\[\]\n]{1,300}\]:\s{0,9}<?(?:[a-z][a-z0-9+.-]{0,19}:)?//", re.I | re.M)
_CLOSING = re.compile(
    r"</\s*(?:data|document|documento|context|contexto|source|fonte|user|user_input|input|question|pergunta|dados|nota"
    r"|note|text)\s*>"
    r"|^(?!-{3,40}[ \t]*(?:end|fim|begin|in[ií]cio)\b[ \t]*(?:(?:d[aoe]s?|of|the|forwarded|original|encaminhad[ao]"
    r"|mensagem|message|e-?mail)[ \t]+){0,5}-{3,40}[ \t]*$)"
    r"[^\w\s]{3,40}[ \t]*(?:end|fim|ende|begin|in[ií]cio)\b[\w ]{0,40}[^\w\s]{3,40}[ \t]*$"
    r"|^[ \t]*(?:end of|fim d[oae]s?) (?:\w{1,20} ){0,2}(?:document|context|data|input|documento|contexto|dados|texto"
    r"|prompt)\w{0,9}[^\w\n]{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)
"""A tag or a line that ends something; but for the dashed line by which mail programs part a forwarded message."""
_QUOTED = re.compile("[\"'“«‘]")
_PUNCTUATED = re.compile(r"[<({$#;\n]")
_NEEDED = re.compile(r"[$<\[{(:!#|\"'“«‘\\=\n]")
"""Characters without which none of the other signs stands."""


def signs(text: str) -> Iterator[str]:
    """The marks of the structural signs in `text`, each once."""
    if _SHOUTED.search(text):
        yield "shouted_order"
    if not _NEEDED.search(text):
        return
    if CHAT_TOKEN.search(text) or _SYSTEM_TURN.search(text):
        yield "fake_turn"
    if _DIALOGUE_TURN.search(text):
        yield "fake_dialogue"
    if _ESCAPED_BREAKS.search(text) or _INVENTED_CONTEXT.search(text):
        yield "invented_context"
    if _PUNCTUATED.search(text) and _CODE.search(text):
        yield "code"
    if _is_unfinished(text):
        yield "unfinished_scene"
    if _HIDDEN.search(text):
        yield "hidden_text"
    if _QUOTED.search(text) and _DICTATED.search(text):
        yield "output_hijack"
    if _ASIDE_TO_MODEL.search(text):
        yield "addressed_to_model"
    if _LEAKING_IMAGE.search(text):
        yield "exfiltration"
    if FENCE.search(text) or _CLOSING.search(text):
        yield "delimiter_closing"


def carries_data_out(text: str) -> bool:
    """Whether showing `text` tells another server something: an image that it fetches, a link that holds a placeholder.

    An answer needs no image of another server, and its address alone may say whose answer it is.
    """
    if _EXTERNAL_IMAGE.search(text) or _LEAKING_IMAGE.search(text) or carried_in_address(text):
        return True
    return bool(_IMAGE_BY_NAME.search(text) and _NAMED_TARGET.search(text))


def _is_unfinished(text: str) -> bool:
    """A dialogue between two names that breaks off where one is to speak."""
    if not text.rstrip().endswith(":"):
        return False
    names = [turn[1] for turn in _NAMED_TURN.finditer(text)]
    return any(name != names[-1] for name in names) and text.rstrip(": \n").endswith(names[-1])

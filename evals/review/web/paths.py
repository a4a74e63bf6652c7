"""Where a page may lead to: a path of this site alone, so that no link to sign in ends elsewhere."""

from urllib.parse import quote, unquote

HOME = "/"
MAX_CHARACTERS = 500
SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"


def local_path(wanted: str | None) -> str:
    """The path where it is one of this site, else the first page.

    A browser reads `//host`, `/\\host` and `/<tab>/host` as another site, and undoes what is percent-encoded, so such
    paths are none; neither is one that leads into signing in itself.
    """
    if not wanted or len(wanted) > MAX_CHARACTERS:
        return HOME
    read = unquote(wanted)
    is_local = wanted.startswith("/") and not any(text.startswith("//") for text in (wanted, read))
    if not is_local or "\\" in read or any(ord(one) < 33 or ord(one) == 127 for one in read):
        return HOME
    path = read.split("?")[0].split("#")[0]
    return HOME if path == SIGN_OUT or (path + "/").startswith(SIGN_IN + "/") else wanted


def with_next(path: str, wanted: str | None) -> str:
    """The path, and in its query where she was going; nothing where that is the first page."""
    target = local_path(wanted)
    return path if target == HOME else f"{path}?next={quote(target, safe='')}"


def way_back(method: str, path: str, query: str, given: str | None) -> str:
    """The page that a request belongs to: itself for a GET; for a POST what its field `back` says, else the first two
    parts of its path, as in `/items/ID/submit`."""
    if method in ("GET", "HEAD"):
        return local_path(f"{path}?{query}" if query else path)
    if given:
        return local_path(given)
    return local_path("/" + "/".join(path.strip("/").split("/")[:2]))

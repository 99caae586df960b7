import re
from importlib.resources import files
from pathlib import Path

from autional.console.rendering import texts
from autional.core import i18n

CONSOLE = Path(str(files("autional.console")))
SOURCES = [*CONSOLE.rglob("*.html"), *CONSOLE.rglob("*.py")]


def test_both_languages_have_the_same_texts() -> None:
    english, chinese = (texts(language) for language in i18n.LANGUAGES)
    assert english.keys() == chinese.keys()
    for section, known in english.items():
        assert known.keys() == chinese[section].keys(), section
        for name, text in known.items():
            holes = re.findall(r"{\w+}", text)
            assert sorted(holes) == sorted(re.findall(r"{\w+}", chinese[section][name])), (section, name)


def test_every_text_that_a_page_names_exists_and_every_text_is_used() -> None:
    known = {f"{section}.{name}" for section, named in texts("en").items() for name in named}
    source = "\n".join(path.read_text() for path in SOURCES)
    named = set(re.findall(r"""["'](\w+\.\w+)["']""", source)) & set(known) | set(
        re.findall(r"""\bt\("([\w.]+)"[,)]""", source)
    )
    assert named <= known, named - known
    built = tuple(set(re.findall(r"""["'](\w+\.\w*)["'] ~|f"(\w+\.\w*)\{""", source)))
    prefixes = tuple(one for pair in built for one in pair if one)
    unused = {name for name in known - named if not name.startswith(prefixes)}
    assert not unused

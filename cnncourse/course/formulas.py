"""LaTeX formulas of Markdown text, converted to MathML when a page is built."""

import re
from html import escape
from xml.etree import ElementTree

import latex2mathml.converter

# What a formula can stand in, before what is a formula: the first alternative that matches at a place wins.
_MARKDOWN = re.compile(
    r"""(?msx)
    ^[ \t>]*(?P<fence>`{3,}|~{3,})[^\n]*\n .*? (?:^[ \t>]*(?P=fence)|\Z)    # a code block
    | (?<!`)(?P<ticks>`+)(?!`) (?:(?!\n[ \t]*\n).)+? (?<!`)(?P=ticks)(?!`)  # a code span
    | <!-- .*? -->
    | \\[\\$`]                                                              # an escaped character
    | \$\$ (?P<display>.+?) \$\$
    | (?P<environment>\\begin\{(?P<name>equation|align|gather)(?P<star>\*?)\} .+? \\end\{(?P=name)(?P=star)\})
    # Spaces inside the dollars, or a digit behind them, mean money: "$5 and $6".
    | \$(?![\s$]) (?P<inline>(?:\\.|(?!\n[ \t]*\n)[^$\\])+?) (?<!\s)\$(?!\d)
    """
)
# Private characters that Markdown passes through; between them stands the formula's number.
_MARK = re.compile("\ue000([0-9]+)\ue001")
_CODE_TAG_OR_MARK = re.compile(
    r"(?s)<(pre|code|script|style)\b.*?</\1>|<!--.*?-->|<[^>]*>|\ue000(?P<mark>[0-9]+)\ue001"
)
# `60{,}000` and function names, as latex2mathml writes them.
_SEPARATOR = re.compile(r"<mn>([\d,]+)</mn><mrow><mo>&#x0002C;</mo></mrow><mn>(\d{3})</mn>")
_OPERATOR = re.compile(
    r"(?P<operand></m(?:i|n|sub|sup|subsup|frac)>)?<(?P<tag>mi|mo)>(?P<name>(?!mod<)[A-Za-z]{2,})</(?P=tag)>"
)
_BRACKET = re.compile(r'<mo stretchy="(?:true|false)"[^>]*>|<mrow><mo stretchy="true"')
# The prime of $H'$ is a raised character by itself; as a superscript it would be raised twice.
_PRIME = re.compile(r"<msup>(<m[in]>[^<]+</m[in]>)<mi>&#x02032;</mi></msup>")
# A formula that is one operator, as in "written $*$".
_LONE = re.compile(r"(?<=e\">)<mrow><mo>(&#x\w+;)</mo></mrow></math>")
# Children that MathML demands; latex2mathml leaves some out without a word.
_CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}


def mathml(latex: str, *, display: bool = False) -> str:
    r"""Convert a LaTeX formula to MathML, and refuse one that would come out wrong.

    Args:
        latex: the formula without its dollar signs.
        display: True for a formula that stands on its own line.

    Returns:
        A `<math>` element.

    Raises:
        ValueError: the formula has an unknown command, unbalanced braces or a missing part.

    Example:
        >>> "<mo>&#x000D7;</mo>" in mathml(r"k_h \times k_w")
        True
    """
    # latex2mathml does not know `aligned`, `split` and `\arg`, and it numbers `align`, which Jupyter does not.
    source = re.sub(r"\\(begin|end)\{(?:aligned|align|split)\}", r"\\\1{align*}", latex.strip())
    source = re.sub(r"\\arg(?![A-Za-z])", r"\\operatorname{arg}", source)
    # Browsers do not enlarge the bracket of `\Big)^2`; brackets that stretch are as good.
    source = re.sub(r"\\[bB]igg?l?(?=[(\[]|\\\{)", r"\\left", source)
    source = re.sub(r"\\[bB]igg?r?(?=[)\]]|\\\})", r"\\right", source)
    depths = [0]
    for token in re.findall(r"\\.|[{}]", source):
        depths.append(depths[-1] + {"{": 1, "}": -1}.get(token, 0))
    if depths[-1] or min(depths) < 0:
        raise ValueError(f"the formula '{latex}' has a brace without its partner; balance its braces")
    try:
        markup = latex2mathml.converter.convert(source, display="block" if display else "inline")
        tree = ElementTree.fromstring(markup)
    except Exception as error:  # latex2mathml's errors have no common base but Exception
        reason = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
        raise ValueError(f"the formula '{latex}' cannot be converted to MathML ({reason}); mend its LaTeX") from None
    for element in tree.iter():
        tag = element.tag.rpartition("}")[2]
        unknown = re.match(r"\\[A-Za-z_]+", element.text or "")
        if element.get("linebreak"):
            raise ValueError(f"the formula '{latex}' breaks a line outside an alignment; put it into aligned")
        if unknown:
            raise ValueError(f"the formula '{latex}' has the unknown command {unknown[0]}; use another LaTeX command")
        if len(element) != _CHILDREN.get(tag, len(element)):
            raise ValueError(f"the formula '{latex}' lacks a part of a fraction or script; write both of its parts")
    while _SEPARATOR.search(markup):
        markup = _SEPARATOR.sub(r"<mn>\1,\2</mn>", markup)
    markup = _PRIME.sub(r'<mrow>\1<mo lspace="0" rspace="0">&#x02032;</mo></mrow>', _OPERATOR.sub(_space, markup))
    markup = markup.replace("<mo>&#x02016;</mo>", '<mo stretchy="false">&#x02016;</mo>')
    markup = _LONE.sub(r'<mrow><mo lspace="0" rspace="0">\1</mo></mrow></math>', markup)
    return f'<span class="formula">{markup}</span>' if display else markup


def _space(match: re.Match) -> str:
    """The name of a function with TeX's spaces around it: thin ones, and none beside a bracket."""
    before = "0.167em" if match["operand"] else "0"
    after = "0" if _BRACKET.match(match.string, match.end()) else "0.167em"
    return f'{match["operand"] or ""}<mo lspace="{before}" rspace="{after}">{match["name"]}</mo>'


class Formulas:
    """The formulas of one page, taken out of its Markdown before it is rendered and put into its HTML after.

    Example:
        >>> formulas = Formulas()
        >>> hidden = formulas.hide("a kernel of $3$ rows, for $5 or `$3$`")
        >>> formulas.show(f"<p>{hidden}</p>").count("<math")
        1
    """

    def __init__(self) -> None:
        self._found: list[tuple[str, str, bool]] = []

    def hide(self, markdown: str) -> str:
        """Replace each formula by a mark that Markdown leaves alone; code and sums of money stay.

        Args:
            markdown: the source of a cell or document.
        """

        def mark(match: re.Match) -> str:
            display = match["display"] or match["environment"]
            if not display and not match["inline"]:
                return match[0]
            self._found.append((match[0], display or match["inline"], bool(display)))
            return f"\ue000{len(self._found) - 1}\ue001"

        return _MARKDOWN.sub(mark, markdown)

    def show(self, html: str) -> str:
        """Replace the marks by MathML in text, and by the formula's source in code, attributes and comments.

        Args:
            html: what Markdown made of the hidden text, whole or in part.

        Raises:
            ValueError: a formula cannot be converted.
        """

        def replace(match: re.Match) -> str:
            if match["mark"]:
                _, latex, display = self._found[int(match["mark"])]
                return mathml(latex, display=display)
            return _MARK.sub(lambda mark: escape(self._found[int(mark[1])][0]), match[0])

        return _CODE_TAG_OR_MARK.sub(replace, html)

    def source(self, text: str) -> str:
        """Replace the marks by the formulas' LaTeX, without dollar signs.

        Args:
            text: plain text with marks.
        """
        return _MARK.sub(lambda mark: self._found[int(mark[1])][1], text)

"""Formulas of Markdown as MathML: which text is one, what becomes of it, and which are refused."""

import pytest

from cnncourse.course.formulas import Formulas, mathml


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\foo{x}", r"unknown command \\foo"),
        (r"\frac{a}", "lacks a part"),
        ("a_b_c", "double subscripts"),
        ("{a", "brace without its partner"),
        ("a}", "brace without its partner"),
        (r"\left( a", "missing right"),
        (r"\begin{bmatrix} 1", "missing end"),
        (r"a \\ b", "breaks a line"),
        ("a & b", "cannot be converted"),
        ("", "cannot be converted"),
    ],
)
def test_a_formula_that_would_come_out_wrong_is_refused(latex, message):
    with pytest.raises(ValueError, match=message) as caught:
        mathml(latex)
    assert f"'{latex}'" in str(caught.value)


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        (r"\lfloor H / s \rfloor", "&#x0230A;"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "<mtr><mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr>"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", '<mtd columnalign="right"><mi>a</mi></mtd>'),
        (r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{else} \end{cases}", "<mtext>else</mtext>"),
        (r"C_\text{in}", "<mtext>in</mtext>"),
        (r"4{,}694{,}024", "<mn>4,694,024</mn>"),
        (r"\arg\max_k z_k", '<mo lspace="0" rspace="0.167em">arg</mo>'),
        (r"\log \hat{y}", '<mo lspace="0" rspace="0.167em">log</mo>'),
        (r"\eta \tanh(x)", '<mo lspace="0.167em" rspace="0">tanh</mo>'),
        (
            r"\Big( \frac{a}{b} \Big)^2",
            '<mo stretchy="true" fence="true" form="postfix">&#x00029;</mo></mrow><mn>2</mn>',
        ),
        (r"\bigl\{ a \bigr\}", 'form="postfix">&#x0007D;</mo>'),
        (r"\star", '<mo lspace="0" rspace="0">&#x022C6;</mo>'),
        (r"H'", '<mi>H</mi><mo lspace="0" rspace="0">&#x02032;</mo>'),
    ],
)
def test_the_forms_that_notebooks_use_are_converted(latex, part):
    assert part in mathml(latex)


def test_limits_of_a_sum_stand_above_and_below_it_on_its_own_line():
    assert "<munderover>" in mathml(r"\sum_{u=0}^{k}", display=True)
    assert "<msubsup>" in mathml(r"\sum_{u=0}^{k}")


@pytest.mark.parametrize(
    ("markdown", "number"),
    [
        ("$a$ and $b$", 2),
        ("$$a$$", 1),
        ("$a\nb$", 1),
        ("$a\n\nb$", 0),
        ("it costs $5 and $6", 0),
        ("it costs $5-$6", 0),
        ("a lone $ sign and $ another", 0),
        (r"\$a$", 0),
        (r"$a \$ b$", 1),
        ("`$a$` $b$", 1),
        ("~~~\n$a$\n~~~\n$b$", 1),
        ("```\n$a$", 0),
        ("<!-- $a$ -->", 0),
        (r"\begin{equation*} a \end{equation*}", 1),
    ],
)
def test_what_is_a_formula(markdown, number):
    formulas = Formulas()
    assert formulas.show(formulas.hide(markdown)).count("<math") == number


def test_in_code_and_attributes_a_formula_keeps_its_source():
    formulas = Formulas()
    hidden = formulas.hide("$a < b$")
    assert formulas.show(f"<code>{hidden}</code>") == "<code>$a &lt; b$</code>"
    assert formulas.show(f'<img alt="{hidden}">') == '<img alt="$a &lt; b$">'

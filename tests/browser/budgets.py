"""Latencies as the page measured them itself, against the budgets: half of the times within the one, 19 of 20 within the other."""

from harness import CAT, translated

BUDGETS = {  # milliseconds: p50, p95; those from the last key in the source are with the debounce of 120
    "usable": (150, 300), "key drawn": (8, 16), "first words": (160, 200), "translation": (170, 300), "proposal": (40, 100), "typed as proposed": (8, 16),
    "alternatives": (60, 150), "rest replaced": (60, 150), "hover": (8, 16), "attention": (100, 200), "attention again": (50, 120),
}
TWENTY = "The black dog slept in the old house by the river all day and the captain reads his letters again."



def measure(bench):
    """Once, or as often as figures need that are to be asserted."""
    times = 12 if bench.options.budgets else 1
    pause = 0.06 if bench.options.budgets else 0
    taken = {name: [] for name in BUDGETS}
    for _ in range(times):
        page = bench.open(watched=False)
        taken["usable"] += figures(page, "usable")
        page.close()
        bench.pages.remove(page)
    page = translated(bench, f"{CAT} {TWENTY}")
    for n in range(times):
        page.caret("source", len(CAT))
        page.type(f" {n} we know", pause)
        page.done()
        page.caret("source", len(CAT), len(CAT) + len(f" {n} we know"))
        page.key("Delete")
        page.done()
    lines = translated(bench, "\n".join([TWENTY] * times))
    for n in range(times):
        before = count(lines, "proposal")
        lines.caret("target", sum(len(line) + 1 for line in lines.value("target").split("\n")[:n]) + 2)
        lines.type("x")
        lines.wait(f"window.dragoman.timings.filter((t) => t.name === 'proposal').length > {before}", "a proposal")
        lines.frame()
        at = lines.run("document.getElementById('target').selectionStart")
        lines.type(lines.value("target")[at:at + 2], pause)
        lines.key("Escape")
    for n in range(times):
        for word in ("cat", "mat", "dog", "house"):
            page.mouse("mouseMoved", *page.word_box("source", word))
        before = count(page, "rest replaced")
        page.caret("target", page.value("target").rindex(" ") - 3)
        page.key("F2")
        page.wait("document.querySelector('#alternatives [role=option]')", "the list")
        page.key("ArrowDown")
        page.key("Enter")
        page.wait(f"window.dragoman.timings.filter((t) => t.name === 'rest replaced').length > {before}", "the rest")
        page.key("z", 2)
    page.caret("target", 5)
    page.click("open-attention")
    page.wait("window.dragoman.timings.some((t) => t.name === 'attention')", "the first picture")
    for n in range(times):
        for name, act in (("attention", lambda: page.caret("target", (70, 5)[n % 2])), ("attention again", lambda: page.set("attention-layer", str(n % 2)))):
            before = count(page, "attention")
            act()
            page.wait(f"window.dragoman.timings.filter((t) => t.name === 'attention').length > {before}", "the picture")
            taken[name] += figures(page, "attention")[-1:]
    for name in taken.keys() - {"usable", "attention", "attention again"}:
        taken[name] = figures(page, name) + figures(lines, name)
    for name, budget in BUDGETS.items():
        bench.expect(taken[name], f"{name} was measured")
        if taken[name]:
            bench.budget(name, sorted(taken[name]), *budget)


def figures(page, name):
    return page.run(f"window.dragoman.timings.filter((t) => t.name === '{name}').map((t) => t.ms)")


def count(page, name):
    return len(figures(page, name))

# SPDX-License-Identifier: MIT
"""A few shapes of SVG for pictures.py. A picture has a background of its own and its
colours are named by what they mean, so that it can be read on a light page and on a dark
one."""

STYLE = """
    svg { color-scheme: light dark }
    .page { fill: #ffffff }
    .ink { fill: #1b1f24 }
    .soft { fill: #59636e }
    .line { stroke: #59636e; fill: none; stroke-width: 1.4 }
    .edge { stroke: #59636e; stroke-width: 1 }
    .plain { fill: #f3f5f8 }
    .pad { fill: #ffffff; stroke-dasharray: 3 2 }
    .a { fill: #cfe3ff } .b { fill: #ffe0b8 } .c { fill: #cdeccf } .d { fill: #ecd3f5 }
    .curve-a { stroke: #0b5cad; fill: none; stroke-width: 2 }
    .curve-b { stroke: #b45309; fill: none; stroke-width: 2; stroke-dasharray: 7 4 }
    .head { fill: #59636e }
    @media (prefers-color-scheme: dark) {
      .page { fill: #161b22 }
      .ink { fill: #e6edf3 }
      .soft { fill: #9da7b3 }
      .line { stroke: #9da7b3 }
      .edge { stroke: #7d8590 }
      .plain { fill: #242b34 }
      .pad { fill: #161b22 }
      .a { fill: #143d6b } .b { fill: #6b4310 } .c { fill: #1c5226 } .d { fill: #55306a }
      .curve-a { stroke: #79b8ff } .curve-b { stroke: #ffb366 }
      .head { fill: #9da7b3 }
    }"""


def escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Picture:
    """Shapes in the order in which they are drawn."""

    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self.shapes = []

    def add(self, shape):
        self.shapes.append("  " + shape)

    def box(self, x, y, width, height, kind="plain"):
        self.add(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
                 f'class="edge {kind}"/>')

    def text(self, x, y, text, size=14, kind="ink", anchor="middle"):
        self.add(f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" '
                 f'class="{kind}">{escape(text)}</text>')

    def labelled(self, x, y, width, height, text, kind="plain", size=14):
        """A box with lines of text in its middle."""
        self.box(x, y, width, height, kind)
        lines = str(text).split("\n")
        step = size * 1.25
        first = y + height / 2 + size * 0.36 - step * (len(lines) - 1) / 2
        for i, line in enumerate(lines):
            self.text(x + width / 2, first + i * step, line, size)

    def grid(self, x, y, rows, cell=30, kinds=None, size=14):
        """A table of numbers; kinds maps (row, column) to a colour."""
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                self.labelled(x + j * cell, y + i * cell, cell, cell, value,
                              (kinds or {}).get((i, j), "plain"), size)

    def line(self, points, kind="line"):
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.add(f'<polyline points="{path}" class="{kind}"/>')

    def arrow(self, x1, y1, x2, y2):
        self.add(f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="line" '
                 'marker-end="url(#tip)"/>')

    def svg(self):
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} '
            f'{self.height}" width="{self.width}" height="{self.height}" role="img" '
            'font-family="system-ui, sans-serif">',
            f"  <title>{escape(self.title)}</title>",
            f"  <style>{STYLE}\n  </style>",
            '  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            'markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" class="head"/>'
            "</marker></defs>",
            f'  <rect width="{self.width}" height="{self.height}" rx="6" class="page"/>',
            *self.shapes, "</svg>", ""])

#!/usr/bin/env python3
"""Record commands in a terminal and draw what they print as an SVG picture.

usage: terminal_svg.py OUT.svg [--columns 100] COMMAND…       each COMMAND is one shell line

Runs each line in a pseudo-terminal, so that the picture shows what a person sees: colours, emphasis, streamed text.
Progress that is overwritten is drawn in its last state. Standard library only.
"""
import argparse, html, os, pty, re, struct, fcntl, termios, unicodedata

COLOURS = {30: "#24292f", 31: "#cf222e", 32: "#1a7f37", 33: "#9a6700", 34: "#0969da", 35: "#8250df", 36: "#1b7c83", 37: "#6e7781", 90: "#6e7781"}
SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
WIDTH, HEIGHT = 8.4, 19


def run(line, columns):
    pid, master = pty.fork()
    if pid == 0:
        os.execvpe("/bin/sh", ["sh", "-c", line], {**os.environ, "TERM": "xterm-256color"})
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    output = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    os.waitpid(pid, 0)
    return output.decode("utf-8", "replace")


def cells(text, columns):
    """Lines of (character, style, width) cells, wrapped at the terminal's width; erased text is gone."""
    lines, row, position, style = [[]], 0, 0, ()
    index = 0

    def down():
        nonlocal row, position
        row, position = row + 1, 0
        if row == len(lines):
            lines.append([])

    while index < len(text):
        match = SEQUENCE.match(text, index)
        if match:
            index = match.end()
            count = int(match[1]) if (match[1] or "").isdigit() else 1
            if match[2] == "m":
                style = restyle(style, match[1])
            elif match[2] == "A":
                row = max(0, row - count)
            elif match[2] == "G":
                position = count - 1
            elif match[2] in ("K", "J"):
                del lines[row][position:]
                if match[2] == "J":
                    del lines[row + 1:]
            continue
        character = text[index]
        index += 1
        if character == "\n":
            down()
        elif character == "\r":
            position = 0
        elif character >= " ":
            if position >= columns:
                down()
            wide = unicodedata.east_asian_width(character) in "WF"
            lines[row] += [(" ", (), 1)] * (position - len(lines[row]))
            lines[row][position:position + 1] = [(character, style, 2 if wide else 1)]
            position += 1
    return lines if lines[-1] else lines[:-1]


def restyle(style, codes):
    style = set(style)
    for code in (int(c or 0) for c in codes.split(";")):
        if code == 0:
            style.clear()
        elif code in (1, 2, 3, 4):
            style.add(code)
        elif code == 22:
            style -= {1, 2}
        elif code in (23, 24):
            style.discard(code - 20)
        elif code == 39 or code in COLOURS:
            style -= set(COLOURS)
            if code != 39:
                style.add(code)
    return tuple(sorted(style))


def spans(line):
    column, run, start, style = 0, "", 0, None
    for character, its, width in line + [("", None, 0)]:
        if its != style or width == 2:
            if run:
                yield start, run, style
            run, start, style = "", column, its
        run += character
        column += width
        if width == 2:
            yield start, run, style
            run, start = "", column


def draw(lines, columns):
    height = len(lines) * HEIGHT + 28
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * WIDTH + 32:.0f}" height="{height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
           '<rect width="100%" height="100%" rx="8" fill="#f6f8fa" stroke="#d0d7de"/>']
    for row, line in enumerate(lines):
        for start, text, style in spans(line):
            if not text.strip():
                continue
            style = style or ()
            look = f'fill="{next((COLOURS[c] for c in style if c in COLOURS), "#24292f")}"'
            look += ' font-weight="bold"' if 1 in style else ""
            look += ' opacity="0.65"' if 2 in style else ""
            look += ' font-style="italic"' if 3 in style else ""
            out.append(f'<text xml:space="preserve" x="{16 + start * WIDTH:.1f}" y="{24 + row * HEIGHT}" {look}>{html.escape(text)}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("commands", nargs="+")
    args = parser.parse_args()
    lines = []
    for command in args.commands:
        lines += cells(f"\x1b[1m$ {command}\x1b[0m\n" + run(command, args.columns) + "\n", args.columns)
    while lines and not lines[-1]:
        lines.pop()
    with open(args.out, "w", encoding="utf-8") as file:
        file.write(draw(lines, args.columns))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes the documents in `documents/` from nothing but Python's standard library: python3 make_documents.py

Every archive has fixed times, so that the files come out the same each time.
"""
import io, os, tarfile, gzip, zipfile, zlib

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "documents")
os.makedirs(OUT, exist_ok=True)


def write(name, data):
    with open(os.path.join(OUT, name), "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode("utf8"))


def packed(members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, method)
    return buffer.getvalue()


RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relation(id, kind, target):
    return f'<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{target}"/>'


# Word: headings, counted list, table, footnote, comment, tracked changes, hidden and white text, a field.
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
p = lambda text, style="", more="": f'<w:p><w:pPr>{f"""<w:pStyle w:val="{style}"/>""" if style else ""}{more}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
item = lambda text, list, level=0: p(text, "", f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr>')
cell = lambda text: f"<w:tc>{p(text)}</w:tc>"
body = (p("Harbour manual", "Title") + p("Pilots", "Heading1") + p("A pilot boards at the outer buoy.")
        + '<w:p><w:r><w:t>The fee is </w:t></w:r><w:del><w:r><w:delText>forty</w:delText></w:r></w:del><w:ins><w:r><w:t>fifty</w:t></w:r></w:ins>'
          '<w:r><w:t> crowns</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:t>.</w:t></w:r></w:p>'
        + item("Call the tower", 1) + item("Wait for the light", 1) + item("Keep the channel", 2) + p("Fees", "Kop2")
        + f"<w:tbl><w:tr>{cell('Ship')}{cell('Fee')}</w:tr><w:tr>{cell('Barge')}{cell('12')}</w:tr><w:tr>{cell('Liner')}{cell('90')}</w:tr></w:tbl>"
        + '<w:p><w:r><w:t>Seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret order</w:t></w:r>'
          '<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t> white order</w:t></w:r></w:p>'
        + '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
          '<w:r><w:t>See page 4.</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>')
DOCX = {
    "[Content_Types].xml": "<Types/>", "_rels/.rels": RELS.format(relation("r1", "officeDocument", "word/document.xml")),
    "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
    "word/styles.xml": f'<w:styles {W}><w:style w:styleId="Title"><w:name w:val="Title"/></w:style><w:style w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
                       '<w:style w:styleId="Kop2"><w:name w:val="kop twee"/><w:basedOn w:val="H2"/></w:style><w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style></w:styles>',
    "word/numbering.xml": f'<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
                          '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
                          '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>',
    "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0"/><w:footnote w:id="1">{p("Since the spring.")}</w:footnote></w:footnotes>',
    "word/comments.xml": f'<w:comments {W}><w:comment w:id="3" w:author="Ada">{p("Check the sum.")}</w:comment></w:comments>',
    "docProps/core.xml": '<c:coreProperties xmlns:c="c" xmlns:dc="d"><dc:creator>Harbour office</dc:creator></c:coreProperties>',
}
write("manual.docx", packed(DOCX))
write("entities.docx", packed(DOCX | {"word/document.xml": '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + f'<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document {W}><w:body>{p("before")}'
    '<w:p><w:r><w:t>&j;&f;</w:t></w:r></w:p></w:body></w:document>'}))

# PowerPoint: order from the list of slides, title after the text in the file, table, notes, a slide that is not shown.
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="' + OFFICE + '"'
shape = lambda kind, *lines: f'<p:sp><p:nvSpPr><p:nvPr>{f"""<p:ph type="{kind}"/>""" if kind else ""}</p:nvPr></p:nvSpPr><p:txBody>' + "".join(
    f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines) + "</p:txBody></p:sp>"
slide = lambda *shapes, show="": f"<p:sld {A} {show}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"
table = '<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/>' + "".join(
    "<a:tr>" + "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>" for c in row) + "</a:tr>" for row in [("Tide", "Hour"), ("high", "6"), ("low", "12")]
) + "</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
write("tides.pptx", packed({
    "_rels/.rels": RELS.format(relation("r1", "officeDocument", "ppt/presentation.xml")),
    "ppt/presentation.xml": f'<p:presentation {A}><p:sldIdLst><p:sldId id="1" r:id="b"/><p:sldId id="2" r:id="a"/><p:sldId id="3" r:id="c"/></p:sldIdLst></p:presentation>',
    "ppt/_rels/presentation.xml.rels": RELS.format(relation("a", "slide", "slides/slide1.xml") + relation("b", "slide", "slides/slide2.xml") + relation("c", "slide", "slides/slide3.xml")),
    "ppt/slides/slide1.xml": slide(table), "ppt/slides/slide2.xml": slide(shape("", "rise twice a day", "fall twice a day"), shape("title", "Tides")),
    "ppt/slides/slide3.xml": slide(shape("", "not shown"), show='show="0"'),
    "ppt/slides/_rels/slide2.xml.rels": RELS.format(relation("n", "notesSlide", "../notesSlides/notesSlide1.xml")),
    "ppt/notesSlides/notesSlide1.xml": f"<p:notes {A}><p:cSld><p:spTree>{shape('body', 'Point at the moon.')}</p:spTree></p:cSld></p:notes>",
}))

# Excel: shared and inline strings, a date, a percentage, a boolean, a hidden sheet.
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="' + OFFICE + '"'
write("fees.xlsx", packed({
    "_rels/.rels": RELS.format(relation("r1", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": f'<workbook {S}><sheets><sheet name="Fees" sheetId="1" r:id="a"/><sheet name="Keys" sheetId="2" state="hidden" r:id="b"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": RELS.format(relation("a", "worksheet", "worksheets/sheet1.xml") + relation("b", "worksheet", "worksheets/sheet2.xml")),
    "xl/sharedStrings.xml": f"<sst {S}><si><t>Ship</t></si><si><r><t>Da</t></r><r><t>te</t></r></si><si><t>Share</t></si><si><t>Barge</t></si></sst>",
    "xl/styles.xml": f'<styleSheet {S}><numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="9"/></cellXfs></styleSheet>',
    "xl/worksheets/sheet1.xml": f'<worksheet {S}><sheetData><row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c></row>'
                                '<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3" s="1"><v>45350</v></c><c r="C3" s="2"><v>0.25</v></c></row>'
                                '<row r="4"><c r="A4" t="inlineStr"><is><t>Liner</t></is></c><c r="C4" t="b"><v>1</v></c></row></sheetData></worksheet>',
    "xl/worksheets/sheet2.xml": f'<worksheet {S}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>door code</t></is></c></row></sheetData></worksheet>',
}))

# OpenDocument text, sheet and slides.
N = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ["office", "text", "table", "draw", "presentation", "style"])
odf = lambda kind, content, styles="": packed({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml":
    f"<office:document-content {N}><office:automatic-styles>{styles}</office:automatic-styles><office:body>{content}</office:body></office:document-content>"})
write("notes.odt", odf("text", '<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h text:outline-level="1">Locks</text:h>'
    '<text:p>A lock<text:s text:c="2"/>lifts<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>With water.</text:p></text:note-body></text:note> ships'
    '<text:span text:style-name="H"> unseen</text:span>.</text:p>'
    '<text:list text:style-name="L"><text:list-item><text:p>open</text:p><text:list><text:list-item><text:p>slowly</text:p></text:list-item></text:list></text:list-item></text:list>'
    '<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Gate</text:p></table:table-cell><table:table-cell><text:p>Lift</text:p></table:table-cell></table:table-row>'
    '</table:table-header-rows><table:table-row><table:table-cell><text:p>North</text:p></table:table-cell><table:table-cell><text:p>3 m</text:p></table:table-cell></table:table-row></table:table></office:text>',
    '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'))
write("stock.ods", odf("spreadsheet", '<office:spreadsheet><table:table table:name="Stock"><table:table-row><table:table-cell><text:p>Part</text:p></table:table-cell><table:table-cell><text:p>Count</text:p></table:table-cell></table:table-row>'
    '<table:table-row><table:table-cell><text:p>Rope</text:p></table:table-cell><table:table-cell><text:p>7</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet>'))
write("talk.odp", odf("presentation", '<office:presentation><draw:page><draw:frame><draw:text-box><text:p>Lamps burn oil.</text:p></draw:text-box></draw:frame>'
    '<draw:frame presentation:class="title"><draw:text-box><text:p>Lamps</text:p></draw:text-box></draw:frame>'
    '<presentation:notes><draw:frame presentation:class="notes"><draw:text-box><text:p>Show one.</text:p></draw:text-box></draw:frame></presentation:notes></draw:page></office:presentation>'))

write("book.epub", packed({
    "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    "OPS/book.opf": '<package xmlns:dc="d"><metadata><dc:title>The lamp book</dc:title><dc:creator>N. Oil</dc:creator></metadata><manifest><item id="n" href="nav.xhtml" properties="nav"/>'
                    '<item id="b" href="b%20two.xhtml"/><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/></spine></package>',
    "OPS/nav.xhtml": "<html><body><p>Contents</p></body></html>", "OPS/a.xhtml": "<html><body><h1>One</h1><p>First chapter.</p></body></html>",
    "OPS/b two.xhtml": "<html><body><h1>Two</h1><p>Second chapter.</p></body></html>",
}))

write("letter.rtf", r"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}{\f1\fcharset204 Cyr;}}{\stylesheet{\s1\outlinelevel0 heading 1;}}{\info{\title A letter}}
\pard\s1 Dear \'e4ngstrom\par\pard First \u8212? line{\footnote\pard A note.}\par{\v unseen}{\f1\'cf\'f0\'e8\'e2\'e5\'f2}\par
\trowd\cellx1\cellx2\intbl Ship\cell Fee\cell\row\intbl Barge\cell 12\cell\row\pard {\*\unknown gone}{\pict 00ff}Last\par}""")

# Mail: encoded words, alternatives, an attachment, a message in it.
MAIL = """From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>\r\nTo: office@example.org\r\nSubject: =?utf-8?B?VGlkZXMgYW5kIGZlZXM=?=\r\n =?utf-8?Q?_for_May?=\r
Date: Fri, 3 May 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="out"\r\n\r\n--out\r
Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--in\r
Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nThe fee is f=FCnf=\r\nzig.\r\n--in--\r\n--out\r
Content-Type: text/csv; name="fees.csv"\r\nContent-Disposition: attachment; filename*=utf-8''f%C3%A9es.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nU2hpcCxGZWUKQmFyZ2UsMTIK\r\n--out--\r\n"""
write("mail.eml", MAIL)
write("box.mbox", "From a@b Fri May  3 10:00:00 2024\nFrom: a@b\nSubject: one\n\nFirst body.\n>From here on.\n\nFrom c@d Fri May  3 11:00:00 2024\nFrom: c@d\nSubject: two\n\nSecond body.\n")
write("page.mht", 'From: <Saved>\r\nSubject: Page\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
      "Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://example.org/\r\n\r\n<html><body><h1>Saved</h1><p>Kept =E2=80=93 whole.</p></body></html>\r\n--b--\r\n")

# Archives: nested, hostile names, links, a bomb.
inner = packed({"deep/c.md": "# Deep\n\ninner text\n"})
write("files.zip", packed({"a.md": "# A\n\nalpha\n", "inner.zip": inner, "../escape.md": "out", "/abs.md": "out", "C:\\win.md": "out", "b.bin": bytes(range(256)) * 4}))
nested = packed({"core.txt": "core"})
for level in range(8):
    nested = packed({f"{level}.zip": nested})
write("nested.zip", nested)
write("bomb.zip", packed({f"{n}.txt": b"0" * (64 << 20) for n in range(8)}))
buffer = io.BytesIO()
with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
    for name, data in [("x/" + "long" * 40 + ".md", b"# Long\n\nname\n"), ("y.txt", b"why\n"), ("../up.txt", b"out\n")]:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive.addfile(link)
write("files.tar.gz", gzip.compress(buffer.getvalue(), mtime=0))


# PDF, written by hand: three pages with running heads and numbers, two columns, a divided word, a table, unseen text; and
# a page without text.
def pdf(pages, extra=(), outline=(), letters=None):
    """`extra`: objects 4 and 5, a graphics state and an image. `outline`: titles with page numbers from 0 and their children.
    `letters`: the characters that the bytes from "a" on stand for."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", *extra]
    more = b" /ExtGState << /G 4 0 R >> /XObject << /I 5 0 R >>" if extra else b""
    if letters:
        names = b"".join(b"<%02x> <%04x>\n" % (ord("a") + n, ord(letter)) for n, letter in enumerate(letters))
        names = b"1 begincodespacerange\n<00> <ff>\nendcodespacerange\n%d beginbfchar\n%sendbfchar" % (len(letters), names)
        objects.append(b"<< /Length %d >>\nstream\n" % len(names) + names + b"\nendstream")
        objects[2] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 4 0 R >>"
    kids = []
    for content in pages:
        stream = content.encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream")
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >>" + more
                       + b" >> /Contents %d 0 R >>" % len(objects))
        kids.append(b"%d 0 R" % len(objects))

    def entries(items, parent):
        """Adds the entries of one level and returns the numbers of the first and the last."""
        numbers = [0] * len(items)
        for place, (title, page, children) in enumerate(items):
            objects.append(b"")
            numbers[place] = len(objects)
        for place, (title, page, children) in enumerate(items):
            body = b"<< /Title (%s) /Parent %d 0 R /Dest [%s /Fit]" % (title.encode("latin-1"), parent, kids[page])
            if place:
                body += b" /Prev %d 0 R" % numbers[place - 1]
            if place + 1 < len(items):
                body += b" /Next %d 0 R" % numbers[place + 1]
            if children:
                body += b" /First %d 0 R /Last %d 0 R /Count %d" % (*entries(children, numbers[place]), len(children))
            objects[numbers[place] - 1] = body + b" >>"
        return numbers[0], numbers[-1]

    if outline:
        objects.append(b"")
        root = len(objects)
        objects[root - 1] = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (*entries(outline, root), len(outline))
        objects[0] = b"<< /Type /Catalog /Pages 2 0 R /Outlines %d 0 R >>" % root
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def show(x, y, text, size=10):
    return f"BT /F {size} Tf {x} {y} Td ({text}) Tj ET\n"


def page(number, content):
    return show(250, 770, "The harbour report") + show(300, 30, str(number)) + content


left = ["The keeper lights the lamp each even-", "ing and notes the hour in a book that", "stays on the table by the window all", "through the winter months of the year."]
right = ["Ships pass on the far side of the bar", "where the water is deep enough, and", "they sound the horn once to greet the", "keeper as they go by in the evening."]
columns = "".join(show(50, 700 - 13 * n, l) for n, l in enumerate(left)) + "".join(show(320, 700 - 13 * n, l) for n, l in enumerate(right))
rows = [("Ship", "Flag", "Fee"), ("Barge", "red", "12"), ("Liner", "blue", "90"), ("Tug", "none", "4")]
grid = "".join(show(60 + 160 * c, 600 - 16 * r, text) for r, row in enumerate(rows) for c, text in enumerate(row))
PAGES = [page(1, show(50, 735, "Keeping the light", 20) + columns),
         page(2, show(50, 735, "Fees", 20) + show(50, 700, "Each ship pays by its size, and the sum is set each year.") + grid),
         page(3, show(50, 700, "The last page says little.") + show(50, 650, "unseen order", 1) + "")]
write("report.pdf", pdf(PAGES + [""]))
write("long.pdf", pdf([show(50, 700, f"Page number {n}") for n in range(1, 2001)]))

write("analysis.ipynb", '{"cells": [{"cell_type": "markdown", "source": ["# Tides\\n", "\\n", "Read the data."]}, {"cell_type": "code", "source": "print(6 * 7)", "outputs": [{"output_type": "stream", "text": ["42\\n"]}]}, '
      '{"cell_type": "code", "source": "table", "outputs": [{"data": {"text/html": "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "text/plain": "a b"}}]}], '
      '"metadata": {"language_info": {"name": "python"}}, "nbformat": 4}')
print(sum(os.path.getsize(os.path.join(OUT, n)) for n in os.listdir(OUT)), "bytes")


# Text that nobody sees, and some that only looks like it; and an outline whose headings are not set larger.
def hidden_pdf():
    def text(y, words, before="", x=50, size=12):
        return f"q {before} BT /F {size} Tf {x} {y} Td ({words}) Tj ET Q\n"

    content = (text(750, "Plain words are seen.") + text(720, "White words on white paper.", "1 1 1 rg")
               + "q 0 0 0.4 rg 40 680 300 24 re f Q\n" + text(688, "White words on a dark bar.", "1 1 1 rg")
               + text(650, "Words that are not painted.", "3 Tr") + text(620, "Words of glass.", "/G gs")
               + "q 300 0 0 20 45 585 cm /I Do Q\n" + text(590, "A layer over an image.", "3 Tr")
               + text(560, "Nearly white words.", "0.99 1 0.98 rg") + text(530, "Words of no size.", "", 50, 0.4)
               + text(500, "Light grey words are seen.", "0.75 g"))
    pixels = bytes(0 if (x + y) % 2 else 255 for y in range(8) for x in range(8))
    return pdf([content], extra=[b"<< /Type /ExtGState /ca 0 /CA 0 >>",
                b"<< /Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 64 >>\nstream\n"
                + pixels + b"\nendstream"])


write("hidden.pdf", hidden_pdf())
OUTLINED = [show(50, 720, "1. Harbour rules") + show(50, 690, "Every ship gives its name at the gate.") + show(50, 660, "1.1 Lights and sig-")
            + show(50, 648, "nals at night") + show(50, 620, "A lamp burns on the mast until dawn."),
            show(50, 720, "2. Fees") + show(50, 690, "The sum is set each year.")]
write("outline.pdf", pdf(OUTLINED, outline=[("Harbour rules", 0, [("1.1 Lights and signals at night", 0, [])]), ("Fees", 1, [])]))

# Hebrew, as a page shows it: letters from the right, the number from the left. In reading order:
# "שלום לנמל 2024 בלילה" and "the word נמל is short".
ALPHABET = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
def shown(word):
    return "".join(chr(ord("a") + ALPHABET.index(letter)) for letter in reversed(word))


HEBREW = " ".join([shown("בלילה"), "2024", shown("לנמל"), shown("שלום")])
write("hebrew.pdf", pdf([show(50, 700, HEBREW) + show(50, 650, "THE WORD " + shown("נמל") + " IS SHORT.")], letters=ALPHABET))

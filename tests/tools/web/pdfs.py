"""Small PDF files, written by hand."""


def pdf(*pages, title="A Report", date="D:20240131120000Z", extra=b""):
    """A PDF with one line of text on each page."""
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        bodies.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 <<"
            b" /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>" % len(bodies)
        )
        kids.append(b"%d 0 R" % len(bodies))
    bodies[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    bodies.append(f"<< /Title ({title}) /CreationDate ({date}) >>".encode())
    content = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer << /Size %d /Root 1 0 R /Info %d 0 R %s >>\n" % (len(bodies) + 1, len(bodies), extra)
    return bytes(content + b"startxref\n%d\n%%%%EOF" % start)


def locked_pdf():
    """A PDF whose password nobody knows."""
    mark = b"<" + b"ab" * 32 + b">"
    encrypt = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O %s /U %s /P -4 >> /ID [<00> <00>]" % (mark, mark)
    return pdf("secret", extra=encrypt)


def looping_pdf():
    """A PDF whose tree of pages contains itself."""
    return pdf("x").replace(b"/Kids [4 0 R] /Count 1", b"/Kids [2 0 R] /Count 9")

interface Line {
  readonly text: string;
  /** In points. */
  readonly size: number;
}

/** One A4 page of lines, as a PDF 1.4 (ISO 32000-1, 7.5: header, objects, cross-reference table, trailer). ASCII only. */
export function pdfOf(lines: readonly Line[]): Buffer {
  const content = lines
    .map(({ text, size }) => `/F1 ${size} Tf 0 ${-size * 1.6} Td (${escape(text)}) Tj`)
    .join('\n');
  const stream = `BT\n72 780 Td\n${content}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>',
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  const table = `xref\n0 ${count}\n0000000000 65535 f \n${entries}`;
  file += `${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

function escape(text: string): string {
  return text.replace(/[\\()]/g, '\\$&');
}

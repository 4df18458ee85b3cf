import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sampleChartPng, sampleReportPdf } from '../../dev/workspace/sample-files.ts';

describe('the sample chart', () => {
  it('is a PNG whose chunks are sound and whose pixels are all there', () => {
    const chunks = chunksOf(sampleChartPng());
    expect(chunks.map(({ name }) => name)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(chunks.every(({ sound }) => sound)).toBe(true);
    const [header, data] = chunks;
    expect([header?.data.readUInt32BE(0), header?.data.readUInt32BE(4)]).toEqual([1200, 500]);
    expect(inflateSync(data?.data ?? '').length).toBe((1200 * 3 + 1) * 500);
  });

  it('is the same each time', () => {
    expect(sampleChartPng().equals(sampleChartPng())).toBe(true);
  });
});

describe('the sample report', () => {
  it('is a PDF whose table points at its objects', () => {
    const pdf = sampleReportPdf().toString('latin1');
    const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]);
    expect(pdf.slice(table, table + 8)).toBe('xref\n0 6');
    const offsets = [...pdf.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((entry) => Number(entry[1]));
    expect(offsets.map((offset) => pdf.slice(offset, offset + 7))).toEqual(
      [1, 2, 3, 4, 5].map((id) => `${id} 0 obj`),
    );
  });

  it('states the length of its stream', () => {
    const pdf = sampleReportPdf().toString('latin1');
    const stream = /\/Length (\d+) >>\nstream\n([\s\S]*)\nendstream/.exec(pdf);
    expect(stream?.[2]?.length).toBe(Number(stream?.[1]));
  });
});

function chunksOf(png: Buffer): { name: string; data: Buffer; sound: boolean }[] {
  const chunks = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    const sound = crc32(body) === png.readUInt32BE(at + 8 + length);
    chunks.push({ name: body.toString('latin1', 0, 4), data: body.subarray(4), sound });
    at += length + 12;
  }
  return chunks;
}

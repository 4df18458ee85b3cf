import { crc32, deflateSync } from 'node:zlib';
import { textDots } from './bitmap-font.ts';

export type Point = readonly [x: number, y: number];
export type Colour = readonly [red: number, green: number, blue: number];

/** A white picture to draw on, just able enough for a chart. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #pixels: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#pixels = new Uint8Array(width * height * 3).fill(255);
  }

  /** Mixes a colour into one pixel, `share` of 1 covering it. Outside of the picture nothing happens. */
  blend(x: number, y: number, colour: Colour, share = 1): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const start = (y * this.width + x) * 3;
    colour.forEach((value, channel) => {
      const old = this.#pixels[start + channel] ?? 0;
      this.#pixels[start + channel] = Math.round(old + (value - old) * share);
    });
  }

  rectangle([left, top]: Point, [right, bottom]: Point, colour: Colour, share = 1): void {
    for (let y = top; y < bottom; y += 1)
      for (let x = left; x < right; x += 1) this.blend(x, y, colour, share);
  }

  /** A smooth line through points that go from left to right. */
  line(points: readonly Point[], thickness: number, colour: Colour): void {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return;
    const reach = Math.ceil(thickness);
    const segments = points.slice(1).map((end, index) => ({ start: points[index] ?? end, end }));
    for (let x = Math.floor(first[0]) - reach; x <= last[0] + reach; x += 1) {
      const near = segments.filter(({ start, end }) => start[0] <= x + reach && end[0] >= x - reach);
      const heights = near.flatMap(({ start, end }) => [start[1], end[1]]);
      for (let y = Math.floor(Math.min(...heights)) - reach; y <= Math.max(...heights) + reach; y += 1) {
        const distance = Math.min(...near.map(({ start, end }) => distanceTo([x, y], start, end)));
        this.blend(x, y, colour, Math.min(1, Math.max(0, thickness / 2 + 0.5 - distance)));
      }
    }
  }

  /** Text from its top left corner, `scale` pixels from dot to dot; dots overlap a little, which looks less thin. */
  text(text: string, [left, top]: Point, scale: number, colour: Colour): void {
    for (const { x, y } of textDots(text)) {
      const corner: Point = [left + x * scale, top + y * scale];
      this.rectangle(corner, [corner[0] + scale + 1, corner[1] + scale + 1], colour);
    }
  }

  /** The picture as a PNG (8-bit RGB, W3C PNG 5.6: signature, IHDR, IDAT, IEND). */
  png(): Buffer {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.width, 0);
    header.writeUInt32BE(this.height, 4);
    header.set([8, 2], 8);
    const row = this.width * 3;
    const rows = Buffer.alloc((row + 1) * this.height);
    for (let y = 0; y < this.height; y += 1)
      rows.set(this.#pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const parts = [
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(rows, { level: 9 })),
      chunk('IEND', Buffer.alloc(0)),
    ];
    return Buffer.concat([signature, ...parts]);
  }
}

function distanceTo([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

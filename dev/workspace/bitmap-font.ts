// Five columns a character, low bit on top: the classic 5x7 font of small displays. Only what the samples write.
const GLYPHS: Readonly<Record<string, string>> = {
  ' ': '0000000000',
  '%': '2313086462',
  '(': '001c224100',
  ')': '0041221c00',
  ',': '0080703000',
  '-': '0808080808',
  '.': '0000606000',
  '/': '2010080402',
  '0': '3e5149453e',
  '1': '00427f4000',
  '2': '7249494946',
  '3': '2141494d33',
  '4': '1814127f10',
  '5': '2745454539',
  '6': '3c4a494931',
  '7': '4121110907',
  '8': '3649494936',
  '9': '464949291e',
  ':': '0000140000',
  A: '7c1211127c',
  C: '3e41414122',
  P: '7f09090906',
  T: '01017f0101',
  U: '3f4040403f',
  a: '2054547840',
  b: '7f28444438',
  c: '3844444428',
  d: '384444287f',
  e: '3854545418',
  g: '18a4a49c78',
  h: '7f08040478',
  i: '00447d4000',
  l: '00417f4000',
  m: '7c04780478',
  n: '7c08040478',
  o: '3844444438',
  p: 'fc18242418',
  r: '7c08040408',
  s: '4854545424',
  t: '04043f4424',
  u: '3c4040207c',
  v: '1c2040201c',
  w: '3c4030403c',
  y: '4c9090907c',
  z: '4464544c44',
};

/** The dots of a line of text as columns and rows from its top left corner; each character is six columns wide. */
export function textDots(text: string): { readonly x: number; readonly y: number }[] {
  return Array.from(text).flatMap((character, index) => {
    const glyph = GLYPHS[character];
    if (glyph === undefined) throw new Error(`the bitmap font has no "${character}"`);
    return [...Buffer.from(glyph, 'hex')].flatMap((bits, column) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((row) => bits & (1 << row)).map((y) => ({ x: index * 6 + column, y })),
    );
  });
}

/**
 * Text in which nothing hides: line breaks, control, format and direction characters are written as `\u{202e}`. For values
 * that a person reads before saying yes.
 */
export function showInvisible(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu,
      (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
    );
}

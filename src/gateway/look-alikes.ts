/** Letters of other alphabets that are drawn like Latin ones, by which a whole word can pass for another. */
const LIKE_LATIN = new Set(
  'асԁеһіјӏкмноԛрѕтуѵԝхьАВЕЅІЈКМНОРСТУХҮԌԚԜЬαινοργτυκχϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿաոցսօհքեյոՏՍՕꓐꓑꓒꓓꓔꓖꓗꓙꓜꓟꓠꓡꓢꓣꓥꓦꓧꓨꓪꓫꓬꓮꓰꓲꓳꓴ',
);
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const OTHER =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}]/u;
/** Latin letters of phonetics and of old hands; no language's own that people deploy in. */
const ODD_LATIN = /[\u0250-\u02ff\u1d00-\u1dbf\ua720-\ua7ff\uab30-\uab6f]/u;
const MOST_SHOWN = 5;

/**
 * A line of warning for text that is not what it looks like, each such word with its letters written out: words that mix
 * alphabets, that are made of look-alikes alone, or of letters that are other letters in disguise. Undefined when all is plain.
 */
export function lookAlikes(text: string): string | undefined {
  const found = [...new Set(text.match(WORD) ?? [])].filter(isDisguised);
  if (found.length === 0) return undefined;
  const shown = found.slice(0, MOST_SHOWN).map((word) => `${word} is ${writtenOut(word)}`);
  const more = found.length > MOST_SHOWN ? [`and ${found.length - MOST_SHOWN} more`] : [];
  return `Not what it looks like: ${[...shown, ...more].join(', ')}`;
}

function isDisguised(word: string): boolean {
  if (/^[\u0020-\u007e]*$/.test(word)) return false;
  if (word.normalize('NFKC') !== word.normalize('NFC') || ODD_LATIN.test(word)) return true;
  if (!OTHER.test(word)) return false;
  return (
    /[\p{Script=Latin}]/u.test(word) ||
    Array.from(word).every((letter) => LIKE_LATIN.has(letter) || /\d/.test(letter))
  );
}

function writtenOut(word: string): string {
  return word.replace(/[^\u0020-\u007e]/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}

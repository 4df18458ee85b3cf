/** Removes secrets from text before it reaches stderr. */
export interface Redactor {
  /** Registers a value; from now on it prints as stars, also URL-encoded and inside JSON. */
  add(value: string): void;
  redact(text: string): string;
}

const SHORTEST = 6;

// A presigned URL is a credential (P28), and a token may reach us inside another service's answer.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"'<>|]+/gi, '$1***'],
  [/\bxox[a-z]-[A-Za-z0-9-]+/g, 'xox-***'],
  [/\bxapp-[A-Za-z0-9-]+/g, 'xapp-***'],
  // The signature of an action button's value, see slack/action-value.ts.
  [/\b(v1\.[\w-]+\.)[\w-]{43}(?![\w-])/g, '$1***'],
  [/(Bearer )[A-Za-z0-9._~+/=-]+/g, '$1***'],
];

/** Makes a redactor that knows the registered values and the shapes of Slack tokens and presigned URLs. */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  return {
    add(value) {
      // Shorter values would star out ordinary words; Concourse itself skips only single characters.
      if (value.length < SHORTEST) return;
      known.add(value);
      known.add(encodeURIComponent(value.toWellFormed()));
      known.add(JSON.stringify(value).slice(1, -1));
    },
    redact(text) {
      let clean = text;
      const longestFirst = [...known].sort((a, b) => b.length - a.length);
      for (const value of longestFirst) clean = clean.replaceAll(value, '***');
      for (const [pattern, stars] of PATTERNS) clean = clean.replace(pattern, stars);
      return clean;
    },
  };
}

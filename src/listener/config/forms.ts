// Forms of texts in the configuration file, as patterns of its schema, and what to say where one does not fit.

/** `90s`, `15m`, `1h30m`, `PT2H`; not zero. */
export const DURATION =
  '^(?=.*[1-9])(?:(?:\\d{1,9}[smhdw])+|P(?:\\d{1,9}W)?(?:\\d{1,9}D)?(?:T(?=\\d)(?:\\d{1,9}H)?(?:\\d{1,9}M)?(?:\\d{1,9}S)?)?)$';
export const RATE = '^[1-9]\\d{0,8}/[smhd]$';
export const HTTP_URL = '^https?://[^\\s?#@]+$';
export const ONE_SLASH = '^/(?!/)';
export const TEAM = '^T[A-Z0-9]{2,}$';
export const ENTERPRISE = '^E[A-Z0-9]{2,}$';
export const APP = '^A[A-Z0-9]{2,}$';
export const CHANNEL = '^[CG][A-Z0-9]{2,}$';
export const USER = '^[UW][A-Z0-9]{2,}$';
export const APPROVER = '^(?:[UWS][A-Z0-9]{2,}|[^\\s@]+@[^\\s@]+\\.[^\\s@]+)$';
export const FROM_PIPELINE = '^from_pipeline$';

const WORDS: Readonly<Record<string, string>> = {
  [DURATION]: 'must be a duration such as 90s, 15m, 2h, 1d or PT2H',
  [RATE]: 'must be a rate such as 5/m, 10/s or 100/h',
  [HTTP_URL]: 'must be an http or https address without user name, query or fragment',
  [ONE_SLASH]: 'must begin with exactly one slash',
  [TEAM]: 'must be the id of a workspace, such as T0123ABCD',
  [ENTERPRISE]: 'must be the id of an organization, such as E0123ABCD',
  [APP]: 'must be the id of an app, such as A0123ABCD',
  [CHANNEL]: 'must be the id of a channel, such as C0123ABCD: names can be given to another channel',
  [USER]: 'must be the id of a user, such as U0123ABCD',
  [APPROVER]: 'must be the id of a user (U0123ABCD) or of a user group (S0123ABCD), or an e-mail address',
  [FROM_PIPELINE]: 'must be a list of users, user groups and e-mail addresses, or from_pipeline',
};

/** What a text must look like, by the pattern it does not match. Of the text itself only a plain number is quoted. */
export function wordsOf(pattern: string, text = ''): string {
  if (/^[1-9]\d{0,8}$/.test(text)) {
    if (pattern === DURATION) return `${text} is not a duration: write ${text}s, ${text}m or ${text}h`;
    if (pattern === RATE) return `${text} is not a rate: write ${text}/s, ${text}/m or ${text}/h`;
  }
  return WORDS[pattern] ?? 'has the wrong form';
}

import { describe, expect, it } from 'vitest';
import { parseMrkdwn, parsePlainText } from '../../dev/page/mrkdwn.ts';

const NAMES = { U0MARIA00: 'Maria Lindgren', C0RELEASE: 'releases' };
const read = (text: string) => parseMrkdwn(text, NAMES);
const plain = (text: string) => [{ kind: 'text', text }];

describe('what is special in Slack text', () => {
  it.each([
    ['bold', '*b*', { kind: 'bold', spans: plain('b') }],
    ['italic', '_i_', { kind: 'italic', spans: plain('i') }],
    ['strike', '~s~', { kind: 'strike', spans: plain('s') }],
    ['code', '`a *b* &lt;c&gt;`', { kind: 'code', text: 'a *b* <c>' }],
    ['a code block', '```\nx\n  y\n```', { kind: 'pre', text: 'x\n  y' }],
    ['an emoji', ':white_check_mark:', { kind: 'emoji', text: 'white_check_mark' }],
    ['a link', '<https://e.x/?a=1&amp;b=2|see>', { kind: 'link', url: 'https://e.x/?a=1&b=2', text: 'see' }],
    [
      'a bare address',
      'https://e.x/a_b_c',
      { kind: 'link', url: 'https://e.x/a_b_c', text: 'https://e.x/a_b_c' },
    ],
    ['a user', '<@U0MARIA00>', { kind: 'mention', text: '@Maria Lindgren' }],
    ['an unknown user', '<@U0NOBODY0>', { kind: 'mention', text: '@U0NOBODY0' }],
    ['a channel', '<#C0RELEASE|old-name>', { kind: 'mention', text: '#releases' }],
    ['a group', '<!subteam^S0OPS|@ops>', { kind: 'mention', text: '@ops' }],
    ['everyone here', '<!here>', { kind: 'mention', text: '@here' }],
    [
      'a date',
      '<!date^1700000000^{time}|noon>',
      { kind: 'date', seconds: 1_700_000_000, format: '{time}', fallback: 'noon' },
    ],
    ['a quote', '> a *b*', { kind: 'quote', spans: [...plain('a '), { kind: 'bold', spans: plain('b') }] }],
  ])('reads %s', (_, text, span) => {
    expect(read(text)).toEqual([span]);
  });

  it('ends a bare address before what surrounds it', () => {
    const link = { kind: 'link', url: 'https://e.x/?a=1&b=2', text: 'https://e.x/?a=1&b=2' };
    expect(read('&lt;https://e.x/?a=1&amp;b=2&gt;.')).toEqual([...plain('<'), link, ...plain('>.')]);
  });

  it('reads what follows a mark as plain text again', () => {
    expect(read('*done* in 3 s')).toEqual([{ kind: 'bold', spans: plain('done') }, ...plain(' in 3 s')]);
  });
});

describe('what stays text', () => {
  it.each([
    ['an escaped mention', '&lt;!channel&gt;', '<!channel>'],
    ['an escaped link', '&lt;https:evil|here&gt;', '<https:evil|here>'],
    ['an escaped ampersand, once', '&amp;lt;', '&lt;'],
    ['a script address', '<javascript:alert(1)|click>', '<javascript:alert(1)|click>'],
    ['marks inside words', 'snake_case_name 2 * 3 * 4', 'snake_case_name 2 * 3 * 4'],
    ['Markdown', '# a\n---\n1. [b](c)', '# a\n---\n1. [b](c)'],
    ['HTML', '&lt;img src=x onerror=alert(1)&gt;', '<img src=x onerror=alert(1)>'],
  ])('keeps %s', (_, source, text) => {
    expect(read(source)).toEqual(plain(text));
  });

  it('keeps everything but emoji in plain text', () => {
    expect(parsePlainText('*a* <!here> :tada:')).toEqual([
      ...plain('*a* <!here> '),
      { kind: 'emoji', text: 'tada' },
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { fill, fillBlocks } from '../../src/resource/template.ts';
import type { Placement } from '../../src/resource/template.ts';

const vars = (given: Readonly<Record<string, string>>) => new Map(Object.entries(given));
const JOINER = '\u2060';

function fault(template: string, value: string, placement: Placement = 'mrkdwn'): string {
  try {
    return `filled: ${fill(template, vars({ x: value }), placement)}`;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

test('puts values in, once, and keeps escaped braces', () => {
  const given = vars({ version: '1.2.3', 'a.b': 'dotted', nested: '{{version}}', empty: '' });
  expect(fill('{{version}} {{ a.b }} {{nested}}|{{empty}}|', given, 'plain')).toBe(
    '1.2.3 dotted {{version}}||',
  );
  expect(fill('\\{{version}} {{version}}', given, 'plain')).toBe('{{version}} 1.2.3');
  expect(fill('no { braces } }} at all', given, 'mrkdwn')).toBe('no { braces } }} at all');
});

test.each(['constructor', '__proto__', 'toString', ''])('knows no name that nobody set: %j', (name) => {
  expect(() => fill(`{{${name}}}`, vars({ a: 'b' }), 'plain')).toThrow(`{{${name}}} is not defined`);
});

test('reads a huge template in one go', () => {
  const given = vars({ x: 'v' });
  expect(fill('{{x}} < '.repeat(100_000), given, 'mrkdwn')).toHaveLength(400_000);
  const open = `{{${' '.repeat(200_000)}`;
  expect(fill(open, given, 'mrkdwn')).toBe(open);
});

describe('mrkdwn', () => {
  test('shows a value letter by letter (S29, C30)', () => {
    expect(fault('by {{x}}', '<!channel> & `rm` https://evil.test')).toBe(
      `filled: by &lt;!channel&gt; &amp; \u02cbrm\u02cb https:${JOINER}//evil.test`,
    );
  });

  test('takes a Slack id, and nothing else, into a mention', () => {
    expect(fault('<@{{x}}>', 'U0ALICE0001')).toBe('filled: <@U0ALICE0001>');
    expect(fault('<!subteam^{{x}}>', 'S0123')).toBe('filled: <!subteam^S0123>');
    expect(fault('<@{{x}}>', 'here')).toBe('TEMPLATE_INVALID: {{x}} stands in <@…> and is not a Slack id');
    expect(fault('<!{{x}}>', 'channel')).toBe(
      'TEMPLATE_INVALID: {{x}} stands in <!…> and is not allowed there',
    );
  });

  test('takes an address into a link, and lets nothing end it or start its label', () => {
    expect(fault('<{{x}}|report>', 'https://a.test/?q=1&r=2|evil>')).toBe(
      'filled: <https://a.test/?q=1&amp;r=2%7Cevil%3E|report>',
    );
    expect(fault('<{{x}}|report>', 'javascript:alert(1)')).toContain('is not an http or https address');
    expect(fault('<https://a.test/{{x}}|report>', 'b c\u202e')).toBe(
      'filled: <https://a.test/b%20c%E2%80%AE|report>',
    );
    expect(fault('<https://a.test|{{x}}>', 'b>|<!here>')).toBe(
      'filled: <https://a.test|b&gt;|&lt;!here&gt;>',
    );
  });

  test('keeps the host of a link that the author wrote', () => {
    for (const value of ['@evil.test/', '.evil.test', 'munity.test', ':1@evil.test', '\\@evil.test']) {
      expect(fault('<https://ci.example.com{{x}}|build>', value)).toContain('does not begin with a slash');
      expect(fault('https://ci.example.com{{x}}', value, 'url')).toContain('does not begin with a slash');
    }
    for (const value of ['evil.test/', 'evil.test#', 'a@evil.test', 'a b', '']) {
      expect(fault('<https://{{x}}.example.com/|build>', value)).toContain('is not a host name');
    }
    expect(fault('<https://ci.example.com{{x}}|build>', '/teams/main')).toBe(
      'filled: <https://ci.example.com/teams/main|build>',
    );
    expect(fault('<https://{{x}}.example.com/|build>', 'ci-2')).toBe(
      'filled: <https://ci-2.example.com/|build>',
    );
    expect(fault('<https://ci-{{x}}.example.com/|build>', '2')).toBe(
      'filled: <https://ci-2.example.com/|build>',
    );
  });

  test('takes a "<" that opens nothing for what it is', () => {
    expect(fault('under 5 < 6 {{x}}', 'a b')).toBe('filled: under 5 < 6 a b');
    expect(fault('1 <2 and {{x}} > 0', 'a b')).toBe('filled: 1 <2 and a b > 0');
  });
});

describe('markdown', () => {
  test('lets no bracket of a value become a link', () => {
    expect(fault('by {{x}}', '[report](//evil.test) [a]: b', 'markdown')).toBe(
      `filled: by [report]${JOINER}(//evil.test) [a]${JOINER}: b`,
    );
  });

  test('takes an address into the author’s own link', () => {
    expect(fault('[report]({{x}})', 'https://a.test/?q=1&r=(2)', 'markdown')).toBe(
      'filled: [report](https://a.test/?q=1&r=%282%29)',
    );
    expect(fault('[report]({{x}})', 'javascript:alert(1)', 'markdown')).toContain(
      'is not an http or https address',
    );
    expect(fault('[report](https://a.test{{x}})', '@evil.test', 'markdown')).toContain(
      'does not begin with a slash',
    );
  });
});

test('fills each string of a block by what it is there', () => {
  const given = vars({ x: '<!here>', url: 'https://a.test', kind: 'mrkdwn' });
  expect(
    fillBlocks(
      [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '{{x}}' },
          fields: [{ type: 'plain_text', text: '{{x}}' }],
        },
        { type: 'markdown', text: '{{x}}' },
        { type: 'image', image_url: '{{url}}/{{x}}', alt_text: '{{x}}' },
        { type: 'context', elements: [{ type: '{{kind}}', text: '{{x}}' }, 1, null, true] },
      ],
      given,
    ),
  ).toEqual([
    {
      type: 'section',
      text: { type: 'mrkdwn', text: '&lt;!here&gt;' },
      fields: [{ type: 'plain_text', text: '<!here>' }],
    },
    { type: 'markdown', text: '&lt;!here&gt;' },
    { type: 'image', image_url: 'https://a.test/%3C!here%3E', alt_text: '<!here>' },
    { type: 'context', elements: [{ type: 'mrkdwn', text: '&lt;!here&gt;' }, 1, null, true] },
  ]);
});

import { describe, expect, test } from 'vitest';
import { cardOf, mrkdwnIn, ORIGIN, press, shows } from './door.ts';
import { refused, teams } from './teams.ts';

const attacked = teams();

describe('a card', () => {
  const evil =
    '<!channel> <!here> <@U0ALICE0001> <https://evil.example|Approve> `code` *bold* @everyone \u202Egnp.exe';

  test('pings and links nobody whatever its author wrote, and its thread and words likewise (C30, S29)', async () => {
    const { door, listener } = attacked();
    const { slack } = listener;
    const origin = {
      ...ORIGIN,
      team: evil,
      pipeline: evil,
      job: evil,
      build_name: evil,
      created_by: evil,
      url: 'javascript:alert(1)',
    };
    const { id, card } = await door.ask({
      title: evil,
      details: evil,
      context: { [evil.slice(0, 90)]: evil },
      subject: evil,
      mention: ['<!channel>', '!here', evil],
      not_by: undefined,
      links: [{ title: evil, url: 'https://ci.example.com/report', note: evil }],
      origin,
    });
    const seen = slack.look(card.channel, card.ts);
    const { status } = await door.request('POST', `/v1/approvals/${id}/withdraw`, { origin, reason: evil });
    expect(status).toBe(200);
    await shows(slack, card, 'Withdrawn');
    await slack.when(() => slack.messages().some(({ thread_ts: thread }) => thread === card.ts));
    const late = await press(slack, card, 'Approve', { seen });
    await slack.when(() => late.ephemerals.length > 0);
    const own = slack.messages().filter(({ ts, thread_ts: thread }) => [ts, thread].includes(card.ts));
    const words = [seen, ...own, ...late.ephemerals];
    for (const { text, blocks } of words) {
      const live = [text, ...mrkdwnIn(blocks)].join('\n');
      const tokens = live.match(/<[^>]*>/g) ?? [];
      const ours = /^<(?:@U0(?:ALICE|BOB00)0001|!date\^[^>]*|https:\/\/ci\.example\.com\/report\|[^<]*)>$/;
      expect(
        tokens.filter((token_) => !ours.test(token_) && !/^<@U0(?:ALICE|BOB)0+1>$/.test(token_)),
      ).toEqual([]);
      expect(JSON.stringify(blocks)).not.toContain('javascript:');
      expect(live).not.toMatch(/[\u202A-\u202E]/);
    }
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'slack://open',
    'ftp://host/x',
    '//evil.example/x',
    '/relative',
    'https:',
    'https://',
    'http:///x',
    ' https://ci.example.com',
    'https://exa mple.com/',
    'x',
  ])('takes no link to %j', async (url) => {
    const answer = await attacked().door.open({ links: [{ title: 'report', url }] });
    refused(answer, 400, /links\[0\]\.url: is no http or https address/);
  });

  test('shows links to addresses of the inside, and lets nobody fetch them for a preview (S10)', async () => {
    const { door, listener } = attacked();
    const url = 'http://169.254.169.254/latest/meta-data/';
    const { id } = await door.ask({ links: [{ title: 'report', url }] });
    expect(JSON.stringify(cardOf(listener.slack, id).blocks)).toContain(`<${url}|report>`);
    expect(cardOf(listener.slack, id)).toMatchObject({ unfurl_links: false, unfurl_media: false });
  });
});

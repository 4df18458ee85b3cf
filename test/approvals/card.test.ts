import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { threadLine } from '../../src/approvals/card-lines.ts';
import { CARD_ACTIONS, cardOf } from '../../src/approvals/card.ts';
import { detailsModal, readTicket, reasonModal } from '../../src/approvals/modals.ts';
import type { Terms } from '../../src/approvals/record.ts';
import { fittingLinks } from '../../src/approvals/fit-terms.ts';
import type { Message } from '../../src/slack/message.ts';
import { blocksProblem, viewProblem } from '../fakes/slack/blocks/blocks-problem.ts';
import { workspace } from '../fakes/slack/workspace.ts';
import { ANA, approvedStory, BEN, HOUR, MINUTE, NOON, ORIGIN, Story } from './samples.ts';

const slack = workspace({});

/** A request in each of its states. */
function everyState(terms: Partial<Terms> = {}): Readonly<Record<string, Story>> {
  const approved = (change: Partial<Terms> = {}) => {
    const story = new Story({ ...terms, ...change, quorum: 1, denyQuorum: 1 }).posted();
    story.vote(ANA, 'approve', NOON, terms.title);
    return story;
  };
  const stories: Record<string, Story> = {
    requested: new Story(terms),
    partial: new Story({ ...terms, quorum: 3, denyQuorum: 3 }).posted(),
    detached: new Story({ ...terms, wait: true }).posted(),
    approved: approved(),
    waited: approved({ wait: true }),
    claimed: approved(),
    used: approved({ use: 'many' }),
    expired: approved(),
    takenBack: approved(),
    denied: new Story({ ...terms, quorum: 1, denyQuorum: 1 }).posted(),
    timedOut: new Story({ ...terms, onTimeout: 'deny' }).posted(),
    byTimeout: new Story({ ...terms, onTimeout: 'approve' }).posted(),
    withdrawn: new Story(terms).posted(),
  };
  stories['partial']?.vote(ANA, 'approve', NOON, terms.title);
  stories['partial']?.vote(BEN, 'deny', NOON, terms.title);
  stories['detached']?.on({ type: 'detach', why: (terms.title ?? 'stopped').slice(0, 200) });
  stories['claimed']?.claim();
  stories['used']?.claim();
  stories['expired']?.on({ type: 'validity_over' }, NOON + 24 * HOUR);
  stories['takenBack']?.on({ type: 'withdraw', by: { user: BEN, name: 'ben' }, why: 'taken back' });
  stories['denied']?.vote(BEN, 'deny', NOON, terms.title ?? 'not today');
  stories['timedOut']?.on({ type: 'time_out' }, NOON + 2 * HOUR);
  stories['byTimeout']?.on({ type: 'time_out' }, NOON + 2 * HOUR);
  stories['withdrawn']?.on({ type: 'withdraw', by: undefined, why: (terms.title ?? 'x').slice(0, 200) });
  return stories;
}

const NASTY = [
  '<!channel> <!here> <@U0VICTIM001> <https://evil.example|click here>',
  '*bold* _it_ `code` ```block``` ~no~ :tada: &amp; <#C0RELEASES1>',
  'line\none\n\n\ntwo\ttab\u0000\u0007',
  '\u202Egnp.exe \u2066hidden\u2069 שלום عالم',
  '👩‍👩‍👧‍👦'.repeat(90),
  `${'𝒳'.repeat(499)}end`,
  'x'.repeat(1000),
  '   ',
  '\u0000\u0001',
  '承認'.repeat(500),
];

function nastyTerms(text: string): Partial<Terms> {
  const context = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`${text.slice(0, 90)}${at}`, text.slice(0, 200)]),
  );
  return {
    gate: text.slice(0, 200) || 'g',
    title: text,
    details: text.repeat(8).slice(0, 8000),
    context,
    subject: text.slice(0, 500),
    origin: {
      team: text.slice(0, 200),
      pipeline: text.slice(0, 200),
      job: text.slice(0, 200),
      build_name: text.slice(0, 200),
      url: `https://ci.example/x|y> ${text}`.slice(0, 2000),
      created_by: text.slice(0, 200),
    },
    links: fittingLinks(
      Array.from({ length: 20 }, (_, at) => ({
        title: `${at} ${text}`.slice(0, 300),
        url:
          at % 3 === 0
            ? `https://x> <!channel>|${text}`.slice(0, 3000)
            : `https://s3.example/a?${'q'.repeat(at * 150)}`,
        note: text.slice(0, 300),
      })),
    ),
    approvers: [
      'S0GROUP0001',
      ...Array.from({ length: 60 }, (_, at) => `${text.slice(0, 80)}${at}@example.com`),
    ],
    narrowed: [text.slice(0, 200), ANA],
    raisedBy: 2,
    mention: ['@here', 'S0GROUP0001', ANA, text.slice(0, 200)],
  };
}

/** What stands in mrkdwn, where something could ping or link. */
function markupOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(markupOf);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = { type: undefined, text: undefined, ...value };
  if (type === 'mrkdwn' && typeof text === 'string') return [text];
  return Object.values(value).flatMap(markupOf);
}

function buttonsOf({ blocks = [] }: Message): string[] {
  return JSON.stringify(blocks).match(/approval:\w+/g) ?? [];
}

describe.each(NASTY.map((text) => [JSON.stringify(text.slice(0, 30)), text] as const))(
  'with %s in every place',
  (_, text) => {
    const stories = Object.entries(everyState(nastyTerms(text)));

    test.each(stories)(
      'the card of a request that is %s is one that Slack takes (S31)',
      (_state, { snapshot }) => {
        const card = cardOf(snapshot);
        expect(blocksProblem(card.blocks ?? [], slack)?.details).toBeUndefined();
        expect(blocksProblem(card.blocks ?? [], slack)).toBeUndefined();
        // chat.update takes 4,000.
        expect(card.text.length).toBeLessThanOrEqual(3000);
        expect(card.text.trim()).not.toBe('');
      },
    );

    test.each(stories)(
      'nothing in the card of a request that is %s pings or leads anywhere by itself (S29)',
      (_state, { snapshot }) => {
        const card = cardOf(snapshot);
        const tokens = [card.text, ...markupOf(card.blocks)].join(' ').match(/<[^>]*>/g) ?? [];
        const ours =
          /^<(?:@U0(?:ANA|BEN)000001|!subteam\^S0GROUP0001|!here|!date\^\d+\^[^|]*\|[^>]*|https:\/\/s3\.example\/a\?q*\|[^<>]*)>$/;
        expect(tokens.filter((token) => !ours.test(token))).toEqual([]);
        if (snapshot.status !== 'open') expect(tokens).not.toContain('<!here>');
        expect(JSON.stringify(card.blocks)).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
      },
    );

    test('its modals are ones that Slack takes', () => {
      for (const [, { snapshot }] of stories)
        expect(viewProblem(detailsModal(snapshot), slack)?.details).toBeUndefined();
      const ticket = {
        card: 'a1b2c3d4e5f6a1b2c3d4e5f6.n0nce',
        vote: 'deny',
        responseUrl: `https://hooks.slack.com/${text}`,
      } as const;
      expect(viewProblem(reasonModal(ticket, text), slack)?.details).toBeUndefined();
    });

    test('its thread lines are ones that Slack takes, and ping nobody', () => {
      for (const [, story] of stories)
        for (const { key, data = {} } of story.snapshot.effects.filter((effect) =>
          effect.key.startsWith('line:'),
        )) {
          const line = threadLine(data, story.data.terms.mention);
          expect([key, blocksProblem(line.blocks ?? [], slack)?.details]).toEqual([key, undefined]);
          const tokens = [line.text, ...markupOf(line.blocks)].join(' ').match(/<[^>]*>/g) ?? [];
          expect(tokens.filter((token) => !/^<(?:@U0(?:ANA|BEN)000001|!date\^[^>]*)>$/.test(token))).toEqual(
            [],
          );
        }
    });
  },
);

describe('the card', () => {
  const states = everyState();

  test.each(Object.entries(states))(
    'of a request that is %s has buttons only while they do something',
    (state, { snapshot }) => {
      const { approve, deny, details, takeBack } = CARD_ACTIONS;
      const expected =
        snapshot.status === 'open'
          ? [approve, deny, details]
          : state === 'approved' || state === 'byTimeout' || state === 'used'
            ? [takeBack]
            : [];
      expect(buttonsOf(cardOf(snapshot))).toEqual(expected);
    },
  );

  test('says its state first, in the header and in the text alike', () => {
    const firsts = Object.entries(states).map(([state, { snapshot }]) => {
      const { text, blocks = [] } = cardOf(snapshot);
      return `${state}: ${JSON.stringify(blocks[0]).match(/"text":"([^"]*)"/)?.[1]} | ${text}`;
    });
    expect(firsts).toMatchInlineSnapshot(`
      [
        "requested: ⏳ Approval needed · release | ⏳ Approval needed: Ship 1.2.3 to production? (release)",
        "partial: ⏳ Approval needed · release | ⏳ Approval needed, 1 of 3: Ship 1.2.3 to production? (release)",
        "detached: ⏳ Approval needed · release | ⏳ Approval needed: Ship 1.2.3 to production? (release)",
        "approved: ✅ Approved · release | ✅ Approved by <@U0ANA000001>: Ship 1.2.3 to production? (release)",
        "waited: ✅ Approved · release | ✅ Approved by <@U0ANA000001>: Ship 1.2.3 to production? (release)",
        "claimed: ✅ Approved · release | ✅ Approved by <@U0ANA000001>: Ship 1.2.3 to production? (release)",
        "used: ✅ Approved · release | ✅ Approved by <@U0ANA000001>: Ship 1.2.3 to production? (release)",
        "expired: ⌛ Expired · release | ⌛ Approved by <@U0ANA000001>, not used in time: Ship 1.2.3 to production? (release)",
        "takenBack: ↩️ Withdrawn · release | ↩️ Withdrawn by <@U0BEN000001>: taken back: Ship 1.2.3 to production? (release)",
        "denied: ⛔ Denied · release | ⛔ Denied by <@U0BEN000001>: Ship 1.2.3 to production? (release)",
        "timedOut: ⌛ Timed out · release | ⌛ No decision in time, treated as denied: Ship 1.2.3 to production? (release)",
        "byTimeout: ✅ Approved · release | ✅ Approved by timeout, as the gate says: Ship 1.2.3 to production? (release)",
        "withdrawn: ↩️ Withdrawn · release | ↩️ Withdrawn: x: Ship 1.2.3 to production? (release)",
      ]
    `);
  });

  test('shows progress, use, and how it ended on one line', () => {
    const lines = Object.entries(states).map(([state, { snapshot }]) => {
      const line =
        markupOf(
          cardOf(snapshot).blocks?.filter((block) => JSON.stringify(block).includes('"context"')),
        )[0] ?? '';
      return `${state}: ${line.replaceAll(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, '$1')}`;
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "requested: *0 of 1*",
        "partial: *1 of 3* · approved by <@U0ANA000001> 2026-01-02 12:00 UTC · denied by <@U0BEN000001> 2026-01-02 12:00 UTC",
        "detached: ⏸ build stopped · *0 of 1*",
        "approved: Approved by <@U0ANA000001> · 2026-01-02 12:00 UTC · valid until 2026-01-03 12:00 UTC · not used yet",
        "waited: Approved by <@U0ANA000001> · 2026-01-02 12:00 UTC",
        "claimed: Approved by <@U0ANA000001> · 2026-01-02 12:00 UTC · used by app/release #41",
        "used: Approved by <@U0ANA000001> · 2026-01-02 12:00 UTC · valid until 2026-01-03 12:00 UTC · last used by app/release #41",
        "expired: Approved by <@U0ANA000001> · 2026-01-02 12:00 UTC · not used in time",
        "takenBack: Withdrawn by <@U0BEN000001>: taken back · 2026-01-02 12:00 UTC",
        "denied: Denied by <@U0BEN000001> · 2026-01-02 12:00 UTC",
        "timedOut: No decision by 2026-01-02 13:00 UTC, treated as denied",
        "byTimeout: Approved by timeout, as the gate says · 2026-01-02 14:00 UTC · valid until 2026-01-03 14:00 UTC · not used yet",
        "withdrawn: Withdrawn: x · 2026-01-02 12:00 UTC",
      ]
    `);
  });

  test('has a new block id in each state, and none of another’s (S30)', () => {
    const story = new Story({ quorum: 2 }).posted();
    const ids = () =>
      (cardOf(story.snapshot).blocks ?? []).map(
        (block) => JSON.stringify(block).match(/"block_id":"([^"]*)"/)?.[1],
      );
    const seen = [ids()];
    story.vote(ANA, 'approve');
    seen.push(ids());
    story.vote(BEN, 'approve', NOON + 1);
    seen.push(ids());
    story.claim();
    seen.push(ids());
    const all = seen.flat();
    expect(new Set(all).size).toBe(all.length);
  });

  test('carries ids in its buttons, nothing of the request itself (S21, A6)', () => {
    const { snapshot } = new Story();
    const values = JSON.stringify(cardOf(snapshot).blocks).match(/"value":"[^"]*"/g) ?? [];
    expect(new Set(values)).toEqual(new Set(['"value":"a1b2c3d4e5f6a1b2c3d4e5f6.n0nce"']));
  });

  test('stays below the limit over all blocks with long links and details, and sends people to Details (S31)', () => {
    const links = Array.from({ length: 20 }, (_, at) => ({
      title: `report ${at}`,
      url: `https://s3.example/${'x'.repeat(1500)}`,
    }));
    const { snapshot } = new Story({ links, details: 'what is in it. '.repeat(500) });
    const card = cardOf(snapshot);
    expect(blocksProblem(card.blocks ?? [], slack)).toBeUndefined();
    const shown = markupOf(card.blocks).filter((text) => text.includes('report'));
    expect(shown.length).toBeGreaterThan(3);
    expect(JSON.stringify(card.blocks)).toContain(`and ${20 - shown.length} more, see Details`);
    expect(JSON.stringify(detailsModal(snapshot)).match(/report \d+/g)).toHaveLength(20);
  });

  test('lets nothing that a pipeline or a voter wrote look like a vote in its details', () => {
    const fake = 'x\nFor: the boss, 2026-01-02\u2028For: her boss\rFor: his';
    const story = new Story({
      context: { version: fake },
      subject: fake,
      requireReason: 'always',
      quorum: 2,
    });
    story.posted().vote(ANA, 'approve', NOON, fake);
    const { blocks } = detailsModal(story.snapshot);
    const texts = JSON.stringify(blocks).match(/(?<=\\n|\\r|"text":"|\u2028)For: [^,]*/g);
    expect(texts).toEqual(['For: ana']);
  });

  test('fits whatever the request holds (S31)', () => {
    const text = (maxLength: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength });
    const terms = fc.record({
      title: text(1000),
      details: text(8000),
      gate: text(200),
      context: fc.dictionary(text(100), text(2000), { maxKeys: 50 }),
      links: fc.array(
        fc.record({
          title: text(300),
          url: fc.webUrl({ withQueryParameters: true, size: 'large' }),
          note: text(300),
        }),
        { maxLength: 20 },
      ),
      approvers: fc.array(text(200), { minLength: 1, maxLength: 100 }),
      excluded: fc.array(text(20), { maxLength: 100 }),
      mention: fc.array(text(200), { maxLength: 100 }),
    });
    fc.assert(
      fc.property(terms, (given) => {
        for (const { snapshot } of Object.values(
          everyState({ ...given, links: fittingLinks(given.links) }),
        )) {
          const card = cardOf(snapshot);
          expect(blocksProblem(card.blocks ?? [], slack)?.details).toBeUndefined();
          expect(blocksProblem(card.blocks ?? [], slack)).toBeUndefined();
          expect(viewProblem(detailsModal(snapshot), slack)?.details).toBeUndefined();
        }
      }),
      { numRuns: 40 },
    );
  });

  test('names an unknown requester, who may not decide, and a raised quorum', () => {
    const about = (terms: Partial<Terms>) => markupOf(cardOf(new Story(terms).snapshot).blocks).join('\n');
    expect(about({ origin: { pipeline: 'app' } })).toContain(
      '*Asked by:* automatic build, requester unknown',
    );
    expect(about({})).toContain('*Asked by:* octocat (unknown in Slack)');
    expect(about({ requester: ANA, excluded: [ANA] })).toContain(`*Asked by:* <@${ANA}>`);
    expect(about({ excluded: [ANA], narrowed: [BEN], raisedBy: 1 })).toContain(
      `*Who may decide:* <!subteam^S0GROUP0001> · who are also in <@${BEN}> · not <@${ANA}> · 1 more than usual`,
    );
    expect(about({ origin: ORIGIN })).toContain('*Build:* <https://ci.example/builds/4711|app/release #41>');
  });

  test('names whom Slack does not know of those who may not decide, as plain text', () => {
    const plainOf = (terms: Partial<Terms>) =>
      JSON.stringify(cardOf(new Story(terms).snapshot).blocks?.filter((block) => isPlainContext(block)));
    const unmatched = ['<!channel>', 'two\nlines'];
    expect(plainOf({ unknown: 2, unmatched })).toContain(
      'Could not be matched to a Slack user: <!channel>, two lines"',
    );
    expect(plainOf({ unknown: 12, unmatched })).toContain('two lines and 10 more"');
    expect(plainOf({})).toBe('[]');
  });

  test('pings those to be mentioned only while the request is open', () => {
    const mention = ['@here', 'S0GROUP0001'];
    expect(markupOf(cardOf(new Story({ mention }).snapshot).blocks)).toContain(
      '<!here> <!subteam^S0GROUP0001>',
    );
    expect(markupOf(cardOf(approvedStory({ mention }).snapshot).blocks).join()).not.toContain('<!here>');
  });
});

test('a line in the thread shows a reason as it was written, where it pings and links nobody (S29)', () => {
  const reason = '<!channel> <https://evil.example|Approve> `code` *bold*';
  for (const kind of ['vote', 'denied', 'approved']) {
    const line = threadLine({ kind, facts: { users: [ANA], user: ANA, reason }, at: NOON });
    expect(JSON.stringify(line.blocks)).toContain(JSON.stringify(reason).slice(1, -1));
    const live = [line.text, ...markupOf(line.blocks)].join(' ').match(/<[^>]*>/g) ?? [];
    expect(live.filter((token) => !/^<(?:@U0ANA000001|!date\^[^>]*)>$/.test(token))).toEqual([]);
  }
});

test('a reminder pings those whom the card pinged, other lines nobody', () => {
  const line = (kind: string) =>
    JSON.stringify(
      threadLine({ kind, facts: { missing: 1, ends: NOON + MINUTE }, at: NOON }, ['@here']).blocks,
    );
  expect(line('reminder')).toContain('<!here>');
  expect(line('back')).not.toContain('<!here>');
});

describe('the form for a reason', () => {
  test('carries back ids, not data (S20)', () => {
    const ticket = {
      card: 'a1.n0nce',
      vote: 'deny',
      responseUrl: 'https://hooks.slack.com/actions/T1/2/x',
    } as const;
    const view = reasonModal(ticket, 'Ship?');
    const carried = String(view['private_metadata']);
    expect([readTicket(carried), JSON.parse(carried)]).toEqual([ticket, ticket]);
  });

  test('leaves out a response URL that is too long for it (S20)', () => {
    const view = reasonModal(
      { card: 'a1.n0nce', vote: 'approve', responseUrl: `https://hooks.slack.com/${'x'.repeat(3000)}` },
      'Ship?',
    );
    expect(readTicket(String(view['private_metadata']))).toEqual({ card: 'a1.n0nce', vote: 'approve' });
    expect(viewProblem(view, slack)).toBeUndefined();
  });

  test.each(['', 'null', '[]', '{"card":1,"vote":"deny"}', '{"card":"a","vote":"maybe"}'])(
    'is not ours when it brings %j',
    (text) => {
      expect(readTicket(text)).toBeUndefined();
    },
  );
});

function isPlainContext(block: unknown): boolean {
  const text = JSON.stringify(block);
  return text.includes('"type":"context"') && text.includes('"type":"plain_text"');
}

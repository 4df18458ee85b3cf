import { describe, expect, test } from 'vitest';
import { CARD_ACTIONS } from '../../src/approvals/card.ts';
import type { OpenRequest } from '../../src/approvals/contract.ts';
import type { GatePolicy } from '../../src/approvals/policy.ts';
import { AUDIT_KEY } from '../../src/durable/core.ts';
import { stringAt } from '../../src/slack/answer.ts';
import { crashTest } from '../durable/crash/crash-test.ts';
import type { Scenario, Step } from '../durable/crash/crash-test.ts';
import { intentsOf, unmissed } from '../durable/crash/intents.ts';
import { startListener } from './crash-listener.ts';
import type { Listener } from './crash-listener.ts';
import { cardIn, isQuiet, isShown, makeWorld, problemsIn, requestsIn } from './crash-world.ts';
import type { World } from './crash-world.ts';
import { ANA, BEN, ORIGIN, requestOf } from './samples.ts';

type Act = Step<World, Listener>;

/** A put asks; again as often as it gets no answer. */
function open(change: Partial<OpenRequest> = {}): Act {
  return async (listener) => {
    const { status } = await listener.request('POST', '/v1/approvals', requestOf(change));
    expect([200, 201]).toContain(status);
  };
}

const carded = (nth = 0): Act => ({ until: (world) => cardIn(world, nth) !== undefined });
const shown: Act = { until: isShown };
const status = (wanted: string, nth = 0): Act => ({
  until: (world) => requestsIn(world)[nth]?.status === wanted,
});

/** A person clicks the card; again as often as Slack says that it did not work. */
function click(user: string, vote: 'approve' | 'deny', nth = 0): Act {
  return async (listener, world) => {
    const card = cardIn(world, nth);
    if (card === undefined) throw new Error('no card');
    const clicked = listener.click(CARD_ACTIONS[vote], card, user);
    if (world.directoryMs > 0) await world.clock.advance(400);
    await clicked;
    world.votes.push(`${user} ${vote}`);
  };
}

/** A person is asked why, and says so. */
function deny(user: string, reason: string): Act {
  return async (listener, world) => {
    const card = cardIn(world);
    if (card === undefined) throw new Error('no card');
    await listener.click(CARD_ACTIONS.deny, card, user);
    await world.clock.advance(1);
    // The first form of a person may be of a process that died: it still counts.
    await listener.submit(world.slack.forms.at(-1) ?? '', user, reason);
    world.votes.push(`${user} deny`);
  };
}

function claim(build: string): Act {
  return async (listener, world) => {
    const approval = requestsIn(world)[0]?.id.split('/')[1];
    const body = { approval, gate: 'release', expect: { version: '1.2.3' } };
    const answer = await listener.request('POST', '/v1/claims', {
      ...body,
      origin: { ...ORIGIN, build_id: build },
    });
    if (answer.status === 200) world.claims.push(build);
    else expect(stringAt(answer.body, 'error', 'message')).toMatch(/used already/);
  };
}

/** A put that is stopped takes its request back. */
const withdraw: Act = async (listener, world) => {
  const id = requestsIn(world)[0]?.id.split('/')[1] ?? '';
  await listener.request('POST', `/v1/approvals/${id}/withdraw`, { reason: 'stopped', origin: ORIGIN });
};

/** What check asks about once a minute. */
const listed: Act = {
  until: ({ watched }) => watched.store.all().some(({ kind }) => kind === 'gate'),
};

interface Story {
  readonly steps: readonly Act[];
  /** The status of each request at the end, oldest first. */
  readonly ends: readonly string[];
  readonly policy?: Partial<GatePolicy>;
  readonly world?: Partial<World>;
  readonly reminders?: number;
  /** What this story says must be done one day, and then never needs. */
  readonly idle: readonly string[];
}

const STORIES: Readonly<Record<string, Story>> = {
  'two approve, a build claims, another comes too late': {
    steps: [
      open(),
      carded(),
      click(ANA, 'approve'),
      shown,
      click(BEN, 'approve'),
      listed,
      shown,
      claim('5000'),
      claim('5001'),
    ],
    ends: ['approved'],
    policy: { quorum: 2 },
    idle: ['card_due', 'timeout', 'validity'],
  },
  'a build claims in the moment of the decision': {
    steps: [open(), carded(), click(ANA, 'approve'), claim('5000')],
    ends: ['approved'],
    // The claim draws the card anew.
    idle: ['card', 'card_due', 'timeout', 'validity'],
  },
  'one denies and says why': {
    steps: [open(), carded(), deny(ANA, 'not on a Friday')],
    ends: ['denied'],
    policy: { requireReason: 'deny' },
    idle: ['card_due', 'timeout'],
  },
  'nobody decides in time': {
    steps: [open({ timeout_seconds: 300, remind_every_seconds: 120 }), status('timed_out')],
    ends: ['timed_out'],
    reminders: 2,
    idle: ['card_due'],
  },
  'a newer request takes the place of an older one': {
    steps: [
      open({ subject: 'release', key: 'first' }),
      carded(),
      { pass: 10_000 },
      open({ subject: 'release', key: 'second' }),
      carded(1),
      status('withdrawn'),
      click(ANA, 'approve', 1),
    ],
    ends: ['withdrawn', 'approved'],
    idle: ['card_due', 'timeout', 'validity'],
  },
  'a waiting put stops and takes its request back': {
    steps: [open({ wait: true, abandon_after_seconds: 600 }), carded(), withdraw],
    ends: ['withdrawn'],
    idle: ['card_due', 'timeout', 'abandon'],
  },
  'a waiting put is gone': {
    steps: [open({ wait: true, abandon_after_seconds: 120 }), status('withdrawn')],
    ends: ['withdrawn'],
    // The withdrawal draws the card anew.
    idle: ['card', 'card_due', 'timeout'],
  },
  'Slack is slow to say who clicked': {
    steps: [open(), carded(), click(ANA, 'approve'), status('approved')],
    ends: ['approved'],
    world: { directoryMs: 2000 },
    idle: ['card_due', 'timeout', 'validity'],
  },
};

function scenarioOf({ steps, ends, policy = {}, world, reminders = 0 }: Story): Scenario<World, Listener> {
  return {
    world: () => ({ ...makeWorld(), ...world }),
    start: (surroundings, life, tamper) => startListener(surroundings, policy, life, tamper),
    steps,
    quiet: isQuiet,
    async problems(after) {
      const requests = requestsIn(after);
      const found = requests.map((request) => request.status).join();
      const reminded = requests.reduce((sum, { data }) => sum + data.reminders, 0);
      return [
        ...(found === ends.join() ? [] : [`it ended ${found}`]),
        ...(reminded >= reminders ? [] : [`${reminded} reminders`]),
        ...(await problemsIn(after)),
      ];
    },
  };
}

describe('wherever the listener dies', () => {
  test.for(Object.entries(STORIES))('all is as promised: %s', async ([name, story]) => {
    const { killPoints, problems, calls } = await crashTest(scenarioOf(story));
    process.stdout.write(`approvals, ${name}: ${killPoints} kill points in ${calls.length} calls\n`);
    expect(problems.slice(0, 10)).toEqual([]);
  });
});

describe('an intent that is left out of its write', () => {
  test.for(Object.entries(STORIES))('is missed: %s', async ([name, story]) => {
    const scenario = scenarioOf(story);
    const intents = await intentsOf(scenario);
    // The entries of the audit leave their records with the next write, and here there always is one.
    const needed = intents.filter(({ what }) => what !== AUDIT_KEY && !story.idle.includes(what));
    process.stdout.write(`approvals, ${name}: ${needed.length} of ${intents.length} intents are needed\n`);
    expect(await unmissed(scenario, needed)).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE, BOB, cardOf, cardsOf, ORIGIN, press, shows, step, threadOf } from './door.ts';
import { startBalancer, warmUp, withCluster } from './replicas.ts';
import type { Cluster, Replica } from './replicas.ts';

// Real processes on one DynamoDB table: whichever of them is asked, it is one listener.

let cluster: Cluster;
let end: () => void = () => undefined;
let ended: Promise<void> = Promise.resolve();
beforeAll(async () => {
  await new Promise<void>((started, failed) => {
    ended = withCluster((made) => {
      cluster = made;
      started();
      return new Promise<void>((resolve) => (end = resolve));
    });
    ended.catch(failed);
  });
});
afterAll(async () => {
  end();
  await ended;
});

describe('the roles apart', () => {
  let intake: Replica;
  let worker: Replica;
  beforeAll(async () => {
    [intake, worker] = await Promise.all([cluster.start('intake'), cluster.start('worker')]);
    await warmUp(intake, cluster.slack);
    intake.takesClicks();
  });
  afterAll(() => Promise.all([intake.kill(), worker.kill()]));

  test('intake asks, acknowledges and decides with no other key of AWS than the table’s; the worker does the rest, and takes no clicks', async () => {
    const { slack } = cluster;
    const { id, card } = await intake.door.ask();
    const polled = intake.door.poll(id, (await intake.door.view(id))['revision']);
    const elsewhere = await press(slack, card, 'Deny', { url: `${worker.url}/slack/interactions` });
    expect(elsewhere.status).toBe(404);
    const clicked = await press(slack, card, 'Approve');
    expect([clicked.status, clicked.warning]).toEqual([200, undefined]);
    expect((await polled).body).toMatchObject({ status: 'approved' });
    await shows(slack, card, 'Approved by');
    expect(intake.log()).not.toMatch(/"level":"error"|credential|AccessDenied/i);
  });

  test('intake without a worker decides all the same; the card follows when one is back', async () => {
    const { slack } = cluster;
    const { id, card } = await intake.door.ask();
    await worker.kill();
    const before = slack.count('chat.update');
    expect((await press(slack, card, 'Approve')).status).toBe(200);
    await intake.door.becomes(id, 'approved');
    expect((await intake.door.claim(id)).status).toBe(200);
    expect(slack.count('chat.update')).toBe(before);
    worker = await cluster.start('worker');
    await shows(slack, card, 'used by app/deploy #41');
  });
});

describe('two processes on one table', () => {
  let one: Replica;
  let other: Replica;
  beforeAll(async () => {
    [one, other] = await Promise.all([cluster.start(), cluster.start()]);
    for (const replica of [one, other]) await warmUp(replica, cluster.slack);
  });

  test('are one listener: asked by one, clicked at the other, seen at both, and each effect is done once (C29, A20)', async () => {
    const { slack, dynamo } = cluster;
    const [updates, posts] = [slack.count('chat.update'), slack.count('chat.postMessage')];
    other.takesClicks();
    const { id, card } = await one.door.ask({ quorum: 2 });
    const { revision } = await other.door.view(id);
    const polls = [one, other].map(async ({ door }) => {
      let { body } = await door.poll(id, revision);
      while (body['votes'] === 0) ({ body } = await door.poll(id, body['revision']));
      return body;
    });
    await press(slack, card, 'Approve');
    for (const body of await Promise.all(polls))
      expect(body).toMatchObject({ votes: 1, status: 'requested' });
    one.takesClicks();
    await press(slack, card, 'Approve', { by: BOB });
    for (const { door } of [one, other]) await door.becomes(id, 'approved');
    for (const { door } of [one, other])
      await expect.poll(async () => (await door.decisions()).text).toContain(id);
    await shows(slack, card, `Approved by <@${ALICE}>, <@${BOB}>`);
    await expect.poll(() => threadOf(slack, card)).toHaveLength(2);
    // One for each vote, and one more where the second came while the first was being drawn.
    expect(slack.count('chat.update') - updates).toBeLessThanOrEqual(3);
    // The card and a line for each vote.
    expect(slack.count('chat.postMessage') - posts).toBe(3);
    // What `listener migrate` has written.
    expect(dynamo.unconditional()).toEqual(['meta']);
  });

  test('take one click of a person once, whichever of them it is posted to again (A9, C28)', async () => {
    const { slack } = cluster;
    one.takesClicks();
    const { id, card } = await one.door.ask({ quorum: 2 });
    const { request } = await press(slack, card, 'Approve');
    await expect.poll(() => other.door.view(id)).toMatchObject({ votes: 1 });
    if (request === undefined) throw new Error('nothing was posted');
    const elsewhere = { ...request, url: `${other.url}/slack/interactions` };
    const answers = await Promise.all([1, 2, 3].map(() => slack.replay({ request: elsewhere })));
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect(await other.door.view(id)).toMatchObject({ votes: 1 });
  });

  test('decide a race once: clicks and claims at both in one moment (A3, C26)', async () => {
    const { slack } = cluster;
    for (let round = 0; round < 6; round++) {
      const { id, card } = await one.door.ask();
      const seen = slack.look(card.channel, card.ts);
      const [yes, no] = await Promise.all([
        press(slack, card, 'Approve', { seen, url: `${one.url}/slack/interactions` }),
        press(slack, card, 'Deny', { seen, by: BOB, url: `${other.url}/slack/interactions` }),
      ]);
      expect([yes.status, no.status]).toEqual([200, 200]);
      const ends = await Promise.all(
        [one, other].map(async ({ door }) => {
          await expect.poll(async () => (await door.view(id))['status']).not.toBe('requested');
          return (await door.view(id))['status'];
        }),
      );
      expect(new Set(ends).size).toBe(1);
      const [outcome] = ends;
      expect(['approved', 'denied']).toContain(outcome);
      await shows(slack, card, outcome === 'approved' ? '✅ Approved' : '⛔ Denied');
      if (outcome !== 'approved') continue;
      const claims = await Promise.all(
        [one, other].map(({ door }, at) => door.claim(id, { origin: { ...ORIGIN, build_id: `50${at}` } })),
      );
      expect(claims.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    }
  });

  test('of which one is frozen are one listener still: the other decides, and the woken one tells the same (A19)', async () => {
    const { slack } = cluster;
    const { id, card } = await one.door.ask();
    one.signal('SIGSTOP');
    other.takesClicks();
    const clicked = await press(slack, card, 'Approve');
    expect([clicked.status, clicked.warning]).toEqual([200, undefined]);
    await other.door.becomes(id, 'approved');
    await shows(slack, card, 'Approved by');
    one.signal('SIGCONT');
    expect(await one.door.view(id)).toMatchObject({ status: 'approved' });
    await expect.poll(() => threadOf(slack, card)).toHaveLength(1);
  });

  test('go on as one when the other is killed: a put that waits behind a balancer, the decision and the card (C23)', async () => {
    const { slack } = cluster;
    const balancer = await startBalancer(one);
    const before = cardsOf(slack).length;
    const at = { url: balancer.url, token: one.token };
    const put = step(at, { params: { approval: { gate: 'release', title: 'Ship?' } } });
    await slack.when(() => cardsOf(slack).length === before + 1);
    const id = /"value":"([0-9a-f]{24})\./.exec(JSON.stringify(cardsOf(slack).at(-1)?.blocks))?.[1] ?? '';
    await expect.poll(() => other.door.view(id)).toHaveProperty('permalink');
    balancer.leadTo(other);
    await one.kill();
    other.takesClicks();
    const card = cardOf(slack, id);
    expect((await press(slack, card, 'Approve')).status).toBe(200);
    const done = await put;
    expect(done).toMatchObject({ code: 0 });
    expect(done.stderr).toContain('approved by alice');
    await shows(slack, card, 'Approved by');
    expect(cardsOf(slack)).toHaveLength(before + 1);
    await balancer.close();
  });
});

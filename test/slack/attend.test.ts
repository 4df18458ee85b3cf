import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import { createAttendant, NOT_SAVED } from '../../src/slack/attend.ts';
import type { Attended, Job } from '../../src/slack/attend.ts';
import type { Ack } from '../../src/slack/handlers.ts';
import { manualClock } from '../support/manual-clock.ts';

/** An attendant, and a job that ends when the test says so. */
function prepare(ackSaying: Job['ackSaying'] = () => undefined) {
  const clock = manualClock();
  const events: Attended[] = [];
  const lines: string[] = [];
  const told: string[] = [];
  const work = Promise.withResolvers<Ack | undefined>();
  const log = { info: () => undefined, warn: (line: string) => void lines.push(line) };
  const observe = (event: Attended) => void events.push(event);
  const attendant = createAttendant({ clock, log, observe, deadlineMs: 2500 });
  const job: Job = {
    name: 'approval:',
    receivedAt: clock.now(),
    run: () => work.promise,
    ackSaying,
    tell: (text) => void told.push(text),
  };
  return { clock, events, lines, told, work, attendant, job };
}

describe('a job', () => {
  it('that is done in time is acknowledged with what it says, and leaves no timer', async () => {
    const { attendant, job, work, clock, events } = prepare();
    const outcome = attendant.attend(job);
    await clock.advance(2_499);
    work.resolve({ body: { response_action: 'clear' } });
    expect(await outcome).toEqual({ kind: 'done', ack: { body: { response_action: 'clear' } } });
    expect(events).toEqual([{ kind: 'handled', handler: 'approval:', ms: 2_499 }]);
    expect(clock.sleeping()).toBe(0);
  });

  it('has its deadline from when the request came, not from when it began (S15)', async () => {
    const { attendant, job, clock, events } = prepare();
    await clock.advance(2_400);
    const outcome = attendant.attend(job);
    await clock.advance(100);
    expect(await outcome).toMatchObject({ kind: 'late' });
    expect(events).toEqual([{ kind: 'late', handler: 'approval:', ms: 2_500 }]);
  });

  it('that is still not done ten seconds after its deadline is told once as slow', async () => {
    const { attendant, job, work, clock, told, events } = prepare();
    const outcome = attendant.attend(job);
    await clock.advance(2_500);
    expect(await outcome).toEqual({ kind: 'late', ack: {} });
    expect(told).toEqual([]);
    await clock.advance(10_000);
    expect(told).toEqual([expect.stringContaining('takes longer than usual')]);
    work.resolve(undefined);
    await attendant.idle();
    expect(events.map(({ kind }) => kind)).toEqual(['late', 'stuck', 'late_handled']);
    expect(told).toHaveLength(1);
  });

  it('whose acknowledgement said that it is slow tells it no second time, but tells that it failed', async () => {
    const { attendant, job, work, clock, told } = prepare((text) => ({ body: { text } }));
    const outcome = attendant.attend(job);
    await clock.advance(2_500);
    expect(await outcome).toMatchObject({
      ack: { body: { text: expect.stringContaining('takes longer') } },
    });
    await clock.advance(10_000);
    expect(told).toEqual([]);
    work.reject(new Fault('STORE_UNAVAILABLE', 'locked'));
    await attendant.idle();
    expect(told).toEqual([NOT_SAVED]);
  });

  it('that fails unexpectedly shows its stack to the log, and nothing of it to the person', async () => {
    const { attendant, job, work, lines, told, events } = prepare();
    const outcome = attendant.attend(job);
    work.reject(new TypeError('x is not a function'));
    expect(await outcome).toEqual({ kind: 'failed', ack: {} });
    expect(lines).toEqual([
      expect.stringMatching(/^approval: failed: TypeError: x is not a function\n\s+at /),
    ]);
    expect(told).toEqual([NOT_SAVED]);
    expect(events).toEqual([{ kind: 'failed', handler: 'approval:', code: 'unexpected' }]);
  });

  it('holds the process back from stopping until it has ended', async () => {
    const { attendant, job, work, clock } = prepare();
    const outcome = attendant.attend(job);
    await clock.advance(2_500);
    await outcome;
    let isIdle = false;
    const idle = attendant.idle().then(() => (isIdle = true));
    await clock.advance(60_000);
    expect(isIdle).toBe(false);
    work.resolve(undefined);
    await idle;
  });
});

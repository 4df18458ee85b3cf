import { expect, test } from 'vitest';
import { isRecord } from '../../src/kit/json.ts';
import { withGate } from '../support/gate.ts';
import { withWorld } from '../support/world.ts';
import type { World } from '../support/world.ts';
import type { FakeListener } from '../fakes/listener/server.ts';

/** A put that asks without waiting, with a bucket beside it. */
function ask(world: World, listener: FakeListener, params: object, files: Record<string, string> = {}) {
  const { aws, s3, prefix } = world.source();
  const source = { aws, s3, prefix, listener: { url: listener.url, token: listener.token } };
  const approval = { gate: 'release', title: 'Ship?', wait: false };
  return world.put({ approval, ...params }, { source, files });
}

function linksOf(listener: FakeListener): { title: string; url: string; note: string }[] {
  const { links } = listener.last().body;
  return Array.isArray(links)
    ? links.filter(isRecord).map(({ title, url, note }) => ({
        title: String(title),
        url: String(url),
        note: String(note),
      }))
    : [];
}

test('shows approvers links to artifacts: objects as they are, files of the build stored first', () =>
  withWorld((world) =>
    withGate(async ({ listener }) => {
      world.aws.s3.put('ci-artifacts', 'slack-content/cpu.png', 'png bytes', { type: 'image/png' });
      const artifacts = [
        { key: 'cpu.png', title: 'CPU of {{stage}}' },
        { file: 'out/*.html', key: 'reports/' },
      ];
      const files = { 'out/report.html': '<h1>12 passed</h1>' };
      const step = await ask(world, listener, { artifacts, vars: { stage: 'production' } }, files);
      expect(step.code).toBe(0);
      const links = linksOf(listener);
      expect(links.map(({ title }) => title)).toEqual(['CPU of production', 'report.html']);
      expect(links[0]?.note).toMatch(/^9 bytes, until \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
      const bodies = await Promise.all(links.map(async ({ url }) => (await fetch(url)).text()));
      expect(bodies).toEqual(['png bytes', '<h1>12 passed</h1>']);
      expect(step.stdout + step.stderr).not.toMatch(/X-Amz-Signature=(?!\*\*\*)/);
      expect(world.slack.calls).toEqual([]);
    }),
  ));

test('is the same request when its links are signed anew', () =>
  withWorld((world) =>
    withGate(async ({ listener }) => {
      world.aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report', { type: 'application/pdf' });
      const artifacts = [{ key: 'report.pdf', expires_in: '1h' }];
      for (const _attempt of [1, 2]) expect((await ask(world, listener, { artifacts })).code).toBe(0);
      expect(listener.approvals).toHaveLength(1);
      expect((await ask(world, listener, { artifacts: [{ key: 'report.pdf', title: 'Report' }] })).code).toBe(
        0,
      );
      expect(listener.approvals).toHaveLength(2);
    }),
  ));

test('asks nobody when an artifact is missing', () =>
  withWorld((world) =>
    withGate(async ({ listener }) => {
      const step = await ask(world, listener, { artifacts: [{ key: 'report.pdf' }] });
      expect(step.stderr).toContain('[S3_NOT_FOUND]');
      expect(listener.count()).toBe(0);
    }),
  ));

test('tells when there are more links than a card takes', () =>
  withWorld((world) =>
    withGate(async ({ listener }) => {
      const files = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`out/${index}.log`, 'log']));
      const step = await ask(world, listener, { artifacts: [{ file: 'out/*.log' }] }, files);
      expect(step.stderr).toContain('params.artifacts: 21 links, a card takes 20 [PARAMS_INVALID]');
      expect(listener.count()).toBe(0);
    }),
  ));

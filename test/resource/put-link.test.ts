import { expect, test } from 'vitest';
import { linksIn, withWorld } from '../support/world.ts';

test('posts a link with one Slack call, and answers where the message is', () =>
  withWorld(async ({ put, slack, aws }) => {
    aws.s3.put('ci-artifacts', 'slack-content/reports/report.pdf', 'a report', { type: 'application/pdf' });
    const step = await put({
      artifacts: [{ key: 'reports/report.pdf', as: 'link', title: 'Daily report', expires_in: '48h' }],
    });
    expect(step.stderr).toContain('AWS identity: access key …0001');
    expect(step.code).toBe(0);
    expect(slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage']);
    const [message] = slack.messages('releases');
    expect(step.json()).toMatchObject({ version: { channel: 'C0RELEASES1', ts: message?.ts } });
    const fetched = await fetch(linksIn(message?.blocks)[0] ?? '');
    expect(await fetched.text()).toBe('a report');
    expect(fetched.headers.get('content-disposition')).toBe('inline; filename="report.pdf"');
  }));

test('uploads into the thread of the message and proves the share', () =>
  withWorld(async ({ put, slack, aws }) => {
    aws.s3.put('ci-artifacts', 'slack-content/report.pdf', 'a report', { type: 'application/pdf' });
    const step = await put({ text: 'Nightly', artifacts: [{ key: 'report.pdf', as: 'upload' }] });
    expect(step.stderr).toContain('AWS identity');
    expect(step.code).toBe(0);
    const [parent, reply] = slack.messages('releases');
    expect(parent?.text).toBe('Nightly');
    expect(reply?.thread_ts).toBe(parent?.ts);
    expect(slack.files()).toHaveLength(1);
  }));

test('shows an image of a private bucket as slack_file of the message', () =>
  withWorld(async ({ put, slack, aws }) => {
    aws.s3.put('ci-artifacts', 'slack-content/cpu.png', 'png bytes', { type: 'image/png' });
    const step = await put({ text: 'CPU', artifacts: [{ key: 'cpu.png', alt: 'CPU, last hour' }] });
    expect(step.stderr).toContain('AWS identity');
    expect(step.code).toBe(0);
    const [message, ...others] = slack.messages('releases');
    expect(others).toEqual([]);
    expect(JSON.stringify(message?.blocks)).toContain('"alt_text":"CPU, last hour"');
  }));

test('names an artifact by its file where the title is empty once filled in', () =>
  withWorld(async ({ put, slack }) => {
    const artifacts = [{ file: 'out/a.log', as: 'link', title: '{{title}}' }];
    await put({ artifacts, vars: { title: ' ' } }, { files: { 'out/a.log': 'log' } });
    expect(JSON.stringify(slack.messages('releases')[0]?.blocks)).toContain('|a.log>');
  }));

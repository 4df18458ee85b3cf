import { isRecord, tryParseJson } from '../../src/kit/json.ts';
import type { SlackCall } from './slack-api.ts';

// Slack's chat.postMessage takes `#releases` as well as an id; emulate 0.12.2 knows `releases` only and answers
// `channel_not_found`. Other methods need the id on Slack too (S4) and stay as they are.
const METHODS = new Set(['chat.postMessage', 'chat.scheduleMessage']);

/** Takes the `#` off a channel name where Slack allows names. */
export function acceptHashNames(call: SlackCall): SlackCall {
  if (!METHODS.has(call.method)) return call;
  return { ...call, body: call.contentType.includes('json') ? inJson(call.body) : inForm(call.body) };
}

function inJson(body: string): string {
  const value = tryParseJson(body);
  if (!isRecord(value) || typeof value['channel'] !== 'string') return body;
  return JSON.stringify({ ...value, channel: withoutHash(value['channel']) });
}

function inForm(body: string): string {
  const form = new URLSearchParams(body);
  const channel = form.get('channel');
  if (channel !== null) form.set('channel', withoutHash(channel));
  return form.toString();
}

function withoutHash(channel: string): string {
  return channel.startsWith('#') ? channel.slice(1) : channel;
}

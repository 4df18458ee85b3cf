import { dateToken, escapeMrkdwn } from '../slack/mrkdwn.ts';
import type { Message } from '../slack/message.ts';
import type { JsonObject } from '../store/store.ts';

/** The thread line for an event; what people wrote stands in plain text, where it cannot ping or link (S29). */
export function threadLine({ kind, facts, at }: JsonObject): Message {
  const said = isObject(facts) ? facts : {};
  const words = `${wordsOf(String(kind), said)} · ${dateToken(Number(at) / 1000)}`;
  const reason = typeof said['reason'] === 'string' ? said['reason'] : undefined;
  return {
    text: reason === undefined ? words : `${words}: ${escapeMrkdwn(reason)}`,
    blocks: [
      { type: 'context', elements: [{ type: 'mrkdwn', text: words }] },
      ...(reason === undefined
        ? []
        : [{ type: 'section', text: { type: 'plain_text', text: reason, emoji: false } }]),
    ],
  };
}

function wordsOf(kind: string, facts: JsonObject): string {
  const text = (name: string) => (typeof facts[name] === 'string' ? escapeMrkdwn(facts[name]) : '');
  const user = (name: string) => (facts[name] === undefined ? 'The pipeline' : `<@${text(name)}>`);
  const users = () =>
    Array.isArray(facts['users']) ? facts['users'].map((id) => `<@${String(id)}>`).join(', ') : '';
  switch (kind) {
    case 'vote':
      return `${user('user')} voted to ${facts['vote'] === 'approve' ? 'approve' : 'deny'}: ${Number(facts['count'])} of ${Number(facts['quorum'])}`;
    case 'approved':
      return users() === '' ? `✅ ${text('note')}` : `✅ Approved by ${users()}`;
    case 'denied':
      return `⛔ Denied by ${users()}`;
    case 'timed_out':
      return `⌛ ${text('note')}`;
    case 'withdrawn':
      return `↩️ Withdrawn${facts['by'] === undefined ? '' : ` by ${user('by')}`}: ${text('note')}`;
    case 'reminder':
      return `🔔 Still waiting for ${Number(facts['missing'])} more, until ${dateToken(Number(facts['ends']) / 1000)}`;
    case 'detached':
      return `⏸ The waiting build stopped (${text('why')}); withdrawn unless it comes back`;
    case 'back':
      return '▶️ The waiting build is back';
    case 'claimed':
      return `🔑 Used by ${linked(text('build'), facts['url'])}`;
    default:
      return escapeMrkdwn(kind);
  }
}

function linked(label: string, url: unknown): string {
  return typeof url === 'string' && /^https?:\/\/[^\s|>]+$/.test(url)
    ? `<${url.replaceAll('&', '&amp;')}|${label}>`
    : label;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

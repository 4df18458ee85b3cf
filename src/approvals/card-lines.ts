import { dateToken, escapeMrkdwn } from '../slack/mrkdwn.ts';
import type { Message } from '../slack/message.ts';
import type { JsonObject } from '../store/store.ts';
import { context, linked, mentionOf, mentionsOf, plain, section } from './card-parts.ts';

/**
 * The thread line for an event; what people wrote stands in plain text, where it cannot ping or link (S29). A reminder pings
 * those whom the card pinged.
 */
export function threadLine({ kind, facts, at }: JsonObject, mention: readonly string[] = []): Message {
  const said = isObject(facts) ? facts : {};
  const pings = kind === 'reminder' ? mention.map(mentionOf).join(' ') : '';
  const words = `${wordsOf(String(kind), said)} · ${dateToken(Number(at) / 1000)}`;
  const reason = typeof said['reason'] === 'string' ? said['reason'] : undefined;
  return {
    text: reason === undefined ? words : `${words}: ${escapeMrkdwn(reason)}`,
    blocks: [context(words, pings), ...(reason === undefined ? [] : [section(plain(reason, 3000))])],
  };
}

function wordsOf(kind: string, facts: JsonObject): string {
  const text = (name: string) => (typeof facts[name] === 'string' ? escapeMrkdwn(facts[name]) : '');
  const user = (name: string) => (typeof facts[name] === 'string' ? mentionOf(facts[name]) : 'The pipeline');
  const users = () => (Array.isArray(facts['users']) ? mentionsOf(facts['users'].map(String)) : '');
  switch (kind) {
    case 'vote':
      return `${user('user')} voted to ${facts['vote'] === 'approve' ? 'approve' : 'deny'}: ${Number(facts['count'])} of ${Number(facts['quorum'])}`;
    case 'policy':
      return facts['gone'] === true
        ? '⚠️ Its gate is no longer configured: nobody can decide'
        : `⚖️ Its gate has other rules now: ${Number(facts['quorum'])} must approve, and the card says who may`;
    case 'dropped':
      return `⚖️ No longer counted, because they may not decide any more: ${users()}`;
    case 'approved':
      return users() === '' ? `✅ ${text('note')}` : `✅ Approved by ${users()}`;
    case 'denied':
      return `⛔ Denied by ${users()}`;
    case 'timed_out':
      return `⌛ ${text('note')}`;
    case 'withdrawn':
      return `↩️ Withdrawn${facts['by'] === undefined ? '' : ` by ${user('by')}`}: ${text('note')}`;
    case 'put_off':
      return `⏰ For a while nobody could have denied it: its time goes on until ${dateToken(Number(facts['ends']) / 1000)}`;
    case 'doubt':
      return `✋ ${user('user')} began to deny it: it is no longer approved by timeout`;
    case 'expired':
      return '⌛ The approval has run out';
    case 'reminder':
      return `🔔 Still waiting for ${Number(facts['missing'])} more, until ${dateToken(Number(facts['ends']) / 1000)}`;
    case 'detached':
      return `⏸ The waiting build stopped (${text('why')}); withdrawn unless it comes back`;
    case 'back':
      return '▶️ The waiting build is back';
    case 'claimed':
      return `🔑 Used by ${linked(String(facts['build']), facts['url'])}`;
    default:
      return escapeMrkdwn(kind);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

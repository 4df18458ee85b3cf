import { isRecord } from '../arguments.ts';
import type { Check } from './check.ts';
import { byType, flag, object, text } from './check.ts';

/** A text object of at most `max` characters; a bad one also fails "all allowed schemas" of its holder, as at Slack. */
export function textObject(max: number, kinds: 'any' | 'plain_text' = 'any'): Check {
  const content = text(max);
  const plain = object({ required: { text: content }, optional: { emoji: flag } });
  const mrkdwn = object({ required: { text: content }, optional: { verbatim: flag } });
  const check = byType(kinds === 'any' ? { plain_text: plain, mrkdwn } : { plain_text: plain });
  return (value, pointer, report) => {
    if (!isRecord(value)) return report.add('must provide an object', pointer);
    const problems: [string, string][] = [];
    check(value, pointer, { ...report, add: (message, at) => void problems.push([message, at]) });
    if (problems.length > 0 && kinds === 'any') report.add('failed to match all allowed schemas', pointer);
    for (const [message, at] of problems) report.add(message, at);
  };
}

export function plainText(max: number): Check {
  return textObject(max, 'plain_text');
}

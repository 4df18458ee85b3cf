import type { ReactNode } from 'react';
import type { Span } from './mrkdwn.ts';
import { formatDate } from './slack-date.ts';

/** Turns an emoji name into what it looks like. */
export type Emoji = (name: string) => ReactNode;

/** Slack text as inline elements. */
export function InlineText({ spans, emoji }: { readonly spans: readonly Span[]; readonly emoji: Emoji }) {
  return <span className="text">{spans.map((span, index) => show(span, index, emoji))}</span>;
}

function show(span: Span, key: number, emoji: Emoji): ReactNode {
  const inner = (spans: readonly Span[]) => spans.map((child, index) => show(child, index, emoji));
  switch (span.kind) {
    case 'text':
      return span.text;
    case 'emoji':
      return <span key={key}>{emojiOrName(span.text, emoji)}</span>;
    case 'mention':
      return (
        <span key={key} className="mention">
          {span.text}
        </span>
      );
    case 'code':
      return <code key={key}>{span.text}</code>;
    case 'pre':
      return (
        <code key={key} className="pre">
          {span.text}
        </code>
      );
    case 'link':
      return (
        <ExternalLink key={key} url={span.url}>
          {span.text}
        </ExternalLink>
      );
    case 'date':
      return (
        <time key={key} dateTime={new Date(span.seconds * 1000).toISOString()}>
          {formatDate(span.seconds, span.format, span.fallback)}
        </time>
      );
    case 'bold':
      return <b key={key}>{inner(span.spans)}</b>;
    case 'italic':
      return <i key={key}>{inner(span.spans)}</i>;
    case 'strike':
      return <s key={key}>{inner(span.spans)}</s>;
    case 'quote':
      return (
        <span key={key} className="quote">
          {inner(span.spans)}
        </span>
      );
    default:
      return span satisfies never;
  }
}

// The renderer answers a name that is no emoji, such as the 30 of 10:30:45, with the bare name.
function emojiOrName(name: string, emoji: Emoji): ReactNode {
  const shown = emoji(name);
  return shown === name ? `:${name}:` : shown;
}

/** A link that opens in a tab of its own and tells the other side nothing about this page. */
export function ExternalLink(props: {
  readonly url: string;
  readonly className?: string;
  /** What a screen reader says instead of the children. */
  readonly spoken?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <a
      href={props.url}
      className={props.className}
      aria-label={props.spoken}
      target="_blank"
      rel="noopener noreferrer"
    >
      {props.children}
    </a>
  );
}

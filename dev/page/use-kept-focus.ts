import { useLayoutEffect, useRef } from 'react';
import type { FocusEvent } from 'react';

/**
 * Keeps the place of those without a mouse: when the button that has the focus goes away, because its card was decided, the
 * focus goes to the message. `view` is what the page shows; the answer takes the focus events of messages.
 */
export function useKeptFocus(view: unknown): (event: FocusEvent) => void {
  const last = useRef<{ readonly element: Element; readonly message: string }>(undefined);
  useLayoutEffect(() => {
    const { element, message } = last.current ?? {};
    if (message === undefined || element?.isConnected !== false) return;
    last.current = undefined;
    if (document.activeElement !== document.body) return;
    document.getElementById(message)?.focus({ preventScroll: true });
  }, [view]);
  return ({ target }) => {
    const message = target.closest('article')?.id;
    if (message !== undefined) last.current = { element: target, message };
  };
}

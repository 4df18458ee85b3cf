import { useLayoutEffect, useRef } from 'react';
import type { RefObject } from 'react';

const FIRST = 'textarea, input, select';

/**
 * Shows a dialog as a modal one as long as it is there: what is behind is out of reach, and the focus goes to its first field,
 * else to its last button; it returns to where it was.
 */
export function useDialog(): RefObject<HTMLDialogElement | null> {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    const buttons = dialog?.querySelectorAll('button') ?? [];
    const first = dialog?.querySelector<HTMLElement>(FIRST) ?? [...buttons].at(-1);
    first?.focus();
    return () => dialog?.close();
  }, []);
  return ref;
}
